/**
 * What the steps of all families share. A step is one generated program from state to state, where a state is u, its derivative f
 * and the method's memory; its parameters are the same for all families:
 *
 *   step(input u, output uNext, input f, output fNext, inout memory, output memoryNext, inout work, inout cache, input p, input atol,
 *        inout verdict, t, h, rtol) -> error norm
 *   dense(input u, input uNext, input f, input fNext, input history, input numbers, inout work, input p, output record, t, h)
 *
 * A memory of zeros is that of a method that has just begun. What of it others have to keep, so that a step can be taken again or
 * taken back, is its history; a step leaves that so that it is the same when it is taken again. What a step learns of the state where it begins it may put in `memory`,
 * for another try from there; `memoryNext` is what the step from its end will find. `cache` is the same for all tries: each finds in it
 * what the one before left, whether that was accepted or not, and zeros where the method begins; it only saves work. `work` is scratch
 * space, in which a step leaves its stages to `dense` and to its adjoint. `history` and `numbers` are those at the step's end. `record` is what interpolation needs: u, uNext and the coefficients qⱼ of the dense
 * output, n each. An error norm of at most one accepts the step; it is not a number where the step left the finite numbers. For the
 * verdict see verdict.ts.
 */
import { Builder } from "../../src/ir/builder.ts";
import { inline } from "../../src/ir/clone.ts";
import {
  isProgram,
  walk,
  type ArrayArgument,
  type ArrayDeclaration,
  type External,
  type Program,
  type Value,
} from "../../src/ir/ir.ts";
import { errorNorm } from "./error-norm.ts";
import type { Between } from "./between.ts";
import type { System } from "./system.ts";
import { VERDICT_SIZE } from "./verdict.ts";

export interface StepPrograms {
  readonly step: Program;
  readonly dense: Program;
  /** What dense output errs by: see between.ts. Absent: as little as the step. */
  readonly between?: Between;
  /** Elements of `memory`, of `work`, and of `cache`: by default none. */
  readonly memorySize: number;
  readonly workSize: number;
  readonly cacheSize?: number;
  /** What of the memory the step's result depends on. Absent: nothing of it, as it only saves work. */
  readonly history?: History;
  /** Where the factors of the step's matrix lie in `work`, and how many numbers they are: none where it solves no systems by calls. */
  readonly factors: { readonly offset: number; readonly size: number };
  /** Vectors of n at the beginning of `work` that hold the step's stages. */
  readonly stages: number;
  /** Elements of `record`. */
  readonly recordSize: number;
  /** The step itself computes fNext. */
  readonly fsal: boolean;
  /**
   * (output f[n], input u[n], input p[np], t): what f is where the method begins. Absent: the right-hand side. Where it is given, f is the
   * state's derivative.
   */
  readonly slope?: Program;
  /** Right-hand sides that a step takes, at least; and that `dense` takes besides: only where there are some does it write to `work`. */
  readonly evaluations: { readonly perStep: number; readonly perDense: number };
  /** The order of the step after a beginning. Default: the method's. */
  readonly firstOrder?: number;
}

/**
 * A part of the memory: from `offset` on so many numbers, lengths and orders of steps, which are not differentiated; behind them so many
 * vectors of n, which are.
 */
export interface History {
  readonly offset: number;
  readonly numbers: number;
  readonly vectors: number;
}

export const noHistory: History = { offset: 0, numbers: 0, vectors: 0 };

export type StepSizes = Pick<StepPrograms, "memorySize" | "workSize" | "cacheSize">;

/** n elements of an array, from `offset` on. */
export interface Slice {
  readonly array: ArrayDeclaration;
  readonly offset: number;
}

/** The same, where the offset may be known in a run only. */
export interface AnySlice {
  readonly array: ArrayDeclaration;
  readonly offset: number | Value;
}

/** Components are written out one by one up to this many states: their values then live in registers. */
const UNROLLED_STATES = 4;
/** The same for other vectors. */
const UNROLLED_ELEMENTS = 16;
/** Instructions of all the right-hand sides written into one step, at most: assembling takes some microseconds for each. */
const INLINED_INSTRUCTIONS = 1500;

/** Is the step written out as straight code, right-hand side included? */
export function isSmall({ n, rhs }: System, stages: number): boolean {
  return isProgram(rhs) && isWrittenOut(n, rhs, stages);
}

/** Is a program that so many states and calls go with written out where it is called? */
export function isWrittenOut(n: number, program: Program, calls: number): boolean {
  return n <= UNROLLED_STATES && walk(program.body).length * calls <= INLINED_INSTRUCTIONS;
}

/** A builder that speaks of vectors of n components. */
export class StepBuilder extends Builder {
  constructor(
    name: string,
    private readonly system: Pick<System, "n" | "parts" | "norm" | "positive">,
    private readonly small: boolean,
  ) {
    super(name);
  }

  vectorParameter(name: string, role: "input" | "output" | "inout", size = this.system.n): Slice {
    return { array: this.arrayParameter(name, size, role), offset: 0 };
  }

  vector(name: string): Slice {
    return { array: this.localArray(name, this.system.n), offset: 0 };
  }

  /** Runs the body for every component. */
  each(body: (at: (vector: AnySlice) => ArrayArgument) => void): void {
    this.range(0, this.system.n, (i) => body((vector) => this.element(vector, i)));
  }

  /** Runs the body for some components, by their indices. */
  range(from: number, to: number, body: (i: Value) => void): void {
    if (this.small) for (let i = from; i < to; i++) body(this.i32(i));
    else this.for(this.i32(from), this.i32(to), 1, [], (i) => (body(i), []));
  }

  /** Of a few elements by stores, so that what they hold is known. */
  override fill(array: ArrayDeclaration, value: Value): void {
    if (!this.isUnrolled(array.size)) super.fill(array, value);
    else for (let i = 0; i < array.size; i++) this.store(array, this.i32(i), value);
  }

  /** What is added to an element that is known becomes known too. */
  override accumulate(array: ArrayDeclaration, index: Value, value: Value): void {
    const before = this.small ? this.available(array, index) : undefined;
    if (before) this.store(array, index, before.constant === 0 ? value : this.plus(before, value));
    else super.accumulate(array, index, value);
  }

  /** sum += term */
  addTo(sum: Slice, term: Slice, size: number): void {
    const add = (i: Value): void => {
      const [to, from] = [this.element(sum, i), this.element(term, i)];
      this.accumulate(to.array, to.offset, this.get(from));
    };
    if (this.isUnrolled(size)) for (let i = 0; i < size; i++) add(this.i32(i));
    else this.for(this.i32(0), this.i32(size), 1, [], (i) => (add(i), []));
  }

  private isUnrolled(size: number): boolean {
    return this.small && size <= UNROLLED_ELEMENTS;
  }

  /** `if` for what the branches do, not for what they yield. */
  when(condition: Value, then: () => void, otherwise: () => void = () => {}): void {
    const yieldingNothing = (build: () => void) => (): readonly Value[] => {
      build();
      return [];
    };
    this.if(condition, yieldingNothing(then), yieldingNothing(otherwise));
  }

  /** The sum of a term over components, by default all. */
  sum(term: Term, from = 0, to = this.system.n): Value {
    return this.fold((sum, at) => this.operation("add", sum, term(at)), from, to);
  }

  /** A number that begins at zero, and is made another one by every component. */
  fold(next: (before: Value, at: Parameters<Term>[0]) => Value, from: number, to: number): Value {
    const at = (i: Value) => (vector: AnySlice) => this.get(this.element(vector, i));
    if (!this.small) {
      return this.for(this.i32(from), this.i32(to), 1, [this.f64(0)], (i, [so]) => [next(so, at(i))])[0];
    }
    let so = this.f64(0);
    for (let i = from; i < to; i++) so = next(so, at(this.i32(i)));
    return so;
  }

  element({ array, offset }: AnySlice, i: Value): ArrayArgument {
    return { array, offset: this.operation("i32.add", i, this.offset(offset)) };
  }

  get({ array, offset }: ArrayArgument): Value {
    return this.load(array, offset);
  }

  set({ array, offset }: ArrayArgument, value: Value): void {
    this.store(array, offset, value);
  }

  slice({ array, offset }: AnySlice): ArrayArgument {
    return { array, offset: this.offset(offset) };
  }

  private offset(offset: number | Value): Value {
    return typeof offset === "number" ? this.i32(offset) : offset;
  }

  times(x: Value, y: Value | number): Value {
    return this.operation("mul", x, typeof y === "number" ? this.f64(y) : y);
  }

  plus(x: Value, y: Value): Value {
    return this.operation("add", x, y);
  }

  /** Σ weightᵢ xᵢ over the weights that are not zero; `value` makes xᵢ. */
  combination(weights: readonly number[], value: (i: number) => Value): Value {
    let sum: Value | undefined;
    weights.forEach((weight, i) => {
      if (weight === 0) return;
      const term = this.times(value(i), weight);
      sum = sum ? this.plus(sum, term) : term;
    });
    return sum ?? this.f64(0);
  }

  /** into = callee(at, p, t), for the right-hand side and what has its form. */
  evaluate(callee: Program | External, into: Slice, at: Slice, p: Slice, t: Value): void {
    const args = [this.slice(into), this.slice(at), this.slice(p), t];
    if (this.small && isProgram(callee)) inline(this, callee, args);
    else this.call(callee, args);
  }

  /** Of the step's error by its components: see error-norm.ts. */
  errorNorm(error: Term, u: Slice, uNext: Slice, atol: Slice, rtol: Value, coarse?: Term): Value {
    return errorNorm(this, this.system, { error, coarse, u, uNext, atol, rtol });
  }
}

/** A number for each component, made of the vectors' elements there. */
export type Term = (at: (vector: AnySlice) => Value) => Value;

/** Copies n elements. */
export function copy(b: Builder, into: ArrayArgument, from: ArrayArgument, n: number): void {
  b.for(b.i32(0), b.i32(n), 1, [], (i) => {
    b.store(into.array, b.operation("i32.add", into.offset, i), b.load(from.array, b.operation("i32.add", from.offset, i)));
    return [];
  });
}

/** The parameters of every `step`. */
export function stepParameters(b: StepBuilder, { np }: System, { memorySize, workSize, cacheSize = 0 }: StepSizes) {
  return {
    u: b.vectorParameter("u", "input"),
    uNext: b.vectorParameter("uNext", "output"),
    f: b.vectorParameter("f", "input"),
    fNext: b.vectorParameter("fNext", "output"),
    memory: b.vectorParameter("memory", "inout", memorySize),
    memoryNext: b.vectorParameter("memoryNext", "output", memorySize),
    work: b.vectorParameter("work", "inout", workSize),
    cache: b.vectorParameter("cache", "inout", cacheSize),
    p: b.vectorParameter("p", "input", np),
    atol: b.vectorParameter("atol", "input"),
    verdict: b.slice(b.vectorParameter("verdict", "inout", VERDICT_SIZE)),
    t: b.scalarParameter("t"),
    h: b.scalarParameter("h"),
    rtol: b.scalarParameter("rtol"),
  };
}

/** The parameters of every `dense`. */
export function denseParameters(
  b: StepBuilder,
  { n, np }: System,
  workSize: number,
  recordSize: number,
  { vectors, numbers }: History = noHistory,
) {
  return {
    u: b.vectorParameter("u", "input"),
    uNext: b.vectorParameter("uNext", "input"),
    f: b.vectorParameter("f", "input"),
    fNext: b.vectorParameter("fNext", "input"),
    history: b.vectorParameter("history", "input", vectors * n),
    numbers: b.vectorParameter("numbers", "input", numbers),
    work: b.vectorParameter("work", "inout", workSize),
    p: b.vectorParameter("p", "input", np),
    record: b.vectorParameter("record", "output", recordSize),
    t: b.scalarParameter("t"),
    h: b.scalarParameter("h"),
  };
}
