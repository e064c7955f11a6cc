/**
 * Represents memory that a function sees, parameters, local arrays and arrays among its constants, and checks what may be done
 * with it when.
 */
import { IndexOutOfRange, ReadBeforeWrite, UnreadableConstruct, WriteToInput } from "../syntax/errors.ts";
import type { Builder } from "../../ir/builder.ts";
import type { ArrayDeclaration, Value } from "../../ir/ir.ts";
import { isTable, makeTable, type Numbers } from "../../ir/tables.ts";
import { constantData, elementKinds, type ElementName } from "./elements.ts";
import { fail, type Site } from "./site.ts";
import { WrittenElements } from "./written-elements.ts";

export type StorageRole = "input" | "output" | "inout" | "local" | "host";

/** What is known of a storage's use so far. */
interface Notes {
  /** Elements that certainly were written, or "some" once it cannot be told which. */
  readonly written: WrittenElements | "some";
  /** Content of an array literal of constants, until it is written. */
  readonly literal?: readonly number[] | undefined;
  /** The first read before any write. */
  readonly early: { readonly at?: Site; readonly index?: Value; readonly isCertain: boolean };
}

/**
 * Reading starts again, knowing that the array among the constants with this key is a work buffer, not fixed data; or that arrays
 * which this node of the text makes may come to hold undefined.
 */
export class FoundOut {
  constructor(readonly key: object) {}
}

/** An array among the constants. */
export interface HostArray {
  /** The user's own. */
  readonly key: object;
  /** Its content when it was met. */
  readonly data: ArrayLike<number>;
  /** Does the function write it? */
  readonly isBuffer: boolean;
  /** Is what it holds read from a table, and not known when the function is read? */
  readonly isData?: boolean;
}

export class Storage implements Notes {
  written: Notes["written"] = WrittenElements.none();
  early: Notes["early"] = { isCertain: false };

  constructor(
    readonly name: string,
    readonly role: StorageRole,
    readonly size: number,
    readonly element: ElementName,
    /** The program's array; a host array has none until its first use tells whether it is a constant or a work buffer. */
    private array: ArrayDeclaration | undefined,
    private readonly host?: HostArray,
    public literal?: readonly number[],
  ) {}

  /** Elements that were never written are undefined: made by `new Array(n)`. */
  holes = false;
  /** Elements may be undefined that were written: kept as NaN. */
  mayHoldUndefined = false;
  /** The node of the text that makes it. */
  madeBy: object | undefined;
  /** Where an array among the constants was read first. */
  readAt: Site | undefined;
  /** Elements are booleans: kept as 0 and 1. */
  booleans = false;

  /** The content, where it is known when the function is read. */
  get content(): ArrayLike<number> | undefined {
    if (this.host?.isData) return undefined;
    return this.role === "host" && !this.isWritten ? this.host?.data : this.literal;
  }

  /** The program's table, of an array that is data and was read. */
  get table(): Numbers | undefined {
    const { data } = this.array ?? {};
    return data && isTable(data) ? data : undefined;
  }

  /** The array and content of a literal that was never written. */
  get frozen(): readonly [ArrayDeclaration, Float64Array] | undefined {
    return this.literal && this.array ? [this.array, Float64Array.from(this.literal)] : undefined;
  }

  /** The array, to read `index` of it (some or all elements, without one). */
  readable(at: Site, index?: Value): ArrayDeclaration {
    at.r.sharing.read(this, at);
    if (!this.array) {
      const b = at.r.builder;
      const { data, isBuffer, isData } = this.host!;
      const numbers = (): Numbers => constantData(data, this.element);
      this.become(
        at,
        isBuffer ? this.localArray(b) : b.constantArray(this.name, isData ? makeTable(numbers(), this.host!.key) : numbers()),
      );
    }
    this.readAt ??= at;
    const fresh = this.role === "output" || this.role === "host";
    if (fresh && !this.mayHold(index)) this.readEarly(at, index);
    return this.array!;
  }

  /** A read of what this call has not written, as far as the text up to here shows. */
  private readEarly(at: Site, index: Value | undefined): void {
    if (this.early.isCertain) return;
    // In a loop, an earlier iteration may have written another element: back substitution reads x[j], then writes x[i].
    const isCertain = index?.constant !== undefined || index === undefined || at.r.openLoops.length === 0;
    if (isCertain && this.array!.role !== "constant") this.failEarly(at, index);
    this.note(at, { early: { isCertain, index, at } });
  }

  private failEarly(at: Site, index: Value | undefined): never {
    const part = index?.constant === undefined ? this.name : `${this.name}[${index.constant}]`;
    return fail(at, ReadBeforeWrite, {
      construct: this.name,
      what: `\`${part}\` is read before this call has written it`,
      remedy:
        this.role === "output"
          ? "What it holds when the function is called is undefined: assign it first, or accumulate in a local variable."
          : "A work buffer holds nothing from one call to the next: write it first. State belongs in u, and fixed data must not be written.",
    });
  }

  /** The array, to write `index` of it. */
  writable(at: Site, index?: Value): ArrayDeclaration {
    at.r.sharing.wrote(this, at);
    if (this.role === "input") {
      fail(at, WriteToInput, {
        construct: this.name,
        what: `\`${this.name}\` is written, but it is an input of this function`,
        remedy: "Write to the derivative (the first argument of an in-place function), or copy it first: const x = u.slice().",
      });
    }
    const { early, written } = this;
    if (early.at && written !== "some" && written.size === 0 && (early.isCertain || early.index === index))
      this.failEarly(early.at, early.index);
    if (!this.array) this.become(at, this.localArray(at.r.builder));
    if (this.array!.role === "constant") throw new FoundOut(this.host!.key);
    this.note(at, {
      literal: undefined,
      written: written === "some" || index?.constant === undefined ? "some" : written.with(index.constant),
    });
    return this.array!;
  }

  /** The array of a literal, to store the elements it starts with. */
  initialised(): ArrayDeclaration {
    return this.array!;
  }

  /** What a literal holds, from here on until it is written. */
  remember(literal: readonly number[]): void {
    this.literal = literal;
  }

  /**
   * An index along an axis. Beside what has `own` elements lie others in the same array: one that may be outside is then outside
   * the whole array, where it is seen.
   */
  confined(b: Builder, index: Value, extent: number, own: number): Value {
    const whole = Math.max(this.array?.size ?? 0, this.size);
    if (whole <= own || (index.min >= 0 && index.max < extent)) return index;
    const inside = b.operation("bool.and", b.operation("i32.ge", index, b.i32(0)), b.operation("i32.lt", index, b.i32(extent)));
    return b.operation("i32.select", inside, index, b.i32(-whole));
  }

  get isWritten(): boolean {
    return this.written === "some" || this.written.size > 0;
  }

  /** Are there elements that were certainly never written? */
  get neverWritten(): boolean {
    return this.written !== "some" && this.written.size < this.size;
  }

  private mayHold(index: Value | undefined): boolean {
    if (this.written === "some") return true;
    return index?.constant === undefined ? this.written.size > 0 : this.written.has(index.constant);
  }

  private localArray(b: Builder): ArrayDeclaration {
    return b.localArray(this.name, this.size, elementKinds[this.element].type);
  }

  private note(at: Site, change: Partial<Notes>): void {
    const before: Notes = { written: this.written, literal: this.literal, early: this.early };
    at.r.journal.onRollback(() => Object.assign(this, before));
    Object.assign(this, change);
  }

  private become(at: Site, array: ArrayDeclaration): void {
    this.array = array;
    at.r.journal.onRollback(() => (this.array = undefined));
  }
}

/** Throws where an index, made of the number that was asked for, is certain to be outside. `mayGrow`: to JavaScript that is no mistake. */
export function checkIndex(
  at: Site,
  index: Value,
  { constant: asked }: Value,
  extent: number,
  what: string,
  mayGrow = false,
): void {
  const outside =
    index.constant === undefined ? index.min >= extent || index.max < 0 : index.constant < 0 || index.constant >= extent;
  if (!outside) return;
  const isFraction = asked !== undefined && !Number.isInteger(asked);
  fail(at, mayGrow ? UnreadableConstruct : IndexOutOfRange, {
    construct: what,
    what: isFraction
      ? `The index ${asked} of \`${what}\` is not a whole number`
      : `Index ${asked ?? `between ${index.min} and ${index.max}`} is outside \`${what}\`, which has ${extent} elements`,
    remedy: extent === 0 ? "It is empty." : `Indices go from 0 to ${extent - 1}.`,
  });
}
