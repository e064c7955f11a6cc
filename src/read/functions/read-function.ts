/** Reads a function with the parameters that a request gives it. */
import { definitionOf } from "../../operations/definitions.ts";
import { readAgain } from "./read-body.ts";
import { assignComponent } from "../values/assignment.ts";
import type { DataChoice } from "../state/host-storages.ts";
import { Reader, type Grammar } from "../state/reader.ts";
import { runBody } from "../expressions/invocation.ts";
import type { Program, Value } from "../../ir/ir.ts";
import { describe, isNullish, isScalar, UNDEFINED, UNSET, type Item } from "../state/items.ts";
import { newExit } from "../loops/exits.ts";
import type { ReadRequest } from "./request.ts";
import { wrap } from "../values/wrap.ts";
import { finish } from "./finish.ts";
import { unreadable, type Site } from "../state/site.ts";
import { toNumber } from "../state/numbers.ts";
import { Scope } from "../state/scope.ts";
import { checkPlain, sourceOf } from "../syntax/source.ts";
import { declareParameters } from "../expressions/patterns.ts";
import { hasOwnDerivative } from "../../operations/definitions.ts";
import { Leaves } from "./parameters.ts";
import { callDefinition } from "./definitions.ts";
import type { AnyNode } from "acorn";

export function readFunction(grammar: Grammar, request: ReadRequest, data?: DataChoice): Program {
  return readAgain((found) => readWith(grammar, request, found, data));
}

/** `found`: as in {@link Reader}. */
function readWith(grammar: Grammar, request: ReadRequest, found: ReadonlySet<object>, data: DataChoice | undefined): Program {
  const { fn, name, parameters, returns } = request;
  const r = new Reader(grammar, name, found, data);
  const definition = definitionOf(fn);
  const { source, node } = sourceOf(definition?.fn ?? fn, name);
  checkPlain(node, source);
  const value = r.journal.cell("result", UNSET);
  const outputs: Leaves[] = [];
  const result = returns.kind === "layout" ? new Leaves(r, returns.name, returns.layout, "output") : undefined;
  if (result) outputs.push(result);
  const scope: Scope = new Scope(undefined, { source, node, name, give: (item, where) => give(item, where) }, [
    newExit(r, "return"),
  ]);
  const at: Site = { r, node, scope };
  const give = (item: Item, where: AnyNode): void => {
    const here: Site = { r, node: where, scope };
    if (returns.kind !== "nothing" && isNullish(item)) returnsNothing(here, item);
    if (returns.kind === "scalar") r.journal.write(value, returned(here, item));
    else if (returns.kind === "layout") assignComponent(here, result!, returns.layout, item);
  };
  const args = parameters.map((parameter): Item => {
    if (parameter.kind === "scalar") return r.builder.scalarParameter(parameter.name, parameter.type);
    const leaves = new Leaves(r, parameter.name, parameter.layout, parameter.role);
    if (parameter.role === "output") outputs.push(leaves);
    return leaves.item(at, parameter.layout);
  });
  if (definition && hasOwnDerivative(definition)) give(callDefinition(at, definition, args), node);
  else {
    const constants = [request.constants, definition?.constants]
      .filter((given) => given !== undefined)
      .map((given) => wrap(at, given, "constants"));
    const isLast = parameters.map((parameter) => parameter.kind === "scalar" && parameter.isLast === true);
    const [first, last] = [args.filter((_, k) => !isLast[k]), args.filter((_, k) => isLast[k])];
    const behind = last.length > 0 && !definition ? [...(constants.length > 0 ? [] : [UNDEFINED]), ...last] : [];
    declareParameters(r, node, [...first, ...constants, ...behind], scope);
    runBody(r, node, scope);
  }
  for (const leaves of outputs) leaves.checkWritten(at);
  if (returns.kind !== "scalar") return finish(r);
  if (!isScalar(value.item)) return returnsNothing(at, value.item);
  return finish(r, r.builder.toF64(value.item));
}

/** What is no number fails where the value is used. */
function returned(at: Site, item: Item): Value {
  const b = at.r.builder;
  if (isScalar(item) || item.kind !== "maybe") return toNumber(at, item);
  return b.operation("select", item.present, b.toF64(toNumber(at, item.item)), b.f64(NaN));
}

function returnsNothing(at: Site, item: Item): never {
  const what = isNullish(item) ? String(item.value) : describe(item);
  return unreadable(
    at,
    "return",
    at.node.type === "ReturnStatement"
      ? `The function returns ${what} here, where a number is needed`
      : "The function may come to its end without returning anything, which gives undefined",
    "Return a number, or the derivative, on every path.",
  );
}
