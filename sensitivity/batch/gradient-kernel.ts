/**
 * The kernel that solves a trajectory and computes the gradient of its loss by the discrete adjoint, exact for the steps taken. Where
 * the solve carries tangents, the reverse sweep is that of the state alone. The starts and stages of all steps are kept; the reverse
 * sweep goes through them and through the dense output. A run of the kernel takes a bounded number of steps, forwards or backwards, and
 * keeps what the next one needs.
 */
import { PENDING } from "../../solvers/batch/adaptive.ts";
import {
  controlledOf as ofMethod,
  firstControlled,
  goesOn,
  mostInRun,
  sizeOfControlled,
  tellSteps,
  triesOf,
  tryStep,
  valuesOf,
  type Controlled,
} from "../../solvers/batch/controlled.ts";
import { SHARED } from "../../solvers/batch/told.ts";
import { FixedSteps, rangeOf, startOfFixed } from "../../solvers/batch/fixed.ts";
import { RANGE } from "../../src/devices/device.ts";
import { withoutCalls, type Kernel } from "../../src/devices/kernel.ts";
import type { ArrayArgument, ArrayDeclaration, Value } from "../../src/ir/ir.ts";
import { GradientSteps, type GradientKernelOptions } from "./gradient-steps.ts";

/**
 * Builds the kernel. Its own outputs are value[1], u0_bar[n] and p_bar[np], of the state without tangents. `indices`, [K], are
 * those of the times in the user's list. Steps of one length are a sweep of twice as many,
 * forwards, then backwards; others go on while `pending` is not zero.
 */
export function gradientKernel(options: GradientKernelOptions): Kernel {
  const steps = new GradientSteps(options);
  (options.isSwept ? fixed : controlled)(steps);
  const shared = [...SHARED, ...(options.isSwept ? [RANGE] : []), ...options.shared];
  return { program: withoutCalls(steps.b.finish()), shared: new Set(shared) };
}

/** Steps of one length: what a run takes is the same for all trajectories. */
function fixed(steps: GradientSteps): void {
  const { b } = steps;
  const { saves } = steps.options;
  const forwards = new FixedSteps(b);
  const { count } = forwards;
  const [from, to] = rangeOf(b);
  const left = b.slice(b.remembered("left", 1));
  b.when(
    b.operation("i32.eq", from, b.i32(0)),
    () => {
      b.copy(b.here.u, b.u0);
      forwards.begin();
    },
    () => b.resume(),
  );
  const goesForward = b.operation("i32.lt", from, count);
  const reachesEnd = b.operation("i32.ge", to, count);
  b.for(from, b.operation("i32.select", reachesEnd, count, to), 1, [b.due(startOfFixed(b, from))], (i, [k]) => {
    const [t, tNext] = [startOfFixed(b, i), forwards.endOf(i)];
    let next = k;
    forwards.take(t, tNext, k, () => (next = steps.keep(i, t, tNext, k)));
    return [next];
  });
  b.when(b.operation("bool.and", goesForward, reachesEnd), () => {
    forwards.tell(b.i32(saves));
    steps.turnBack(count, b.setting("t1"));
    b.set(left, b.f64(saves - 1));
  });
  const last = b.operation("i32.sub", b.operation("i32.mul", count, b.i32(2)), b.i32(1));
  const [first, end] = [b.operation("i32.select", goesForward, count, from), to].map((at) => b.operation("i32.sub", last, at));
  const [k] = b.for(first, end, -1, [b.operation("i32.from_f64", b.get(left))], (i, [at]) => [steps.overStep(i, at)]);
  b.when(
    b.operation("i32.lt", end, b.i32(0)),
    () => steps.finish(k),
    () => {
      b.set(left, b.toF64(k));
      b.suspend();
    },
  );
}

/** Steps under error control: some trajectories are in their reverse sweep while others still go forwards. */
function controlled(steps: GradientSteps): void {
  const { b } = steps;
  const { method, saves } = steps.options;
  const pending = b.slice({ array: b.arrayParameter(PENDING, 1, "inout"), offset: 0 });
  const phase = b.get(pending);
  const count = sizeOfControlled(method);
  const controlledOf = (values: readonly Value[]): Controlled => ofMethod(method, values);
  /** What is carried from step to step; the save time that comes next, and the last step that the reverse sweep has not gone over. */
  const memory = b.remembered("controlled", count + 2).array;
  const kept = (i: number): Value => b.operation("i32.from_f64", b.load(memory, b.i32(i)));
  b.when(b.operation("ne", phase, b.f64(phases.over)), () => {
    const start = b.if(
      b.operation("eq", phase, b.f64(phases.fresh)),
      () => {
        b.copy(b.here.u, b.u0);
        b.begin(b.setting("t0"));
        return [...valuesOf(firstControlled(b, method)), b.due(b.setting("t0")), b.i32(-1)];
      },
      () => {
        b.resume();
        return [...Array.from({ length: count }, (_, i) => b.load(memory, b.i32(i))), kept(count), kept(count + 1)];
      },
    );
    const most = mostInRun(b, controlledOf(start));
    const end = b.while(
      start.slice(0, count + 1),
      (carried) => goesOn(b, controlledOf(carried), most),
      (carried) => {
        const state = controlledOf(carried);
        const k = carried[count];
        const keep = (t: Value, tNext: Value): Value => steps.keep(b.operation("i32.from_f64", state.steps), t, tNext, k);
        const next = tryStep(b, method, state, k, { accept: keep });
        return [...valuesOf(next.controlled), next.next];
      },
      [...new Array<undefined>(count).fill(undefined), [-1, Math.max(1, saves)]],
    );
    goBack(steps, { start, end, pending, memory });
  });
}

/** What a trajectory is at. */
const phases = { over: 0, fresh: 1, forwards: 2, backwards: 3 } as const;

/** What a run of the kernel began with, and what its steps forwards ended with; the phase, and what is kept for the next run. */
interface Run {
  readonly start: readonly Value[];
  readonly end: readonly Value[];
  readonly pending: ArrayArgument;
  readonly memory: ArrayDeclaration;
}

/** The reverse sweep of a trajectory that has come to its end, over as many steps as this run of the kernel may still take. */
function goBack(steps: GradientSteps, { start, end, pending, memory }: Run): void {
  const { b } = steps;
  const { method, saves } = steps.options;
  const count = sizeOfControlled(method);
  const last = ofMethod(method, end);
  const isThere = b.operation("bool.not", goesOn(b, last));
  const [from, before] = b.if(
    b.operation("bool.and", isThere, b.operation("lt", b.get(pending), b.f64(phases.backwards))),
    () => {
      tellSteps(b, last);
      const taken = b.operation("i32.from_f64", last.steps);
      steps.turnBack(taken, last.t);
      return [b.operation("i32.sub", taken, b.i32(1)), b.i32(saves - 1)];
    },
    () => [start[count + 1], end[count]],
  );
  const tries = b.operation("sub", triesOf(b, last), triesOf(b, ofMethod(method, start)));
  const lowest = b.operation("i32.sub", from, b.operation("i32.from_f64", b.operation("sub", b.setting("mostHere"), tries)));
  const to = b.operation("i32.select", b.operation("i32.lt", lowest, b.i32(-1)), b.i32(-1), lowest);
  const [k] = b.for(from, to, -1, [before], (i, [at]) => [steps.overStep(i, at)]);
  b.when(
    b.operation("bool.and", isThere, b.operation("i32.lt", to, b.i32(0))),
    () => {
      steps.finish(k);
      b.set(pending, b.f64(phases.over));
    },
    () => {
      [...valuesOf(last), b.toF64(k), b.toF64(to)].forEach((x, i) => b.store(memory, b.i32(i), x));
      b.suspend();
      b.set(pending, b.operation("select", isThere, b.f64(phases.backwards), b.f64(phases.forwards)));
    },
  );
}
