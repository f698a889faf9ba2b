export interface ParsedMail {
  /** Decoded. */
  readonly subject: string;
  /** The plain text, with line feeds alone; '' when the mail has none. */
  readonly text: string;
  /** Lower-case names, unfolded values as they came. */
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Reads a mail as a mail program would: folded headers, encoded words, any transfer encoding, the plain
 * part of a multipart.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5322 and https://www.rfc-editor.org/rfc/rfc2045
 */
export function parseMail(source: string): ParsedMail {
  const { headers, body } = split(source);
  return {
    headers,
    subject: decodeWords(headers.get('subject') ?? ''),
    text: plainText(source) ?? body,
  };
}

function split(source: string): { headers: Map<string, string>; body: string } {
  const text = source.replaceAll('\r\n', '\n');
  const end = text.indexOf('\n\n');
  const head = end === -1 ? text : text.slice(0, end);
  const lines = head.replace(/\n[ \t]+/g, ' ').split('\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  return { headers, body: end === -1 ? '' : text.slice(end + 2) };
}

/** Of a whole mail or of one part of it. */
function plainText(source: string): string | null {
  const { headers, body } = split(source);
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary !== undefined) {
    const parts = body.split(`--${boundary}`).slice(1, -1);
    for (const part of parts) {
      const text = plainText(part.replace(/^\n/, '').replace(/\n$/, ''));
      if (text !== null) return text;
    }
    return null;
  }
  if (!/^text\/plain/i.test(type)) return null;
  return decodeBody(body, headers.get('content-transfer-encoding') ?? '7bit');
}

function decodeBody(body: string, encoding: string): string {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8').replaceAll('\r\n', '\n');
    case 'quoted-printable':
      return decodeQuoted(body.replace(/=[ \t]*\n/g, ''));
    default:
      return Buffer.from(body, 'latin1').toString('utf8');
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc2047 */
function decodeWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, encoding: string, text: string) =>
      encoding.toLowerCase() === 'b'
        ? Buffer.from(text, 'base64').toString('utf8')
        : decodeQuoted(text.replaceAll('_', ' ')),
    );
}

function decodeQuoted(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
