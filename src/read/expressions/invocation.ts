/** Reads the bodies of called functions into their callers. */
import { NotAConstant, RecursiveFunction } from "../syntax/errors.ts";
import { declareParameters } from "./patterns.ts";
import { callOperation } from "../library/array-operations.ts";
import { guarded, newExit } from "../loops/exits.ts";
import { describe, isScalar, UNDEFINED, UNSET, type ClosureItem, type Item } from "../state/items.ts";
import { fail, textOf, unreadable, type Site } from "../state/site.ts";
import type { Reader } from "../state/reader.ts";
import { Scope, type Activation } from "../state/scope.ts";
import { varNames } from "../syntax/names.ts";
import { checkPlain, type FunctionNode } from "../syntax/source.ts";

/** `self`: what it is a method of. */
export function callItem(at: Site, callee: Item, args: readonly Item[], self?: Item): Item {
  if (!isScalar(callee)) {
    if (callee.kind === "builtin") return callee.call(at, args);
    if (callee.kind === "closure") return callClosure(at, callee, args, self);
    if (callee.kind === "operation") return callOperation(at, callee.operation, args);
  }
  if (!isScalar(callee) && callee.kind === "host" && typeof callee.value === "function") {
    return unreadable(
      at,
      "native code",
      `\`${textOf(at)}\` calls a function without text: it is the engine's own, bound, or a proxy`,
      "Call functions of Math, of the library, or plain ones: wrap what is bound, (x) => object.f(x), and pass the object in `constants`.",
    );
  }
  return unreadable(
    at,
    "call",
    `\`${textOf(at)}\` calls ${describe(callee)}, which is not a function`,
    "Call functions of Math, of the library, of the constants, or your own.",
  );
}

function callClosure(at: Site, closure: ClosureItem, args: readonly Item[], self?: Item): Item {
  const { r } = at;
  const { node, name } = closure;
  const { source, self: outer } = closure.scope.activation;
  for (let a: Activation | undefined = at.scope.activation; a; a = a.caller) {
    // Functions made by one text with other constants are others: they may call each other.
    if (a.node !== node || a.source.fn !== source.fn) continue;
    fail(at, RecursiveFunction, {
      construct: name,
      what: `\`${name}\` calls itself`,
      remedy: "Functions are read into their callers, so recursion never ends there: write it as a loop.",
    });
  }
  const value = r.journal.cell(name, UNSET);
  const returned = newExit(r, "return");
  const own = node.type === "ArrowFunctionExpression" ? outer : self;
  if (node.async && !r.unused.has(at.node)) {
    fail(at, NotAConstant, {
      construct: name,
      what: `\`${textOf(at)}\` gives a promise, of what is not there yet, as \`${name}\` is an async function`,
      remedy: "Make it a plain function; or await what it gives before the problem is stated, and pass that.",
    });
  }
  checkPlain(node, source);
  const scope = new Scope(
    closure.scope,
    { source, node, name, give: (item) => r.journal.write(value, item), caller: at.scope.activation, self: own },
    [returned],
  );
  const called = r.builder.source;
  declareParameters(r, node, args, scope);
  runBody(r, node, scope);
  r.builder.source = called;
  return value.item;
}

/** Runs the body of a function whose parameters are bound. */
export function runBody(r: Reader, node: FunctionNode, scope: Scope): void {
  if (node.body.type !== "BlockStatement") return scope.activation.give(r.expression(node.body, scope), node.body);
  for (const name of varNames(node.body)) if (!scope.own(name)) scope.declare(name, r.journal.cell(name, UNDEFINED));
  r.statements(node.body.body, scope);
  // Where the end is reached, it gives nothing.
  guarded({ r, node, scope }, scope.exits, () => scope.activation.give(UNDEFINED, node));
}
