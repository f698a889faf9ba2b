import { useCallback, useEffect, useRef, useState } from 'react';
import { CountersignError } from './countersign-error.ts';
import type { BegunStepUp } from './create-client.ts';
import {
  explainBeginError,
  explainVerifyError,
  isMethodUnavailable,
} from './explain-verify-error.ts';
import type { PanelProps } from './panel-props.ts';
import { openProviderWindow, type ProviderWindow } from './provider-window.ts';
import { awaitReturn, STEP_UP_CHANNEL } from './step-up-channel.ts';
import { type Attempt, useAttempt } from './use-attempt.ts';

/** Where the person is: at this page, in the provider's window, or about to leave this page. */
export type ProviderStage = 'here' | 'away' | 'leaving';

export interface ProviderJourney {
  readonly attempt: Attempt;
  readonly stage: ProviderStage;
  /** Opens the window; to be called in the very event of a click. */
  start(): void;
}

/**
 * The journey to the identity provider and back: in a window of its own, whose answer comes over the
 * channel; where the browser blocks the window, by leaving the page.
 */
export function useProviderJourney(props: PanelProps): ProviderJourney {
  const { messages, onBegin, onRedirect, onVerify, onUnavailable } = props;
  const attempt = useAttempt({ overText: messages.tryAgainNow });
  const [stage, setStage] = useStage();
  const { listen, open } = useReturnedAnswer((returnUrl) => {
    setStage('here');
    attempt.run(
      () => onVerify({ method: 'idp', response: { returnUrl } }),
      (cause) => explainVerifyError(cause, 'idp', messages),
    );
  });

  const explain = (cause: unknown) => {
    if (isMethodUnavailable(cause)) onUnavailable();
    if (cause instanceof CountersignError && cause.code === 'cancelled') {
      return messages.providerClosed;
    }
    return explainBeginError(cause, 'idp', messages);
  };

  const start = () => {
    if (attempt.busy || attempt.waiting || stage === 'leaving') return;
    const opened = open();
    if (opened === null && onRedirect === undefined) {
      attempt.refuse(messages.providerBlocked);
      return;
    }
    setStage('here');
    attempt.run(async () => {
      const begun = await begin(onBegin, opened);
      if (opened === null) {
        onRedirect?.(begun);
        setStage('leaving');
        return;
      }
      // Before the window goes, so that no answer comes back to nobody.
      listen(begun.state);
      opened.goTo(begun.url);
      setStage('away');
    }, explain);
  };

  return { attempt, stage, start };
}

async function begin(
  onBegin: PanelProps['onBegin'],
  opened: ProviderWindow | null,
): Promise<BegunStepUp<'idp'>> {
  try {
    const begun = await onBegin('idp');
    if (!/^https?:$/u.test(new URL(begun.url).protocol)) {
      throw new CountersignError('unexpected_response');
    }
    if (opened?.isClosed()) throw new CountersignError('cancelled');
    return begun;
  } catch (error) {
    opened?.close();
    throw error;
  }
}

function useStage() {
  const [stage, setStage] = useState<ProviderStage>('here');
  useEffect(() => {
    // Going back may restore the page just as it was when it was left.
    const restore = (event: PageTransitionEvent) => {
      if (event.persisted) setStage('here');
    };
    globalThis.addEventListener('pageshow', restore);
    return () => globalThis.removeEventListener('pageshow', restore);
  }, []);
  return [stage, setStage] as const;
}

/** One window and one listener at a time; both go with the panel. */
function useReturnedAnswer(onReturned: (returnUrl: string) => void) {
  const latest = useRef(onReturned);
  const current = useRef<{ readonly opened: ProviderWindow | null; stop(): void } | null>(null);
  useEffect(() => {
    latest.current = onReturned;
  });

  const end = useCallback(() => {
    current.current?.stop();
    // Of use only while the window is still empty; afterwards it is out of reach.
    current.current?.opened?.close();
    current.current = null;
  }, []);
  useEffect(() => end, [end]);

  const open = () => {
    end();
    const opened = openProviderWindow();
    current.current = { opened, stop: () => undefined };
    return opened;
  };

  const listen = (state: string) => {
    const channel = new BroadcastChannel(STEP_UP_CHANNEL);
    const stopWaiting = awaitReturn(channel, state, (returnUrl) => latest.current(returnUrl));
    const opened = current.current?.opened ?? null;
    const stop = () => {
      stopWaiting();
      channel.close();
    };
    current.current = { opened, stop };
  };

  return { open, listen };
}
