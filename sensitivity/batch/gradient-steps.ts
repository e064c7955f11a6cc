/** What the kernel of a batch's gradients keeps of a step, and how its reverse sweep goes back over one. */
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { EnsembleBuilder } from "../../solvers/batch/ensemble-builder.ts";
import { copy } from "../../solvers/step/builder.ts";
import { interpolate, recordWeights } from "../../solvers/step-loop/interpolant.ts";
import type { ExplicitMethod } from "../../solvers/families/explicit/tableau.ts";
import type { System } from "../../solvers/step/system.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { LossPart } from "../losses/part.ts";
import { StepAdjoint, whole, type KeptStep } from "./stages.ts";

/** What the kernel is made for. */
export interface GradientKernelOptions {
  readonly method: ExplicitMethod;
  /** The system that is solved, with or without tangents. */
  readonly system: System;
  /** The vector-Jacobian product of the right-hand side, by u and p. */
  readonly vjp: Program;
  readonly loss: Pick<LossPrograms, "sum" | "final">;
  /** The number of times of the loss's sum. */
  readonly saves: number;
  /** The number of steps that there is room for; a trajectory with more ends as "tooManySteps". */
  readonly capacity: number;
  /** The number of times that are ends of steps. */
  readonly halts: number;
  /** The names of those of u0, p, atol and halts that all trajectories have in common. */
  readonly shared: readonly string[];
}

/** The kernel's arrays, and what it does with a step. */
export class GradientSteps {
  readonly b: EnsembleBuilder;
  private readonly n: number;
  private readonly np: number;
  private readonly value: ArrayDeclaration;
  private readonly lambda: ArrayDeclaration;
  private readonly pBar: ArrayDeclaration;
  private readonly indices: ArrayDeclaration;
  /** The states and times at which steps start, and those at which the last one ends. */
  private readonly starts: ArrayDeclaration;
  private readonly times: ArrayDeclaration;
  private readonly adjoint: StepAdjoint;
  /** The derivatives of the stages of all steps. */
  private readonly stages: ArrayDeclaration;

  constructor(readonly options: GradientKernelOptions) {
    const { method, system, vjp, saves, capacity, halts } = options;
    const b = (this.b = new EnsembleBuilder(`${method.name}_gradient_batch`, method, system, Math.max(1, saves), halts));
    const primal = system.primal ?? system;
    const { n, np } = primal;
    [this.n, this.np] = [n, np];
    this.value = b.arrayParameter("value", 1, "inout");
    this.lambda = b.arrayParameter("u0_bar", n, "inout");
    this.pBar = b.arrayParameter("p_bar", np, "inout");
    this.indices = b.arrayParameter("indices", Math.max(1, saves), "input");
    this.starts = b.arrayParameter("starts", (capacity + 1) * n, "inout");
    this.times = b.arrayParameter("times", capacity + 1, "inout");
    this.adjoint = new StepAdjoint(b, method.tableau, primal, vjp, this.pBar);
    this.stages = b.arrayParameter("stages", capacity * this.adjoint.count * n, "inout");
  }

  private startOf(step: Value): ArrayArgument {
    const { b, n, starts } = this;
    return { array: starts, offset: b.operation("i32.mul", step, b.i32(n)) };
  }

  private keepStart(step: Value, t: Value): void {
    const { b, n, times } = this;
    copy(b, this.startOf(step), b.slice(b.here.u), n);
    b.store(times, step, t);
  }

  private stagesOf(step: Value): ArrayArgument {
    const { b, n, stages, adjoint } = this;
    return { array: stages, offset: b.operation("i32.mul", step, b.i32(adjoint.count * n)) };
  }

  /**
   * Keeps the step just taken, from t to tNext, and returns the index of the next save time behind it. The stages for dense output are
   * made where a save time lies in the step.
   */
  keep(step: Value, t: Value, tNext: Value, k: Value): Value {
    const { b, n, adjoint } = this;
    const { loss, saves } = this.options;
    this.keepStart(step, t);
    const isDue = b.isDue(k, tNext);
    if (loss.sum && adjoint.count > adjoint.end + 1) b.when(isDue, () => b.makeRecord(t, b.operation("sub", tNext, t)));
    const { array, offset } = this.stagesOf(step);
    for (let i = 0; i < adjoint.count; i++) {
      copy(b, { array, offset: b.operation("i32.add", offset, b.i32(i * n)) }, b.slice(b.stage(i)), n);
    }
    if (saves === 0) return k;
    return b.while(
      [k],
      ([at]) => b.isDue(at, tNext),
      ([at]) => [b.operation("i32.add", at, b.i32(1))],
      [[0, saves]],
    )[0];
  }

  /** Before the first step. */
  begin(): void {
    const { b } = this;
    b.copy(b.here.u, b.u0);
    b.rhs(b.here.f, b.here.u, b.setting("t0"));
  }

  /** After so many steps, the last of which ended at t: begins the reverse sweep with the loss of the final state. */
  turnBack(steps: Value, t: Value): void {
    const { b, lambda, pBar, value, adjoint } = this;
    const { final } = this.options.loss;
    this.keepStart(steps, t);
    b.fill(lambda, b.f64(0));
    b.fill(pBar, b.f64(0));
    b.store(value, b.i32(0), b.f64(0));
    if (final) this.addLoss(final, b.slice(b.here.u), [], lambda);
    adjoint.begin();
  }

  /** At the start, where save times from the k-th on downwards may be left. */
  finish(k: Value): void {
    const { b, lambda, adjoint } = this;
    const { sum } = this.options.loss;
    adjoint.finish(lambda, b.slice(b.u0), b.setting("t0"));
    if (!sum) return;
    b.while(
      [k],
      ([at]) => b.operation("i32.ge", at, b.i32(0)),
      ([at]) => {
        this.addLoss(sum, b.slice(b.u0), this.scalarsAt(at), lambda);
        return [b.operation("i32.sub", at, b.i32(1))];
      },
      [[-1, this.options.saves]],
    );
  }

  /** Takes the cotangents back over step i, and returns the index of the last save time before it. */
  overStep(i: Value, k: Value): Value {
    const { b, n, lambda, times, adjoint } = this;
    const { sum } = this.options.loss;
    const t = b.load(times, i);
    const h = b.operation("sub", b.load(times, b.operation("i32.add", i, b.i32(1))), t);
    const step: KeptStep = { u: this.startOf(i), stages: this.stagesOf(i), t, h };
    const recordBar = b.localArray("record_bar", adjoint.vectors * n);
    b.fill(recordBar, b.f64(0));
    const [before] = sum
      ? b.if(
          this.isAfter(k, t),
          () => [this.addLosses(sum, step, k, recordBar)],
          () => [k],
        )
      : [k];
    adjoint.overStep(lambda, recordBar, step);
    return before;
  }

  /** Adds the loss at the save times in a step, from the k-th on downwards, and returns the index of the last one before it. */
  private addLosses(part: LossPart, step: KeptStep, k: Value, recordBar: ArrayDeclaration): Value {
    const { b, n, adjoint } = this;
    const { vectors } = adjoint;
    const record = b.localArray("record", vectors * n);
    const [state, stateBar] = [b.localArray("state", n), b.localArray("state_bar", n)];
    adjoint.record(record, step);
    return b.while(
      [k],
      ([at]) => this.isAfter(at, step.t),
      ([at]) => {
        const theta = b.operation("div", b.operation("sub", b.load(b.saveTimes, at), step.t), step.h);
        interpolate(b, whole(b, state), whole(b, record), theta, n, vectors);
        b.fill(stateBar, b.f64(0));
        this.addLoss(part, whole(b, state), this.scalarsAt(at), stateBar);
        recordWeights(b, theta, vectors).forEach((weight, q) => {
          b.for(b.i32(0), b.i32(n), 1, [], (c) => {
            b.accumulate(recordBar, b.operation("i32.add", c, b.i32(q * n)), b.times(weight, b.load(stateBar, c)));
            return [];
          });
        });
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

  /** Adds a part's value, and its gradient to the state's cotangent and to that of p. */
  private addLoss(part: LossPart, state: ArrayArgument, scalars: readonly Value[], uBar: ArrayDeclaration): void {
    const { b, n, np, pBar, value } = this;
    const p = b.slice(b.p);
    b.accumulate(value, b.i32(0), b.call(part.value, [state, p, ...scalars])!);
    const [u, parameters] = [whole(b, b.localArray("loss_u", n)), whole(b, b.localArray("loss_p", np))];
    b.call(part.gradient, [state, p, ...scalars, b.f64(1), u, parameters]);
    this.addTo(uBar, u.array, n);
    this.addTo(pBar, parameters.array, np);
  }

  private addTo(into: ArrayDeclaration, term: ArrayDeclaration, size: number): void {
    this.b.addTo({ array: into, offset: 0 }, { array: term, offset: 0 }, size);
  }
}
