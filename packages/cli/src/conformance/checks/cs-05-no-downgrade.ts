import { acts, begin, challengeFor, grantFor, importRecords, methodsIn, verify } from '../acts.ts';
import { defineCheck } from '../check.ts';
import type { Ground } from '../ground.ts';
import { all, need, refused, wordsOf } from '../judge.ts';
import {
  bindPasskey,
  enrolApp,
  freshCode,
  hireWithApp,
  type Person,
  pendingElsewhere,
  sendCode,
  sendPassword,
  signIn,
  standingOf,
} from '../person.ts';
import { setPolicy } from '../set-policy.ts';

interface Stage {
  readonly ground: Ground;
  /** Members of a tenant that asks for a passkey: one has only an app, one has both. */
  readonly onlyApp: Person;
  readonly both: Person;
  /** A member who has nothing. */
  readonly nothing: Person;
  /** Somebody with an app, where policy asks for nothing. */
  readonly free: Person;
  readonly record: string;
}

export const noDowngrade = defineCheck<Stage>({
  id: 'CS-05',
  rule: 'A factor weaker than what is asked for is refused; whoever lacks the stronger one enrols it.',
  prepare: async (ground) => {
    const [onlyApp, both, nothing] = await ground.hire({ roles: ['person', 'person', 'person'] });
    if (both === undefined || nothing === undefined) throw new TypeError('three were hired');
    for (const person of [onlyApp, both]) {
      await signIn(person);
      await enrolApp(ground, person);
    }
    const request = {
      method: 'POST',
      path: '/api/authenticators/passkeys/options',
      json: { name: 'Conformance passkey', password: both.password },
    } as const;
    await bindPasskey(both, await grantFor(ground, both, request));
    const free = await hireWithApp(ground);
    const [record = ''] = await importRecords(free.visitor, ['CS-05']);
    await setPolicy(ground, onlyApp.tenantId, { everyone: 'required-phishing-resistant' });
    return { ground, onlyApp, both, nothing, free, record };
  },
  attempts: [
    {
      what: 'sign in with an app where a passkey is asked for, and none is there',
      expected: '401 enrolment_required',
      act: async ({ ground, onlyApp }) => {
        const visitor = await pendingElsewhere(ground, onlyApp);
        need(await sendCode(visitor, await freshCode(ground, onlyApp)), 200, 'the code');
        return refused(await visitor.get('/api/records'), 'enrolment_required');
      },
    },
    {
      what: 'sign in with an app where a passkey is asked for, and one is there',
      expected: '401 challenge_required',
      act: async ({ ground, both }) => {
        const visitor = await pendingElsewhere(ground, both);
        need(await sendCode(visitor, await freshCode(ground, both)), 200, 'the code');
        return refused(await visitor.get('/api/records'), 'challenge_required');
      },
    },
    {
      what: 'sign in with a recovery code where a passkey is asked for',
      expected: '401 challenge_required',
      act: async ({ ground, both }) => {
        const visitor = await pendingElsewhere(ground, both);
        const [code = ''] = both.recoveryCodes;
        const path = '/api/auth/two-factor/verify-backup-code';
        need(await visitor.post(path, { code }), 200, 'the recovery code');
        return refused(await visitor.get('/api/records'), 'challenge_required');
      },
    },
    {
      what: 'enrol an authenticator at sign-in with the password alone, where policy forces one',
      expected: 'refused before the address is proved',
      act: async ({ ground, nothing }) => {
        const visitor = ground.visitor();
        need(await sendPassword(nothing, visitor), 200, 'the password');
        const { password } = nothing;
        const { state } = await standingOf(visitor);
        const path = '/api/authenticators/passkeys/options';
        const seen = all([
          refused(
            await visitor.post('/api/auth/two-factor/enable', { password }),
            'enrolment_required',
          ),
          refused(await visitor.post(path, { name: 'A', password }), 'enrolment_required'),
        ]);
        return { saw: `${seen.saw}, ${state}`, held: seen.held && state === 'pending' };
      },
    },
    {
      what: 'confirm a deletion with a way that was not offered: mail, provider, recovery code',
      expected: 'refused',
      act: async ({ free, record }) => {
        const { visitor } = free;
        const id = await challengeFor(visitor, acts.purge([record]));
        return all([
          refused(await begin(visitor, id, 'email'), 'method_not_allowed'),
          refused(
            await verify(visitor, id, { method: 'email', code: '000000' }),
            'method_not_allowed',
          ),
          refused(await begin(visitor, id, 'passkey'), 'method_not_allowed'),
          refused(
            await verify(visitor, id, {
              method: 'recovery-code',
              code: free.recoveryCodes[0] ?? '',
            }),
            'malformed',
            'parameters_invalid',
          ),
        ]);
      },
    },
    {
      what: 'do what asks for level 2 without any authenticator',
      expected: '401 enrolment_required, with no weaker way offered',
      act: async ({ ground }) => {
        const [plain] = await ground.hire({ roles: ['person'] });
        const { visitor } = await signIn(plain);
        const [record = ''] = await importRecords(visitor, ['CS-05']);
        const asked = await visitor.send(acts.purge([record]));
        const offered = methodsIn(asked);
        const { held } = refused(asked, 'enrolment_required', 'step_up_required');
        const saw = `${wordsOf(asked)}${offered.length > 0 ? `, offers ${offered.join(', ')}` : ''}`;
        return { saw, held: held && offered.length === 0 };
      },
    },
  ],
});
