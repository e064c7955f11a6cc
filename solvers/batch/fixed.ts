/** Steps of fixed length: all trajectories take the same, so nothing is masked. */
import type { Kernel } from "../../src/batch/kernel.ts";
import { withoutCalls } from "../../src/batch/kernel.ts";
import type { ExplicitMethod } from "../method.ts";
import type { System } from "../system.ts";
import { EnsembleBuilder, outcomes } from "./ensemble-builder.ts";

/** `shared`: whichever of u0 and p all trajectories have in common. */
export function fixedKernel(method: ExplicitMethod, system: System, saves: number, shared: readonly string[]): Kernel {
  const b = new EnsembleBuilder(`${method.name}_batch`, method, system, saves);
  const { here, there } = b;
  const [t0, t1, h, steps] = [b.setting("t0"), b.setting("t1"), b.setting("h"), b.setting("steps")];
  const count = b.operation("i32.from_f64", steps);
  const last = b.operation("i32.sub", count, b.i32(1));
  b.copy(here.u, b.u0);
  b.rhs(here.f, here.u, t0);
  const first = b.saveStart(here.u, t0);
  const [saved] = b.for(b.i32(0), count, 1, [first], (i, [k]) => {
    const at = (step: typeof i) => b.plus(t0, b.times(b.toF64(step), h));
    const t = at(i);
    const tNext = b.operation("select", b.operation("i32.lt", i, last), at(b.operation("i32.add", i, b.i32(1))), t1);
    b.step(t, b.operation("sub", tNext, t), b.f64(0));
    b.finishDerivative(tNext);
    const next = b.saveWithin(k, t, tNext);
    b.advanceTo();
    return [next];
  });
  b.tell("steps", steps);
  b.tell("rejections", b.f64(0));
  b.tell("saved", b.toF64(saved));
  b.tell("outcome", b.operation("select", b.isFinite(there.u), b.f64(0), b.f64(outcomes.indexOf("nonFinite"))));
  return { program: withoutCalls(b.finish()), shared: new Set(["settings", "saveTimes", "atol", ...shared]) };
}
