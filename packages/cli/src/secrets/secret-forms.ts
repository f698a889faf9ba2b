import { formatBase32 } from '../totp/base32.ts';

/** One way a secret can be written down. */
export interface SecretForm {
  readonly form: string;
  readonly text: string;
}

/** Shorter pieces turn up by chance. */
const SHORTEST = 8;

/** Every form in which a scan looks for a value; upper and lower case are the scan's business. */
export function formsOf(value: Uint8Array): SecretForm[] {
  const bytes = Buffer.from(value);
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(bytes);
  const forms = [
    { form: 'raw', text: bytes.toString('latin1') },
    { form: 'hex', text: bytes.toString('hex') },
    { form: 'base32', text: formatBase32(bytes) },
    { form: 'URL-encoded', text: percentEncode(bytes) },
    ...alignedBase64(bytes),
    ...(isText ? escapedForms(text) : []),
  ];
  const seen = new Set<string>();
  return forms.filter(({ text: form }) => {
    if (form.length < SHORTEST || seen.has(form)) return false;
    seen.add(form);
    return true;
  });
}

/** Inside a longer base-64 text a value may begin at any of three places within a group. */
function alignedBase64(bytes: Buffer): SecretForm[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor(((offset + bytes.length) * 8) / 6);
    const own = encoded.slice(from, to);
    const urlSafe = own.replaceAll('+', '-').replaceAll('/', '_');
    return [
      { form: 'base64', text: own },
      { form: 'base64url', text: urlSafe },
    ];
  });
}

function escapedForms(text: string): SecretForm[] {
  return [
    { form: 'URL-encoded', text: encodeURIComponent(text) },
    { form: 'JSON-escaped', text: JSON.stringify(text).slice(1, -1) },
    { form: 'HTML-escaped', text: escapeHtml(text) },
  ].map(({ form, text: escaped }) => ({
    form,
    text: Buffer.from(escaped, 'utf8').toString('latin1'),
  }));
}

function percentEncode(bytes: Buffer): string {
  return [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** Text as it stands in an HTML document or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
