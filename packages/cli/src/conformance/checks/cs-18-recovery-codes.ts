import { fieldOf } from '../../evidence/exchange.ts';
import { acts, grantFor, itemsOf, sendWith } from '../acts.ts';
import { defineCheck, NotTried, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { accepted, all, need, refused, wordsOf } from '../judge.ts';
import { hireWithApp, type Person, pendingElsewhere } from '../person.ts';
import { askRecoveryCode, type Losing, takeRecoveryCode } from '../recovery.ts';
import type { Answer } from '../visitor.ts';

interface Stage {
  readonly ground: Ground;
  readonly person: Person;
}

export const recoveryCodes = defineCheck<Stage>({
  id: 'CS-18',
  rule: 'A recovery code works once even when raced, and a new set ends the old one.',
  prepare: async (ground) => ({ ground, person: await hireWithApp(ground) }),
  attempts: [
    {
      what: 'one code at three sign-ins at the same moment',
      expected: 'accepted once',
      act: async ({ ground, person }) => {
        const visitors = [
          await pendingElsewhere(ground, person),
          await pendingElsewhere(ground, person),
          await pendingElsewhere(ground, person),
        ];
        const json = { code: codeOf(person, 0) };
        const answers = await Promise.all(visitors.map((it) => it.post(PATH, json)));
        const times = answers.filter(({ status }) => status === 200).length;
        const saw = answers.map(wordsOf).join(', ');
        if (times === 0) throw new NotTried(`none was accepted: ${saw}`);
        return { saw, held: times === 1 };
      },
    },
    {
      what: 'the used code again, as it was printed and as it might be typed',
      expected: '401 invalid_code',
      act: async ({ ground, person }) => {
        const code = codeOf(person, 0);
        const typed = [code, code.toLowerCase(), code.replaceAll('-', ' ')];
        const seen = [];
        for (const it of typed) seen.push(refused(await send(ground, person, it), 'invalid_code'));
        return all(seen);
      },
    },
    {
      what: 'a code for a confirmation',
      expected: 'refused',
      act: async ({ person: { visitor, recoveryCodes: codes } }) => {
        const asked = await visitor.send(acts.newRecoveryCodes);
        const id = String(fieldOf(asked.text, 'challenge', 'id'));
        const path = `/api/step-up/${id}/verify`;
        const code = codes[1];
        return all([
          refused(
            await visitor.post(path, { method: 'recovery-code', code }),
            'malformed',
            'parameters_invalid',
          ),
          refused(await visitor.post(path, { method: 'totp', code }), 'code_rejected'),
        ]);
      },
    },
    {
      what: 'an unused code of the old set, after a new set was made',
      expected: '401 invalid_code',
      act: async ({ ground, person }) => {
        const old = codeOf(person, 2);
        const request = acts.newRecoveryCodes;
        const grant = await grantFor(ground, person, request);
        const made = await sendWith(person.visitor, request, grant);
        const codes = fieldOf(need(made, 200, 'a new set').text, 'codes');
        if (!Array.isArray(codes)) throw new NotTried('the new set was not shown');
        person.recoveryCodes = codes.map(String);
        return refused(await send(ground, person, old), 'invalid_code');
      },
    },
    {
      what: 'an unused code of the new set',
      expected: 'accepted',
      act: async ({ ground, person }) => accepted(await send(ground, person, codeOf(person, 0))),
    },
    {
      what: 'sign in with a code and call the app lost, with a guessed password and without the mailbox',
      expected: '401 password_rejected, 401 code_rejected, and the app is still there',
      act: async ({ ground, person }) => {
        const [app] = await itemsOf(person.visitor, '/api/authenticators');
        await ground.time.passBackOff(person.userId);
        const visitor = await pendingElsewhere(ground, person);
        need(await visitor.post(PATH, { code: codeOf(person, 1) }), 200, 'the recovery code');
        return withoutMailbox({ ...person, visitor, authenticatorId: String(app?.['id']) });
      },
    },
  ],
});

const PATH = '/api/auth/two-factor/verify-backup-code';

async function withoutMailbox(losing: Losing): Promise<Seen> {
  const { visitor, password, authenticatorId: id } = losing;
  const guessed = { ...losing, password: 'not the password of anybody' };
  const seen = [
    refused(await askRecoveryCode(guessed), 'password_rejected'),
    refused(await takeRecoveryCode(losing, '000000'), 'code_rejected'),
  ];
  const asked = need(await askRecoveryCode(losing), 200, 'asking for a mailed code');
  if (/\b\d{6}\b/.test(asked.text)) return { saw: 'the answer holds a code', held: false };
  for (const code of ['000000', '']) {
    seen.push(refused(await takeRecoveryCode(losing, code), 'code_rejected'));
  }
  const path = `/api/authenticators/${id}`;
  const removed = await visitor.send({ method: 'DELETE', path, json: { password } });
  seen.push(refused(removed, 'step_up_required'));
  const left = await itemsOf(visitor, '/api/authenticators');
  const isThere = left.some((it) => it['id'] === id);
  return all([...seen, { saw: isThere ? 'still there' : 'gone', held: isThere }]);
}

/** Types a code at a sign-in of its own, once the back-off is over. */
async function send(ground: Ground, person: Person, code: string): Promise<Answer> {
  await ground.time.passBackOff(person.userId);
  return (await pendingElsewhere(ground, person)).post(PATH, { code });
}

function codeOf({ recoveryCodes: codes }: Person, index: number): string {
  const code = codes[index];
  if (code === undefined) throw new NotTried('there are no recovery codes');
  return code;
}
