/** What is met among the constants: one storage for each array, however often and under whatever name; and what was taken from them. */
import { isNdArray, isPlainObject, isTypedArray } from "../../arrays/values.ts";
import type { HostContent } from "../ir.ts";
import { elementOf } from "./elements.ts";
import { arrayContent, keysContent, propertyContent, wholeContent } from "./host-contents.ts";
import { Storage } from "./storage.ts";

export class HostStorages {
  private readonly known = new Map<object, Storage>();
  private readonly properties = new Map<object, Map<string, HostContent>>();
  private readonly arrays: { readonly storage: Storage; readonly content: HostContent }[] = [];
  private readonly columns = new Map<object, Map<string, Storage>>();
  private readonly keys = new Map<object, HostContent>();
  private readonly wholes = new Map<object, HostContent>();
  private readonly included: HostContent[] = [];

  private readonly pieces = new Map<object, (Piece & { readonly storage: Storage })[]>();

  /** `buffers`: those that are known to be written. `overlap`: takes what lies in the same memory, in whole or in part. */
  constructor(
    private readonly buffers: ReadonlySet<object>,
    private readonly overlap: (a: Storage, b: Storage) => void,
  ) {}

  of(data: ArrayLike<number> & object, name: string): Storage {
    return (
      this.known.get(data) ??
      this.keep(data, Array.isArray(data) ? [...data] : (data as Float64Array).slice(), name, (now) => now)
    );
  }

  /** Of arrays nested evenly. */
  flattened(nested: readonly unknown[], name: string): Storage {
    return this.known.get(nested) ?? this.keep(nested, flatten(nested), name, flatten);
  }

  /** A property was read. */
  note(object: object, name: string): void {
    let known = this.properties.get(object);
    if (!known) this.properties.set(object, (known = new Map()));
    if (!known.has(name)) known.set(name, propertyContent(object, name));
  }

  /** Of what all rows hold under a path, one after the other. */
  column(rows: readonly unknown[], path: readonly string[], numbersOf: (rows: readonly unknown[]) => number[]): Storage {
    let columns = this.columns.get(rows);
    if (!columns) this.columns.set(rows, (columns = new Map()));
    const name = path.join(".") || "rows";
    let storage = columns.get(name);
    if (!storage) {
      const data = numbersOf(rows);
      columns.set(
        name,
        (storage = new Storage(name, "host", data.length, "Array", undefined, { key: rows, data, isBuffer: false })),
      );
      this.place(storage, rows);
    }
    return storage;
  }

  /** The names of its properties count. */
  noteKeys(object: object): void {
    if (!this.keys.has(object)) this.keys.set(object, keysContent(object));
  }

  /** All of an object counts: its elements, and what is in them. */
  noteAll(object: object, name: string): void {
    if (!this.wholes.has(object)) this.wholes.set(object, wholeContent(name, object));
  }

  /** What a program that the function calls took. */
  include(contents: readonly HostContent[] = []): void {
    this.included.push(...contents);
  }

  /** All that was taken, as it was when it was met. What the function writes is a work buffer. */
  taken(): readonly HostContent[] {
    const arrays = this.arrays.flatMap(({ storage, content }) => (storage.content ? [content] : []));
    const properties = [...this.properties.values()].flatMap((known) => [...known.values()]);
    return [...arrays, ...this.wholes.values(), ...this.keys.values(), ...properties, ...this.included];
  }

  /** Arrays that the function writes. */
  get written(): readonly object[] {
    return [...this.buffers];
  }

  private place(storage: Storage, array: object): void {
    for (const piece of piecesOf(array)) {
      let others = this.pieces.get(piece.memory);
      if (!others) this.pieces.set(piece.memory, (others = []));
      for (const other of others) if (piece.from < other.to && other.from < piece.to) this.overlap(storage, other.storage);
      others.push({ ...piece, storage });
    }
  }

  private keep<T extends object>(
    key: T,
    data: ArrayLike<number> & object,
    name: string,
    numbersOf: (now: T) => ArrayLike<number>,
  ): Storage {
    const isBuffer = this.buffers.has(key);
    const storage = new Storage(name, "host", data.length, elementOf(data), undefined, { key, data, isBuffer });
    this.known.set(key, storage);
    this.place(storage, key);
    this.arrays.push({ storage, content: arrayContent(name, key, numbersOf, data) });
    return storage;
  }
}

/** A stretch of a buffer, or a whole array. */
interface Piece {
  readonly memory: object;
  readonly from: number;
  readonly to: number;
}

/** Where the numbers of an array lie. */
function* piecesOf(value: unknown): Generator<Piece> {
  if (isTypedArray(value)) {
    const { buffer, byteOffset, byteLength } = value;
    yield { memory: buffer, from: byteOffset, to: byteOffset + byteLength };
  } else if (isNdArray(value)) yield* piecesOf(value.data);
  else if (Array.isArray(value)) {
    yield { memory: value, from: 0, to: 1 };
    for (const element of value) yield* piecesOf(element);
  } else if (isPlainObject(value)) for (const field of Object.values(value)) yield* piecesOf(field);
}

function flatten(nested: unknown): number[] {
  return typeof nested === "number" ? [nested] : Array.from(nested as ArrayLike<unknown>).flatMap(flatten);
}
