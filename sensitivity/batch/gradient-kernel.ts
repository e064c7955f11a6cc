/**
 * Losses of batched solves with their gradients: the discrete adjoint, exact for the steps taken, of every trajectory by itself. Where
 * the solve carries tangents, the way back is that of the state alone. The steps' starts and stages are kept; the way back goes
 * through them and the dense output.
 */
import { withoutCalls, type Kernel } from "../../src/devices/kernel.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { CONTROLLED, controlledOf, firstControlled, goesOn, tellSteps, tryStep } from "../../solvers/batch/controlled.ts";
import { EnsembleBuilder, SHARED } from "../../solvers/batch/ensemble-builder.ts";
import { fixedSteps, tellFixed } from "../../solvers/batch/fixed.ts";
import { copy } from "../../solvers/step/builder.ts";
import { interpolate, recordWeights } from "../../solvers/step-loop/interpolant.ts";
import type { ExplicitMethod } from "../../solvers/families/explicit/tableau.ts";
import type { System } from "../../solvers/step/system.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { LossPart } from "../losses/part.ts";
import { StepAdjoint, whole, type KeptStep } from "./stages.ts";

export interface GradientKernelOptions {
  readonly method: ExplicitMethod;
  /** What is solved, with or without tangents. */
  readonly system: System;
  /** Of the right-hand side, with respect to u and p. */
  readonly vjp: Program;
  readonly loss: Pick<LossPrograms, "sum" | "final">;
  /** Times of the sum. */
  readonly saves: number;
  /** Steps that there is room for; a trajectory with more ends as "tooManySteps". */
  readonly capacity: number;
  /** Times that are ends of steps. */
  readonly halts: number;
  /** Whichever of u0, p, atol and halts all trajectories have in common. */
  readonly shared: readonly string[];
}

/**
 * Own outputs: value[1], u0_bar[n], p_bar[np], of the state without tangents; shared beside those of a solve: indices[K], the places
 * of the times in the user's list.
 */
export function gradientKernel({ method, system, vjp, loss, saves, capacity, halts, shared }: GradientKernelOptions): Kernel {
  const b = new EnsembleBuilder(`${method.name}_gradient_batch`, method, system, Math.max(1, saves), halts);
  const primal = system.primal ?? system;
  const { n, np } = primal;
  const value = b.arrayParameter("value", 1, "output");
  const lambda = b.arrayParameter("u0_bar", n, "output");
  const pBar = b.arrayParameter("p_bar", np, "output");
  const indices = b.arrayParameter("indices", Math.max(1, saves), "input");
  /** Where and when each step starts, and the end of the last. */
  const starts = b.arrayParameter("starts", (capacity + 1) * n, "inout");
  const times = b.arrayParameter("times", capacity + 1, "inout");
  const adjoint = new StepAdjoint(b, method.tableau, primal, vjp, pBar);
  /** Derivatives of its stages. */
  const stages = b.arrayParameter("stages", capacity * adjoint.count * n, "inout");
  const steps = forward();
  backward(steps);
  return { program: withoutCalls(b.finish()), shared: new Set([...SHARED, "indices", ...shared]) };

  function startOf(step: Value): ArrayArgument {
    return { array: starts, offset: b.operation("i32.mul", step, b.i32(n)) };
  }

  function keepStart(step: Value, t: Value): void {
    copy(b, startOf(step), b.slice(b.here.u), n);
    b.store(times, step, t);
  }

  function stagesOf(step: Value): ArrayArgument {
    return { array: stages, offset: b.operation("i32.mul", step, b.i32(adjoint.count * n)) };
  }

  /** The step just taken, from t to tNext. Stages for dense output are made where a save time lies in it. */
  function keep(step: Value, t: Value, tNext: Value, k: Value): Value {
    keepStart(step, t);
    const isDue = b.isDue(k, tNext);
    if (loss.sum && adjoint.count > adjoint.end + 1) b.when(isDue, () => b.makeRecord(t, b.operation("sub", tNext, t)));
    const { array, offset } = stagesOf(step);
    for (let i = 0; i < adjoint.count; i++) {
      copy(b, { array, offset: b.operation("i32.add", offset, b.i32(i * n)) }, b.slice(b.stage(i)), n);
    }
    return b.while(
      [k],
      ([at]) => b.isDue(at, tNext),
      ([at]) => [b.operation("i32.add", at, b.i32(1))],
      [[0, saves]],
    )[0];
  }

  /** Returns the number of steps. */
  function forward(): Value {
    b.copy(b.here.u, b.u0);
    b.rhs(b.here.f, b.here.u, b.setting("t0"));
    if (method.dt) {
      const { count, take } = fixedSteps(b);
      b.for(b.i32(0), count, 1, [b.i32(0)], (i, [k]) => {
        let next = k;
        take(i, (t, tNext) => (next = keep(i, t, tNext, k)));
        return [next];
      });
      tellFixed(b);
      keepStart(count, b.setting("t1"));
      return count;
    }
    const first = firstControlled(b, method);
    const end = b.while(
      [...CONTROLLED.map((name) => first[name]), b.i32(0)],
      (carried) => goesOn(b, controlledOf(carried)),
      (carried) => {
        const state = controlledOf(carried);
        const k = carried[CONTROLLED.length];
        const next = tryStep(b, method, state, k, (t, tNext) => keep(b.operation("i32.from_f64", state.steps), t, tNext, k));
        return [...CONTROLLED.map((name) => next.controlled[name]), next.kept];
      },
      [...CONTROLLED.map(() => undefined), [0, saves]],
    );
    const last = controlledOf(end);
    tellSteps(b, last);
    const count = b.operation("i32.from_f64", last.steps);
    keepStart(count, last.t);
    return count;
  }

  function backward(steps: Value): void {
    b.fill(lambda, b.f64(0));
    b.fill(pBar, b.f64(0));
    b.store(value, b.i32(0), b.f64(0));
    if (loss.final) addLoss(loss.final, b.slice(b.here.u), [], lambda);
    adjoint.begin();
    const [k] = b.for(b.operation("i32.sub", steps, b.i32(1)), b.i32(-1), -1, [b.i32(saves - 1)], (i, [k]) => [goBack(i, k)]);
    adjoint.finish(lambda, b.slice(b.u0), b.setting("t0"));
    if (loss.sum) {
      // What is left is at the start.
      b.while(
        [k],
        ([at]) => b.operation("i32.ge", at, b.i32(0)),
        ([at]) => {
          addLoss(loss.sum!, b.slice(b.u0), scalarsAt(at), lambda);
          return [b.operation("i32.sub", at, b.i32(1))];
        },
        [[-1, saves]],
      );
    }
  }

  /** Through step i; returns the last save time before it. */
  function goBack(i: Value, k: Value): Value {
    const t = b.load(times, i);
    const h = b.operation("sub", b.load(times, b.operation("i32.add", i, b.i32(1))), t);
    const step: KeptStep = { u: startOf(i), stages: stagesOf(i), t, h };
    const recordBar = b.localArray("record_bar", adjoint.vectors * n);
    b.fill(recordBar, b.f64(0));
    const [before] = loss.sum
      ? b.if(
          isAfter(k, t),
          () => [addLosses(loss.sum!, step, k, recordBar)],
          () => [k],
        )
      : [k];
    adjoint.goBack(lambda, recordBar, step);
    return before;
  }

  /** Of the save times in a step, from the k-th on downwards; returns the last one before it. */
  function addLosses(part: LossPart, step: KeptStep, k: Value, recordBar: ArrayDeclaration): Value {
    const record = b.localArray("record", adjoint.vectors * n);
    const [state, stateBar] = [b.localArray("state", n), b.localArray("state_bar", n)];
    const { vectors } = adjoint;
    adjoint.record(record, step);
    return b.while(
      [k],
      ([at]) => isAfter(at, step.t),
      ([at]) => {
        const theta = b.operation("div", b.operation("sub", b.load(b.saveTimes, at), step.t), step.h);
        interpolate(b, whole(b, state), whole(b, record), theta, n, vectors);
        b.fill(stateBar, b.f64(0));
        addLoss(part, whole(b, state), scalarsAt(at), stateBar);
        recordWeights(b, theta, vectors).forEach((weight, q) => {
          b.for(b.i32(0), b.i32(n), 1, [], (c) => {
            b.accumulate(recordBar, b.operation("i32.add", c, b.i32(q * n)), b.times(weight, b.load(stateBar, c)));
            return [];
          });
        });
        return [b.operation("i32.sub", at, b.i32(1))];
      },
      [[-1, saves]],
    )[0];
  }

  /** Is the k-th save time there, and after t? */
  function isAfter(k: Value, t: Value): Value {
    const there = b.operation("i32.ge", k, b.i32(0));
    const inside = b.operation("i32.select", there, k, b.i32(0));
    const distance = b.operation("sub", b.load(b.saveTimes, inside), t);
    return b.operation("bool.and", there, b.operation("gt", b.times(b.setting("direction"), distance), b.f64(0)));
  }

  function scalarsAt(k: Value): readonly Value[] {
    return [b.load(b.saveTimes, k), b.operation("i32.from_f64", b.load(indices, k))];
  }

  /** Adds a part's value, and its gradient to the state's cotangent and to that of p. */
  function addLoss(part: LossPart, state: ArrayArgument, scalars: readonly Value[], uBar: ArrayDeclaration): void {
    const p = b.slice(b.p);
    b.accumulate(value, b.i32(0), b.call(part.value, [state, p, ...scalars])!);
    const [u, parameters] = [whole(b, b.localArray("loss_u", n)), whole(b, b.localArray("loss_p", np))];
    b.call(part.gradient, [state, p, ...scalars, b.f64(1), u, parameters]);
    addTo(uBar, u.array, n);
    addTo(pBar, parameters.array, np);
  }

  function addTo(into: ArrayDeclaration, term: ArrayDeclaration, size: number): void {
    b.addTo({ array: into, offset: 0 }, { array: term, offset: 0 }, size);
  }
}
