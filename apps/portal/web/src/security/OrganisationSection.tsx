import { useProtected } from '@countersign/react';
import type { Identities, IdentityItem, Receipt } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { allowLink, beginLink, listIdentities, unlinkIdentity } from '../api-identities.ts';
import { Button } from '../components/Button.tsx';
import { CardSection } from '../components/CardSection.tsx';
import { Notice } from '../components/Notice.tsx';
import { Pill } from '../components/Pill.tsx';
import type { Outcome } from '../components/ReceiptPanel.tsx';
import { formatAge, formatDay } from '../dates.ts';
import { explainError } from '../explain-error.ts';
import { organisationMessages } from '../messages-organisation.ts';
import { leaveFor, rememberJourney } from '../session/provider-journey.ts';
import { useAction } from '../use-action.ts';
import { useLoad } from '../use-load.ts';
import { useNow } from '../use-now.ts';
import { WayRow } from './WayRow.tsx';

/** The account at the organisation's sign-in; nothing where there is none to link and none linked. */
export function OrganisationSection({
  onOutcome,
}: {
  readonly onOutcome: (outcome: Outcome) => void;
}): ReactNode {
  const text = organisationMessages;
  const identities = useLoad('identities', listIdentities);
  const goLink = async () => {
    const { url, state } = await beginLink();
    rememberJourney({ state, purpose: 'link', next: '/app/security' });
    leaveFor(url);
  };
  const allow = useProtected('identity.link', allowLink, { onResumed: () => void goLink() });
  const link = useAction(async () => {
    await allow({});
    await goLink();
  });
  const unlinked = (receipt: Receipt) => {
    identities.reload();
    onOutcome({ title: text.unlinkedTitle, receipt });
  };
  const remove = useProtected('identity.unlink', unlinkIdentity, { onResumed: unlinked });
  const unlink = useAction(async (id: string) => unlinked(await remove({ id })));
  const { data } = identities;
  if (data === null || (data.issuer === null && data.items.length === 0)) return null;
  const error = link.error ?? unlink.error;
  return (
    <CardSection title={text.section}>
      {error === null ? null : (
        <Notice className="mx-5 mb-5" tone="danger">
          {explainError(error)}
        </Notice>
      )}
      {data.items.map((item) => (
        <LinkedRow item={item} key={item.id} onUnlink={() => unlink.run(item.id)} />
      ))}
      {isUnlinked(data) ? (
        <WayRow
          action={
            <Button busy={link.busy} onClick={() => link.run()}>
              {text.linkButton}
            </Button>
          }
          detail={text.notLinked}
          icon="key"
          pill={null}
          title={text.at(hostOf(data.issuer ?? ''))}
        />
      ) : null}
    </CardSection>
  );
}

function LinkedRow(props: { readonly item: IdentityItem; readonly onUnlink: () => void }) {
  const { item, onUnlink } = props;
  const text = organisationMessages;
  const now = useNow();
  const { linkedAt, lastUsedAt, isInUse } = item;
  const host = hostOf(item.issuer);
  const used = lastUsedAt === null ? text.neverUsed : text.lastUsed(formatAge(lastUsedAt, now));
  return (
    <WayRow
      action={
        <Button aria-label={text.unlinkLabel(host)} onClick={onUnlink}>
          {text.unlinkButton}
        </Button>
      }
      detail={isInUse ? `${text.linkedOn(formatDay(linkedAt))} · ${used}` : text.notInUseDetail}
      icon="key"
      pill={isInUse ? null : <Pill tone="mute">{text.notInUse}</Pill>}
      title={text.at(host)}
    />
  );
}

function isUnlinked({ issuer, items }: Identities): boolean {
  return issuer !== null && !items.some(({ isInUse }) => isInUse);
}

function hostOf(issuer: string): string {
  return URL.parse(issuer)?.host ?? issuer;
}
