import { setTimeout } from 'node:timers/promises';
import { type CodeGenerator, STEP_SECONDS } from '../totp/totp-code.ts';
import type { Memory } from './step.ts';
import { planCode } from './time-plan.ts';
import type { Vault } from './vault.ts';

/** The person's authenticator app, with the patience to wait for its next code. */
export interface Authenticator {
  nextCode(holdsForMs: number): Promise<string>;
  /** How long from now until the last of so many further codes could be had. */
  waitMs(codes: number, holdsForMs: number): number;
  wrongCode(): Promise<string>;
}

/** `nowMs` must be the clock of the database: that is the one the codes are judged by. */
export function createAuthenticator(options: {
  readonly generator: CodeGenerator;
  readonly memory: Pick<Memory, 'key' | 'acceptedCode' | 'acceptedStep'>;
  readonly vault: Vault;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  readonly onWait: (seconds: number) => void;
}): Authenticator {
  const { generator, memory, vault, nowMs } = options;
  const lastStep = () => (memory.acceptedStep === 0 ? null : memory.acceptedStep);
  const plan = (last: number | null, holdsForMs: number) =>
    planCode({ nowMs: nowMs(), lastStep: last, holdsForMs });
  return {
    waitMs: (codes, holdsForMs) => {
      let planned = plan(lastStep(), holdsForMs);
      for (let more = codes - 1; more > 0; more -= 1) planned = plan(planned.step, holdsForMs);
      return planned.waitMs;
    },
    nextCode: async (holdsForMs) => {
      const { step, waitMs } = plan(lastStep(), holdsForMs);
      if (waitMs > 0) {
        options.onWait(Math.ceil(waitMs / 1000));
        await setTimeout(waitMs, undefined, { signal: options.signal });
      }
      memory.acceptedStep = step;
      memory.acceptedCode = await generator.codeAt(memory.key, step);
      vault.add('code', memory.acceptedCode);
      return memory.acceptedCode;
    },
    wrongCode: async () => {
      const present = Math.floor(nowMs() / 1000 / STEP_SECONDS);
      const near = await Promise.all(
        [-2, -1, 0, 1, 2].map((away) => generator.codeAt(memory.key, present + away)),
      );
      // Ten codes can be at most five times right by chance.
      const candidates = Array.from({ length: 10 }, (_, digit) => `${digit}17394`);
      const wrong = candidates.find((code) => !near.includes(code)) ?? '';
      vault.add('code', wrong);
      return wrong;
    },
  };
}
