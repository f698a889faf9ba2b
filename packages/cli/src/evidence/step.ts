import type { Page } from 'playwright-core';
import type { OutboxMail } from '../outbox.ts';
import type { AuditEntry } from './audit-entries.ts';
import type { Exchange } from './exchange.ts';
import type { DirectRequest } from './exchange-recorder.ts';
import type { Cell } from './operations/cells.ts';
import type { Trial } from './operations/trial.ts';
import type { Rows } from './rows.ts';

/** One rule, shown by doing something and looking at it from four sides. */
export interface Step<S = Stage> {
  /** Kebab-case; names the files of the step. */
  readonly name: string;
  readonly title: string;
  /** The rule as a sentence. */
  readonly rule: string;
  /** Brings the person to where the step begins, before the rows are first read. */
  prepare?(stage: S): Promise<void>;
  act(stage: S): Promise<void>;
  readonly checks: readonly Check[];
  /** What a reader must know of how it was done, such as time moved in the database. */
  readonly notes?: readonly string[];
  /** The operation it is about: one line of the matrix. */
  readonly line?: MatrixLine;
}

/** One operation in the report's matrix; a cell that does not apply says why. */
export interface MatrixLine {
  readonly name: string;
  readonly absent: Readonly<Partial<Record<Cell, string>>>;
}

export type Side = 'screen' | 'http' | 'rows' | 'audit' | 'act' | 'mail';

export interface Check {
  readonly side: Side;
  /** Its cell in the matrix of operations. */
  readonly cell?: Cell;
  /** What must be seen, as a sentence. */
  readonly expected: string;
  judge(seen: Observation): Finding;
}

export interface Finding {
  readonly holds: boolean;
  readonly observed: string;
  /** Set when it could not be looked at, since something before it failed. */
  readonly isUnseen?: true;
}

/** All that was seen of one step; checks are pure functions of it. */
export interface Observation {
  readonly screens: readonly Screen[];
  readonly exchanges: readonly Exchange[];
  readonly before: Rows;
  readonly after: Rows;
  /** Written while the step acted: what was prepared is not among them. */
  readonly entries: readonly AuditEntry[];
  readonly memory: Readonly<Memory>;
  /** Requests for an operation, each with the rows around it. */
  readonly trials: readonly Trial[];
  /** Mails that the step was about. */
  readonly mails: readonly OutboxMail[];
}

export interface Screen {
  readonly name: string;
  /** Path of the page, without the query. */
  readonly path: string;
  /** Visible text; in memory only, since it may hold secrets. */
  readonly text: string;
  /** Pictures large enough for a QR code, covered. */
  readonly coveredDrawings: number;
  /** File name below the run's folder. */
  readonly picture: string;
}

/** What later steps need of earlier ones. */
export interface Memory {
  /** Base 32, as read off the screen. */
  key: string;
  recoveryCodes: readonly string[];
  /** `Cookie` headers: of a session begun with the password alone, of one ended, of another device. */
  olderCookie: string;
  endedCookie: string;
  otherCookie: string;
  /** The code accepted last, and its time step. */
  acceptedCode: string;
  acceptedStep: number;
  recordIds: readonly string[];
}

/** Where a step happens: the person's browser, the wire, and the person's authenticator. */
export interface Stage {
  readonly page: Page;
  readonly person: { readonly email: string; readonly password: string };
  readonly memory: Memory;
  /** Opens a browser of its own: nothing is shared with the first. */
  secondPage(): Promise<Page>;
  /** Leaves the page for another path, once every answer to it has been kept. */
  visit(path: string): Promise<void>;
  /** Takes a picture with every secret masked. @throws when one would be visible. */
  capture(name: string, page?: Page): Promise<void>;
  send(request: DirectRequest): Promise<Exchange>;
  /** The browser's cookies as one header. */
  cookie(): Promise<string>;
  /** A fresh code that stays acceptable for a while; waits for its time where it must. */
  nextCode(holdsForMs: number): Promise<string>;
  /** Six digits that are no code of this time. */
  wrongCode(): Promise<string>;
}
