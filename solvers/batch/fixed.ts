/** Steps of fixed length: all trajectories take the same, so nothing is masked. */
import type { Kernel } from "../../src/devices/kernel.ts";
import { withoutCalls } from "../../src/devices/kernel.ts";
import type { Value } from "../../src/ir/ir.ts";
import type { ExplicitMethod } from "../families/explicit/tableau.ts";
import type { System } from "../step/system.ts";
import { EnsembleBuilder, outcomes, SHARED } from "./ensemble-builder.ts";

/** `shared`: whichever of u0, p, atol and halts all trajectories have in common. */
export function fixedKernel(method: ExplicitMethod, system: System, saves: number, shared: readonly string[]): Kernel {
  const b = new EnsembleBuilder(`${method.name}_batch`, method, system, saves);
  b.copy(b.here.u, b.u0);
  b.rhs(b.here.f, b.here.u, b.setting("t0"));
  const first = b.saveStart(b.here.u, b.setting("t0"));
  const { count, take } = fixedSteps(b);
  // Steps in which nothing is saved have a loop of their own: what dense output needs is not kept through it.
  const [, saved] = b.while(
    [b.i32(0), first],
    ([i]) => b.operation("i32.lt", i, count),
    ([from, k]) => {
      const [at] = b.while(
        [from],
        ([i]) => {
          const isLast = b.operation("i32.ge", b.operation("i32.add", i, b.i32(1)), count);
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
  tellFixed(b);
  b.tell("saved", b.toF64(saved));
  return { program: withoutCalls(b.finish()), shared: new Set([...SHARED, ...shared]) };
}

/** The end of step i, but for the last. */
function endOf(b: EnsembleBuilder, i: Value): Value {
  return b.plus(b.setting("t0"), b.times(b.toF64(b.operation("i32.add", i, b.i32(1))), b.setting("h")));
}

/** The number of steps, and how to take the i-th: `taken` looks at it, from t to tNext, before the trajectory moves on. */
export function fixedSteps(b: EnsembleBuilder): {
  readonly count: Value;
  readonly take: (i: Value, taken: (t: Value, tNext: Value) => void) => void;
} {
  const count = b.operation("i32.from_f64", b.setting("steps"));
  const last = b.operation("i32.sub", count, b.i32(1));
  return {
    count,
    take(i, taken) {
      const t = b.plus(b.setting("t0"), b.times(b.toF64(i), b.setting("h")));
      const tNext = b.operation("select", b.operation("i32.lt", i, last), endOf(b, i), b.setting("t1"));
      b.step(t, b.operation("sub", tNext, t), b.f64(0));
      b.finishDerivative(tNext);
      taken(t, tNext);
      b.advanceTo();
    },
  };
}

export function tellFixed(b: EnsembleBuilder): void {
  b.tell("steps", b.setting("steps"));
  b.tell("rejections", b.f64(0));
  b.tell("outcome", b.operation("select", b.isFinite(b.here.u), b.f64(0), b.f64(outcomes.indexOf("nonFinite"))));
}
