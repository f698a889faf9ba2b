import { setTimeout } from 'node:timers/promises';
import { fieldOf } from '../../evidence/exchange.ts';
import { formsOf } from '../../secrets/secret-forms.ts';
import { parseBase32 } from '../../totp/base32.ts';
import { acts, grantFor, importRecords, itemsOf, sendWith } from '../acts.ts';
import { defineCheck, NotTried, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { need } from '../judge.ts';
import { needLetters } from '../letters.ts';
import { hireWithApp, type Person } from '../person.ts';
import { readZip } from '../read-zip.ts';

interface Stage {
  readonly ground: Ground;
  readonly person: Person;
  /** The key of the app and the recovery codes in every form they could be written in, lower case. */
  readonly secrets: readonly string[];
}

const READS = [
  '/api/session',
  '/api/sessions',
  '/api/authenticators',
  '/api/recovery-codes',
  '/api/members',
  '/api/policy',
  '/api/exports',
  '/api/auth/get-session',
  '/api/openapi.json',
  '/healthz',
  '/readyz',
  '/metrics',
  '/app',
  '/app/security',
];

const POLLS = 50;
const POLL_MS = 200;

export const secretReadBack = defineCheck<Stage>({
  id: 'CS-12',
  rule: "An app's secret and recovery codes appear in no answer, export or log entry after enrolment.",
  prepare: async (ground) => {
    const person = await hireWithApp(ground, 'administrator');
    await importRecords(person.visitor, ['CS-12']);
    return { ground, person, secrets: secretsOf(person) };
  },
  attempts: [
    {
      what: 'read everything the API and the pages say',
      expected: 'no secret',
      act: async ({ person: { visitor }, secrets }) => {
        const texts: string[] = [];
        for (const path of READS) texts.push((await visitor.get(path)).text);
        return noneIn(texts, secrets);
      },
    },
    {
      what: "ask Better Auth for the secret or the codes again, with the person's password",
      expected: 'refused, and no secret',
      act: async ({ person: { visitor, password }, secrets }) => {
        const texts: string[] = [];
        const given: string[] = [];
        for (const name of ['get-totp-uri', 'enable', 'view-backup-codes', 'generate-totp']) {
          const { status, text } = await visitor.post(`/api/auth/two-factor/${name}`, { password });
          if (status < 400) given.push(name);
          texts.push(text);
        }
        const seen = noneIn(texts, secrets);
        const saw = given.length === 0 ? seen.saw : `${given.join(', ')}: answered`;
        return { saw, held: seen.held && given.length === 0 };
      },
    },
    {
      what: 'read the audit list, with the bytes of every entry',
      expected: 'no secret',
      act: async ({ person: { visitor }, secrets }) => {
        const items = await itemsOf(visitor, '/api/audit/events?limit=100');
        if (items.length === 0) throw new NotTried('the audit list is empty');
        const entries = items.map(({ entry }) => Buffer.from(String(entry), 'base64').toString());
        return noneIn([JSON.stringify(items), ...entries], secrets);
      },
    },
    {
      what: 'read an export of all there is',
      expected: 'no secret',
      act: async ({ ground, person, secrets }) => noneIn(await exported(ground, person), secrets),
    },
    {
      what: "read the person's mail",
      expected: 'no secret',
      act: async ({ ground, person: { email }, secrets }) =>
        noneIn(await needLetters(ground).all(email, /(.*)/s), secrets),
    },
  ],
});

function secretsOf({ key, recoveryCodes }: Person): readonly string[] {
  const raw = parseBase32(key);
  if (raw === null || recoveryCodes.length === 0)
    throw new NotTried('nothing secret was handed out');
  const plain = [key, ...recoveryCodes.flatMap((code) => [code, code.replaceAll('-', '')])];
  const values = [raw, ...plain.map((text) => Buffer.from(text))];
  return [...plain, ...values.flatMap((value) => formsOf(value).map(({ text }) => text))].map(
    (it) => it.toLowerCase(),
  );
}

function noneIn(texts: readonly string[], secrets: readonly string[]): Seen {
  const where = texts.filter((text) => {
    const lower = text.toLowerCase();
    return secrets.some((secret) => lower.includes(secret));
  });
  const saw = where.length === 0 ? `${texts.length} texts, none with a secret` : 'a secret';
  return { saw, held: where.length === 0 };
}

/** Every file of an export. */
async function exported(ground: Ground, person: Person): Promise<readonly string[]> {
  const { visitor } = person;
  const request = acts.export('ndjson');
  const started = await sendWith(visitor, request, await grantFor(ground, person, request));
  const id = String(fieldOf(need(started, 202, 'the export').text, 'id'));
  for (let poll = 0; poll < POLLS; poll += 1) {
    const { text } = need(await visitor.get(`/api/exports/${id}`), 200, 'the export');
    if (fieldOf(text, 'state') === 'ready') {
      const { bytes } = need(await visitor.get(`/api/exports/${id}/file`), 200, 'its file');
      return [...readZip(bytes).values()].map((file) => file.toString('utf8'));
    }
    await setTimeout(POLL_MS);
  }
  throw new NotTried('the export was not made within ten seconds');
}
