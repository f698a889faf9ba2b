import { useProtected } from '@countersign/react';
import type { Receipt } from '@countersign/server/contract';
import { type ReactNode, useState } from 'react';
import { makeRecoveryCodes, type NewRecoveryCodes } from '../api-authenticators.ts';
import { explainError } from '../explain-error.ts';
import { useAction } from '../use-action.ts';
import { NewCodesDialog } from './NewCodesDialog.tsx';

export interface NewCodes {
  readonly busy: boolean;
  readonly error: string | null;
  /** Shows the codes, this once; null before. */
  readonly dialog: ReactNode;
  make(): void;
}

/** Makes new recovery codes and shows them; `onSaved` is called when the person has them. */
export function useNewCodes(onSaved: (receipt: Receipt) => void): NewCodes {
  const [made, setMade] = useState<NewRecoveryCodes | null>(null);
  const makeCodes = useProtected('recovery-codes.regenerate', makeRecoveryCodes, {
    onResumed: setMade,
  });
  const action = useAction(async () => setMade(await makeCodes({})));
  const dialog =
    made === null ? null : (
      <NewCodesDialog
        codes={made.codes}
        onDone={() => {
          setMade(null);
          onSaved(made.receipt);
        }}
      />
    );
  const error = action.error === null ? null : explainError(action.error);
  return { busy: action.busy, error, dialog, make: () => action.run() };
}
