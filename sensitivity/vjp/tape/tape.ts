/**
 * The tape: every operation on traced numbers, in the order in which they ran, in flat arrays that grow. An entry whose
 * operation is a comparison is a guard: the recording holds for all inputs for which the comparison comes out the same.
 */
import { Untraceable } from "../../../src/errors.ts";
import { scalarOperations, type ScalarOperationName } from "../../../src/program/operations/scalar.ts";
import { codeOf, CONSTANT, FIRST_TRACED, INPUT, SECOND_TRACED } from "./codes.ts";

const SMALLEST = 256;

/** A number that depends on the inputs of the function: its value, and where on the tape it was computed. */
export class Traced {
  constructor(
    readonly tape: Tape,
    readonly index: number,
    readonly value: number,
  ) {}

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

export class Tape {
  count = 0;
  code: Uint16Array;
  left: Int32Array;
  right: Int32Array;
  value: Float64Array;

  /** Takes over the memory of a tape that is no longer needed. */
  constructor(previous?: Tape) {
    this.code = previous?.code ?? new Uint16Array(SMALLEST);
    this.left = previous?.left ?? new Int32Array(SMALLEST);
    this.right = previous?.right ?? new Int32Array(SMALLEST);
    this.value = previous?.value ?? new Float64Array(SMALLEST);
  }

  input(value: number): Traced {
    return new Traced(this, this.push(INPUT, 0, 0, value), value);
  }

  push(code: number, left: number, right: number, value: number): number {
    const index = this.count++;
    if (index === this.code.length) this.grow();
    this.code[index] = code;
    this.left[index] = left;
    this.right[index] = right;
    this.value[index] = value;
    return index;
  }

  /** Where a number is on the tape. */
  indexOf(x: Numeric): number {
    if (typeof x === "number") return this.push(CONSTANT, 0, 0, x);
    if (x.tape === this) return x.index;
    throw new Untraceable(
      "a number of an earlier call was kept and used again. A right-hand side must depend on u, p and t alone: keep nothing between calls.",
    );
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

/** An operation of one number, for numbers traced or not. */
export function unary(name: ScalarOperationName): (x: Numeric) => Numeric {
  const { value } = scalarOperations[name];
  const code = codeOf(name) + FIRST_TRACED;
  return (x) => {
    if (typeof x === "number") return value(x);
    const result = value(x.value);
    return new Traced(x.tape, x.tape.push(code, x.tape.indexOf(x), 0, result), result);
  };
}

/** An operation of two numbers, for numbers traced or not. */
export function binary(name: ScalarOperationName): (x: Numeric, y: Numeric) => Numeric {
  const { value } = scalarOperations[name];
  const code = codeOf(name);
  return (x, y) => {
    if (typeof x === "number") {
      if (typeof y === "number") return value(x, y);
      const { tape } = y;
      const result = value(x, y.value);
      return new Traced(tape, tape.push(code + SECOND_TRACED, tape.indexOf(x), tape.indexOf(y), result), result);
    }
    const { tape } = x;
    if (typeof y === "number") {
      const result = value(x.value, y);
      return new Traced(tape, tape.push(code + FIRST_TRACED, tape.indexOf(x), tape.indexOf(y), result), result);
    }
    const result = value(x.value, y.value);
    return new Traced(tape, tape.push(code + FIRST_TRACED + SECOND_TRACED, tape.indexOf(x), tape.indexOf(y), result), result);
  };
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
