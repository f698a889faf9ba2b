import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Pool, PoolClient } from 'pg';
import { ZipFile } from 'yazl';
import { beat, type ExportClaim, storePart } from './export-claim.ts';
import { EXPORT_FORMATS, openSnapshot, readLines, type Snapshot } from './export-lines.ts';

const PART_BYTES = 256 * 1024;

export interface WrittenExport {
  readonly rows: number;
  readonly bytes: number;
  /** Hex, of the data file inside the zip. */
  readonly sha256: string;
  /** Hex, of the zip. */
  readonly zipSha256: string;
}

/**
 * Writes the zip of one export into its parts: the records of one snapshot and a manifest. Each step
 * waits for the next, so that memory holds one batch of rows and one part, however many there are.
 *
 * @throws {ClaimLost} when another worker took over.
 */
export async function writeExport(pool: Pool, claim: ExportClaim): Promise<WrittenExport> {
  const client = await pool.connect();
  let isBroken = true;
  try {
    const written = await writeZip({ pool, client, claim });
    await client.query('rollback');
    isBroken = false;
    return written;
  } finally {
    // Breaking off in the middle leaves a cursor behind: such a connection is not used again.
    client.release(isBroken);
  }
}

interface Writing {
  readonly pool: Pool;
  readonly client: PoolClient;
  readonly claim: ExportClaim;
}

async function writeZip(writing: Writing): Promise<WrittenExport> {
  const { client, claim } = writing;
  const snapshot = await openSnapshot(client, claim.tenantId);
  const dataHash = createHash('sha256');
  const counted = { rows: 0, bytes: 0 };
  const data = Readable.from(
    countedLines(writing, { snapshot, counted, update: (chunk) => dataHash.update(chunk) }),
  );
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const { file } = EXPORT_FORMATS[claim.format];
  let sha256 = '';
  data.once('end', () => {
    sha256 = dataHash.digest('hex');
    const manifest = formatManifest(claim, snapshot, { ...counted, sha256 });
    zip.addBuffer(Buffer.from(manifest), 'manifest.json', { mtime: snapshot.takenAt });
    zip.end();
  });
  // The zip passes no error on: without this its reader would wait for ever.
  data.once('error', (error) => output.destroy(error));
  zip.once('error', (error) => output.destroy(error));
  zip.addReadStream(data, file, { mtime: snapshot.takenAt });
  try {
    const { bytes, sha256: zipSha256 } = await storeParts(writing, output);
    return { rows: counted.rows, bytes, sha256, zipSha256 };
  } finally {
    data.destroy();
  }
}

/** The data file's bytes; what was taken of it is counted, hashed and shown as progress. */
async function* countedLines(
  { pool, client, claim }: Writing,
  options: {
    readonly snapshot: Snapshot;
    readonly counted: { rows: number; bytes: number };
    readonly update: (chunk: Buffer) => unknown;
  },
): AsyncGenerator<Buffer, void, undefined> {
  const { snapshot, counted, update } = options;
  const rowsTotal = snapshot.rows;
  const take = (text: string): Buffer => {
    const chunk = Buffer.from(text);
    counted.bytes += chunk.byteLength;
    update(chunk);
    return chunk;
  };
  await beat(pool, claim, { rowsDone: 0, rowsTotal });
  const { header } = EXPORT_FORMATS[claim.format];
  if (header !== '') yield take(header);
  for await (const { text, rows } of readLines(client, claim)) {
    yield take(text);
    counted.rows += rows;
    await beat(pool, claim, { rowsDone: counted.rows, rowsTotal });
  }
}

async function storeParts(
  { pool, claim }: Writing,
  output: Readable,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  let number = 0;
  let part: Buffer[] = [];
  let partBytes = 0;
  const store = async (): Promise<void> => {
    await storePart(pool, claim, { number, data: Buffer.concat(part) });
    number += 1;
    part = [];
    partBytes = 0;
  };
  for await (const chunk of output as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.byteLength;
    part.push(chunk);
    partBytes += chunk.byteLength;
    if (partBytes >= PART_BYTES) await store();
  }
  if (partBytes > 0) await store();
  return { bytes, sha256: hash.digest('hex') };
}

function formatManifest(
  { id, tenantId, format }: ExportClaim,
  { tenantName, takenAt }: Snapshot,
  data: { readonly rows: number; readonly bytes: number; readonly sha256: string },
): string {
  const { file, notes } = EXPORT_FORMATS[format];
  const manifest = {
    schema: 'countersign.export/1',
    exportId: id,
    tenant: { id: tenantId, name: tenantName },
    takenAt: takenAt.toISOString(),
    file: { name: file, ...data },
    notes,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
