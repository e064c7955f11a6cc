/** Reads loops that count, whatever statement or method they come from. */
import type { AnyNode } from "acorn";
import { mayIterateOften } from "../../ir/budget.ts";
import type { Value } from "../../ir/ir.ts";
import { finalIndex } from "./counter.ts";
import type { Cell } from "../state/cells.ts";
import { constant } from "../state/numbers.ts";
import { planned } from "./planned.ts";
import { noteIndex } from "../values/reach.ts";
import type { Site } from "../state/site.ts";
import { unrolledLoop } from "./unrolled-loop.ts";

interface CountedLoop {
  readonly from: Value;
  readonly to: Value;
  readonly step: number;
  readonly cell: Cell | undefined;
  readonly nodes: readonly (AnyNode | null | undefined)[];
  readonly body: (index: Value) => void;
  /** What else changes after each iteration. */
  readonly after: readonly (() => void)[];
  /** Cells that the body writes, beside those its text shows. */
  readonly carry?: readonly Cell[];
}

/** False where the index turns out to change within the body. */
export function countedLoop(at: Site, key: object, loop: CountedLoop): boolean {
  const { builder: b, journal } = at.r;
  const plan = at.r.plans.of(at.scope, key);
  const runIteration = (index: Value): void => {
    loop.body(index);
    loop.after.forEach((next) => next());
  };
  let counted = true;
  planned(
    at,
    key,
    loop.nodes,
    (iteration) => {
      if (plan.general) return void (counted = false);
      if (plan.unrolled) return unrolled(at, loop, runIteration);
      iteration.alsoCarry(loop.carry ?? []);
      const { from, to, step } = loop;
      iteration.maxTripCount = Math.max(0, step > 0 ? to.max - from.min : from.max - to.min) / Math.abs(step);
      const initial = iteration.initial(loop.cell);
      const anyIteration = (index: Value, phis: readonly Value[]): readonly Value[] => {
        iteration.index = { cell: loop.cell, value: index };
        noteIndex(index, from, step, iteration.maxTripCount);
        if (loop.cell) journal.write(loop.cell, index);
        return iteration.body(phis, () => runIteration(index));
      };
      const results = b.for(from, to, step, initial, anyIteration, mayIterateOften(from, to));
      iteration.finish(results);
    },
    [loop.from, loop.to],
  );
  if (counted && loop.cell) journal.write(loop.cell, finalIndex(b, loop.from, loop.to, loop.step));
  return counted;
}

function unrolled(at: Site, { from, to, step, cell }: CountedLoop, iteration: (index: Value) => void): void {
  const [start, end] = [from.constant!, to.constant!];
  unrolledLoop(at, Math.max(0, Math.ceil((end - start) / step)), (i) => {
    const index = constant(at.r.builder, start + i * step);
    if (cell) at.r.journal.write(cell, index);
    iteration(index);
  });
}
