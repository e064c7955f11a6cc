/**
 * Steps of fixed length that end nowhere else: all trajectories take the same, so nothing is masked. A run of the kernel takes those of its range; where some
 * are left, the next goes on with what is kept.
 */
import { RANGE } from "../../src/devices/device.ts";
import type { Kernel } from "../../src/devices/kernel.ts";
import { withoutCalls } from "../../src/devices/kernel.ts";
import type { Value } from "../../src/ir/ir.ts";
import type { ExplicitMethod } from "../families/explicit/tableau.ts";
import type { System } from "../step/system.ts";
import { BatchBuilder, outcomes, SHARED } from "./batch-builder.ts";

/** `shared`: whichever of u0, p and atol all trajectories have in common. */
export function fixedKernel(method: ExplicitMethod, system: System, saves: number, shared: readonly string[]): Kernel {
  const b = new BatchBuilder(`${method.name}_batch`, method, system, saves);
  const { count, take } = fixedSteps(b);
  const [begin, end] = rangeOf(b);
  const [first] = b.if(
    b.operation("i32.eq", begin, b.i32(0)),
    () => {
      b.copy(b.here.u, b.u0);
      b.rhs(b.here.f, b.here.u, b.setting("t0"));
      return [b.saveStart(b.here.u, b.setting("t0"))];
    },
    () => {
      b.resume();
      return [b.due(startOfFixed(b, begin))];
    },
  );
  // Steps in which nothing is saved have a loop of their own: what dense output needs is not kept through it.
  const [, saved] = b.while(
    [begin, first],
    ([i]) => b.operation("i32.lt", i, end),
    ([from, k]) => {
      const [at] = b.while(
        [from],
        ([i]) => {
          const isLast = b.operation("i32.ge", b.operation("i32.add", i, b.i32(1)), end);
          return b.operation("bool.not", b.operation("bool.or", isLast, b.isDue(k, endOf(b, i))));
        },
        ([i]) => {
          take(i, () => {});
          return [b.operation("i32.add", i, b.i32(1))];
        },
      );
      let next = k;
      take(at, (t, tNext) => (next = b.saveWithin(k, t, tNext)));
      return [b.operation("i32.add", at, b.i32(1)), next];
    },
    [undefined, [0, saves]],
  );
  b.when(
    b.operation("i32.lt", end, count),
    () => b.suspend(),
    () => {
      tellFixed(b);
      b.tell("saved", b.toF64(saved));
    },
  );
  return { program: withoutCalls(b.finish()), shared: new Set([...SHARED, RANGE, ...shared]) };
}

/** What steps a run of the kernel takes: those from the first on, but not the second any more. */
export function rangeOf(b: BatchBuilder): readonly [Value, Value] {
  const range = b.arrayParameter(RANGE, 2, "input");
  const [from, to] = [0, 1].map((i) => b.operation("i32.from_f64", b.load(range, b.i32(i))));
  return [from, to];
}

/** Where step i starts, and the one before it ends. */
export function startOfFixed(b: BatchBuilder, i: Value): Value {
  return b.plus(b.setting("t0"), b.times(b.toF64(i), b.setting("h")));
}

function endOf(b: BatchBuilder, i: Value): Value {
  return startOfFixed(b, b.operation("i32.add", i, b.i32(1)));
}

/** The number of steps, and how to take the i-th: `taken` looks at it, from t to tNext, before the trajectory moves on. */
export function fixedSteps(b: BatchBuilder): {
  readonly count: Value;
  readonly take: (i: Value, taken: (t: Value, tNext: Value) => void) => void;
} {
  const count = b.operation("i32.from_f64", b.setting("steps"));
  const last = b.operation("i32.sub", count, b.i32(1));
  return {
    count,
    take(i, taken) {
      const t = startOfFixed(b, i);
      const tNext = b.operation("select", b.operation("i32.lt", i, last), endOf(b, i), b.setting("t1"));
      b.step(t, b.operation("sub", tNext, t), b.f64(0));
      b.finishDerivative(tNext);
      taken(t, tNext);
      b.advanceTo();
    },
  };
}

export function tellFixed(b: BatchBuilder): void {
  b.tell("steps", b.setting("steps"));
  b.tell("rejections", b.f64(0));
  b.tell("end", b.setting("t1"));
  b.tell("outcome", b.operation("select", b.isFinite(b.here.u), b.f64(0), b.f64(outcomes.indexOf("nonFinite"))));
}
