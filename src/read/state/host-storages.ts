/**
 * Keeps what is met among the constants: one storage for each array, however often and under whatever name, and what was taken
 * of it.
 */
import { isNdArray, isPlainObject, isTypedArray } from "../../core/array-values.ts";
import type { HostContent, HostData } from "../../ir/ir.ts";
import { elementOf } from "./elements.ts";
import { contentOf } from "../constants/contents.ts";
import { arrayContent, elementsContent, keysContent, propertyContent, wholeContent } from "../constants/host-contents.ts";
import { Storage } from "./storage.ts";

export class HostStorages {
  private readonly storages = new Map<object, Storage>();
  private readonly properties = new Map<object, Map<string, HostContent>>();
  private readonly columns = new Map<object, Map<string, Storage>>();
  private readonly keys = new Map<object, HostContent>();
  private readonly wholes = new Map<object, HostContent>();
  private readonly included: HostContent[] = [];
  private readonly rows = new Map<object, HostContent>();
  private readonly fields = new Map<object, Map<string, Storage>>();
  /** Arrays, numbers and columns that are read from memory. */
  private readonly arrays: HostArrayRead[] = [];

  private readonly pieces = new Map<object, (Piece & { readonly storage: Storage })[]>();

  /**
   * `buffers`: those that are known to be written. `overlap`: takes what lies in the same memory, in whole or in part. `data`: what is
   * data.
   */
  constructor(
    private readonly buffers: ReadonlySet<object>,
    private readonly overlap: (a: Storage, b: Storage) => void,
    private readonly data?: DataChoice,
  ) {}

  of(data: ArrayLike<number> & object, name: string): Storage {
    return (
      this.storages.get(data) ??
      this.keep(data, Array.isArray(data) ? [...data] : (data as Float64Array).slice(), name, (now) => now)
    );
  }

  /** The one storage of arrays that are nested evenly. */
  flattened(nested: readonly unknown[], name: string): Storage {
    return this.storages.get(nested) ?? this.keep(nested, flatten(nested), name, flatten);
  }

  /** Where the number in a property is kept, if it is data. */
  field(object: object, name: string): Storage | undefined {
    if (!this.data?.fields.get(object)?.has(name)) return undefined;
    let fields = this.fields.get(object);
    if (!fields) this.fields.set(object, (fields = new Map()));
    let storage = fields.get(name);
    if (!storage) {
      const numbersOf = (now: object): number[] => [(now as Readonly<Record<string, number>>)[name]];
      fields.set(name, (storage = this.add(object, numbersOf(object), name, numbersOf, () => [{ object, field: name }])));
    }
    return storage;
  }

  /** A property was read. */
  note(object: object, name: string): void {
    let properties = this.properties.get(object);
    if (!properties) this.properties.set(object, (properties = new Map()));
    if (!properties.has(name)) properties.set(name, propertyContent(object, name));
  }

  /** The storage of what all rows hold under a path, one after the other. */
  column(rows: readonly unknown[], path: readonly string[], numbersOf: (rows: readonly unknown[]) => number[]): Storage {
    let columns = this.columns.get(rows);
    if (!columns) this.columns.set(rows, (columns = new Map()));
    const name = path.join(".") || "rows";
    let storage = columns.get(name);
    if (!storage) {
      const holders = (): Holder[] => rows.flatMap((row) => holdersAt(row, path));
      const ofRows = numbersOf as HostArrayRead["numbersOf"];
      columns.set(name, (storage = this.add(rows, numbersOf(rows), name, ofRows, holders)));
      this.notePieces(storage, rows);
    }
    return storage;
  }

  /** What rows hold, but for the numbers in columns. */
  noteRows(rows: readonly unknown[]): void {
    if (!this.rows.has(rows)) this.rows.set(rows, wholeContent("rows", rows));
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

  /** The work buffers: arrays that the function writes. */
  get scratch(): readonly Pick<HostArrayRead, "storage" | "before">[] {
    return this.arrays.filter(({ storage }) => storage.isWritten);
  }

  /** All that was taken, as it was when it was met; `kept`: of work buffers, the elements that count. */
  taken(kept: ReadonlyMap<Storage, readonly number[]>): readonly HostContent[] {
    const wholes = [...this.wholes.values(), ...this.included].map(({ object }) => object);
    const fixed = new Set(wholes.length > 0 ? contentOf(...wholes).objects : []);
    const isFixed = ({ object, field }: Holder): boolean =>
      fixed.has(object) || (field !== undefined && Boolean(this.properties.get(object)?.has(field)));
    const arrays = this.arrays.flatMap(({ storage, key, numbersOf, before, holdersOf }) => {
      const elements = kept.get(storage);
      if (elements) return [elementsContent(storage.name, key, numbersOf, elements)];
      if (storage.isWritten) return [];
      const { table } = storage;
      const holders = table ? holdersOf() : [];
      const data = table && !holders.some(isFixed) ? { table, numbersOf, holders } : undefined;
      // What rows hold is looked at as a whole.
      if (!data && this.rows.has(key)) return [];
      return [arrayContent(storage.name, key, numbersOf, before, data)];
    });
    const properties = [...this.properties.values()].flatMap((names) => [...names.values()]);
    return [...arrays, ...this.wholes.values(), ...this.rows.values(), ...this.keys.values(), ...properties, ...this.included];
  }

  /** Arrays that the function writes. */
  get written(): readonly object[] {
    return [...this.buffers];
  }

  private notePieces(storage: Storage, array: object): void {
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
    const holders = (): Holder[] => [...arraysWithin([key])].map((object) => ({ object }));
    const storage = this.add(key, data, name, numbersOf as HostArrayRead["numbersOf"], holders);
    this.storages.set(key, storage);
    this.notePieces(storage, key);
    return storage;
  }

  private add(
    key: object,
    data: ArrayLike<number> & object,
    name: string,
    numbersOf: HostArrayRead["numbersOf"],
    holdersOf: HostArrayRead["holdersOf"],
  ): Storage {
    const isData = this.data !== undefined && !this.data.code.has(key);
    const host = { key, data, isBuffer: this.buffers.has(key), isData };
    const storage = new Storage(name, "host", data.length, elementOf(data), undefined, host);
    this.arrays.push({ storage, key, numbersOf, before: data, holdersOf });
    return storage;
  }
}

/** Properties of objects, by object. */
export type DataFields = ReadonlyMap<object, ReadonlySet<string>>;

/** What of the constants is data: arrays, but for those of `code`, and these properties. */
export interface DataChoice {
  readonly fields: DataFields;
  readonly code: ReadonlySet<object>;
}

type Holder = HostData["holders"][number];

interface HostArrayRead {
  readonly storage: Storage;
  readonly key: object;
  readonly numbersOf: (key: object) => ArrayLike<number>;
  readonly before: ArrayLike<number>;
  readonly holdersOf: () => readonly Holder[];
}

/** What holds the numbers that a row has under a path. */
function holdersAt(row: unknown, path: readonly string[]): Holder[] {
  let [object, value] = [row, row];
  for (const key of path) [object, value] = [value, (value as Readonly<Record<string, unknown>>)[key]];
  if (isNdArray(value)) return [{ object: value.data }];
  if (typeof value === "object") return [...arraysWithin([value!])].map((array) => ({ object: array }));
  return [{ object: object as object, field: path.at(-1) }];
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

/** Arrays, and those nested in them. */
export function* arraysWithin(arrays: readonly object[]): Generator<object> {
  for (const array of arrays) {
    yield array;
    if (Array.isArray(array) && typeof array[0] === "object") yield* arraysWithin(array as object[]);
  }
}

function flatten(nested: readonly unknown[], into: number[] = []): number[] {
  for (const part of nested) {
    if (typeof part === "number") into.push(part);
    else flatten(part as readonly unknown[], into);
  }
  return into;
}
