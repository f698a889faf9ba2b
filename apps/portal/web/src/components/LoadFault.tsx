import type { ReactNode } from 'react';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import type { Loaded } from '../use-load.ts';
import { Button } from './Button.tsx';
import { Notice } from './Notice.tsx';

/** Why something could not be loaded, with the way to try again; nothing when it could. */
export function LoadFault({ loaded }: { readonly loaded: Loaded<unknown> }): ReactNode {
  if (loaded.error === null) return null;
  return (
    <Notice tone="danger">
      <div className="flex flex-wrap items-center justify-between gap-3">
        {explainError(loaded.error)}
        <Button onClick={loaded.reload}>{messages.tryAgain}</Button>
      </div>
    </Notice>
  );
}
