import { CountersignError, isCancelled, useProtected, useSession } from '@countersign/react';
import type { MemberItem, Receipt } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { changeRole, listMembers, type Role, removeMember } from '../api-administration.ts';
import { Button } from '../components/Button.tsx';
import { LoadFault } from '../components/LoadFault.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { peopleMessages } from '../messages-people.ts';
import { InvitationsSection } from '../people/InvitationsSection.tsx';
import { InviteDialog } from '../people/InviteDialog.tsx';
import { MembersCard } from '../people/MembersCard.tsx';
import { useInvitations } from '../people/use-invitations.ts';
import { useAction } from '../use-action.ts';
import { useLoad } from '../use-load.ts';
import { useOutcome } from '../use-outcome.tsx';
import { useSearchedPages } from '../use-searched-pages.ts';

export function PeoplePage(): ReactNode {
  const text = peopleMessages;
  const { session, refresh } = useSession();
  const pages = useSearchedPages();
  const outcome = useOutcome();
  const members = useLoad(pages.key, (signal) =>
    listMembers({ q: pages.q, cursor: pages.cursors.current }, signal),
  );
  const invitations = useInvitations((email, receipt) =>
    outcome.show({ title: text.invite.sent(email), receipt }),
  );
  const [changing, setChanging] = useState<string | null>(null);
  const [refused, setRefused] = useState<Role | null>(null);
  const ownId = session?.user?.id ?? null;
  const changed = (
    receipt: Receipt,
    { id, role }: { readonly id: string; readonly role: Role },
  ) => {
    const name = members.data?.items.find((member) => member.id === id)?.name ?? text.somebody;
    outcome.show({ title: text.changed(name, text.roleWords[role]), receipt });
    members.reload();
    // Whoever gives up their own administration leaves this screen with it.
    if (id === ownId) void refresh();
  };
  const change = useProtected('member.change-role', changeRole, { onResumed: changed });

  const action = useAction(async (member: MemberItem, role: Role) => {
    setChanging(member.id);
    try {
      const params = { id: member.id, role };
      changed(await change(params), params);
    } catch (cause) {
      setRefused(role);
      if (cause instanceof CountersignError && !isCancelled(cause)) members.reload();
      throw cause;
    } finally {
      setChanging(null);
    }
  });
  const removed = (receipt: Receipt, { id }: { readonly id: string }) => {
    const name = members.data?.items.find((member) => member.id === id)?.name ?? text.somebody;
    outcome.show({ title: text.removed(name), receipt });
    members.reload();
  };
  const remove = useProtected('member.remove', removeMember, { onResumed: removed });
  const removal = useAction(async ({ id }: MemberItem) => removed(await remove({ id }), { id }));
  const conflict = refused === 'person' ? text.lastAdministrator : text.sameRole;
  const own = { conflict, not_found: text.gone };

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
      {action.error === null ? null : (
        <Notice tone="danger">{explainError(action.error, own)}</Notice>
      )}
      {removal.error === null ? null : (
        <Notice tone="danger">{explainError(removal.error, { not_found: text.gone })}</Notice>
      )}
      <InvitationsSection invitations={invitations.open} />
      <LoadFault loaded={members} />
      <MembersCard
        changing={changing}
        members={members}
        onChangeRole={action.run}
        onRemove={removal.run}
        ownId={ownId}
        pages={pages}
      />
      {invitations.isInviting ? (
        <InviteDialog onCancel={invitations.cancel} onInvite={invitations.invite} />
      ) : null}
    </>
  );
}
