/** Steps of fixed length: all trajectories take the same, so nothing is masked. */
import type { Kernel } from "../../src/batch/kernel.ts";
import { withoutCalls } from "../../src/batch/kernel.ts";
import type { Value } from "../../src/program/ir.ts";
import type { ExplicitMethod } from "../method.ts";
import type { System } from "../system.ts";
import { EnsembleBuilder, outcomes, SHARED } from "./ensemble-builder.ts";

/** `shared`: whichever of u0 and p all trajectories have in common. */
export function fixedKernel(method: ExplicitMethod, system: System, saves: number, shared: readonly string[]): Kernel {
  const b = new EnsembleBuilder(`${method.name}_batch`, method, system, saves);
  b.copy(b.here.u, b.u0);
  b.rhs(b.here.f, b.here.u, b.setting("t0"));
  const first = b.saveStart(b.here.u, b.setting("t0"));
  const { kept: saved } = takeFixedSteps(b, first, (_, k, t, tNext) => b.saveWithin(k, t, tNext));
  b.tell("saved", b.toF64(saved));
  return { program: withoutCalls(b.finish()), shared: new Set([...SHARED, ...shared]) };
}

/**
 * All steps, from the state here on. `taken` looks at each, the i-th from t to tNext, before the trajectory moves on, and makes a value
 * of its own of `kept`. Returns the number of steps, and the value that was kept last.
 */
export function takeFixedSteps(
  b: EnsembleBuilder,
  initial: Value,
  taken: (i: Value, kept: Value, t: Value, tNext: Value) => Value,
): { readonly count: Value; readonly kept: Value } {
  const [t0, t1, h, steps] = [b.setting("t0"), b.setting("t1"), b.setting("h"), b.setting("steps")];
  const count = b.operation("i32.from_f64", steps);
  const last = b.operation("i32.sub", count, b.i32(1));
  const [kept] = b.for(b.i32(0), count, 1, [initial], (i, [before]) => {
    const at = (step: Value) => b.plus(t0, b.times(b.toF64(step), h));
    const t = at(i);
    const tNext = b.operation("select", b.operation("i32.lt", i, last), at(b.operation("i32.add", i, b.i32(1))), t1);
    b.step(t, b.operation("sub", tNext, t), b.f64(0));
    b.finishDerivative(tNext);
    const next = taken(i, before, t, tNext);
    b.advanceTo();
    return [next];
  });
  b.tell("steps", steps);
  b.tell("rejections", b.f64(0));
  b.tell("outcome", b.operation("select", b.isFinite(b.here.u), b.f64(0), b.f64(outcomes.indexOf("nonFinite"))));
  return { count, kept };
}
