import type { ServerResponse } from 'node:http';

/** The form of the demo's identity provider: plainly another place than the portal. */
export function loginPage(
  response: ServerResponse,
  { email, notice }: { readonly email: string; readonly notice: string },
): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  });
  response.end(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Riverside sign-in (demo)</title>
<style>
  body { font: 16px/1.6 system-ui, sans-serif; max-width: 24rem; margin: 10vh auto; padding: 0 1rem; }
  label { display: block; margin: 1rem 0 0.25rem; font-weight: 600; }
  input { font: inherit; width: 100%; padding: 0.5rem; box-sizing: border-box; }
  button { font: inherit; padding: 0.5rem 1rem; margin: 1.25rem 0.5rem 0 0; min-height: 2.75rem; }
</style>
</head>
<body>
<main>
<h1>Riverside sign-in</h1>
<p>A demo identity provider. Its passwords and PINs are in <code>demo-identity-provider.json</code> in the data folder.</p>
${notice === '' ? '' : `<p role="alert">${escapeHtml(notice)}</p>`}
<form method="post">
  <label for="email">Email</label>
  <input id="email" name="email" type="email" autocomplete="username" value="${escapeHtml(email)}" required>
  <label for="password">Password</label>
  <input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
  <label for="pin">PIN (second factor)</label>
  <input id="pin" name="pin" inputmode="numeric" autocomplete="off">
  <button>Sign in</button>
  <button name="cancel" value="yes" formnovalidate>Cancel</button>
</form>
</main>
</body>
</html>
`);
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? '');
}
