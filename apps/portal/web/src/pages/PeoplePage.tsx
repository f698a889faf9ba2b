import { useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import { listMembers } from '../api-administration.ts';
import { LoadFault } from '../components/LoadFault.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { peopleMessages } from '../messages-people.ts';
import { MembersCard } from '../people/MembersCard.tsx';
import { useRoleChange } from '../people/use-role-change.ts';
import { useUnfreeze } from '../people/use-unfreeze.ts';
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
  const ownId = session?.user?.id ?? null;
  const nameOf = (id: string) =>
    members.data?.items.find((member) => member.id === id)?.name ?? text.somebody;
  const roles = useRoleChange({
    onDone: (receipt, { id, role }) => {
      outcome.show({ title: text.changed(nameOf(id), text.roleWords[role]), receipt });
      members.reload();
      // Whoever gives up their own administration leaves this screen with it.
      if (id === ownId) void refresh();
    },
    onRefused: members.reload,
  });
  const conflict = roles.refused === 'person' ? text.lastAdministrator : text.sameRole;
  const unfreeze = useUnfreeze({
    onDone: (receipt, id) => {
      outcome.show({ title: text.unfrozen(nameOf(id)), receipt });
      members.reload();
    },
    onRefused: members.reload,
  });

  return (
    <>
      <PageHeading title={text.title}>
        {text.intro(session?.tenant?.name ?? messages.product)}
      </PageHeading>
      {outcome.panel}
      {roles.error === null ? null : (
        <Notice tone="danger">
          {explainError(roles.error, { conflict, not_found: text.gone })}
        </Notice>
      )}
      {unfreeze.error === null ? null : (
        <Notice tone="danger">
          {explainError(unfreeze.error, { conflict: text.notFrozen, not_found: text.gone })}
        </Notice>
      )}
      <LoadFault loaded={members} />
      <MembersCard
        changing={roles.changing}
        members={members}
        onChangeRole={roles.run}
        onUnfreeze={({ id }) => unfreeze.run(id)}
        ownId={ownId}
        pages={pages}
        unfreezing={unfreeze.unfreezing}
      />
    </>
  );
}
