import { type ReactNode, useState } from 'react';
import { type InvitationsPage, revokeInvitation } from '../api-administration.ts';
import { Button } from '../components/Button.tsx';
import { CardSection } from '../components/CardSection.tsx';
import { CursorPager } from '../components/CursorPager.tsx';
import { LoadFault } from '../components/LoadFault.tsx';
import { Notice } from '../components/Notice.tsx';
import { formatShortDay } from '../dates.ts';
import { explainError } from '../explain-error.ts';
import { peopleMessages } from '../messages-people.ts';
import { useAction } from '../use-action.ts';
import type { Cursors } from '../use-cursors.ts';
import type { Loaded } from '../use-load.ts';

export interface InvitationsSectionProps {
  readonly invitations: Loaded<InvitationsPage>;
  readonly cursors: Cursors;
}

/** A page of the invitations nobody has accepted yet; nothing at all when there are none. */
export function InvitationsSection({ invitations, cursors }: InvitationsSectionProps): ReactNode {
  const text = peopleMessages.invite;
  const [revoking, setRevoking] = useState<string | null>(null);
  const action = useAction(async (id: string) => {
    setRevoking(id);
    try {
      await revokeInvitation(id);
    } finally {
      setRevoking(null);
      invitations.reload();
    }
  });
  const { data, busy } = invitations;
  const isEmpty = data === null || (data.items.length === 0 && cursors.depth === 0);
  if (isEmpty) return <LoadFault loaded={invitations} />;
  return (
    <div className="grid gap-4">
      <CardSection title={text.open}>
        {action.error === null ? null : (
          <Notice className="mx-5 mb-4" tone="danger">
            {explainError(action.error, { not_found: text.gone })}
          </Notice>
        )}
        <ul className="border-line border-t">
          {data.items.map((item) => (
            <li
              className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-line border-b px-5 py-3 last:border-b-0"
              key={item.id}
            >
              <span className="min-w-0 [overflow-wrap:anywhere]">
                <span className="block font-[560]">{item.email}</span>
                <span className="block text-ink-3 text-sm">
                  {text.detail(
                    peopleMessages.roles[item.role],
                    item.invitedBy,
                    formatShortDay(item.expiresAt),
                  )}
                </span>
              </span>
              <Button
                aria-label={text.revokeLabel(item.email)}
                busy={revoking === item.id}
                onClick={() => action.run(item.id)}
              >
                {text.revoke}
              </Button>
            </li>
          ))}
        </ul>
      </CardSection>
      <CursorPager
        busy={busy}
        cursors={cursors}
        label={text.pages}
        nextCursor={data.nextCursor}
        nextLabel={peopleMessages.next}
        previousLabel={peopleMessages.previous}
      />
    </div>
  );
}
