import { useSession } from '@countersign/react';
import type { PolicyPreview } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { mfaPolicyMessages } from '../messages-policy-mfa.ts';
import type { MfaPreview } from './use-mfa-preview.ts';

/** Whom the policy would affect, in words, before it is saved. */
export function MfaPreviewPanel({ preview }: { readonly preview: MfaPreview }): ReactNode {
  const text = mfaPolicyMessages.preview;
  const { kind, counts, isDue, error } = preview;
  return (
    <section aria-busy={isDue} aria-label={text.title} className="grid gap-3 rounded-xl bg-bg p-4">
      <h3 className="font-[600]">{text.title}</h3>
      <p className="text-ink-2 empty:hidden" role="status">
        {summaryOf(preview)}
      </p>
      {kind === 'failed' ? (
        <Notice tone="danger">
          {text.failed} {explainError(error)}
        </Notice>
      ) : null}
      {kind === 'counted' && counts !== null && !isDue ? <Counts counts={counts} /> : null}
    </section>
  );
}

function summaryOf({ kind, counts, isDue }: MfaPreview): string {
  const text = mfaPolicyMessages.preview;
  if (kind === 'nobody') return text.nobodyAsked;
  if (kind === 'invalid') return text.invalid;
  if (kind === 'failed') return '';
  if (isDue || counts === null) return text.counting;
  const { affected, atOnce } = counts;
  if (affected.total === 0) return text.none;
  return `${text.affected(affected.total)} ${stoppedText(atOnce, affected.total)}`;
}

function stoppedText(atOnce: number, affected: number): string {
  const text = mfaPolicyMessages.preview;
  if (atOnce === 0) return text.atOnceNone;
  return atOnce === affected ? text.atOnceAll : text.atOnce(atOnce);
}

function Counts({ counts }: { readonly counts: PolicyPreview }): ReactNode {
  const text = mfaPolicyMessages.preview;
  const { affected, lockedOut, lockedOutLater } = counts;
  return (
    <>
      {affected.total === 0 ? null : <People label={text.listLabel} of={affected} />}
      {lockedOut.total === 0 ? null : (
        <Notice tone="danger">
          <div className="grid gap-2">
            <p className="font-[560]">{text.lockedOut(lockedOut.total)}</p>
            <People label={text.lockedOut(lockedOut.total)} of={lockedOut} />
            <p>{text.lockedOutAdvice}</p>
          </div>
        </Notice>
      )}
      {lockedOutLater.total === 0 ? null : (
        <Notice tone="warn">
          <div className="grid gap-2">
            <p className="font-[560]">{text.lockedOutLater(lockedOutLater.total)}</p>
            <People label={text.lockedOutLater(lockedOutLater.total)} of={lockedOutLater} />
          </div>
        </Notice>
      )}
    </>
  );
}

interface PeopleProps {
  readonly of: PolicyPreview['affected'];
  readonly label: string;
}

function People({ of: { total, people }, label }: PeopleProps): ReactNode {
  const text = mfaPolicyMessages.preview;
  const { session } = useSession();
  return (
    <ul aria-label={label} className="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-2">
      {people.map(({ id, name, email }) => (
        <li className="[overflow-wrap:anywhere]" key={id}>
          {name} · {email}
          {id === session?.user?.id ? ` (${text.you})` : ''}
        </li>
      ))}
      {total > people.length ? <li>{text.more(total - people.length)}</li> : null}
    </ul>
  );
}
