import type { ReactNode } from 'react';
import type { ApiKey } from '../api-keys.ts';
import { Button } from '../components/Button.tsx';
import { Pill } from '../components/Pill.tsx';
import { formatAge, formatShortDay } from '../dates.ts';
import { apiKeysMessages } from '../messages-api-keys.ts';
import { tableRoles } from '../table-roles.ts';
import { keyState } from './key-state.ts';

export interface ApiKeysTableProps {
  readonly keys: readonly ApiKey[];
  readonly now: Date;
  readonly onRevoke: (key: ApiKey) => void;
}

export function ApiKeysTable({ keys, now, onRevoke }: ApiKeysTableProps): ReactNode {
  const { columns, table } = apiKeysMessages;
  return (
    <div className="card">
      <table {...tableRoles.table} aria-label={table} className="data-table stacked">
        <thead {...tableRoles.group}>
          <tr {...tableRoles.row}>
            <th {...tableRoles.columnheader} className="pl-5!">
              {columns.name}
            </th>
            <th {...tableRoles.columnheader}>{columns.scopes}</th>
            <th {...tableRoles.columnheader}>{columns.created}</th>
            <th {...tableRoles.columnheader}>{columns.expires}</th>
            <th {...tableRoles.columnheader}>{columns.used}</th>
            <th {...tableRoles.columnheader}>{columns.state}</th>
            <th {...tableRoles.columnheader}>
              <span className="cs-sr-only">{columns.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody {...tableRoles.group}>
          {keys.map((key) => (
            <ApiKeyRow apiKey={key} key={key.id} now={now} onRevoke={() => onRevoke(key)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ApiKeyRowProps {
  readonly apiKey: ApiKey;
  readonly now: Date;
  readonly onRevoke: () => void;
}

function ApiKeyRow({ apiKey, now, onRevoke }: ApiKeyRowProps): ReactNode {
  const text = apiKeysMessages;
  const { columns } = text;
  const state = keyState(apiKey, now);
  return (
    <tr {...tableRoles.row} data-key-state={state}>
      <td {...tableRoles.cell} className="[overflow-wrap:anywhere] wide:pl-5!">
        <span className="block font-[560]">{apiKey.name}</span>
        <code className="block font-mono text-[0.8125rem] text-ink-3">{apiKey.prefix}…</code>
      </td>
      <td {...tableRoles.cell} data-label={columns.scopes}>
        <span>
          {apiKey.scopes.map((scope) => (
            <span className="block" key={scope}>
              {text.scopes[scope]}
            </span>
          ))}
        </span>
      </td>
      <td {...tableRoles.cell} data-label={columns.created}>
        <span>
          <Day at={apiKey.createdAt} />
          {apiKey.createdBy === null ? null : (
            <span className="block text-ink-3 text-sm [overflow-wrap:anywhere]">
              {text.by(apiKey.createdBy)}
            </span>
          )}
        </span>
      </td>
      <td {...tableRoles.cell} data-label={columns.expires}>
        <Day at={apiKey.expiresAt} />
      </td>
      <td {...tableRoles.cell} data-label={columns.used}>
        {apiKey.lastUsedAt === null ? text.never : formatAge(apiKey.lastUsedAt, now)}
      </td>
      <td {...tableRoles.cell} data-label={columns.state}>
        <span>
          <Pill tone={state === 'active' ? 'ok' : 'mute'}>{text.states[state]}</Pill>
          {apiKey.revokedAt === null ? null : (
            <span className="block text-ink-3 text-sm">
              {text.revokedOn(formatShortDay(apiKey.revokedAt))}
            </span>
          )}
        </span>
      </td>
      <td {...tableRoles.cell} className="wide:py-1.5! wide:text-right max-wide:empty:hidden">
        {state === 'active' ? (
          <Button
            aria-label={text.revokeLabel(apiKey.name)}
            className="max-wide:mt-2 wide:border-transparent! wide:text-danger!"
            onClick={onRevoke}
          >
            {text.revoke}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}

function Day({ at }: { readonly at: string | null }): ReactNode {
  if (at === null) return apiKeysMessages.never;
  return (
    <time className="whitespace-nowrap" dateTime={at}>
      {formatShortDay(at)}
    </time>
  );
}
