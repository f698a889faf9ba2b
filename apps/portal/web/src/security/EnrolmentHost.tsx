import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import type { EnrolmentRequest } from './use-enrolment-requests.ts';

const EnrolDialog = lazy(async () => ({
  default: (await import('./EnrolDialog.tsx')).EnrolDialog,
}));

export interface EnrolmentHostProps {
  readonly request: EnrolmentRequest | null;
}

/** Shows the enrolment dialog while somebody waits for it. */
export function EnrolmentHost({ request }: EnrolmentHostProps): ReactNode {
  // Leaving the application, for want of a session, gives up what is under way.
  useEffect(() => () => request?.cancel(), [request]);
  if (request === null) return null;
  return (
    <Suspense fallback={null}>
      <EnrolDialog
        forOperation={request.forOperation}
        key={request.id}
        onCancel={request.cancel}
        onDone={request.finish}
        wish={request.wish}
      />
    </Suspense>
  );
}
