import { CountersignError, isCancelled, useProtected, useSession } from '@countersign/react';
import type { MemberItem, Receipt } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { changeRole, listMembers, type Role } from '../api-administration.ts';
import { LoadFault } from '../components/LoadFault.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { peopleMessages } from '../messages-people.ts';
import { MembersCard } from '../people/MembersCard.tsx';
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
  const conflict = refused === 'person' ? text.lastAdministrator : text.sameRole;
  const own = { conflict, not_found: text.gone };

  return (
    <>
      <PageHeading title={text.title}>
        {text.intro(session?.tenant?.name ?? messages.product)}
      </PageHeading>
      {outcome.panel}
      {action.error === null ? null : (
        <Notice tone="danger">{explainError(action.error, own)}</Notice>
      )}
      <LoadFault loaded={members} />
      <MembersCard
        changing={changing}
        members={members}
        onChangeRole={action.run}
        ownId={ownId}
        pages={pages}
      />
    </>
  );
}
