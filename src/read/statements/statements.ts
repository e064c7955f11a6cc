/** Reads statements, in order, as far as no exit was taken. */
import type {
  AnyNode,
  BlockStatement,
  FunctionDeclaration,
  IfStatement,
  LabeledStatement,
  Statement,
  SwitchStatement,
  VariableDeclaration,
} from "acorn";
import { bindPattern, declarePattern } from "../expressions/patterns.ts";
import { named } from "../expressions/assignments.ts";
import { branch } from "../values/branch.ts";
import { exitFor, guarded, leaving, newExit, returnExit, take } from "../loops/exits.ts";
import { isAbrupt } from "../syntax/control-flow.ts";
import { condition } from "../expressions/conditions.ts";
import { UNDEFINED } from "../state/items.ts";
import { forEachStatement, forStatement, whileStatement } from "./loop-statements.ts";
import { unreadable, type Site } from "../state/site.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";
import { swapByName, takenApart } from "../expressions/swaps.ts";
import { switchStatement } from "./switch.ts";
import { remedies } from "../syntax/unsupported.ts";
import { perform } from "../expressions/effects.ts";

/** Runs statements in order, as far as no exit was taken. */
export function runStatements(r: Reader, statements: readonly AnyNode[], scope: Scope): void {
  for (const statement of statements) {
    if (statement.type !== "FunctionDeclaration") continue;
    const { name } = statement.id!;
    scope.declare(name, r.journal.cell(name, { kind: "closure", node: statement as FunctionDeclaration, scope, name }));
  }
  runFrom(r, statements as readonly Statement[], 0, scope);
}

function runFrom(r: Reader, statements: readonly Statement[], start: number, scope: Scope): void {
  for (let i = start; i < statements.length; i++) {
    const swap = swapByName(r, statements, i, scope);
    if (swap) {
      i += swap - 1;
      continue;
    }
    const statement = statements[i];
    const rest = (): void => runFrom(r, statements, i + 1, scope);
    if (statement.type === "IfStatement" && (isAbrupt(statement.consequent) || isAbrupt(statement.alternate))) {
      return ifThenRest(r, statement, scope, rest);
    }
    execute(r, statement, scope);
    const left = leaving(r, scope.exits);
    if (left.constant === 1) return;
    if (left.constant === undefined) return guarded({ r, node: statement, scope }, scope.exits, rest);
  }
}

/** One branch never gets past its end, so what follows belongs to the other: an early return costs nothing. */
function ifThenRest(r: Reader, node: IfStatement, scope: Scope, rest: () => void): void {
  const at: Site = { r, node, scope };
  const run = (statement: Statement | null | undefined): void => {
    if (statement) execute(r, statement, scope);
    if (isAbrupt(statement)) return;
    const left = leaving(r, scope.exits);
    if (left.constant === 0) rest();
    else if (left.constant === undefined) guarded(at, scope.exits, rest);
  };
  branch(
    at,
    condition(r, node.test, scope),
    () => run(node.consequent),
    () => run(node.alternate),
  );
}

export function execute(r: Reader, node: AnyNode, scope: Scope, labels: readonly string[] = []): void {
  const at: Site = { r, node, scope };
  r.builder.source = scope.activation.source.locate(node);
  switch (node.type) {
    case "ExpressionStatement":
      return perform(r, node.expression, scope);
    case "VariableDeclaration":
      return declare(r, node, scope);
    case "BlockStatement":
      return block(r, node, scope);
    case "IfStatement":
      return branch(
        at,
        condition(r, node.test, scope),
        () => execute(r, node.consequent, scope),
        () => node.alternate && execute(r, node.alternate, scope),
      );
    case "ForStatement":
      return forStatement(r, node, scope, labels);
    case "ForOfStatement":
    case "ForInStatement":
      return forEachStatement(r, node, scope, labels);
    case "WhileStatement":
    case "DoWhileStatement":
      return whileStatement(r, node, scope, labels);
    case "SwitchStatement":
      return switchStatement(r, node as SwitchStatement, scope, labels);
    case "LabeledStatement":
      return labelled(r, node, scope, labels);
    case "BreakStatement":
    case "ContinueStatement":
      return take(r, exitFor(at, node.type === "BreakStatement" ? "break" : "continue", node.label?.name));
    case "ReturnStatement":
      scope.activation.give(node.argument ? r.expression(node.argument, scope) : UNDEFINED, node);
      return take(r, returnExit(scope));
    case "EmptyStatement":
    case "FunctionDeclaration":
      return;
    default: {
      const [construct, remedy] = remedies[node.type] ?? [node.type, "Write it another way."];
      return unreadable(at, construct, `${construct} cannot be read`, remedy);
    }
  }
}

function block(r: Reader, node: BlockStatement, scope: Scope): void {
  runStatements(r, node.body, scope.inner());
}

function declare(r: Reader, node: VariableDeclaration, scope: Scope): void {
  if (node.kind !== "var" && node.kind !== "let" && node.kind !== "const") {
    unreadable({ r, node, scope }, node.kind, `\`${node.kind}\` cannot be read`, "Use const or let.");
  }
  for (const { id, init } of node.declarations) {
    const item = init ? (takenApart(r, id, init, scope) ?? named(r.expression(init, scope), id)) : UNDEFINED;
    if (node.kind !== "var") declarePattern(r, id, item, scope);
    // `var` names are declared at the start of their function already.
    else if (init) bindPattern(r, id, item, scope);
  }
}

function labelled(r: Reader, node: LabeledStatement, scope: Scope, labels: readonly string[]): void {
  const all = [...labels, node.label.name];
  if (/^(For|While|DoWhile)/.test(node.body.type)) return execute(r, node.body, scope, all);
  execute(r, node.body, scope.inner([newExit(r, "break", all, false)]), all);
}
