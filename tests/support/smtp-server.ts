import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { parseMail } from './parse-mail.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

export interface ReceivedMail {
  /** Of the envelope, as is `to`. */
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** True when it came over TLS. */
  readonly secure: boolean;
}

export interface TestSmtpServer {
  /**
   * What nodemailer's `createTransport` and the portal's `SMTP_URL` take:
   * `smtp://user:password@localhost:port?requireTLS=true&tls.ca=<PEM>`. The query's `tls.*` reaches
   * `tls.connect`, so this URL alone makes any process trust the certificate.
   *
   * Without `tls.ca` in it, a process trusts the server only when it was started with
   * `NODE_EXTRA_CA_CERTS=<file holding ca>`; Node reads that variable at start alone.
   */
  readonly url: string;
  /** The server's self-signed certificate, PEM. */
  readonly ca: string;
  /** All mails accepted, oldest first, one entry a recipient. */
  readonly mails: readonly ReceivedMail[];
  /** How many mails were refused on request. */
  readonly refused: number;
  /** Answers 451 to the next `count` mails, after having read each: a sender should try again later. */
  refuseNext(count: number): void;
  /**
   * The mails to one address, newest first, once there are `count` of them.
   *
   * @throws Error when they are not there in ten seconds.
   */
  waitFor(to: string, count: number): Promise<ReceivedMail[]>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 10_000;

/**
 * A real SMTP server on a free port of the loopback. Mail is taken only from a client that upgraded by
 * STARTTLS and then signed in by AUTH PLAIN or LOGIN.
 */
export async function startSmtpServer(
  credentials: { readonly user: string; readonly password: string } = {
    user: 'portal@clinic.example',
    password: randomBytes(12).toString('base64'),
  },
): Promise<TestSmtpServer> {
  const { key, certificate } = selfSignedCertificate();
  const mails: ReceivedMail[] = [];
  const waiting = new Set<() => void>();
  let toRefuse = 0;
  let refused = 0;
  const server = new SMTPServer({
    key,
    cert: certificate,
    authMethods: ['PLAIN', 'LOGIN'],
    disableReverseLookup: true,
    closeTimeout: 200,
    onAuth: ({ username, password }, _session, done) => {
      const isRight = username === credentials.user && password === credentials.password;
      done(isRight ? null : new Error('wrong user or password'), { user: username });
    },
    onData: receive((arrived) => {
      if (toRefuse > 0) {
        toRefuse -= 1;
        refused += 1;
        return Object.assign(new Error('try again later'), { responseCode: 451 });
      }
      mails.push(...arrived);
      for (const look of waiting) look();
      return null;
    }),
  });
  // A client that gives up in the middle of a session is part of the tests.
  server.on('error', () => undefined);
  const port = await listen(server);
  const user = encodeURIComponent(credentials.user);
  const password = encodeURIComponent(credentials.password);
  const query = new URLSearchParams({ requireTLS: 'true', 'tls.ca': certificate });
  return {
    url: `smtp://${user}:${password}@localhost:${port}?${query}`,
    ca: certificate,
    mails,
    get refused() {
      return refused;
    },
    refuseNext: (count) => {
      toRefuse += count;
    },
    waitFor: (to, count) =>
      new Promise((resolve, reject) => {
        const theirs = () => mails.filter((mail) => mail.to === to).toReversed();
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`${theirs().length} of ${count} mails came to ${to}`));
        }, PATIENCE_MS);
        const look = () => {
          if (theirs().length < count) return;
          waiting.delete(look);
          clearTimeout(timer);
          resolve(theirs());
        };
        waiting.add(look);
        look();
      }),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Reads a mail to its end; `judge` answers with the refusal, or `null` to accept. */
function receive(
  judge: (mails: ReceivedMail[]) => Error | null,
): NonNullable<SMTPServerOptions['onData']> {
  return (stream, session, done) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const { subject, text } = parseMail(Buffer.concat(chunks).toString('latin1'));
      const { mailFrom, rcptTo } = session.envelope;
      const from = mailFrom === false ? '' : mailFrom.address;
      done(
        judge(
          rcptTo.map(({ address }) => ({
            from,
            to: address,
            subject,
            text,
            secure: session.secure,
          })),
        ),
      );
    });
  };
}

function listen(server: SMTPServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.server.once('error', reject);
    const listener = server.listen(0, '127.0.0.1', () => {
      resolve((listener.address() as AddressInfo).port);
    });
  });
}
