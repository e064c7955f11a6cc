/**
 * Losses of batched solves with their gradients: the discrete adjoint, exact for the steps taken, of every trajectory by itself. The
 * steps' starts are kept; the way back makes each step anew and goes back through it and its dense output.
 */
import { withoutCalls, type Kernel } from "../../src/batch/kernel.ts";
import type { ArrayArgument, ArrayDeclaration, Value } from "../../src/program/ir.ts";
import { CONTROLLED, controlledOf, firstControlled, goesOn, tellSteps, tryStep } from "../../solvers/batch/controlled.ts";
import { EnsembleBuilder, SHARED } from "../../solvers/batch/ensemble-builder.ts";
import { takeFixedSteps } from "../../solvers/batch/fixed.ts";
import { copy } from "../../solvers/march.ts";
import { interpolate, recordWeights } from "../../solvers/interpolant.ts";
import type { ExplicitMethod } from "../../solvers/method.ts";
import type { System } from "../../solvers/system.ts";
import type { LossPart, LossPrograms } from "../loss.ts";
import { stepRecord } from "./step-record.ts";

export interface GradientKernelOptions {
  readonly method: ExplicitMethod;
  readonly system: System;
  readonly loss: Pick<LossPrograms, "sum" | "final">;
  /** Times of the sum. */
  readonly saves: number;
  /** Steps that there is room for; a trajectory with more ends as "tooManySteps". */
  readonly capacity: number;
  /** Whichever of u0 and p all trajectories have in common. */
  readonly shared: readonly string[];
}

/** Own outputs: value[1], u0_bar[n], p_bar[np]; shared beside those of a solve: indices[K], the places of the times in the user's list. */
export function gradientKernel({ method, system, loss, saves, capacity, shared }: GradientKernelOptions): Kernel {
  const b = new EnsembleBuilder(`${method.name}_gradient_batch`, method, system, Math.max(1, saves));
  const { n, np } = system;
  const value = b.arrayParameter("value", 1, "output");
  const lambda = b.arrayParameter("u0_bar", n, "output");
  const pBar = b.arrayParameter("p_bar", np, "output");
  const indices = b.arrayParameter("indices", Math.max(1, saves), "input");
  /** Where and when each step starts, and the end of the last. */
  const starts = b.arrayParameter("starts", (capacity + 1) * n, "inout");
  const times = b.arrayParameter("times", capacity + 1, "inout");
  const steps = forward();
  backward(steps);
  return { program: withoutCalls(b.finish()), shared: new Set([...SHARED, "indices", ...shared]) };

  function startOf(step: Value): ArrayArgument {
    return { array: starts, offset: b.operation("i32.mul", step, b.i32(n)) };
  }

  function keep(step: Value, t: Value): void {
    copy(b, startOf(step), b.slice(b.here.u), n);
    b.store(times, step, t);
  }

  /** Returns the number of steps. */
  function forward(): Value {
    b.copy(b.here.u, b.u0);
    b.rhs(b.here.f, b.here.u, b.setting("t0"));
    if (method.dt) {
      const count = takeFixedSteps(b, b.i32(0), (i, kept, t) => {
        keep(i, t);
        return kept;
      }).count;
      keep(count, b.setting("t1"));
      return count;
    }
    const first = firstControlled(b, method);
    const end = b.while(
      CONTROLLED.map((name) => first[name]),
      (carried) => goesOn(b, controlledOf(carried)),
      (carried) => {
        const state = controlledOf(carried);
        const next = tryStep(b, method, state, b.i32(0), (t) => {
          keep(b.operation("i32.from_f64", state.steps), t);
          return b.i32(0);
        });
        return CONTROLLED.map((name) => next.controlled[name]);
      },
    );
    const last = controlledOf(end);
    tellSteps(b, last);
    const count = b.operation("i32.from_f64", last.steps);
    keep(count, last.t);
    return count;
  }

  function backward(steps: Value): void {
    const record = stepRecord(system, b.programs);
    b.fill(lambda, b.f64(0));
    b.fill(pBar, b.f64(0));
    b.store(value, b.i32(0), b.f64(0));
    if (loss.final) addLoss(loss.final, b.slice(b.here.u), [], lambda);
    const [k] = b.for(b.operation("i32.sub", steps, b.i32(1)), b.i32(-1), -1, [b.i32(saves - 1)], (i, [k]) => [
      goBack(i, k, record),
    ]);
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
  function goBack(i: Value, k: Value, { value: make, pullback }: ReturnType<typeof stepRecord>): Value {
    const next = b.operation("i32.add", i, b.i32(1));
    const [t, tNext] = [b.load(times, i), b.load(times, next)];
    const h = b.operation("sub", tNext, t);
    const [u, p] = [startOf(i), b.slice(b.p)];
    const recordBar = b.localArray("record_bar", b.programs.recordSize);
    const vectors = b.programs.recordSize / n;
    b.fill(recordBar, b.f64(0));
    let before = k;
    if (loss.sum) {
      [before] = b.if(
        isAfter(k, t),
        () => {
          const [uNext, record] = [b.localArray("uNext", n), b.localArray("record", b.programs.recordSize)].map(whole);
          b.call(make, [uNext, record, u, p, t, h]);
          return b.while(
            [k],
            ([at]) => isAfter(at, t),
            ([at]) => {
              const theta = b.operation("div", b.operation("sub", b.load(b.saveTimes, at), t), h);
              const state = whole(b.localArray("state", n));
              const stateBar = b.localArray("state_bar", n);
              interpolate(b, state, record, theta, n, vectors);
              b.fill(stateBar, b.f64(0));
              addLoss(loss.sum!, state, scalarsAt(at), stateBar);
              recordWeights(b, theta, vectors).forEach((weight, q) => {
                b.for(b.i32(0), b.i32(n), 1, [], (c) => {
                  b.accumulate(recordBar, b.operation("i32.add", c, b.i32(q * n)), b.times(weight, b.load(stateBar, c)));
                  return [];
                });
              });
              return [b.operation("i32.sub", at, b.i32(1))];
            },
            [[-1, saves]],
          );
        },
        () => [k],
      );
    }
    const uBar = whole(b.localArray("u_bar", n));
    const pStep = whole(b.localArray("p_step", np));
    b.call(pullback, [u, p, t, h, whole(lambda), whole(recordBar), uBar, pStep]);
    copy(b, whole(lambda), uBar, n);
    addTo(pBar, pStep.array, np);
    return before;
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
    const [u, parameters] = [whole(b.localArray("loss_u", n)), whole(b.localArray("loss_p", np))];
    b.call(part.gradient, [state, p, ...scalars, b.f64(1), u, parameters]);
    addTo(uBar, u.array, n);
    addTo(pBar, parameters.array, np);
  }

  function addTo(into: ArrayDeclaration, term: ArrayDeclaration, size: number): void {
    b.addTo({ array: into, offset: 0 }, { array: term, offset: 0 }, size);
  }

  function whole(array: ArrayDeclaration): ArrayArgument {
    return { array, offset: b.i32(0) };
  }
}
