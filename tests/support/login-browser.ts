interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** Inputs of a form, as far as forms of a sign-in have them. */
interface Form {
  readonly action: string;
  readonly fields: URLSearchParams;
}

/**
 * As much of a browser as signing in at one identity provider takes: cookies with paths, redirects, and
 * forms, of which it fills in the one that asks for a username. Runs no script; a form without anything
 * to fill in is submitted at once, which is what a page's script would do.
 */
export class LoginBrowser {
  #cookies: Cookie[] = [];

  /**
   * Opens an authorization request and signs in as `username`, or cancels when it is `null`. Resolves to
   * the whole address of the redirect that leaves the provider's origin.
   *
   * @throws Error with the page when it shows neither a form nor a redirect, when it asks for the username
   *   a second time, and after twenty pages.
   */
  async authorize(authorizationUrl: string | URL, username: string | null): Promise<string> {
    let url = new URL(authorizationUrl);
    const { origin } = url;
    let form: Form | null = null;
    let hasTyped = false;
    for (let pages = 0; pages < 20; pages += 1) {
      const response = await this.#open(url, form);
      const location = response.headers.get('location');
      if (location !== null) {
        url = new URL(location, url);
        form = null;
        if (url.origin !== origin) return url.href;
        continue;
      }
      const page = await response.text();
      form = readForm(page);
      const asksForUsername = form?.fields.has('username') ?? false;
      if (form === null || (asksForUsername && hasTyped)) {
        throw new Error(`${url.pathname} answered ${response.status}: ${page}`);
      }
      if (asksForUsername) typeInto(form.fields, username);
      hasTyped ||= asksForUsername;
      url = new URL(form.action, url);
    }
    throw new Error('the provider never came to an end');
  }

  async #open(url: URL, form: Form | null): Promise<Response> {
    const cookies = this.#cookies.filter(({ path }) => isUnder(url.pathname, path));
    const headers = new Headers();
    if (cookies.length > 0) {
      headers.set('cookie', cookies.map(({ name, value }) => `${name}=${value}`).join('; '));
    }
    const response = await fetch(url, {
      redirect: 'manual',
      headers,
      ...(form === null ? {} : { method: 'POST', body: form.fields }),
    });
    for (const header of response.headers.getSetCookie()) this.#keep(header);
    return response;
  }

  #keep(header: string): void {
    const [pair = '', ...attributes] = header.split(/;\s*/);
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const attribute = (wanted: string) =>
      attributes.find((it) => it.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const path = attribute('path') ?? '/';
    this.#cookies = this.#cookies.filter((it) => it.name !== name || it.path !== path);
    const expires = attribute('expires');
    const isGone = value === '' || (expires !== undefined && Date.parse(expires) <= Date.now());
    if (!isGone) this.#cookies.push({ name, value, path });
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc6265#section-5.1.4 */
function isUnder(path: string, cookiePath: string): boolean {
  if (path === cookiePath) return true;
  return path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}

/** The first form of a page; an empty action is the page itself. */
function readForm(page: string): Form | null {
  const tag = /<form\b[^>]*>/i.exec(page)?.[0];
  if (tag === undefined) return null;
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input\b[^>]*>/gi)) {
    const name = attributeOf(input, 'name');
    if (name !== null) fields.set(name, attributeOf(input, 'value') ?? '');
  }
  return { action: attributeOf(tag, 'action') ?? '', fields };
}

function typeInto(fields: URLSearchParams, username: string | null): void {
  if (username === null) fields.set('cancel', 'yes');
  else fields.set('username', username);
}

const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

function attributeOf(tag: string, name: string): string | null {
  const value = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  if (value === undefined) return null;
  return value.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) =>
    entity in ENTITIES ? ENTITIES[entity as keyof typeof ENTITIES] : entity,
  );
}
