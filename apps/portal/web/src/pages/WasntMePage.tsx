import { type ReactNode, useEffect, useState } from 'react';
import { freezeByLink } from '../api-repudiation.ts';
import { Button } from '../components/Button.tsx';
import { Notice } from '../components/Notice.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { explainError } from '../explain-error.ts';
import { repudiationMessages } from '../messages-repudiation.ts';
import { useAction } from '../use-action.ts';

/** Where the link of a security mail leads. Opening it does nothing: only its button freezes. */
export function WasntMePage(): ReactNode {
  const text = repudiationMessages;
  const [token] = useState(() => window.location.hash.slice(1));
  const [isDone, setIsDone] = useState(false);
  useEffect(() => {
    // Whoever looks at this screen or its history next must not find the link there.
    window.history.replaceState(null, '', window.location.pathname);
  }, []);
  const action = useAction(async () => {
    await freezeByLink(token);
    setIsDone(true);
  });
  if (isDone) {
    return (
      <Sheet>
        <PageHeading key="done" title={text.doneTitle}>
          {text.done}
        </PageHeading>
        <Notice className="mt-5" tone="warn">
          {text.next}
        </Notice>
      </Sheet>
    );
  }
  return (
    <Sheet>
      <PageHeading title={text.title}>{text.intro}</PageHeading>
      <ul className="mt-3 grid list-disc gap-1.5 pl-5 text-ink-2">
        {text.effects.map((effect) => (
          <li key={effect}>{effect}</li>
        ))}
      </ul>
      <div className="mt-5 grid gap-4">
        {token === '' ? <Notice tone="danger">{text.incomplete}</Notice> : null}
        {action.error === null ? null : (
          <Notice tone="danger">
            {explainError(action.error, { link_rejected: text.linkRejected })}
          </Notice>
        )}
        {token === '' ? null : (
          <Button busy={action.busy} className="w-full" onClick={() => action.run()} tone="danger">
            {text.submit}
          </Button>
        )}
        <p className="text-ink-3 text-sm">{text.wasMe}</p>
      </div>
    </Sheet>
  );
}
