import { type ReactNode, useEffect, useRef } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';
import { CopyButton } from '../components/CopyButton.tsx';
import { Icon } from '../components/Icon.tsx';
import { messages } from '../messages.ts';

/** Says, on the page a deleted account ends on, that it is gone, and how to find the proof. */
export function AccountDeleted(): ReactNode {
  const text = messages.signIn;
  const entryHash = entryHashOf(useHistoryState<unknown>());
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const frame = requestAnimationFrame(() => heading.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <section
      aria-labelledby="deleted"
      className="mt-4 grid gap-2 rounded-xl bg-ok-soft px-4 py-3 text-ok"
    >
      <h2
        className="flex items-center gap-3 font-[620] text-ok!"
        id="deleted"
        ref={heading}
        tabIndex={-1}
      >
        <Icon name="check" />
        {text.deletedTitle}
      </h2>
      <p>{text.deletedBody}</p>
      {entryHash === null ? null : (
        <div className="flex flex-wrap items-center justify-between gap-2">
          <p>
            {text.deletedEntry}:{' '}
            <span className="font-mono" data-entry-hash={entryHash} title={entryHash}>
              {entryHash.slice(0, 12)}…
            </span>
          </p>
          <CopyButton label={messages.copy} text={entryHash} />
        </div>
      )}
    </section>
  );
}

// Left in this tab's history by the screen that deleted the account; nobody else can put it there.
function entryHashOf(state: unknown): string | null {
  if (typeof state !== 'object' || state === null || !('entryHash' in state)) return null;
  return typeof state.entryHash === 'string' ? state.entryHash : null;
}
