import type { Exchange } from '../exchange.ts';
import type { Rows } from '../rows.ts';
import type { Check } from '../step.ts';
import type { Actor, PageRequest } from './actor.ts';
import type { Cast } from './cast.ts';
import type { Method } from './cells.ts';
import type { ConfirmingPorts } from './confirm.ts';
import type { Part } from './trial.ts';

/** One protected operation: how it is asked for, and how the rows tell that it was done. */
export interface OperationCase {
  /** As on the wire and in the log. */
  readonly name: string;
  /** What a person does with it. */
  readonly title: string;
  /**
   * What a confirmation is good for: this very act, by a grant; or five minutes in this session, and
   * then there is no grant.
   */
  readonly confirms: 'act' | 'window';
  /** How it is done, in this order; the main person's passkey comes first by itself. */
  readonly methods: readonly Method[];
  /** Codes an authenticator app gives for it, where preparing it takes one too; 1 unless said. */
  readonly codes?: number;
  /** Of success. */
  readonly status: 200 | 201 | 202;
  /** The rows it changes when it is done: at least one of these, and no other. */
  readonly changes: readonly Part[];
  /** Set where the session ends with the act, so that nobody can ask for the receipt again. */
  readonly endsSession?: true;
  /** The screen that shows what came of it. */
  readonly screen: string;
  /** Brings about what one act needs; does nothing of the act itself. */
  prepare(actor: Actor, play: Play): Promise<Act>;
  /** What follows once it is done: the rest of a ceremony, or what its person knows from now on. */
  finish?(actor: Actor, done: Done): Promise<void>;
  /** What else must be seen. */
  checks?(ports: ConfirmingPorts): readonly Check[];
}

/** One act, ready to be asked for. */
export interface Act {
  /** The request as this or that actor would make it. */
  request(by: Actor): PageRequest;
  /** The same operation with other parameters; or, where it has none, another one without any. */
  readonly other: {
    readonly is: 'other parameters' | 'another operation';
    readonly request: PageRequest;
  };
}

/** What a case may use beside its actor. */
export interface Play {
  readonly cast: Cast;
  readonly ports: ConfirmingPorts;
  /** The ids of two members who never sign in. */
  readonly memberIds: readonly [string, string];
  /** How an actor of the cast confirms. */
  methodOf(actor: Actor): Method;
  rowsOf(actor: Actor): Promise<Rows>;
  /** The word, with a number that no other has in this run. */
  unique(word: string): string;
}

export interface Done extends Play {
  readonly act: Act;
  readonly answer: Exchange;
}
