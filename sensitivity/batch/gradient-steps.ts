/**
 * What the kernel of a batch's gradients keeps of a step, and how its reverse sweep goes back over one: by the adjoint of the method's
 * family, as in the discrete adjoint of a single trajectory.
 */
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { BatchBuilder } from "../../solvers/batch/batch-builder.ts";
import type { KernelHalts } from "../../solvers/batch/kernel-events.ts";
import { copy, type Slice } from "../../solvers/step/builder.ts";
import { startAdjoint, type AdjointParts } from "../../solvers/step/adjoint.ts";
import { stepAdjoint } from "../../solvers/step/derived-adjoint.ts";
import { interpolate } from "../../solvers/step-loop/interpolant.ts";
import type { Method } from "../../solvers/step/method.ts";
import type { System } from "../../solvers/step/system.ts";
import { lossAdjoint } from "../adjoints/discrete/loss-adjoint.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { LossPart } from "../losses/part.ts";

/** What the kernel is made for. */
export interface GradientKernelOptions {
  readonly method: Method;
  /** The system that is solved, with or without tangents. */
  readonly system: System;
  /** Of the system without tangents. */
  readonly parts: AdjointParts;
  readonly loss: Pick<LossPrograms, "sum" | "final">;
  /** Are the states at the times of the sum given to the kernel, as cotangents are? It else keeps those that it comes by. */
  readonly givenStates: boolean;
  /** The number of times of the loss's sum. */
  readonly saves: number;
  /** The number of steps that there is room for; a trajectory with more ends as "tooManySteps". */
  readonly capacity: number;
  /** Are all steps of one length, and end nowhere else? */
  readonly isSwept: boolean;
  readonly halts: KernelHalts;
  /** The names of those of u0, p, atol, halts and times that all trajectories have in common. */
  readonly shared: readonly string[];
}

/** The kernel's arrays, and what it does with a step. */
export class GradientSteps {
  readonly b: BatchBuilder;
  private readonly n: number;
  private readonly np: number;
  /** The vectors of a step that are kept: u, f and the stages, those for dense output among them; and the numbers that they are. */
  private readonly vectors: number;
  private readonly stride: number;
  private readonly value: ArrayDeclaration;
  private readonly indices: ArrayDeclaration;
  /** Of all steps what is kept, and u and f at the end of the last; the times at which they start, and at which the last one ends. */
  private readonly records: ArrayDeclaration;
  private readonly times: ArrayDeclaration;
  /** The states at the save times, where the loss has a sum, or what is given in their place. */
  private readonly sampled: ArrayDeclaration;
  /** The cotangents of u and f, of p, and of a step's record of dense output. */
  private readonly lambda: Slice;
  private readonly slope: Slice;
  private readonly gradient: Slice;
  private readonly bar: Slice;
  /** The adjoint of a step, and room for the factors of its matrix. */
  private readonly adjoint: Program;
  private readonly factors: Slice;
  /** The history of steps that have none. */
  private readonly nothing: Slice;

  constructor(readonly options: GradientKernelOptions) {
    const { method, system, parts, loss, saves, capacity, halts } = options;
    const { n, np } = parts.system;
    const { stages, evaluations, recordSize } = parts.programs;
    const b = (this.b = new BatchBuilder(`${method.name}_gradient_batch`, method, system, Math.max(1, saves), halts));
    [this.n, this.np] = [n, np];
    this.vectors = 2 + stages + (loss.sum ? evaluations.perDense : 0);
    this.stride = this.vectors * n;
    this.value = b.arrayParameter("value", 1, "inout");
    this.lambda = b.vectorParameter("u0_bar", "inout", n);
    this.gradient = b.vectorParameter("p_bar", "inout", np);
    this.indices = b.arrayParameter("indices", Math.max(1, saves), "input");
    this.records = b.arrayParameter("records", capacity * this.stride + 2 * n, "inout");
    this.times = b.arrayParameter("times", capacity + 1, "inout");
    this.sampled = b.arrayParameter("sampled", Math.max(1, saves) * n, options.givenStates ? "input" : "inout");
    this.slope = b.remembered("slope", n);
    this.bar = { array: b.localArray("record_bar", recordSize), offset: 0 };
    const { factors } = parts.programs;
    this.factors = { array: b.localArray("factors", factors.size), offset: 0 };
    this.nothing = { array: b.localArray("nothing", 0), offset: 0 };
    this.adjoint = stepAdjoint(method, parts, loss.sum !== undefined);
  }

  /** The k-th vector that is kept of a step. */
  private kept(step: Value, k: number): ArrayArgument {
    const { b, n, stride, records } = this;
    return { array: records, offset: b.operation("i32.add", b.operation("i32.mul", step, b.i32(stride)), b.i32(k * n)) };
  }

  private sample(k: Value): ArrayArgument {
    const { b, n, sampled } = this;
    return { array: sampled, offset: b.operation("i32.mul", k, b.i32(n)) };
  }

  /** Keeps where a step starts, or the last one ended. */
  private keepStart(step: Value, t: Value): void {
    const { b, n, times } = this;
    [b.here.u, b.here.f].forEach((vector, k) => copy(b, this.kept(step, k), b.slice(vector), n));
    b.store(times, step, t);
  }

  /** Keeps the step just taken, from t to tNext, and the states at save times within, from the `next`-th on; returns the next behind it. */
  keep(step: Value, t: Value, tNext: Value, next: Value): Value {
    const { b, n, vectors } = this;
    this.keepStart(step, t);
    const after = this.options.saves === 0 ? next : this.takeSamples(t, tNext, next);
    for (let k = 2; k < vectors; k++) copy(b, this.kept(step, k), b.slice({ ...b.work, offset: (k - 2) * b.of.n }), n);
    return after;
  }

  /** Keeps the states at the save times not after tNext, from the k-th on, and returns the index of the next. */
  private takeSamples(t: Value, tNext: Value, k: Value): Value {
    const { b, n } = this;
    const vectors = b.programs.recordSize / b.of.n;
    const samples = (): readonly Value[] => {
      const length = b.operation("sub", tNext, t);
      b.makeRecord(t, length);
      return b.while(
        [k],
        ([at]) => b.isDue(at, tNext),
        ([at]) => {
          if (!this.options.givenStates) {
            const theta = b.operation("div", b.operation("sub", b.load(b.saveTimes, at), t), length);
            interpolate(b, this.sample(at), b.slice(b.record), theta, n, vectors, b.of.n);
          }
          return [b.operation("i32.add", at, b.i32(1))];
        },
        [[0, this.options.saves]],
      );
    };
    return b.if(b.isDue(k, tNext), samples, () => [k])[0];
  }

  /** After so many steps, the last of which ended at t: begins the reverse sweep with the loss of the final state. */
  turnBack(steps: Value, t: Value): void {
    const { b, value, lambda, slope, gradient } = this;
    const { final } = this.options.loss;
    this.keepStart(steps, t);
    for (const { array } of [lambda, slope, gradient]) b.fill(array, b.f64(0));
    b.store(value, b.i32(0), b.f64(0));
    if (final) this.addLoss(final, b.slice(b.here.u), []);
  }

  /** At the start, where save times from the k-th on downwards may be left. */
  finish(k: Value): void {
    const { b, lambda, slope, gradient } = this;
    const { loss, parts, saves, givenStates } = this.options;
    const arrays = [b.u0, b.p, lambda, slope, gradient].map((slice) => b.slice(slice));
    b.call(startAdjoint(parts), [...arrays, b.setting("t0")]);
    const { sum } = loss;
    if (!sum) return;
    b.while(
      [k],
      ([at]) => b.operation("i32.ge", at, b.i32(0)),
      ([at]) => {
        this.addLoss(sum, givenStates ? this.sample(at) : b.slice(b.u0), this.scalarsAt(at));
        return [b.operation("i32.sub", at, b.i32(1))];
      },
      [[-1, saves]],
    );
  }

  /** Takes the cotangents back over step i, and returns the index of the last save time before it. */
  overStep(i: Value, k: Value): Value {
    const { b, times, adjoint, lambda, slope, gradient, bar } = this;
    const { sum } = this.options.loss;
    const next = b.operation("i32.add", i, b.i32(1));
    const t = b.load(times, i);
    const h = b.operation("sub", b.load(times, next), t);
    if (sum) b.fill(bar.array, b.f64(0));
    const before = sum ? this.addLosses(sum, t, h, k) : k;
    const ends = [this.kept(i, 0), this.kept(next, 0), this.kept(i, 1), this.kept(next, 1)];
    const { p, atol } = b;
    const { nothing, factors } = this;
    const history = [nothing, nothing].map((slice) => b.slice(slice));
    const arrays = [p, atol, lambda, slope, nothing, bar, gradient, factors].map((slice) => b.slice(slice));
    b.call(adjoint, [...ends, ...history, this.kept(i, 2), ...arrays, t, h, b.setting("rtol"), b.i32(0)]);
    return before;
  }

  /** Adds the loss at the save times in a step, from the k-th on downwards, and returns the index of the last one before it. */
  private addLosses(part: LossPart, t: Value, h: Value, k: Value): Value {
    const { b } = this;
    return b.while(
      [k],
      ([at]) => this.isAfter(at, t),
      ([at]) => {
        const theta = b.operation("div", b.operation("sub", b.load(b.saveTimes, at), t), h);
        this.addLoss(part, this.sample(at), this.scalarsAt(at), theta);
        return [b.operation("i32.sub", at, b.i32(1))];
      },
      [[-1, this.options.saves]],
    )[0];
  }

  /** Whether there is a k-th save time, and it is after t. */
  private isAfter(k: Value, t: Value): Value {
    const { b } = this;
    const there = b.operation("i32.ge", k, b.i32(0));
    const inside = b.operation("i32.select", there, k, b.i32(0));
    const distance = b.operation("sub", b.load(b.saveTimes, inside), t);
    return b.operation("bool.and", there, b.operation("gt", b.times(b.setting("direction"), distance), b.f64(0)));
  }

  private scalarsAt(k: Value): readonly Value[] {
    const { b, indices } = this;
    return [b.load(b.saveTimes, k), b.operation("i32.from_f64", b.load(indices, k))];
  }

  /** Adds a part's value, and its gradient to the cotangents: within a step, at theta, to that of its record, otherwise to that of u. */
  private addLoss(part: LossPart, state: ArrayArgument, scalars: readonly Value[], theta?: Value): void {
    const { b, n, np, value, lambda, gradient, bar } = this;
    const vectors = theta ? bar.array.size / n : 1;
    const program = lossAdjoint(part, n, np, vectors);
    const cotangents = [theta ? bar : lambda, gradient].map((slice) => b.slice(slice));
    const one = b.f64(1);
    b.accumulate(value, b.i32(0), b.call(program, [state, b.slice(b.p), ...scalars, one, theta ?? one, ...cotangents])!);
  }
}
