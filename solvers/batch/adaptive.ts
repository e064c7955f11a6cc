/**
 * Solves with steps under error control, or of one length where they end at halts. A run of the kernel takes a bounded number of them; where trajectories are left, their memory
 * is kept and the kernel is run again.
 */
import { withoutCalls, type Kernel } from "../../src/devices/kernel.ts";
import type { Value } from "../../src/ir/ir.ts";
import type { Method } from "../step/method.ts";
import type { System } from "../step/system.ts";
import {
  controlledOf as ofMethod,
  firstControlled,
  goesOn,
  mostInRun,
  sizeOfControlled,
  tellSteps,
  tryStep,
  valuesOf,
  type Controlled,
} from "./controlled.ts";
import { BatchBuilder } from "./batch-builder.ts";
import { SHARED } from "./told.ts";
import type { KernelHalts } from "./kernel-events.ts";

/** The own parameter that tells how far a trajectory is: 1 at the beginning, 2 on the way, 0 at the end. */
export const PENDING = "pending";

/** The own parameter that holds each state where its trajectory ended, once the kernel has run. */
export const FINAL = "u_kept";

/** `shared`: whichever of u0, p, atol, halts and happenings all trajectories have in common. */
export function adaptiveKernel(
  method: Method,
  system: System,
  saves: number,
  shared: readonly string[],
  halts: KernelHalts,
): Kernel {
  const b = new BatchBuilder(`${method.name}_batch`, method, system, saves, halts);
  const { here } = b;
  const count = sizeOfControlled(method);
  const controlledOf = (values: readonly Value[]): Controlled => ofMethod(method, values);
  /** What is carried from step to step, and last the number of times saved. */
  const memory = b.arrayParameter("memory", count + 1, "inout");
  const pending = b.arrayParameter(PENDING, 1, "inout");
  const zero = b.i32(0);

  const begin = (): readonly Value[] => {
    b.copy(here.u, b.u0);
    const saved = b.saveHere(zero, here.u, b.setting("t0"));
    return [...valuesOf(firstControlled(b, method)), saved];
  };
  const resume = (): readonly Value[] => {
    b.resume();
    const numbers = Array.from({ length: count }, (_, i) => b.load(memory, b.i32(i)));
    return [...numbers, b.operation("i32.from_f64", b.load(memory, b.i32(count)))];
  };

  const state = b.load(pending, zero);
  b.when(b.operation("ne", state, b.f64(0)), () => {
    const start = b.if(b.operation("eq", state, b.f64(1)), begin, resume);
    const most = mostInRun(b, controlledOf(start));
    const end = b.while(
      start,
      (carried) => goesOn(b, controlledOf(carried), most),
      (carried) => {
        const saved = carried[count];
        const next = tryStep(b, method, controlledOf(carried), saved, {
          accept: (t, tNext, reach) => b.saveWithin(saved, t, tNext, reach),
          stay: (reach) => b.saveHere(saved, here.u, reach),
        });
        return [...valuesOf(next.controlled), next.next];
      },
      [...new Array<undefined>(count).fill(undefined), [0, saves]],
    );
    const last = controlledOf(end);
    const isCut = tellSteps(b, last);
    b.tell("saved", b.toF64(end[count]));
    valuesOf(last).forEach((x, i) => b.store(memory, b.i32(i), x));
    b.store(memory, b.i32(count), b.toF64(end[count]));
    b.suspend();
    b.store(pending, zero, b.operation("select", isCut, b.f64(0), last.left));
  });
  return { program: withoutCalls(b.finish()), shared: new Set([...SHARED, ...shared]) };
}
