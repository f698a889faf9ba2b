import type { MemberItem } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import type { Role } from '../api-administration.ts';
import { Button } from '../components/Button.tsx';
import { Pill } from '../components/Pill.tsx';
import { formatShortDay } from '../dates.ts';
import { messages } from '../messages.ts';
import { peopleMessages } from '../messages-people.ts';
import { tableRoles } from '../table-roles.ts';
import { FrozenControl } from './FrozenControl.tsx';
import { RoleControl } from './RoleControl.tsx';
import { RulePill } from './RulePill.tsx';

export interface MembersTableProps {
  readonly members: readonly MemberItem[];
  readonly ownId: string | null;
  readonly stale: boolean;
  /** Whose role is being changed. */
  readonly changing: string | null;
  readonly onChangeRole: (member: MemberItem, role: Role) => void;
  readonly onRemove: (member: MemberItem) => void;
  /** Who is being let in again. */
  readonly unfreezing: string | null;
  readonly onUnfreeze: (member: MemberItem) => void;
  readonly onRequire: (member: MemberItem) => void;
}

export function MembersTable(props: MembersTableProps): ReactNode {
  const { members, ownId, stale, changing, onChangeRole, onRemove } = props;
  const { unfreezing, onUnfreeze, onRequire } = props;
  const text = peopleMessages;
  const { columns } = text;
  return (
    <div className="card">
      <table
        {...tableRoles.table}
        aria-busy={stale}
        aria-label={text.table}
        className={`data-table stacked ${stale ? 'opacity-60' : ''}`}
      >
        <thead {...tableRoles.group}>
          <tr {...tableRoles.row}>
            <th {...tableRoles.columnheader} className="pl-5!">
              {columns.name}
            </th>
            <th {...tableRoles.columnheader}>{columns.authenticators}</th>
            <th {...tableRoles.columnheader}>{columns.joined}</th>
            <th {...tableRoles.columnheader} className="wide:w-0">
              {columns.role}
            </th>
          </tr>
        </thead>
        <tbody {...tableRoles.group}>
          {members.map((member) => (
            <tr {...tableRoles.row} key={member.id}>
              <td
                {...tableRoles.cell}
                className="[overflow-wrap:anywhere] wide:align-middle! wide:pl-5!"
              >
                <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-[560]">
                  {member.name}
                  {member.id === ownId ? <Pill tone="mute">{text.you}</Pill> : null}
                </span>
                <span className="block text-ink-3 text-sm">{member.email}</span>
                {member.frozenAt === null ? null : (
                  <FrozenControl
                    busy={unfreezing === member.id}
                    frozenAt={member.frozenAt}
                    name={member.name}
                    onUnfreeze={() => onUnfreeze(member)}
                  />
                )}
              </td>
              <td
                {...tableRoles.cell}
                className="wide:align-middle!"
                data-label={columns.authenticators}
              >
                <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1.5">
                  {member.authenticators === 0 ? (
                    <Pill tone="warn">{text.noAuthenticators}</Pill>
                  ) : (
                    messages.number(member.authenticators)
                  )}
                  <Button
                    aria-label={text.rule.actionLabel(member.name)}
                    className="px-2! whitespace-nowrap"
                    onClick={() => onRequire(member)}
                    tone="quiet"
                  >
                    {text.rule.action}
                  </Button>
                  <RulePill mfa={member.mfa} />
                </span>
              </td>
              <td
                {...tableRoles.cell}
                className="text-ink-2 wide:align-middle!"
                data-label={columns.joined}
              >
                <time className="whitespace-nowrap" dateTime={member.joinedAt}>
                  {formatShortDay(member.joinedAt)}
                </time>
              </td>
              <td {...tableRoles.cell} className="max-wide:pt-2! wide:py-1.5! wide:align-middle!">
                {/* Another role than it had when it was last seen is not what was being chosen. */}
                <RoleControl
                  busy={changing === member.id}
                  key={member.role}
                  member={member}
                  onChange={(role) => onChangeRole(member, role)}
                  onRemove={member.id === ownId ? null : () => onRemove(member)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
