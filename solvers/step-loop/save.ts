/** Saving at given times, by dense output. */
import type { Program, Value } from "../../src/ir/ir.ts";
import { interpolate } from "./interpolant.ts";
import { copy, type StepPrograms } from "../step/builder.ts";
import type { System } from "../step/system.ts";
import { StepLoopBuilder, type StepLoopSizes } from "./builder.ts";

/** The record of the step from the slot of this index. */
export function makeRecord(b: StepLoopBuilder, { dense, evaluations }: StepPrograms, index: Value): void {
  const next = b.next(index);
  const [start, stop] = [b.slot(index), b.slot(next)];
  const [t, tNext] = [b.end(index), b.end(next)];
  const ends = [start.u, stop.u, start.f, stop.f, stop.history, stop.numbers];
  b.call(dense, [...ends, start.work, b.whole(b.p), b.record(index), t, b.operation("sub", tNext, t)]);
  b.count("rhsCalls", evaluations.perDense);
  b.integers.set("recorded", next);
}

/** Saves what is due within the step that ends in the present slot, as far as there is room. */
export function saveProgram(system: System, programs: StepPrograms, sizes: StepLoopSizes): Program {
  const { n } = system;
  const { recordSize } = programs;
  const b = new StepLoopBuilder("save", system, programs, sizes);
  const nextSlot = b.integers.get("slot");
  const here = b.operation("i32.sub", nextSlot, b.i32(1));
  const stop = b.slot(nextSlot);
  const [t, tNext] = [b.end(here), b.end(nextSlot)];
  const length = b.operation("sub", tNext, t);
  const isMade = b.operation("i32.eq", b.integers.get("recorded"), nextSlot);
  const make = (): void => b.when(isMade, () => {}, () => makeRecord(b, programs, here)); // prettier-ignore
  const all = b.integers.isSet("records");
  b.when(all, make);
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
          b.when(made, () => {}, make);
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
