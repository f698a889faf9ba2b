import { type ReactNode, useState } from 'react';
import { messages } from '../messages.ts';
import type { ChallengeWay } from './challenge-ways.ts';

export interface ChallengeWaysProps {
  /** The ways that are not in use at the moment. */
  readonly others: readonly ChallengeWay[];
  readonly onChoose: (way: ChallengeWay) => void;
}

const names = {
  app: messages.challenge.useApp,
  passkey: messages.challenge.usePasskey,
  recovery: messages.challenge.useRecovery,
} as const;

/** The other ways to answer the challenge, and what to do when all of them are lost. */
export function ChallengeWays({ others, onChoose }: ChallengeWaysProps): ReactNode {
  const text = messages.challenge;
  const [isLost, setIsLost] = useState(false);
  return (
    <div className="mt-5 grid justify-items-start gap-1 border-line border-t pt-4">
      {others.map((way) => (
        <button className="text-link min-h-8" key={way} onClick={() => onChoose(way)} type="button">
          {names[way]}
        </button>
      ))}
      <button
        aria-controls="lost-device"
        aria-expanded={isLost}
        className="text-link min-h-8"
        onClick={() => setIsLost(!isLost)}
        type="button"
      >
        {text.lost}
      </button>
      <section
        aria-label={text.lostTitle}
        className="grid gap-2 rounded-xl bg-bg px-4 py-3 text-ink-2"
        hidden={!isLost}
        id="lost-device"
      >
        <p>{text.lostRecovery}</p>
        <p>{text.lostAdministrator}</p>
      </section>
    </div>
  );
}
