/**
 * Steps of fixed length that end nowhere else: all trajectories take the same, so nothing is masked. A run of the kernel takes those of its range; where some
 * are left, the next goes on with what is kept.
 */
import { RANGE } from "../../src/devices/device.ts";
import type { Kernel } from "../../src/devices/kernel.ts";
import { withoutCalls } from "../../src/devices/kernel.ts";
import type { ArrayArgument, Value } from "../../src/ir/ir.ts";
import type { Method } from "../step/method.ts";
import type { System } from "../step/system.ts";
import { BatchBuilder } from "./batch-builder.ts";
import { outcomes, SHARED } from "./told.ts";
import { outcomeOf } from "./ended.ts";

/** `shared`: whichever of u0, p, atol and halts all trajectories have in common. */
export function fixedKernel(method: Method, system: System, saves: number, shared: readonly string[]): Kernel {
  const b = new BatchBuilder(`${method.name}_batch`, method, system, saves);
  const steps = new FixedSteps(b);
  const [begin, end] = rangeOf(b);
  const [first] = b.if(
    b.operation("i32.eq", begin, b.i32(0)),
    () => {
      b.copy(b.here.u, b.u0);
      steps.begin();
      return [b.saveHere(b.i32(0), b.here.u, b.setting("t0"))];
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
      const [at, t] = b.while(
        [from, startOfFixed(b, from)],
        ([i]) => {
          const isLast = b.operation("i32.ge", after(b, i), end);
          return b.operation("bool.not", b.operation("bool.or", isLast, b.isDue(k, startOfFixed(b, after(b, i)))));
        },
        ([i, t]) => {
          const tNext = startOfFixed(b, after(b, i));
          steps.renewDerivative(t);
          steps.take(t, tNext, k);
          return [after(b, i), tNext];
        },
      );
      const tNext = steps.endOf(at);
      let next = k;
      steps.renewDerivative(t);
      steps.take(t, tNext, k, () => (next = b.saveWithin(k, t, tNext)));
      return [after(b, at), next];
    },
    [undefined, [0, saves]],
  );
  b.when(
    b.operation("i32.lt", end, steps.count),
    () => b.suspend(),
    () => steps.tell(saved),
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

function after(b: BatchBuilder, i: Value): Value {
  return b.operation("i32.add", i, b.i32(1));
}

/** Of the first try that failed otherwise than by its error: its status, and how many times were saved before it. Zeros at first. */
type Failed = Record<"status" | "saved", ArrayArgument>;

/** Steps of one length of a trajectory. */
export class FixedSteps {
  /** How many. */
  readonly count: Value;
  private readonly failed: Failed;

  constructor(private readonly b: BatchBuilder) {
    this.count = b.operation("i32.from_f64", b.setting("steps"));
    this.failed = { status: b.slice(b.remembered("failed", 1)), saved: b.slice(b.remembered("savedBefore", 1)) };
  }

  begin(): void {
    const { b, failed } = this;
    b.begin(b.setting("t0"));
    for (const at of Object.values(failed)) b.set(at, b.f64(0));
  }

  /** Where the i-th ends. */
  endOf(i: Value): Value {
    const { b, count } = this;
    const isLast = b.operation("i32.ge", after(b, i), count);
    return b.operation("select", isLast, b.setting("t1"), startOfFixed(b, after(b, i)));
  }

  /** At t: where the derivative at a step's end is known only afterwards, to compute it anew takes less than to carry it through a loop. */
  renewDerivative(t: Value): void {
    const { b } = this;
    if (!b.programs.fsal) b.evaluate(b.of.rhs, b.here.f, b.here.u, b.p, t);
  }

  /** That from t to tNext, where the k-th time is the next that is saved. `taken` looks at it before the trajectory moves on. */
  take(t: Value, tNext: Value, k: Value, taken: () => void = () => {}): void {
    const { b, failed } = this;
    b.step(t, b.operation("sub", tNext, t), b.setting("rtol"));
    const hasFailed = b.operation("ne", b.said("status"), b.f64(0));
    const isFirst = b.operation("bool.and", hasFailed, b.operation("eq", b.get(failed.status), b.f64(0)));
    b.set(failed.saved, b.operation("select", isFirst, b.toF64(k), b.get(failed.saved)));
    b.set(failed.status, b.operation("select", isFirst, b.said("status"), b.get(failed.status)));
    b.finishDerivative(tNext);
    taken();
    b.advanceTo();
  }

  /** At the end, where so many times were saved. */
  tell(saved: Value): void {
    const { b, failed } = this;
    const hasFailed = b.operation("ne", b.get(failed.status), b.f64(0));
    const notFinite = b.operation("select", b.isFinite(b.here.u), b.f64(0), b.f64(outcomes.indexOf("nonFinite")));
    b.tell("steps", b.setting("steps"));
    b.tell("rejections", b.f64(0));
    b.tell("end", b.setting("t1"));
    b.tell("outcome", b.operation("select", hasFailed, outcomeOf(b, b.get(failed.status), "stepUnderflow"), notFinite));
    b.tell("saved", b.operation("select", hasFailed, b.get(failed.saved), b.toF64(saved)));
  }
}
