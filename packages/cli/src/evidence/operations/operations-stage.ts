import type { Client } from 'pg';
import type { Browser } from 'playwright-core';
import type { Authenticator } from '../authenticator.ts';
import { captureSettled } from '../capture-settled.ts';
import type { ExchangeRecorder } from '../exchange-recorder.ts';
import type { Witness } from '../witness.ts';
import type { Actor } from './actor.ts';
import { type Cast, openCast } from './cast.ts';
import type { Method } from './cells.ts';
import type { ConfirmingPorts } from './confirm.ts';
import type { OperationsTenant } from './open-tenant.ts';
import type { Ground } from './play-operation.ts';
import { ageAddress, ageSession, endGrant } from './time-moves.ts';

/** Where the operations are played. */
export interface OperationsStage {
  /** Signs everybody in and binds what they confirm with. */
  openCast(): Promise<void>;
  /** @throws {TypeError} before the cast was opened */
  ground(): Ground;
  /** Takes a picture of the main person's page with every secret masked. */
  capture(name: string): Promise<void>;
}

export interface OperationsStageOptions {
  readonly browser: Browser;
  readonly baseUrl: string;
  readonly client: Client;
  readonly recorder: ExchangeRecorder;
  readonly witness: Witness;
  readonly tenant: OperationsTenant;
  readonly ports: ConfirmingPorts;
  readonly createApp: (key: string) => Authenticator;
}

export function openOperationsStage(options: OperationsStageOptions): OperationsStage {
  let ground: Ground | null = null;
  const opened = (): Ground => {
    if (ground === null) throw new TypeError('nobody is signed in yet');
    return ground;
  };
  return {
    openCast: async () => {
      const { client, ports } = options;
      const cast = await openCast({
        ...options,
        hasProvider: ports.provider !== null,
        ageAddress: (userId) => ageAddress(client, userId),
      });
      ground = groundOf(options, cast);
    },
    ground: opened,
    capture: (name) => captureSettled(opened().cast.main.page, name, options),
  };
}

function groundOf({ client, witness, tenant, ports }: OperationsStageOptions, cast: Cast): Ground {
  let made = 0;
  return {
    cast,
    ports,
    memberIds: [tenant.user('member-1').id, tenant.user('member-2').id],
    methodOf: (actor) => methodOf(actor, cast),
    rowsOf: ({ person }) => witness.rowsOf(person.userId),
    keep: witness.keep,
    endGrant: ({ stepUpId }) => endGrant(client, stepUpId),
    ageSession: ({ sid }) => ageSession(client, sid),
    unique: (word) => {
      made += 1;
      return `${word} ${made}`;
    },
  };
}

function methodOf(actor: Actor, cast: Cast): Method {
  if (actor === cast.main) return 'passkey';
  if (actor === cast.atProvider) return 'idp';
  return actor.app === null ? 'email' : 'totp';
}
