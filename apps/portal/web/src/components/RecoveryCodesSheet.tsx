import type { ReactNode } from 'react';
import { recoveryCodesMessages } from '../messages-recovery-codes.ts';
import { PageHeading } from './PageHeading.tsx';
import { RecoveryCodesPanel } from './RecoveryCodesPanel.tsx';
import { Sheet } from './Sheet.tsx';

export interface RecoveryCodesSheetProps {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}

/** A page of its own for the codes that sign-in ends with, the one time they can be seen. */
export function RecoveryCodesSheet({ codes, onDone }: RecoveryCodesSheetProps): ReactNode {
  const text = recoveryCodesMessages;
  return (
    <Sheet>
      <div className="mb-3">
        <PageHeading title={text.title} />
      </div>
      <RecoveryCodesPanel codes={codes} doneLabel={text.continue} onDone={onDone} />
    </Sheet>
  );
}
