import { type ConfirmingPorts, LACKS } from './operations/confirm.ts';
import { operationCases } from './operations/operation-cases.ts';
import { operationStep } from './operations/operation-step.ts';
import type { OperationsStage } from './operations/operations-stage.ts';
import { people } from './operations/people-step.ts';
import type { SignInStep } from './sign-in/sign-in-step.ts';
import { signInSteps } from './sign-in/sign-in-steps.ts';
import type { Stage, Step } from './step.ts';
import { challengeBeforeAccess } from './steps/challenge-before-access.ts';
import { deletionConfirmed } from './steps/deletion-confirmed.ts';
import { deletionRefused } from './steps/deletion-refused.ts';
import { enrol } from './steps/enrol.ts';
import { invalidCode } from './steps/invalid-code.ts';
import { reachEnrolment } from './steps/reach-enrolment.ts';
import { replayedCode } from './steps/replayed-code.ts';
import { signOut } from './steps/sign-out.ts';
import { turnOff } from './steps/turn-off.ts';
import { validCode } from './steps/valid-code.ts';

/** A step with the one it builds on; what that one did not reach says nothing about this one. */
export type PlannedStep =
  | { readonly scene: 'story'; readonly step: Step<Stage>; readonly needs: string | null }
  | {
      readonly scene: 'operations';
      readonly step: Step<OperationsStage>;
      readonly needs: string | null;
    }
  | { readonly scene: 'sign-in'; readonly step: SignInStep; readonly needs: null };

export interface Plan {
  readonly steps: readonly PlannedStep[];
  /** What cannot be shown here, and why. */
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  readonly title: string;
  readonly reason: string;
}

/** One person's story; each step begins where the one before it ended. */
const story: readonly Step[] = [
  reachEnrolment,
  enrol,
  signOut,
  challengeBeforeAccess,
  invalidCode,
  validCode,
  replayedCode,
  deletionRefused,
  deletionConfirmed,
  turnOff,
];

/**
 * Every step in its order, or those named in `only` with what they build on. The story's last step
 * comes at the very end: its code needs a time step of its own, which passes meanwhile.
 *
 * @throws {RangeError} naming the first name that no step has
 */
export function planSteps(ports: ConfirmingPorts, only: readonly string[] | null): Plan {
  const told = story.map((step, index) => {
    return { scene: 'story', step, needs: story[index - 1]?.name ?? null } as const;
  });
  const played = operationCases.map((operation) => {
    const step = operationStep(operation, ports);
    return { scene: 'operations', step, needs: people.name } as const;
  });
  const first = { scene: 'operations', step: people, needs: null } as const;
  const shown = signInSteps.map((step) => ({ scene: 'sign-in', step, needs: null }) as const);
  const all = [...told.slice(0, -1), ...shown, first, ...played, ...told.slice(-1)];
  const names = only === null ? null : namesNeeded(all, only);
  const wanted = all.filter(({ step }) => names === null || names.has(step.name));
  return {
    steps: wanted.filter((planned) => lackOf(planned, ports) === null),
    leftOut: wanted.flatMap((planned) => {
      const reason = lackOf(planned, ports);
      return reason === null ? [] : [{ title: planned.step.title, reason }];
    }),
  };
}

/** Why a step cannot be shown here; null when it can. */
function lackOf(planned: PlannedStep, ports: ConfirmingPorts): string | null {
  if (planned.scene !== 'sign-in') return null;
  const lack = planned.step.takes.find((port) => ports[port] === null);
  return lack === undefined ? null : LACKS[lack];
}

function namesNeeded(all: readonly PlannedStep[], only: readonly string[]): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const wanted of only) {
    for (let name: string | null = wanted; name !== null; ) {
      const found = all.find(({ step }) => step.name === name);
      if (found === undefined) throw new RangeError(`there is no step ${name}`);
      needed.add(name);
      name = found.needs;
    }
  }
  return needed;
}
