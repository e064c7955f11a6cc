/** Reads loops with a condition, whatever statement they come from. */
import type { AnyNode } from "acorn";
import { EndlessLoop } from "../../core/errors.ts";
import { mayIterateOften } from "../../ir/budget.ts";
import type { Builder } from "../../ir/builder.ts";
import type { Value } from "../../ir/ir.ts";
import { assignedIn } from "../syntax/assigned.ts";
import { exitsTaken, guarded, leaving, takeOnlyExit } from "./exits.ts";
import type { Cell } from "../state/cells.ts";
import type { Iteration } from "./iteration.ts";
import { planned } from "./planned.ts";
import type { Exit } from "../state/scope.ts";
import { fail, type Site } from "../state/site.ts";
import { neverLeft } from "../syntax/endless-loops.ts";

/** A loop with a condition, and what follows each iteration. */
interface ConditionalLoop {
  readonly test: (() => Value) | undefined;
  readonly testNode?: AnyNode | null;
  readonly body: () => void;
  readonly bodyNode: AnyNode;
  /** What runs each iteration. */
  readonly nodes: readonly (AnyNode | null | undefined)[];
  /** Flags that end the loop. */
  readonly exits: readonly Exit[];
  /** Runs once whatever the condition. */
  readonly atLeastOnce?: boolean;
  /** Counter, and the interval it stays in. */
  readonly counter?: { readonly cell: Cell; readonly min: number; readonly max: number };
  /** Where its counter starts and ends: with those it could also be read iteration by iteration. */
  readonly bounds?: readonly Value[];
}

/** False where it has to be read iteration by iteration. */
export function conditionalLoop(at: Site, key: object, loop: ConditionalLoop): boolean {
  const plan = at.r.plans.of(at.scope, key);
  const read = (iteration: Iteration): void => {
    if (!plan.unrolled) new ConditionalReading(at, loop, iteration).read();
  };
  planned(at, key, loop.nodes, read, loop.bounds);
  if (!plan.unrolled && isEndless(loop)) takeOnlyExit(at, loop.exits);
  return !plan.unrolled;
}

/** Does only an exit end it? */
function isEndless({ test, testNode }: ConditionalLoop): boolean {
  return !test || (testNode?.type === "Literal" && Boolean(testNode.value));
}

class ConditionalReading {
  private readonly b: Builder;
  private readonly flags: readonly Cell[];
  /** May it run for longer than anybody waits? */
  private readonly mayNotEnd: boolean;
  /** The condition of another iteration, once it is read. */
  private goesOn: Value | undefined;

  constructor(
    private readonly at: Site,
    private readonly loop: ConditionalLoop,
    private readonly iteration: Iteration,
  ) {
    this.b = at.r.builder;
    this.flags = exitsTaken(loop.bodyNode, loop.exits).map((exit) => exit.flag);
    this.mayNotEnd = !loop.counter || mayIterateOften(loop.counter, loop.counter);
  }

  /** Throws {@link EndlessLoop} where it goes on whatever happens, which shows once it is known what its iterations change. */
  read(): void {
    const { loop, iteration } = this;
    if (loop.counter && !this.mayNotEnd) iteration.maxTripCount = loop.counter.max - loop.counter.min;
    iteration.alsoCarry(this.flags);
    const isRotated = iteration.plan.rotated || loop.atLeastOnce || assignedIn([loop.testNode]).names.size > 0;
    iteration.finish(isRotated ? this.rotated() : this.plain());
    if (this.goesOn?.constant === 1) fail(this.at, EndlessLoop, neverLeft);
  }

  private plain(): readonly Value[] {
    const { iteration } = this;
    const { counter } = this.loop;
    const initial = iteration.initial();
    return this.b.while(
      initial,
      (phis) => (this.goesOn = iteration.condition(phis, () => this.test())),
      (phis) => iteration.body(phis, () => this.body()),
      counter && iteration.intervals(counter.cell, [counter.min, counter.max]),
      this.mayNotEnd,
    );
  }

  /** The condition is read before the loop and at the end of each iteration. */
  private rotated(): readonly Value[] {
    const { b, loop, iteration } = this;
    const { journal } = this.at.r;
    const go = journal.cell("go", b.bool(true));
    if (!loop.atLeastOnce) journal.write(go, this.test());
    iteration.alsoCarry([go]);
    const body = (): void => {
      this.body();
      guarded(this.at, loop.exits, () => journal.write(go, this.test()));
      this.goesOn = b.operation("bool.and", go.item as Value, b.operation("bool.not", leaving(this.at.r, loop.exits)));
      journal.write(go, this.goesOn);
    };
    return b.while(
      iteration.initial(),
      (phis) => iteration.condition(phis, () => go.item as Value),
      (phis) => iteration.body(phis, body),
      [],
      this.mayNotEnd,
    );
  }

  private test(): Value {
    const { b, loop } = this;
    const stay = b.operation("bool.not", leaving(this.at.r, loop.exits));
    if (!loop.test) return stay;
    const [value] = b.if(
      stay,
      () => [loop.test!()],
      () => [b.bool(false)],
    );
    return value;
  }

  private body(): void {
    const { loop, iteration } = this;
    if (loop.counter) iteration.index = { cell: loop.counter.cell, value: loop.counter.cell.item as Value };
    this.flags.forEach((flag) => this.at.r.journal.write(flag, this.b.bool(false)));
    loop.body();
  }
}
