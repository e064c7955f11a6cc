/** Statements that loop. */
import type { AnyNode, DoWhileStatement, ForInStatement, ForOfStatement, ForStatement, Statement, WhileStatement } from "acorn";
import { EndlessLoop } from "../core/errors.ts";
import { mayTurnOften } from "../ir/budget.ts";
import type { Value } from "../ir/ir.ts";
import { bindPattern, declarePattern } from "./assign.ts";
import { assignedIn } from "./assigned.ts";
import { branch } from "./branch.ts";
import { counterOf, finalIndex } from "./counter.ts";
import { exitsTaken, isTaken, leaving, mayLeave, newExit, take } from "./exits.ts";
import { condition, evaluate, perform } from "./expressions.ts";
import { host, isScalar, type Item } from "./items.ts";
import { iterate } from "./iterate.ts";
import type { Cell } from "./journal.ts";
import type { Turn } from "./loop.ts";
import { constant } from "./numbers.ts";
import { planned } from "./planned.ts";
import { keysOf } from "./properties.ts";
import { noteIndex } from "./reach.ts";
import { fail, unreadable, type Reader, type Site } from "./reader.ts";
import type { Exit, Scope } from "./scope.ts";
import { execute } from "./statements.ts";
import { noWayOut } from "./ways-out.ts";

/** Turn by turn, no more than this many. */
const UNROLL_LIMIT = 10_000;

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

export function forStatement(r: Reader, node: ForStatement, outer: Scope, labels: readonly string[]): void {
  const stop = newExit(r, "break", labels);
  const scope = outer.inner([stop]);
  if (node.init?.type === "VariableDeclaration") execute(r, node.init, scope);
  else if (node.init) perform(r, node.init, scope);
  const at: Site = { r, node, scope };
  const counter = counterOf(r, node, scope);
  const turn = (): void => loopBody(r, node.body, scope, labels);
  const counted = (): boolean =>
    counter !== undefined &&
    countedLoop(at, node, {
      ...counter,
      nodes: [node.body, ...counter.beside],
      body: turn,
      after: counter.beside.map((beside) => () => perform(r, beside, scope)),
    });
  if (!mayLeave(node.body) && counted()) return;
  const bounds = counter && {
    cell: counter.cell,
    min: Math.min(counter.from.min, counter.to.min),
    max: Math.max(counter.from.max, counter.to.max) + Math.abs(counter.step),
  };
  const done = conditionalLoop(at, node, {
    test: node.test ? () => condition(r, node.test!, scope) : undefined,
    body: () => {
      turn();
      if (!node.update) return;
      guarded(at, scope.exits, () => perform(r, node.update!, scope));
    },
    testNode: node.test,
    bodyNode: node.body,
    nodes: [node.test, node.body, node.update],
    exits: scope.exits,
    counter: bounds,
    bounds: counter && [counter.from, counter.to],
  });
  if (!done && !counted()) {
    unreadable(
      at,
      "loop",
      "This loop has to be read turn by turn, but changes its own counter",
      "Use another variable for what changes within.",
    );
  }
}

export function whileStatement(
  r: Reader,
  node: WhileStatement | DoWhileStatement,
  outer: Scope,
  labels: readonly string[],
): void {
  const scope = outer.inner([newExit(r, "break", labels)]);
  conditionalLoop({ r, node, scope }, node, {
    test: () => condition(r, node.test, scope),
    body: () => loopBody(r, node.body, scope, labels),
    testNode: node.test,
    bodyNode: node.body,
    nodes: [node.test, node.body],
    exits: scope.exits,
    atLeastOnce: node.type === "DoWhileStatement",
  });
}

/** `for…of`, and `for…in`, which goes over names. */
export function forEachStatement(
  r: Reader,
  node: ForOfStatement | ForInStatement,
  outer: Scope,
  labels: readonly string[],
): void {
  if (node.type === "ForOfStatement" && node.await)
    unreadable(
      { r, node, scope: outer },
      "for await",
      "`for await` cannot be read",
      "Await the data before solving and pass it in `constants`.",
    );
  const scope = outer.inner([newExit(r, "break", labels)]);
  const at: Site = { r, node, scope };
  const over = evaluate(r, node.right, scope);
  const sequence = iterate(at, node.type === "ForOfStatement" ? over : namesOf(at, over));
  const turn = (index: Value): void => {
    const inner = scope.inner();
    const item = sequence.at(index);
    if (node.left.type === "VariableDeclaration") declarePattern(r, node.left.declarations[0].id, item, inner);
    else bindPattern(r, node.left, item, inner);
    loopBody(r, node.body, inner, labels);
  };
  const b = r.builder;
  if (sequence.uniform && !mayLeave(node.body)) {
    countedLoop(at, node, {
      from: b.i32(0),
      to: b.i32(sequence.length),
      step: 1,
      cell: undefined,
      nodes: [node.body, node.left],
      body: turn,
      after: [],
    });
  } else if (sequence.uniform) {
    const cell = r.journal.cell("index", b.i32(0));
    conditionalLoop(at, node, {
      test: () => b.operation("i32.lt", cell.item as Value, b.i32(sequence.length)),
      body: () => {
        const index = cell.item as Value;
        r.journal.write(cell, b.operation("i32.add", index, b.i32(1)));
        turn(index);
      },
      bodyNode: node.body,
      nodes: [node.body, node.left],
      exits: scope.exits,
      counter: { cell, min: 0, max: sequence.length },
    });
  } else turnByTurn(at, sequence.length, (i) => turn(b.i32(i)));
}

/** What `for…in` goes over: inherited names too, where there are such. */
function namesOf(at: Site, item: Item): Item {
  const names = keysOf(at, item);
  if (!isScalar(item) && item.kind === "host")
    for (const name in item.value as object) if (!names.includes(name)) names.push(name);
  return { kind: "list", elements: names.map((name) => at.r.journal.cell(name, host(name))) };
}

/** The body of one turn; `continue` leads to its end. */
function loopBody(r: Reader, body: Statement, outer: Scope, labels: readonly string[]): void {
  execute(r, body, outer.inner([newExit(r, "continue", labels)]));
}

/** Runs unless an exit was taken. Within, none was. */
export function guarded(at: Site, exits: readonly Exit[], run: () => void): void {
  const { builder: b, journal } = at.r;
  const left = leaving(at.r, exits);
  const open = left.constant === undefined ? exits.filter((exit) => isTaken(exit).constant === undefined) : [];
  branch(
    at,
    b.operation("bool.not", left),
    () => {
      for (const exit of open) journal.write(exit.flag, b.bool(false));
      run();
    },
    () => onlyWayOut(at, open),
  );
}

/** One of these was taken: where there is but one, it was that. */
function onlyWayOut({ r }: Site, exits: readonly Exit[]): void {
  const open = exits.filter((exit) => isTaken(exit).constant === undefined);
  if (open.length === 1) take(r, open[0]);
}

interface CountedLoop {
  readonly from: Value;
  readonly to: Value;
  readonly step: number;
  readonly cell: Cell | undefined;
  readonly nodes: readonly (AnyNode | null | undefined)[];
  readonly body: (index: Value) => void;
  /** What else changes after each turn. */
  readonly after: readonly (() => void)[];
  /** Cells that the body writes, beside those its text shows. */
  readonly carry?: readonly Cell[];
}

/** False where the index turns out to change within the body. */
export function countedLoop(at: Site, key: object, loop: CountedLoop): boolean {
  const { builder: b, journal } = at.r;
  const plan = at.r.plans.of(at.scope, key);
  const runTurn = (index: Value): void => {
    loop.body(index);
    loop.after.forEach((next) => next());
  };
  let counted = true;
  planned(
    at,
    key,
    loop.nodes,
    (turn) => {
      if (plan.general) return void (counted = false);
      if (plan.unrolled) return unrolled(at, loop, runTurn);
      turn.alsoCarry(loop.carry ?? []);
      const { from, to, step } = loop;
      turn.turns = Math.max(0, step > 0 ? to.max - from.min : from.max - to.min) / Math.abs(step);
      const initial = turn.initial(loop.cell);
      const everyTurn = (index: Value, phis: readonly Value[]): readonly Value[] => {
        turn.index = { cell: loop.cell, value: index };
        noteIndex(index, from, step, turn.turns);
        if (loop.cell) journal.write(loop.cell, index);
        return turn.body(phis, () => runTurn(index));
      };
      const results = b.for(from, to, step, initial, everyTurn, mayTurnOften(from, to));
      turn.finish(results);
    },
    [loop.from, loop.to],
  );
  if (counted && loop.cell) journal.write(loop.cell, finalIndex(b, loop.from, loop.to, loop.step));
  return counted;
}

function unrolled(at: Site, { from, to, step, cell }: CountedLoop, turn: (index: Value) => void): void {
  const [start, end] = [from.constant!, to.constant!];
  turnByTurn(at, Math.max(0, Math.ceil((end - start) / step)), (i) => {
    const index = constant(at.r.builder, start + i * step);
    if (cell) at.r.journal.write(cell, index);
    turn(index);
  });
}

/** Reads each turn by itself, the next only where the last did not leave. */
export function turnByTurn(at: Site, count: number, turn: (i: number) => void, first = 0): void {
  if (count > UNROLL_LIMIT) {
    unreadable(
      at,
      "loop",
      `This loop of ${count} turns would have to be read turn by turn`,
      "Keep what it goes over in one array or ndarray of numbers.",
    );
  }
  for (let i = first; i < count; i++) {
    turn(i);
    const left = leaving(at.r, at.scope.exits);
    if (left.constant === 1) return;
    if (left.constant === undefined) return guarded(at, at.scope.exits, () => turnByTurn(at, count, turn, i + 1));
  }
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
function conditionalLoop(at: Site, key: object, loop: ConditionalLoop): boolean {
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
