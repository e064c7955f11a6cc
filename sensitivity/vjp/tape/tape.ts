/**
 * The tape: every operation on traced numbers, in the order in which they ran, in flat arrays that grow. An entry whose
 * operation is a comparison is a guard: the recording holds for all inputs for which the comparison comes out the same.
 */
import { Untraceable } from "../../../src/errors.ts";
import { scalarOperations, type ScalarOperationName } from "../../../src/program/operations/scalar.ts";
import { codeOf, CONSTANT, INPUT, FIRST_TRACED, SECOND_TRACED } from "./codes.ts";

const SMALLEST = 256;
/** Positions are small integers of the engine, also where it compresses pointers. */
const LARGEST_POSITION = 2 ** 29;

/** A number that depends on the inputs of the function: its place among all that was ever recorded. */
export class Traced {
  constructor(readonly position: number) {}

  get value(): number {
    return tape.value[tape.indexOf(this)];
  }

  /** As text it is one certain number. Code of the engine that computes with it would lose the derivative. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return String(pinned(this));
    throw new Untraceable(
      "a number that depends on the inputs went into a function of the engine, or into an array other than Float64Array and Array, " +
        "and its derivative would be lost there. Compute with operators, Math, and functions whose text can be read.",
    );
  }

  toJSON(): never {
    throw new Untraceable("JSON keeps no derivatives. Copy objects with { ...object }, arrays with .slice().");
  }
}

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
  /** The position of the first entry. */
  private start = 0;

  /** Forgets what was recorded: its numbers are known to be of an earlier call from now on. */
  restart(): void {
    this.start += this.count;
    if (this.start > LARGEST_POSITION) this.start = 0;
    this.count = 0;
    this.isLinearised = false;
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
    if (index === this.code.length) this.grow();
    this.code[index] = code;
    this.left[index] = left;
    this.right[index] = right;
    this.value[index] = value;
    return new Traced(this.start + index);
  }

  /** Where a number is on the tape. Throws Untraceable for one of an earlier recording. */
  indexOf(x: Traced): number {
    const index = x.position - this.start;
    return index >= 0 && index < this.count ? index : keptFromEarlier();
  }

  private grow(): void {
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
  throw new Untraceable(
    "a number of an earlier call was kept and used again. A right-hand side must depend on u, p and t alone: keep nothing between calls.",
  );
}

export const tape = /* @__PURE__ */ new Tape();

/** An operation of one number, for numbers traced or not. */
export function unary(name: ScalarOperationName): (x: Numeric) => Numeric {
  const { value } = scalarOperations[name];
  const code = codeOf(name) + FIRST_TRACED;
  return (x) => {
    if (typeof x === "number") return value(x);
    const i = tape.indexOf(x);
    return tape.push(code, i, 0, value(tape.value[i]));
  };
}

/** An operation of two numbers, for numbers traced or not. */
export function binary(name: ScalarOperationName): (x: Numeric, y: Numeric) => Numeric {
  const { value } = scalarOperations[name];
  const code = codeOf(name);
  return (x, y) => {
    if (typeof x === "number" && typeof y === "number") return value(x, y);
    const traced = (typeof x === "number" ? 0 : FIRST_TRACED) + (typeof y === "number" ? 0 : SECOND_TRACED);
    const [i, j] = [indexOf(x), indexOf(y)];
    return tape.push(code + traced, i, j, value(tape.value[i], tape.value[j]));
  };
}

function indexOf(x: Numeric): number {
  return tape.indexOf(typeof x === "number" ? tape.push(CONSTANT, 0, 0, x) : x);
}

/** A decision: what the function does from here on holds while the comparison comes out like this. */
export function comparison(name: ScalarOperationName): (x: Numeric, y: Numeric) => boolean {
  const compare = binary(name);
  return (x, y) => {
    const outcome = compare(x, y);
    return Boolean(typeof outcome === "number" ? outcome : outcome.value);
  };
}

const isEqual = comparison("eq");
const isDifferent = comparison("ne");

/** The number itself, where nothing but one certain number will do: an index, a key, text. */
export function pinned(x: Traced): number {
  if (Number.isNaN(x.value)) isDifferent(x, x);
  else isEqual(x, x.value);
  return x.value;
}
