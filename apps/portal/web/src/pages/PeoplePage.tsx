import { useSession } from '@countersign/react';
import type { Receipt } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { listMembers } from '../api-administration.ts';
import { Button } from '../components/Button.tsx';
import { LoadFault } from '../components/LoadFault.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { peopleMessages } from '../messages-people.ts';
import { InvitationsSection } from '../people/InvitationsSection.tsx';
import { InviteDialog } from '../people/InviteDialog.tsx';
import { MembersCard } from '../people/MembersCard.tsx';
import { RuleDialog } from '../people/RuleDialog.tsx';
import { useInvitations } from '../people/use-invitations.ts';
import { useRemoval } from '../people/use-removal.ts';
import { useRoleChange } from '../people/use-role-change.ts';
import { useRule } from '../people/use-rule.ts';
import { useUnfreeze } from '../people/use-unfreeze.ts';
import { useLoad } from '../use-load.ts';
import { useOutcome } from '../use-outcome.tsx';
import { useSearchedPages } from '../use-searched-pages.ts';

export function PeoplePage(): ReactNode {
  const text = peopleMessages;
  const { session } = useSession();
  const pages = useSearchedPages();
  const outcome = useOutcome();
  const members = useLoad(pages.key, (signal) =>
    listMembers({ q: pages.q, cursor: pages.cursors.current }, signal),
  );
  const invitations = useInvitations(pages.q, (email, receipt) =>
    outcome.show({ title: text.invite.sent(email), receipt }),
  );
  const acts = useMemberActs({
    nameOf: (id) => members.data?.items.find((member) => member.id === id)?.name ?? text.somebody,
    onDone: (title, receipt) => {
      outcome.show({ title, receipt });
      members.reload();
    },
    onRefused: members.reload,
  });
  const { roles, unfreeze, removal, rule } = acts;
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-4">
        <PageHeading title={text.title}>
          {text.intro(session?.tenant?.name ?? messages.product)}
        </PageHeading>
        <Button onClick={invitations.ask} tone="primary">
          {text.invite.action}
        </Button>
      </div>
      {outcome.panel}
      {acts.faults.map((fault) => (
        <Notice key={fault} tone="danger">
          {fault}
        </Notice>
      ))}
      <SearchField
        hint={text.searchHint}
        label={text.search}
        onChange={(typed) => {
          pages.type(typed);
          invitations.cursors.reset();
        }}
        value={pages.typed}
      />
      <InvitationsSection cursors={invitations.cursors} invitations={invitations.open} />
      <LoadFault loaded={members} />
      <MembersCard
        changing={roles.changing}
        members={members}
        onChangeRole={roles.run}
        onRemove={removal.run}
        onRequire={rule.ask}
        onUnfreeze={({ id }) => unfreeze.run(id)}
        ownId={session?.user?.id ?? null}
        pages={pages}
        unfreezing={unfreeze.unfreezing}
      />
      {invitations.isInviting ? (
        <InviteDialog onCancel={invitations.cancel} onInvite={invitations.invite} />
      ) : null}
      {rule.member === null ? null : (
        <RuleDialog
          key={rule.member.id}
          member={rule.member}
          onCancel={rule.cancel}
          onSave={rule.save}
        />
      )}
    </>
  );
}

/** What can be done with a member, and what went wrong with it. */
function useMemberActs(options: {
  readonly nameOf: (id: string) => string;
  readonly onDone: (title: string, receipt: Receipt) => void;
  readonly onRefused: () => void;
}) {
  const { nameOf, onDone, onRefused } = options;
  const text = peopleMessages;
  const { session, refresh } = useSession();
  const roles = useRoleChange({
    onDone: (receipt, { id, role }) => {
      onDone(text.changed(nameOf(id), text.roleWords[role]), receipt);
      // Whoever gives up their own administration leaves this screen with it.
      if (id === session?.user?.id) void refresh();
    },
    onRefused,
  });
  const unfreeze = useUnfreeze({
    onDone: (receipt, id) => onDone(text.unfrozen(nameOf(id)), receipt),
    onRefused,
  });
  const removal = useRemoval((receipt, id) => onDone(text.removed(nameOf(id)), receipt));
  const rule = useRule((receipt, id) => {
    onDone(text.rule.saved(nameOf(id)), receipt);
    // Whoever asks more of themselves is led to it.
    if (id === session?.user?.id) void refresh();
  });
  const conflict = roles.refused === 'person' ? text.lastAdministrator : text.sameRole;
  const own = { not_found: text.gone };
  const faults = [
    ...(roles.error === null ? [] : [explainError(roles.error, { ...own, conflict })]),
    ...(unfreeze.error === null
      ? []
      : [explainError(unfreeze.error, { ...own, conflict: text.notFrozen })]),
    ...(removal.error === null ? [] : [explainError(removal.error, own)]),
  ];
  return { roles, unfreeze, removal, rule, faults };
}
