/** Reads the statements `for`, `for…of`, `for…in`, `while` and `do` as counted loops or loops with a condition. */
import type { DoWhileStatement, ForInStatement, ForOfStatement, ForStatement, Statement, WhileStatement } from "acorn";
import type { Value } from "../../ir/ir.ts";
import { bindPattern, declarePattern } from "../expressions/patterns.ts";
import { counterOf } from "../loops/counter.ts";
import { guarded, newExit } from "../loops/exits.ts";
import { mayLeave } from "../syntax/control-flow.ts";
import { condition } from "../expressions/conditions.ts";
import { host, isScalar, type Item } from "../state/items.ts";
import { iterate } from "../values/iterate.ts";
import { keysOf } from "../values/keys.ts";
import { unreadable, type Site } from "../state/site.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";
import { conditionalLoop } from "../loops/conditional-loop.ts";
import { perform } from "../expressions/effects.ts";
import { countedLoop } from "../loops/counted-loop.ts";
import { unrolledLoop } from "../loops/unrolled-loop.ts";

export function forStatement(r: Reader, node: ForStatement, outer: Scope, labels: readonly string[]): void {
  const stop = newExit(r, "break", labels);
  const scope = outer.inner([stop]);
  if (node.init?.type === "VariableDeclaration") r.statement(node.init, scope);
  else if (node.init) perform(r, node.init, scope);
  const at: Site = { r, node, scope };
  const counter = counterOf(r, node, scope);
  const iteration = (): void => loopBody(r, node.body, scope, labels);
  const counted = (): boolean =>
    counter !== undefined &&
    countedLoop(at, node, {
      ...counter,
      nodes: [node.body, ...counter.beside],
      body: iteration,
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
      iteration();
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
      "This loop has to be read iteration by iteration, but changes its own counter",
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
  const over = r.expression(node.right, scope);
  const sequence = iterate(at, node.type === "ForOfStatement" ? over : namesOf(at, over));
  const iteration = (index: Value): void => {
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
      body: iteration,
      after: [],
    });
  } else if (sequence.uniform) {
    const cell = r.journal.cell("index", b.i32(0));
    conditionalLoop(at, node, {
      test: () => b.operation("i32.lt", cell.item as Value, b.i32(sequence.length)),
      body: () => {
        const index = cell.item as Value;
        r.journal.write(cell, b.operation("i32.add", index, b.i32(1)));
        iteration(index);
      },
      bodyNode: node.body,
      nodes: [node.body, node.left],
      exits: scope.exits,
      counter: { cell, min: 0, max: sequence.length },
    });
  } else unrolledLoop(at, sequence.length, (i) => iteration(b.i32(i)));
}

/** What `for…in` goes over: inherited names too, where there are such. */
function namesOf(at: Site, item: Item): Item {
  const names = keysOf(at, item);
  if (!isScalar(item) && item.kind === "host")
    for (const name in item.value as object) if (!names.includes(name)) names.push(name);
  return at.r.journal.list(names.map(host));
}

/** The body of one iteration; `continue` leads to its end. */
function loopBody(r: Reader, body: Statement, outer: Scope, labels: readonly string[]): void {
  r.statement(body, outer.inner([newExit(r, "continue", labels)]));
}
