import { itemsOf } from '../acts.ts';
import { defineCheck, type Seen } from '../check.ts';
import { refused } from '../judge.ts';
import { hireWithApp, type Person, signIn } from '../person.ts';
import type { Sent, Visitor } from '../visitor.ts';

interface Stage {
  readonly person: Person;
  /** Who copied the cookie of a session that signed in ten minutes ago, and knows the password. */
  readonly thief: Visitor;
  readonly authenticatorId: string;
  /** The same of somebody who has no authenticator; here the password is not known. */
  readonly plainThief: Visitor;
}

export const freshAuthentication = defineCheck<Stage>({
  id: 'CS-22',
  rule: 'Adding, removing or changing a factor or a recovery address takes fresh authentication, not a session alone.',
  prepare: async (ground) => {
    const person = await hireWithApp(ground);
    const [authenticator] = await itemsOf(person.visitor, '/api/authenticators');
    await ground.time.ageSessions(person.userId);
    const [plain] = await ground.hire({ roles: ['person'] });
    await signIn(plain);
    await ground.time.ageSessions(plain.userId);
    const thief = person.visitor.copy(ground.visitor().address);
    const plainThief = plain.visitor.copy(ground.visitor().address);
    return { person, thief, plainThief, authenticatorId: String(authenticator?.['id']) };
  },
  attempts: [
    {
      what: 'remove the authenticator, with the password',
      expected: '401 step_up_required',
      act: (stage) =>
        tryTo(stage, {
          method: 'DELETE',
          path: `/api/authenticators/${stage.authenticatorId}`,
          json: { password: stage.person.password },
        }),
    },
    {
      what: "remove it by Better Auth's own door, with the password",
      expected: '401 step_up_required',
      act: (stage) =>
        tryTo(stage, {
          method: 'POST',
          path: '/api/auth/two-factor/disable',
          json: { password: stage.person.password },
        }),
    },
    {
      what: 'add a passkey, with the password',
      expected: '401 step_up_required',
      act: (stage) =>
        tryTo(stage, {
          method: 'POST',
          path: '/api/authenticators/passkeys/options',
          json: { name: 'A', password: stage.person.password },
        }),
    },
    {
      what: 'replace the app, with the password',
      expected: 'refused: one is bound',
      act: async ({ thief, person: { password } }) =>
        refused(
          await thief.post('/api/auth/two-factor/enable', { password }),
          'totp_already_enabled',
          'step_up_required',
        ),
    },
    {
      what: 'make new recovery codes',
      expected: '401 step_up_required',
      act: (stage) => tryTo(stage, { method: 'POST', path: '/api/recovery-codes', json: {} }),
    },
    {
      what: "make new recovery codes by Better Auth's own door, with the password",
      expected: '401 step_up_required',
      act: (stage) =>
        tryTo(stage, {
          method: 'POST',
          path: '/api/auth/two-factor/generate-backup-codes',
          json: { password: stage.person.password },
        }),
    },
    {
      what: 'change the address, with the password',
      expected: '401 step_up_required',
      act: (stage) =>
        tryTo(stage, {
          method: 'POST',
          path: '/api/account/email',
          json: { newEmail: 'thief@elsewhere.example', password: stage.person.password },
        }),
    },
    {
      what: 'change the password, with the present one',
      expected: '401 step_up_required',
      act: (stage) =>
        tryTo(stage, {
          method: 'POST',
          path: '/api/account/password',
          json: { currentPassword: stage.person.password, newPassword: 'a passphrase of a thief' },
        }),
    },
    {
      what: 'enrol an app or a passkey where there is none yet, without the password',
      expected: 'refused',
      act: async ({ plainThief }) => {
        const passkeys = '/api/authenticators/passkeys/options';
        const answers = [
          await plainThief.post('/api/auth/two-factor/enable', {}),
          await plainThief.post('/api/auth/two-factor/enable', { password: 'a guess' }),
          await plainThief.post(passkeys, { name: 'A' }),
          await plainThief.post(passkeys, { name: 'A', password: 'a guess' }),
        ];
        const saw = answers.map(({ status, code }) => `${status} ${code ?? ''}`).join(', ');
        return { saw, held: answers.every(({ status }) => status >= 400 && status < 500) };
      },
    },
    {
      what: 'look afterwards, as the owner',
      expected: 'the same authenticator, and no other',
      act: async ({ person: { visitor }, authenticatorId }) => {
        const items = await itemsOf(visitor, '/api/authenticators');
        const held = items.length === 1 && items[0]?.['id'] === authenticatorId;
        return { saw: `${items.length}, ${held ? 'the same' : 'not the same'}`, held };
      },
    },
  ],
});

async function tryTo({ thief }: Stage, request: Sent): Promise<Seen> {
  return refused(await thief.send(request), 'step_up_required');
}
