/** Archives of files as they are, not compressed: the part of PKWARE's APPNOTE 6.3 that `numpy.savez` uses. */
import { BadParameterFile } from "./errors.ts";

export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Of the records' signatures and fixed lengths (APPNOTE 4.3.7, 4.3.12 and 4.3.16). */
const LOCAL = { signature: 0x04034b50, length: 30 };
const CENTRAL = { signature: 0x02014b50, length: 46 };
const END = { signature: 0x06054b50, length: 22 };
const VERSION = 20;
/** Names are UTF-8 (4.4.4, bit 11). */
const FLAGS = 0x800;
/** 1 January 1980, the first day that there is, so that the same files give the same bytes. */
const DATE = 0x21;

export function writeZip(files: readonly ZipFile[]): Uint8Array<ArrayBuffer> {
  const locals: Uint8Array[] = [];
  const centrals: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const path = new TextEncoder().encode(name);
    const common: Field[] = [[2, VERSION], [2, FLAGS], [2, 0], [2, 0], [2, DATE], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, path.length], [2, 0]]; // prettier-ignore
    const local = record([[4, LOCAL.signature], ...common]);
    locals.push(local, path, bytes);
    centrals.push(record([[4, CENTRAL.signature], [2, VERSION], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), path);
    offset += local.length + path.length + bytes.length;
  }
  const size = centrals.reduce((sum, { length }) => sum + length, 0);
  const counts: Field[] = [
    [2, files.length],
    [2, files.length],
  ];
  const end = record([[4, END.signature], [2, 0], [2, 0], ...counts, [4, size], [4, offset], [2, 0]]);
  return joined([...locals, ...centrals, end]);
}

/** Throws {@link BadParameterFile}. */
export function readZip(bytes: Uint8Array): ZipFile[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - END.length;
  while (end >= 0 && view.getUint32(end, true) !== END.signature) end--;
  if (end < 0) throw new BadParameterFile("The file is no archive of arrays, .npz: it has not the end of one.");
  let at = view.getUint32(end + 16, true);
  return Array.from({ length: view.getUint16(end + 10, true) }, (): ZipFile => {
    if (at + CENTRAL.length > bytes.length || view.getUint32(at, true) !== CENTRAL.signature) {
      throw new BadParameterFile("The archive's list of files is damaged, or it is larger than 4 GB.");
    }
    const [method, crc, size] = [view.getUint16(at + 10, true), view.getUint32(at + 16, true), view.getUint32(at + 20, true)];
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL.length, at + CENTRAL.length + nameLength));
    if (method !== 0) {
      throw new BadParameterFile(`${name} is compressed. Write the file by numpy.savez, not numpy.savez_compressed.`);
    }
    const local = view.getUint32(at + 42, true);
    if (local + LOCAL.length > bytes.length) throw new BadParameterFile(`${name} lies behind the end of the file.`);
    const start = local + LOCAL.length + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const own = bytes.subarray(start, start + size);
    if (crc32(own) !== crc) throw new BadParameterFile(`${name} is damaged: its checksum is another one.`);
    at += CENTRAL.length + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    return { name, bytes: own };
  });
}

/** A number of 2 or 4 bytes. */
type Field = readonly [bytes: 2 | 4, value: number];

function record(fields: readonly Field[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [length]) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [length, value] of fields) {
    if (length === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += length;
  }
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** ISO 3309's checksum, reflected polynomial 0xedb88320, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
