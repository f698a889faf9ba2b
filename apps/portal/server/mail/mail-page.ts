import type { Routes } from '@countersign/server';
import { type OutboxMail, readOutbox } from 'countersign';
import { html } from 'hono/html';

export interface Outbox {
  readonly folder: string;
}

/** Where mail can be read on a loopback installation that sends none. Never added otherwise. */
export function addMailPage(routes: Routes, { folder }: Outbox): void {
  routes.open(
    '/mail',
    'loopback only: stands in for a mailbox while no SMTP server is set',
    async (c) => {
      // HOST can open the port to a network; the mailbox stays this machine's.
      const from = c.env.incoming?.socket.remoteAddress ?? '';
      if (!/^(127\.|::1$|::ffff:127\.)/.test(from)) return c.notFound();
      const mails = await readOutbox(folder);
      c.header('cache-control', 'no-store');
      return c.html(page(mails, c.get('cspNonce')));
    },
  );
}

function page(mails: readonly OutboxMail[], nonce: string) {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Mail · Countersign</title>
    <style nonce="${nonce}">
      body { font: 16px/1.6 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 2rem 1rem; }
      article { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 12px; padding: 1rem 1.25rem; margin: 1rem 0; }
      h2 { font-size: 1.1rem; margin: 0; } p { margin: 0.25rem 0; } pre { white-space: pre-wrap; font: inherit; margin: 0.75rem 0 0; }
    </style>
  </head>
  <body>
    <main>
      <h1>Mail</h1>
      <p>What this installation would have sent. Newest first.</p>
      ${mails.length === 0 ? html`<p>Nothing yet.</p>` : ''}
      ${mails.map(
        (mail) => html`<article>
          <h2>${mail.subject}</h2>
          <p>To ${mail.to}, <time datetime="${mail.at}">${mail.at}</time></p>
          <pre>${mail.text}</pre>
        </article>`,
      )}
    </main>
  </body>
</html>`;
}
