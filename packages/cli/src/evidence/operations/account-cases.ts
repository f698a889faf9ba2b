import { answered } from '../checks.ts';
import { fieldOf } from '../exchange.ts';
import { type Actor, askFor, type PageRequest } from './actor.ts';
import type { Act, OperationCase, Play } from './operation-case.ts';
import { addPasskeyRequest, bindPasskey, finishPasskey } from './perform.ts';
import { newRecoveryCodes } from './portal-cases.ts';

const CONFIRM_ADDRESS = { method: 'POST', path: '/api/account/email/confirm' } as const;
const BIND = { method: 'POST', path: '/api/authenticators/passkeys' } as const;

/** Of whoever has an authenticator: a provider's word changes nothing they sign in with. */
const OWN = ['totp'] as const;

/** The operations on a person's own account; those that end other sessions come last. */
export const accountCases: readonly OperationCase[] = [
  {
    name: 'authenticator.add',
    title: 'Add a passkey',
    confirms: 'act',
    methods: ['totp', 'idp'],
    status: 200,
    changes: ['enrolments'],
    screen: '/app/security',
    prepare: async (actor, { unique }) => {
      const name = unique('Passkey');
      return {
        request: (by) => addPasskeyRequest(by, name),
        other: {
          is: 'other parameters',
          request: addPasskeyRequest(actor, `${name} of someone else`),
        },
      };
    },
    finish: async (actor, { answer, cast }) => {
      if (actor !== cast.main) return;
      const { device } = await finishPasskey(actor, answer);
      await device.remove();
    },
    checks: () => [
      answered(BIND, {
        expected: 'The credential that the browser made is bound, in the same session.',
        status: 201,
      }),
    ],
  },
  {
    name: 'authenticator.rename',
    title: 'Rename a passkey',
    confirms: 'window',
    codes: 2,
    methods: ['totp', 'idp'],
    status: 200,
    changes: ['boundAuthenticators'],
    screen: '/app/security',
    prepare: async (actor, play) => {
      const path = `/api/authenticators/${await passkeyId(actor, play)}`;
      const name = play.unique('Renamed');
      return {
        request: () => ({ method: 'PATCH', path, json: { name } }),
        other: newRecoveryCodes,
      };
    },
  },
  {
    name: 'recovery-codes.regenerate',
    title: 'Make new recovery codes',
    confirms: 'act',
    methods: OWN,
    status: 200,
    changes: ['recoverySet'],
    screen: '/app/security',
    prepare: async (actor, play) => {
      await passkeyIdUnlessApp(actor, play);
      return {
        request: () => newRecoveryCodes.request,
        other: { is: 'another operation', request: deleteAccount },
      };
    },
    finish: async ({ person }, { answer }) => {
      const codes = fieldOf(answer.body, 'codes');
      person.recoveryCodes = Array.isArray(codes) ? codes.map(String) : [];
    },
  },
  {
    name: 'account.change-email',
    title: 'Change the email address',
    confirms: 'act',
    methods: OWN,
    status: 202,
    changes: ['emailChange'],
    screen: '/app/security',
    prepare: async (actor, { unique }) => {
      const [, host = ''] = actor.person.email.split('@');
      const word = unique('new').replace(' ', '-');
      const change = ({ person }: Actor, newEmail: string): PageRequest => ({
        method: 'POST',
        path: '/api/account/email',
        json: { newEmail, password: person.password },
      });
      return {
        request: (by) => change(by, `${word}@${host}`),
        other: { is: 'other parameters', request: change(actor, `${word}@elsewhere.example`) },
      };
    },
    finish: async (actor, { act, cast, ports }) => {
      if (actor !== cast.main || ports.mailbox === null) return;
      const { newEmail } = act.request(actor).json as { newEmail: string };
      const json = { code: await ports.mailbox.codeFor(newEmail) };
      await askFor(actor, { ...CONFIRM_ADDRESS, json }, { note: 'the mailed code', status: 200 });
      actor.person.email = newEmail;
    },
    checks: ({ mailbox }) =>
      mailbox === null
        ? []
        : [
            answered(CONFIRM_ADDRESS, {
              expected: 'The address changes with the code that was sent to the new one.',
              status: 200,
            }),
          ],
  },
  {
    name: 'account.change-password',
    title: 'Change the password',
    confirms: 'act',
    methods: OWN,
    status: 200,
    changes: ['account'],
    screen: '/app/security',
    prepare: async (_actor, { unique }) => {
      const newPassword = `${unique('Fresh')} ${crypto.randomUUID()}`;
      return {
        request: ({ person }) => ({
          method: 'POST',
          path: '/api/account/password',
          json: { currentPassword: person.password, newPassword },
        }),
        other: newRecoveryCodes,
      };
    },
    finish: async (actor, { act }) => {
      const { newPassword } = act.request(actor).json as { newPassword: string };
      actor.person.password = newPassword;
    },
  },
  {
    name: 'authenticator.remove',
    title: 'Remove an authenticator',
    confirms: 'act',
    methods: OWN,
    status: 200,
    // The recovery codes go with the last authenticator.
    changes: ['boundAuthenticators', 'recoverySet'],
    screen: '/app/security',
    prepare: async (actor, play) => {
      const { cast } = play;
      const id = actor === cast.main ? await spareId(actor, play) : await ownId(actor, play);
      const [first] = (await play.rowsOf(actor)).boundAuthenticators;
      const theirs = new Map([[cast.colleague(), await ownId(cast.colleague(), play)]]);
      const remove = ({ person }: Actor, which: string): PageRequest => ({
        method: 'DELETE',
        path: `/api/authenticators/${which}`,
        json: { password: person.password },
      });
      return {
        request: (by) => remove(by, by === actor ? id : (theirs.get(by) ?? id)),
        other: { is: 'other parameters', request: remove(actor, first?.id ?? '') },
      };
    },
    finish: async (actor, { cast }) => {
      if (actor.app !== null) cast.retire(actor);
    },
  },
  {
    name: 'account.delete',
    title: 'Delete the account',
    confirms: 'act',
    methods: ['totp', 'idp', 'email'],
    status: 200,
    changes: [
      'account',
      'boundAuthenticators',
      'recoverySet',
      'enrolments',
      'emailChange',
      'members',
      'exports',
      'apiKeys',
    ],
    endsSession: true,
    screen: '/app',
    prepare: async (): Promise<Act> => ({ request: () => deleteAccount, other: newRecoveryCodes }),
    finish: async (actor, { cast }) => {
      cast.retire(actor);
    },
  },
];

const deleteAccount = { method: 'DELETE', path: '/api/account', json: {} } as const;

/** A passkey of the actor, bound now where there is none yet. */
async function passkeyId(actor: Actor, play: Play): Promise<string> {
  const { boundAuthenticators } = await play.rowsOf(actor);
  const known = boundAuthenticators.find(({ type }) => type === 'passkey');
  return known?.id ?? spareId(actor, play);
}

/** Recovery codes stand in for an authenticator: whoever has none binds a passkey first. */
async function passkeyIdUnlessApp(actor: Actor, play: Play): Promise<void> {
  if (actor.app === null) await passkeyId(actor, play);
}

/** The app of those who have one, else a passkey. */
async function ownId(actor: Actor, play: Play): Promise<string> {
  if (actor.app === null) return passkeyId(actor, play);
  const { boundAuthenticators } = await play.rowsOf(actor);
  return boundAuthenticators.find(({ type }) => type === 'totp')?.id ?? '';
}

/** A new passkey on a device that is put away again. */
async function spareId(actor: Actor, play: Play): Promise<string> {
  const method = play.methodOf(actor);
  const { ports } = play;
  const { id, device } = await bindPasskey(actor, { name: play.unique('Spare'), method, ports });
  await device.remove();
  return id;
}
