/** Loops with a condition. */
import type { AnyNode } from "acorn";
import { EndlessLoop } from "../../core/errors.ts";
import { mayTurnOften } from "../../ir/budget.ts";
import type { Value } from "../../ir/ir.ts";
import { assignedIn } from "../syntax/assigned.ts";
import { exitsTaken, guarded, leaving, onlyWayOut } from "./exits.ts";
import type { Cell } from "../state/cells.ts";
import type { Turn } from "./iteration.ts";
import { planned } from "./planned.ts";
import type { Exit } from "../state/scope.ts";
import { fail, type Site } from "../state/site.ts";
import { noWayOut } from "../syntax/endless-loops.ts";

/** A loop with a condition, and what follows each turn. */
interface ConditionalLoop {
  readonly test: (() => Value) | undefined;
  readonly testNode?: AnyNode | null;
  readonly body: () => void;
  readonly bodyNode: AnyNode;
  /** What runs each turn. */
  readonly nodes: readonly (AnyNode | null | undefined)[];
  /** Flags that end the loop. */
  readonly exits: readonly Exit[];
  /** Runs once whatever the condition. */
  readonly atLeastOnce?: boolean;
  /** Counter, and the interval it stays in. */
  readonly counter?: { readonly cell: Cell; readonly min: number; readonly max: number };
  /** Of its counter: with those it could also be read turn by turn. */
  readonly bounds?: readonly Value[];
}

/** Does only a way out end it? */
function isEndless({ test, testNode }: ConditionalLoop): boolean {
  return !test || (testNode?.type === "Literal" && Boolean(testNode.value));
}

/** Throws {@link EndlessLoop} for the condition of a loop that goes on whatever happens, once it is known what its turns change. */
function requireEnd(at: Site, goesOn: Value | undefined): void {
  if (goesOn?.constant === 1) fail(at, EndlessLoop, noWayOut);
}

/** False where it has to be read turn by turn. */
export function conditionalLoop(at: Site, key: object, loop: ConditionalLoop): boolean {
  const { builder: b, journal } = at.r;
  const plan = at.r.plans.of(at.scope, key);
  const mayNotEnd = !loop.counter || mayTurnOften(loop.counter, loop.counter);
  const read = (turn: Turn): void => {
    if (plan.unrolled) return;
    if (loop.counter && !mayNotEnd) turn.turns = loop.counter.max - loop.counter.min;
    let goesOn: Value | undefined;
    const flags = exitsTaken(loop.bodyNode, loop.exits).map((exit) => exit.flag);
    const test = (): Value => {
      const stay = b.operation("bool.not", leaving(at.r, loop.exits));
      if (!loop.test) return stay;
      const [value] = b.if(
        stay,
        () => [loop.test!()],
        () => [b.bool(false)],
      );
      return value;
    };
    const run = (): void => {
      if (loop.counter) turn.index = { cell: loop.counter.cell, value: loop.counter.cell.item as Value };
      flags.forEach((flag) => journal.write(flag, b.bool(false)));
      loop.body();
    };
    turn.alsoCarry(flags);
    const rotated = plan.rotated || loop.atLeastOnce || assignedIn([loop.testNode]).names.size > 0;
    if (!rotated) {
      const initial = turn.initial();
      const intervals = loop.counter && turn.intervals(loop.counter.cell, [loop.counter.min, loop.counter.max]);
      const results = b.while(
        initial,
        (phis) => (goesOn = turn.condition(phis, test)),
        (phis) => turn.body(phis, run),
        intervals,
        mayNotEnd,
      );
      turn.finish(results);
      return requireEnd(at, goesOn);
    }
    const go = journal.cell("go", b.bool(true));
    if (!loop.atLeastOnce) journal.write(go, test());
    turn.alsoCarry([go]);
    const body = (): void => {
      run();
      guarded(at, loop.exits, () => journal.write(go, test()));
      goesOn = b.operation("bool.and", go.item as Value, b.operation("bool.not", leaving(at.r, loop.exits)));
      journal.write(go, goesOn);
    };
    const results = b.while(
      turn.initial(),
      (phis) => turn.condition(phis, () => go.item as Value),
      (phis) => turn.body(phis, body),
      [],
      mayNotEnd,
    );
    turn.finish(results);
    requireEnd(at, goesOn);
  };
  planned(at, key, loop.nodes, read, loop.bounds);
  if (!plan.unrolled && isEndless(loop)) onlyWayOut(at, loop.exits);
  return !plan.unrolled;
}
