import { StepUpReturn } from '@countersign/react';
import type { ReactNode } from 'react';
import { PageHeading } from '../components/PageHeading.tsx';
import { Sheet } from '../components/Sheet.tsx';
import { challengeMessages } from '../messages-challenge.ts';

/** Where the identity provider sends people back to; needs no session to hand the answer on. */
export function StepUpReturnPage(): ReactNode {
  return (
    <Sheet>
      <div className="mb-3">
        <PageHeading title={challengeMessages.title} />
      </div>
      <StepUpReturn />
    </Sheet>
  );
}
