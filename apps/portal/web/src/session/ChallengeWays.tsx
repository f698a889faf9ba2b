import type { ReactNode } from 'react';
import { challengeMessages } from '../messages-challenge.ts';
import type { ChallengeWay } from './challenge-ways.ts';

export interface ChallengeWaysProps {
  /** The ways that are not in use at the moment. */
  readonly others: readonly ChallengeWay[];
  readonly onChoose: (way: ChallengeWay) => void;
  /** What to do when all of them are lost. */
  readonly children: ReactNode;
}

const names = {
  app: challengeMessages.useApp,
  passkey: challengeMessages.usePasskey,
  recovery: challengeMessages.useRecovery,
} as const;

/** The other ways to answer the challenge. */
export function ChallengeWays({ others, onChoose, children }: ChallengeWaysProps): ReactNode {
  return (
    <div className="mt-5 grid justify-items-start gap-1 border-line border-t pt-4">
      {others.map((way) => (
        <button className="text-link min-h-8" key={way} onClick={() => onChoose(way)} type="button">
          {names[way]}
        </button>
      ))}
      {children}
    </div>
  );
}
