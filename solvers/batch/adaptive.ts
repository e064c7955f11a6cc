/**
 * Steps under error control, each trajectory with its own. A run of the kernel takes a bounded number of them; where trajectories are
 * left, their memory is kept and the kernel is run again.
 */
import { withoutCalls, type Kernel } from "../../src/batch/kernel.ts";
import type { Value } from "../../src/program/ir.ts";
import { controllerOf } from "../controller.ts";
import type { ExplicitMethod } from "../method.ts";
import type { System } from "../system.ts";
import { EnsembleBuilder, outcomes } from "./ensemble-builder.ts";

/** As in a march: a step that would leave less than this part of itself goes to the end. */
const STRETCH = 1.01;
const NOT_FINITE_FACTOR = 0.2;

/** Numbers that a trajectory remembers between runs, besides its state, its derivative and how many times it has saved. */
const MEMORY = 6;

/** The own parameter that tells how far a trajectory is: 1 at the beginning, 2 on the way, 0 at the end. */
export const PENDING = "pending";

export function adaptiveKernel(method: ExplicitMethod, system: System, saves: number, shared: readonly string[]): Kernel {
  const b = new EnsembleBuilder(`${method.name}_batch`, method, system, saves);
  const { here } = b;
  const kept = { u: b.vectorParameter("u", "inout"), f: b.vectorParameter("f", "inout") };
  const memory = b.arrayParameter("memory", MEMORY + 1, "inout");
  const pending = b.arrayParameter(PENDING, 1, "inout");
  const zero = b.i32(0);
  const [t0, t1, rtol] = [b.setting("t0"), b.setting("t1"), b.setting("rtol")];
  const controller = controllerOf(method);

  const begin = (): readonly Value[] => {
    b.copy(here.u, b.u0);
    b.rhs(here.f, here.u, t0);
    const saved = b.saveStart(here.u, t0);
    return [t0, firstStep(b, method.order), b.f64(controller.leastLogarithm), b.f64(0), b.f64(0), b.f64(0), saved];
  };
  const resume = (): readonly Value[] => {
    b.copy(here.u, kept.u);
    b.copy(here.f, kept.f);
    const numbers = Array.from({ length: MEMORY }, (_, i) => b.load(memory, b.i32(i)));
    return [...numbers, b.operation("i32.from_f64", b.load(memory, b.i32(MEMORY)))];
  };

  const turn = ([t, h, logarithm, rejected, steps, rejections, k]: readonly Value[]): readonly Value[] => {
    const remaining = b.operation("sub", t1, t);
    const toEnd = b.operation("le", b.operation("abs", remaining), b.times(b.operation("abs", h), STRETCH));
    const length = b.operation("select", toEnd, remaining, h);
    const tNext = b.operation("select", toEnd, t1, b.plus(t, length));
    // Of an error of zero there is no logarithm.
    const error = b.operation("max", b.step(t, length, rtol), b.f64(1e-30));
    const accepted = b.operation("le", error, b.f64(1));
    const isFinite = b.operation("le", error, b.f64(3e38));
    const memoryNow = { logarithm, length: b.f64(0), rejected: b.operation("ne", rejected, b.f64(0)) };
    const after = controller.accept(b, error, length, memoryNow);
    const smaller = b.operation("select", isFinite, controller.reject(b, error), b.f64(NOT_FINITE_FACTOR));
    const [next] = b.if(
      accepted,
      () => {
        b.finishDerivative(tNext);
        const saved = b.saveWithin(k, t, tNext);
        b.advanceTo();
        return [saved];
      },
      () => [k],
    );
    const choose = (yes: Value, no: Value): Value => b.operation("select", accepted, yes, no);
    const again = b.times(length, smaller);
    const one = b.f64(1);
    const stuck = b.operation(
      "bool.and",
      b.operation("bool.not", accepted),
      b.operation("le", b.operation("abs", again), b.times(b.operation("abs", t), b.setting("leastStep"))),
    );
    const why = b.operation("select", isFinite, b.f64(outcomes.indexOf("stepUnderflow")), b.f64(outcomes.indexOf("nonFinite")));
    b.tell("outcome", b.operation("select", stuck, why, b.f64(0)));
    const done = b.operation("bool.or", stuck, b.operation("bool.and", accepted, toEnd));
    return [
      choose(tNext, t),
      choose(b.times(length, after.factor), again),
      choose(after.logarithm, logarithm),
      choose(b.f64(0), b.operation("select", isFinite, one, rejected)),
      b.plus(steps, choose(one, b.f64(0))),
      b.plus(rejections, choose(b.f64(0), one)),
      next,
      b.operation("select", done, b.f64(0), b.f64(2)),
    ];
  };

  const state = b.load(pending, zero);
  b.when(b.operation("ne", state, b.f64(0)), () => {
    const start = b.if(b.operation("eq", state, b.f64(1)), begin, resume);
    const mostSteps = b.setting("mostSteps");
    const mostHere = b.setting("mostHere");
    const end = b.while(
      [...start, b.f64(2), b.f64(0)],
      ([, , , , steps, rejections, , left, turns]) => {
        const within = b.operation("lt", b.plus(steps, rejections), mostSteps);
        const here = b.operation("lt", turns, mostHere);
        return b.operation("bool.and", b.operation("bool.and", within, here), b.operation("ne", left, b.f64(0)));
      },
      (carried) => [...turn(carried), b.plus(carried[8], b.f64(1))],
      [...Array.from({ length: MEMORY }, () => undefined), [0, saves]],
    );
    const [steps, rejections, saved, left] = [end[4], end[5], end[6], end[7]];
    const exhausted = b.operation("ge", b.plus(steps, rejections), mostSteps);
    const cut = b.operation("bool.and", exhausted, b.operation("ne", left, b.f64(0)));
    b.when(cut, () => b.tell("outcome", b.f64(outcomes.indexOf("tooManySteps"))));
    b.tell("steps", steps);
    b.tell("rejections", rejections);
    b.tell("saved", b.toF64(saved));
    end.slice(0, MEMORY).forEach((value, i) => b.store(memory, b.i32(i), value));
    b.store(memory, b.i32(MEMORY), b.toF64(saved));
    b.copy(kept.u, here.u);
    b.copy(kept.f, here.f);
    b.store(pending, zero, b.operation("select", cut, b.f64(0), left));
  });
  return { program: withoutCalls(b.finish()), shared: new Set(["settings", "saveTimes", "atol", ...shared]) };
}

/** As `initialStep` makes it; needs the state and its derivative here. */
function firstStep(b: EnsembleBuilder, order: number): Value {
  const { here, there } = b;
  const [t0, t1, direction, rtol] = [b.setting("t0"), b.setting("t1"), b.setting("direction"), b.setting("rtol")];
  const norm = (of: Parameters<typeof b.sum>[0]): Value => {
    const squares = b.sum((at) => {
      const scale = b.plus(at(b.atol), b.times(rtol, b.operation("abs", at(here.u))));
      const ratio = b.operation("div", of(at), scale);
      return b.times(ratio, ratio);
    });
    return b.operation("sqrt", b.times(squares, 1 / here.u.array.size));
  };
  const or = (x: Value, y: Value): Value => b.operation("bool.or", x, y);
  const [size, slope] = [norm((at) => at(here.u)), norm((at) => at(here.f))];
  const longest = b.operation("abs", b.operation("sub", t1, t0));
  const small = or(b.operation("lt", size, b.f64(1e-5)), b.operation("lt", slope, b.f64(1e-5)));
  const guess = b.operation("select", small, b.f64(1e-6), b.operation("div", b.times(size, 0.01), slope));
  const shortened = b.operation("min", guess, longest);
  const moves = b.operation("ne", b.plus(t0, shortened), t0);
  const least = b.operation("min", longest, b.times(b.operation("abs", t0), 2 ** -40));
  const first = b.operation("select", moves, shortened, least);
  const signed = b.times(direction, first);
  b.each((at) => b.set(at(there.u), b.plus(b.get(at(here.u)), b.times(signed, b.get(at(here.f))))));
  b.rhs(there.f, there.u, b.plus(t0, signed));
  const curvature = b.operation(
    "div",
    norm((at) => b.operation("sub", at(there.f), at(here.f))),
    first,
  );
  const largest = b.operation("max", slope, curvature);
  const flat = b.operation("max", b.f64(1e-6), b.times(first, 1e-3));
  const power = b.operation(
    "pow",
    b.operation("div", b.f64(0.01), b.operation("max", largest, b.f64(1e-30))),
    b.f64(1 / (order + 1)),
  );
  const second = b.operation("select", b.operation("le", largest, b.f64(1e-15)), flat, power);
  const step = b.operation("min", b.times(first, 100), b.operation("min", second, longest));
  return b.times(direction, b.operation("select", b.operation("gt", step, b.f64(0)), step, first));
}
