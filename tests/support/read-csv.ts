/** The rows of an RFC 4180 text, header included. @throws when it is not well-formed. */
export function readCsv(text: string): string[][] {
  const cells = /"((?:[^"]|"")*)"(,|\r\n)|([^",\r\n]*)(,|\r\n)/gy;
  const rows: string[][] = [];
  let row: string[] = [];
  let end = 0;
  for (const cell of text.matchAll(cells)) {
    const [, quoted, afterQuoted, plain, afterPlain] = cell;
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    end = cell.index + cell[0].length;
    if ((afterQuoted ?? afterPlain) === ',') continue;
    rows.push(row);
    row = [];
  }
  if (end !== text.length) throw new Error(`no CSV from character ${end}`);
  return rows;
}
