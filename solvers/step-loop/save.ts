/** Saving at given times, by dense output. */
import type { Program } from "../../src/ir/ir.ts";
import { interpolate } from "./interpolant.ts";
import { copy, type StepPrograms } from "../step/builder.ts";
import type { System } from "../step/system.ts";
import { StepLoopBuilder, type StepLoopSizes } from "./builder.ts";

/** Saves what is due within the step that ends in the present slot, as far as there is room. */
export function saveProgram(system: System, programs: StepPrograms, sizes: StepLoopSizes): Program {
  const { n } = system;
  const { dense, recordSize } = programs;
  const b = new StepLoopBuilder("save", system, programs, sizes);
  const nextSlot = b.integers.get("slot");
  const here = b.operation("i32.sub", nextSlot, b.i32(1));
  const [start, stop] = [b.slot(here), b.slot(nextSlot)];
  const [t, tNext] = [b.end(here), b.end(nextSlot)];
  const length = b.operation("sub", tNext, t);
  const makeRecord = (): void => {
    const ends = [start.u, stop.u, start.f, stop.f, stop.history, stop.numbers];
    b.call(dense, [...ends, start.work, b.whole(b.p), b.record(here), t, length]);
    b.count("rhsCalls", programs.evaluations.perDense);
  };
  const all = b.integers.isSet("records");
  b.when(all, makeRecord);
  const [k] = b.while(
    [b.integers.get("nextSave"), all],
    ([at]) => b.isDue(at, tNext),
    ([at, made]) => {
      const time = b.load(b.saveTimes, at);
      const into = { array: b.saved, offset: b.operation("i32.mul", at, b.i32(n)) };
      const [makes] = b.if(
        b.operation("eq", time, tNext),
        () => {
          copy(b, into, stop.u, n);
          return [made];
        },
        () => {
          b.when(made, () => {}, makeRecord);
          interpolate(b, into, b.record(here), b.operation("div", b.operation("sub", time, t), length), n, recordSize / n);
          return [b.bool(true)];
        },
      );
      return [b.next(at), makes];
    },
    [[0, sizes.saves]],
  );
  b.integers.set("nextSave", k);
  return b.finish();
}
