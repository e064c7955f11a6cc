/**
 * The tape: every operation on traced numbers, in the order in which they ran, in flat arrays that grow. An entry whose
 * operation is a comparison is a guard: the recording holds for all inputs for which the comparison comes out the same.
 */
import { TapeTooLong } from "./errors.ts";
import { refuse, refuseWith } from "./refusal.ts";
import { codeOf, CONSTANT, INPUT, FIRST_TRACED, SECOND_TRACED } from "./codes.ts";
import { TextOrigins } from "./text-origins.ts";

const SMALLEST = 256;
/** Of a call: some tenths of a second to record, and a gradient has hundreds. A power of two times the smallest. */
const MOST_ENTRIES = 2 ** 18;
/** Positions are small integers of the engine, also where it compresses pointers. */
const LARGEST_POSITION = 2 ** 29;

/**
 * A number that depends on the inputs of the function: its position among all that was ever recorded. It shows nothing of itself:
 * to the function it is a number, with a number's methods, which make text of it. Code of the engine that would make a number of
 * it throws, for the derivative would be lost there.
 */
export class Traced {
  readonly #position: number;

  constructor(position: number) {
    this.#position = position;
  }

  static positionOf(x: Traced): number {
    return x.#position;
  }

  [Symbol.toPrimitive](hint: string): string {
    return hint === "string" ? tape.textOf(this, String) : refuse(LOST);
  }

  static {
    Object.defineProperty(this.prototype, "constructor", { value: Number });
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: "Number" });
  }

  valueOf(): Traced {
    return this;
  }

  toJSON(): unknown {
    return tape.keyOf(this);
  }

  toString(radix?: number): string {
    return tape.textOf(this, (x) => x.toString(radix));
  }

  toFixed(digits?: number): string {
    return tape.textOf(this, (x) => x.toFixed(digits));
  }

  toPrecision(digits?: number): string {
    return tape.textOf(this, (x) => x.toPrecision(digits));
  }

  toExponential(digits?: number): string {
    return tape.textOf(this, (x) => x.toExponential(digits));
  }

  toLocaleString(...how: Parameters<number["toLocaleString"]>): string {
    return tape.textOf(this, (x) => x.toLocaleString(...how));
  }
}

const EQUAL = codeOf("eq") + FIRST_TRACED;
const NOT_ITSELF = codeOf("ne") + FIRST_TRACED + SECOND_TRACED;

const LOST =
  "a number that depends on the inputs went into a function of the engine, or into an array other than Float64Array and Array, " +
  "and its derivative would be lost there. Compute with operators, Math, and functions whose text can be read.";

export type Numeric = number | Traced;

/** There is one tape, for one function is recorded at a time, and what was recorded is used before the next. */
export class Tape {
  /** Entries of this recording. */
  count = 0;
  /** Holds derivatives of some functions as numbers, so that it is not to be derived again. */
  isLinearised = false;
  code = new Uint16Array(SMALLEST);
  left = new Int32Array(SMALLEST);
  right = new Int32Array(SMALLEST);
  value = new Float64Array(SMALLEST);
  /** Text that was made of its numbers. */
  readonly texts = new TextOrigins<Traced>();
  /** The position of the first entry. */
  private start = 0;

  /** Forgets what was recorded: its numbers are known to be of an earlier call from now on. */
  restart(): void {
    this.start += this.count;
    if (this.start > LARGEST_POSITION) this.start = 0;
    this.count = 0;
    this.isLinearised = false;
    this.texts.forget();
  }

  /** Numbers that everything else is computed from. */
  inputs(values: Float64Array): Traced[] {
    const first = this.count;
    while (first + values.length > this.code.length) this.grow();
    this.count += values.length;
    const traced = new Array<Traced>(values.length);
    for (let i = 0; i < values.length; i++) {
      this.code[first + i] = INPUT;
      this.value[first + i] = values[i];
      traced[i] = new Traced(this.start + first + i);
    }
    return traced;
  }

  push(code: number, left: number, right: number, value: number): Traced {
    const index = this.count++;
    if (index >= this.code.length) this.grow();
    this.code[index] = code;
    this.left[index] = left;
    this.right[index] = right;
    this.value[index] = value;
    return new Traced(this.start + index);
  }

  valueOf(x: Traced): number {
    return this.value[this.indexOf(x)];
  }

  /** Where a number is on the tape. Throws Untraceable for one of an earlier recording. */
  indexOf(x: Traced): number {
    const index = Traced.positionOf(x) - this.start;
    return index >= 0 && index < this.count ? index : keptFromEarlier();
  }

  /** The number itself, where nothing but one certain number will do: an index, a key, text. The recording holds while it is that. */
  pin(x: Traced): number {
    const i = this.indexOf(x);
    const value = this.value[i];
    if (Number.isNaN(value)) this.push(NOT_ITSELF, i, i, 1);
    else this.push(EQUAL, i, this.indexOf(this.push(CONSTANT, 0, 0, value)), 1);
    return value;
  }

  /** The number itself, as a key of an object or of a collection, or the text that gives it when read. */
  keyOf(x: Traced): number {
    const value = this.pin(x);
    this.texts.note(value, x, Traced.positionOf(x));
    return value;
  }

  /** Any text of it. */
  textOf(x: Traced, write: (value: number) => string): string {
    return write(this.keyOf(x));
  }

  private grow(): void {
    if (this.code.length >= MOST_ENTRIES) refuseWith(new TapeTooLong(MOST_ENTRIES));
    const longer = <T extends Uint16Array | Int32Array | Float64Array>(Elements: new (length: number) => T, old: T): T => {
      const elements = new Elements(2 * old.length);
      elements.set(old);
      return elements;
    };
    this.code = longer(Uint16Array, this.code);
    this.left = longer(Int32Array, this.left);
    this.right = longer(Int32Array, this.right);
    this.value = longer(Float64Array, this.value);
  }
}

function keptFromEarlier(): never {
  return refuse(
    "a number of an earlier call was kept and used again. A right-hand side must depend on u, p and t alone: keep nothing between calls.",
  );
}

export const tape = /* @__PURE__ */ new Tape();
