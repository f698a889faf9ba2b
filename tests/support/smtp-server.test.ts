import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startSmtpServer, type TestSmtpServer } from './smtp-server.ts';

const run = promisify(execFile);

let server: TestSmtpServer;
let accepted = 0;
beforeAll(async () => {
  server = await startSmtpServer();
});
beforeEach(() => {
  accepted = server.mails.length;
});
afterAll(() => server.stop());

const MAIL = {
  from: 'Countersign <no-reply@countersign.invalid>',
  to: 'person@clinic.example',
  subject: 'Your code',
  text: 'Your code is 123456.\n',
} satisfies SendMailOptions;

function send(url: string, mail: Partial<SendMailOptions> = {}): Promise<unknown> {
  return createTransport(url).sendMail({ ...MAIL, ...mail });
}

/** The server's URL with one thing changed. */
function changed(change: (url: URL) => void): string {
  const url = new URL(server.url);
  change(url);
  return url.href;
}

const withoutCa = () => changed((url) => url.searchParams.delete('tls.ca'));

test('takes a mail over STARTTLS from a client that signed in, trusted by the URL alone', async () => {
  await send(server.url);
  expect(await server.waitFor(MAIL.to, 1)).toEqual([
    {
      from: 'no-reply@countersign.invalid',
      to: MAIL.to,
      subject: MAIL.subject,
      text: MAIL.text,
      secure: true,
    },
  ]);
});

test('signs in by LOGIN as well as by PLAIN', async () => {
  await send(changed((url) => url.searchParams.set('authMethod', 'LOGIN')));
  expect(server.mails).toHaveLength(accepted + 1);
});

test.each<[string, Partial<SendMailOptions>]>([
  ['base64', { textEncoding: 'base64' }],
  ['quoted-printable', { textEncoding: 'quoted-printable' }],
  ['a multipart', { html: '<p>Código</p>' }],
])('reads accents, long lines and a dot at the start out of %s', async (_, form) => {
  const text = `Código: 123456\n.\n${'ánimo '.repeat(40)}fin\n`;
  const subject = `Añada una clave de acceso a su cuenta de Clínica Santa María ${'é'.repeat(30)}`;
  const to = `${form.textEncoding ?? 'multipart'}@clinic.example`;
  await send(server.url, { ...form, to, subject, text });
  const [mail] = await server.waitFor(to, 1);
  expect(mail?.subject).toBe(subject);
  expect(mail?.text.trimEnd()).toBe(text.trimEnd());
});

test('waits for mails to one address, newest first', async () => {
  const to = 'patient@clinic.example';
  const both = server.waitFor(to, 2);
  await send(server.url, { to, subject: 'first' });
  await send(server.url, { subject: 'to somebody else' });
  await send(server.url, { to, subject: 'second' });
  expect((await both).map(({ subject }) => subject)).toEqual(['second', 'first']);
});

test('takes nothing without TLS', async () => {
  const plain = changed((url) => {
    url.searchParams.delete('requireTLS');
    url.searchParams.set('ignoreTLS', 'true');
  });
  await expect(send(plain)).rejects.toMatchObject({ code: 'EAUTH', responseCode: 538 });
  expect(server.mails).toHaveLength(accepted);
});

test('takes nothing from a client that does not sign in', async () => {
  const anonymous = changed((url) => {
    url.username = '';
    url.password = '';
  });
  await expect(send(anonymous)).rejects.toMatchObject({ responseCode: 530 });
  expect(server.mails).toHaveLength(accepted);
});

test('takes nothing for a wrong password', async () => {
  const wrong = changed((url) => {
    url.password = 'wrong';
  });
  await expect(send(wrong)).rejects.toMatchObject({ code: 'EAUTH', responseCode: 535 });
  expect(server.mails).toHaveLength(accepted);
});

test('a client that does not trust the certificate sends nothing, TLS required or not', async () => {
  await expect(send(withoutCa())).rejects.toThrow(/self-signed certificate/);
  const opportunistic = new URL(withoutCa());
  opportunistic.searchParams.delete('requireTLS');
  await expect(send(opportunistic.href)).rejects.toThrow(/self-signed certificate/);
  expect(server.mails).toHaveLength(accepted);
});

test('NODE_EXTRA_CA_CERTS makes a process of its own trust the certificate', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-smtp-'));
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, server.ca);
  const script = `import { createTransport } from 'nodemailer';
    await createTransport(process.argv[1]).sendMail(JSON.parse(process.argv[2]));`;
  const sendFrom = (environment: Record<string, string>) =>
    run(
      process.execPath,
      ['--input-type=module', '-e', script, withoutCa(), JSON.stringify(MAIL)],
      { cwd: import.meta.dirname, env: environment },
    );
  await expect(sendFrom({})).rejects.toThrow(/self-signed certificate/);
  expect(server.mails).toHaveLength(accepted);
  await sendFrom({ NODE_EXTRA_CA_CERTS: ca });
  expect(server.mails).toHaveLength(accepted + 1);
  rmSync(folder, { recursive: true });
});

test('refuses as many mails as asked, for the sender to try again', async () => {
  server.refuseNext(2);
  await expect(send(server.url)).rejects.toMatchObject({ responseCode: 451 });
  await expect(send(server.url)).rejects.toMatchObject({ responseCode: 451 });
  expect(server.mails).toHaveLength(accepted);
  expect(server.refused).toBe(2);
  await send(server.url);
  expect(server.mails).toHaveLength(accepted + 1);
});
