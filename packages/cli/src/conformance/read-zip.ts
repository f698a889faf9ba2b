import { crc32, inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/**
 * Every file of a zip by its name, read from the central directory with no code of the writer's.
 * @throws when a signature, a size or a CRC is not what the format says.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function readZip(zip: Buffer): Map<string, Buffer> {
  const end = zip.length - 22;
  expectSignature(zip, end, END);
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    expectSignature(zip, at, CENTRAL);
    const nameBytes = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameBytes);
    files.set(name, readFile(zip, at));
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  if (at !== end) throw new Error('the central directory does not end where it says');
  return files;
}

function readFile(zip: Buffer, entry: number): Buffer {
  const local = zip.readUInt32LE(entry + 42);
  expectSignature(zip, local, LOCAL);
  const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const stored = zip.subarray(begin, begin + zip.readUInt32LE(entry + 20));
  const isDeflated = zip.readUInt16LE(entry + 10) === 8;
  const data = isDeflated ? inflateRawSync(stored) : stored;
  if (data.length !== zip.readUInt32LE(entry + 24)) throw new Error('a size is wrong');
  if (crc32(data) !== zip.readUInt32LE(entry + 16)) throw new Error('a CRC is wrong');
  return data;
}

function expectSignature(zip: Buffer, at: number, signature: number): void {
  if (zip.readUInt32LE(at) !== signature) throw new Error(`no signature at ${at}`);
}
