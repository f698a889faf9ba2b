import type { Grant } from '@countersign/server/contract';
import {
  Fragment,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useState,
} from 'react';
import { CountersignContext } from './context.ts';
import { CountersignError } from './countersign-error.ts';
import type { Client } from './create-client.ts';
import { createDraftRegistry, forgetDrafts } from './drafts.ts';
import type { CountersignMessages } from './messages.ts';
import type { ConfirmRequest, Enrolment } from './protected-call.ts';
import type { StepUpTicket } from './StepUpHost.tsx';
import { createSingleFlight } from './single-flight.ts';
import { forgetPendingRedirect, type InterruptedCall } from './step-up-redirect.ts';
import { browserTabStorage, type TabStorage } from './tab-storage.ts';
import { useSessionState } from './use-session-state.ts';

export interface CountersignProviderProps {
  readonly client: Client;
  readonly children: ReactNode;
  /** Texts that replace the English ones. */
  readonly messages?: Partial<CountersignMessages>;
  /**
   * Called when an operation needs an authenticator and the person, whose session is active, has none.
   * Resolve when they have set one up, and the operation goes on; reject with `CountersignError('cancelled')` to give up.
   */
  readonly onEnrolmentRequired?: () => Promise<void>;
}

const NONE_REPLACED: Partial<CountersignMessages> = {};

const loadStepUpHost = () => import('./StepUpHost.tsx');

// The dialog and its texts are fetched when somebody is first asked to confirm.
const StepUpHost = lazy(async () => ({ default: (await loadStepUpHost()).StepUpHost }));

/** Gives the hooks of this package their client, and shows the confirmation dialog. */
export function CountersignProvider(props: CountersignProviderProps): ReactNode {
  const { client, children, messages = NONE_REPLACED, onEnrolmentRequired } = props;
  const [flights] = useState(createSingleFlight);
  const [drafts] = useState(createDraftRegistry);
  const [storage] = useState(browserTabStorage);
  const sessionState = useSessionState(client, { drafts, storage });
  useForgottenJourney(storage);
  const [tickets, setTickets] = useState<readonly StepUpTicket[]>([]);
  const { refresh } = sessionState;

  const confirm = useCallback(
    async (call: InterruptedCall, request: ConfirmRequest): Promise<Grant> => {
      // Ahead of showing it, so that a failure refuses one call, not the page.
      await loadStepUpHost().catch((cause: unknown) => {
        throw new CountersignError('network', { cause });
      });
      const ticket = createTicket(call, request);
      setTickets((waiting) => [...waiting, ticket]);
      try {
        return await ticket.grant;
      } finally {
        setTickets((waiting) => waiting.filter((other) => other !== ticket));
        void refresh();
      }
    },
    [refresh],
  );

  const enrol = useMemo<Enrolment | null>(() => {
    if (onEnrolmentRequired === undefined) return null;
    return async (refusal) => {
      // The same refusal answers every request of a session that policy keeps at its enrolment.
      if ((await client.session()).state !== 'active') throw refusal;
      await onEnrolmentRequired();
    };
  }, [client, onEnrolmentRequired]);
  const value = useMemo(
    () => ({ client, messages, sessionState, flights, drafts, storage, enrol, confirm }),
    [client, messages, sessionState, flights, drafts, storage, enrol, confirm],
  );
  const [ticket] = tickets;
  return (
    <CountersignContext value={value}>
      {/* Another person in the same page begins with nothing of the one before. */}
      <Fragment key={sessionState.persons}>{children}</Fragment>
      <Suspense fallback={null}>
        {ticket === undefined ? null : <StepUpHost key={ticket.id} ticket={ticket} />}
      </Suspense>
    </CountersignContext>
  );
}

/** A page that comes back from the browser's memory was never left: nothing is to be restored. */
function useForgottenJourney(storage: TabStorage | null): void {
  useEffect(() => {
    if (storage === null) return;
    const forget = (event: PageTransitionEvent) => {
      if (!event.persisted) return;
      forgetDrafts(storage);
      forgetPendingRedirect(storage);
    };
    globalThis.addEventListener('pageshow', forget);
    return () => globalThis.removeEventListener('pageshow', forget);
  }, [storage]);
}

let lastTicket = 0;

function createTicket(call: InterruptedCall, request: ConfirmRequest): StepUpTicket {
  const { promise, resolve, reject } = Promise.withResolvers<Grant>();
  lastTicket += 1;
  return {
    id: lastTicket,
    call,
    request,
    grant: promise,
    settle: resolve,
    fail: (error: CountersignError) => reject(error),
  };
}
