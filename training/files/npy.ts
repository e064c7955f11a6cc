/** Arrays in NumPy's format, version 1.0 (numpy.lib.format; NEP 1): a magic string, a header that is a literal of Python, the numbers. */
import { sizeOf } from "../../src/arrays/shape.ts";
import { BadParameterFile } from "./errors.ts";

const MAGIC = "\x93NUMPY";
/** Magic string, version, length of the header. */
const PREFIX = 10;
/** What the numbers begin at a multiple of. */
const ALIGNMENT = 64;

type Getter = (view: DataView, at: number) => number;

/** The kinds of numbers, little-endian, with their bytes. */
const kinds: Readonly<Record<string, { readonly bytes: number; readonly get: Getter }>> = {
  "<f8": { bytes: 8, get: (view, at) => view.getFloat64(at, true) },
  "<f4": { bytes: 4, get: (view, at) => view.getFloat32(at, true) },
  "<i4": { bytes: 4, get: (view, at) => view.getInt32(at, true) },
  "<i8": { bytes: 8, get: (view, at) => Number(view.getBigInt64(at, true)) },
};

/** Row-major. */
export function writeNpy(values: Float64Array, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = Math.ceil((PREFIX + header.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(start + 8 * values.length).fill(0x20, 0, start);
  const view = new DataView(bytes.buffer);
  bytes.set(latin(MAGIC), 0);
  bytes.set([1, 0], MAGIC.length);
  view.setUint16(8, start - PREFIX, true);
  bytes.set(latin(header), PREFIX);
  bytes[start - 1] = 0x0a;
  values.forEach((value, i) => view.setFloat64(start + 8 * i, value, true));
  return bytes;
}

/** `name` is for messages. Throws {@link BadParameterFile}. */
export function readNpy(bytes: Uint8Array, name: string): { readonly values: Float64Array; readonly shape: readonly number[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < PREFIX || text(bytes, 0, MAGIC.length) !== MAGIC)
    throw new BadParameterFile(`${name} is no array of NumPy's.`);
  const isFirst = bytes[6] === 1;
  const begin = isFirst ? PREFIX : PREFIX + 2;
  const start = bytes.length < begin ? Infinity : begin + (isFirst ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > bytes.length) throw new BadParameterFile(`${name} ends within its header, which says what it holds.`);
  const header = text(bytes, begin, start);
  const descr = /'descr': *'([^']*)'/.exec(header)?.[1];
  const kind = descr === undefined ? undefined : kinds[descr];
  if (!kind)
    throw new BadParameterFile(`${name} holds ${descr ?? "records"}, but must hold one of ${Object.keys(kinds).join(", ")}.`);
  const shape = (/'shape': *\(([^)]*)\)/.exec(header)?.[1].match(/\d+/g) ?? []).map(Number);
  const size = sizeOf(shape);
  if (start + size * kind.bytes > bytes.length) throw new BadParameterFile(`${name} ends before its ${size} numbers do.`);
  const isByColumns = /'fortran_order': *True/.test(header);
  const values = Float64Array.from({ length: size }, (_, i) =>
    kind.get(view, start + kind.bytes * (isByColumns ? columnMajor(i, shape) : i)),
  );
  return { values, shape };
}

/** Where the element that is the i-th by rows is by columns. */
function columnMajor(i: number, shape: readonly number[]): number {
  let [rest, index, stride] = [i, 0, 1];
  const digits = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    digits[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  shape.forEach((extent, axis) => {
    index += digits[axis] * stride;
    stride *= extent;
  });
  return index;
}

function latin(characters: string): Uint8Array {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return Array.from(bytes.subarray(from, to), (code) => String.fromCharCode(code)).join("");
}
