/** Expressions. */
import type {
  AnyNode,
  BinaryExpression,
  ConditionalExpression,
  Expression,
  Identifier,
  Literal,
  LogicalExpression,
  UnaryExpression,
} from "acorn";
import type { Value } from "../ir/ir.ts";
import { chainOf } from "./children.ts";
import { binaryOperators, negated } from "./arithmetic.ts";
import { assignment, update } from "./assignments.ts";
import { asIsHere, branch, partsOfMaybe } from "./branch.ts";
import { chain, evaluateCall, evaluateMember, evaluateNew } from "./calls.ts";
import { isEqual, isOfType, requireDefined, typeOf } from "./equality.ts";
import { globalNamed } from "./globals.ts";
import { host, isScalar, UNDEFINED, UNSET, type Item } from "./items.ts";
import { arrayLiteral, objectLiteral } from "./literals.ts";
import { constant, toBool, toInt32, toNumber } from "./numbers.ts";
import { hasKey } from "./properties.ts";
import { unreadable, type Reader, type Site } from "./reader.ts";
import type { Scope } from "./scope.ts";
import { templateText, toText } from "./text.ts";
import { remedies } from "./unreadable.ts";

export function evaluate(r: Reader, node: AnyNode, scope: Scope): Item {
  const outer = r.builder.source;
  r.builder.source = scope.activation.source.locate(node);
  r.count({ r, node, scope });
  const item = evaluateNode(r, node, scope);
  r.builder.source = outer;
  return item;
}

function evaluateNode(r: Reader, node: AnyNode, scope: Scope): Item {
  switch (node.type) {
    case "Literal":
      return literal(r, node, scope);
    case "Identifier":
      return identifier(r, node, scope);
    case "BinaryExpression":
      return binary(r, node, scope);
    case "LogicalExpression":
      return logical(r, node, scope);
    case "UnaryExpression":
      return unary(r, node, scope);
    case "ConditionalExpression":
      return conditional(r, node, scope);
    case "AssignmentExpression":
      return assignment(r, node, scope);
    case "UpdateExpression":
      return update(r, node, scope);
    case "SequenceExpression":
      node.expressions.slice(0, -1).forEach((expression) => perform(r, expression, scope));
      return evaluate(r, node.expressions[node.expressions.length - 1], scope);
    case "MemberExpression":
      return evaluateMember(r, node, scope);
    case "CallExpression":
      return evaluateCall(r, node, scope);
    case "NewExpression":
      return evaluateNew(r, node, scope);
    case "ChainExpression":
      return chain(() => evaluate(r, node.expression, scope));
    case "TemplateLiteral":
      return host(templateText(r, node, scope));
    case "ParenthesizedExpression":
      return evaluate(r, node.expression, scope);
    case "ThisExpression":
      if (scope.activation.self) return scope.activation.self;
      return unreadable({ r, node, scope }, "`this`", "`this` cannot be read", remedies.ThisExpression[1]);
    case "ArrayExpression":
      return arrayLiteral(r, node, scope);
    case "ObjectExpression":
      return objectLiteral(r, node, scope);
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return { kind: "closure", node, scope, name: ("id" in node && node.id?.name) || "function" };
    default: {
      const [construct, remedy] = remedies[node.type] ?? [node.type, "Write it another way."];
      return unreadable({ r, node, scope }, construct, `${construct} cannot be read`, remedy);
    }
  }
}

/** An expression for its effects alone. */
export function perform(r: Reader, node: AnyNode, scope: Scope): void {
  switch (node.type) {
    case "SequenceExpression":
      return node.expressions.forEach((expression) => perform(r, expression, scope));
    case "AssignmentExpression":
      if (!["=", "+=", "-="].includes(node.operator)) break;
      return void assignment(r, node, scope, true);
    case "LogicalExpression": {
      if (node.operator === "??") break;
      const run = (): void => perform(r, node.right, scope);
      const nothing = (): void => {};
      return branch(
        { r, node, scope },
        condition(r, node.left, scope),
        node.operator === "&&" ? run : nothing,
        node.operator === "&&" ? nothing : run,
      );
    }
    case "ConditionalExpression":
      return branch(
        { r, node, scope },
        condition(r, node.test, scope),
        () => perform(r, node.consequent, scope),
        () => perform(r, node.alternate, scope),
      );
    case "UnaryExpression":
      if (node.operator !== "void" && node.operator !== "!") break;
      return perform(r, node.argument, scope);
  }
  evaluate(r, node, scope);
}

/** An expression as a condition. */
export function condition(r: Reader, node: Expression, scope: Scope): Value {
  const b = r.builder;
  const at: Site = { r, node, scope };
  if (node.type === "LogicalExpression" && node.operator !== "??") {
    const result = r.journal.cell("condition", condition(r, node.left, scope));
    const left = result.item as Value;
    const decided = (): void => r.journal.write(result, b.bool(node.operator === "||"));
    const parts = [left];
    const both = node.operator === "&&";
    const test = (): void => {
      parts.push(condition(r, node.right, scope));
      r.journal.write(result, parts[1]);
    };
    branch(at, left, both ? test : decided, both ? decided : test);
    r.assumptions.note(result.item as Value, both, parts);
    return result.item as Value;
  }
  if (node.type === "UnaryExpression" && node.operator === "!")
    return b.operation("bool.not", condition(r, node.argument, scope));
  return toBool(at, evaluateIfThere(r, node, scope));
}

function literal(r: Reader, node: Literal, scope: Scope): Item {
  if (typeof node.value === "number") return constant(r.builder, node.value);
  if (typeof node.value === "boolean") return r.builder.bool(node.value);
  if (node.regex || node.bigint) {
    return unreadable(
      { r, node, scope },
      node.regex ? "regular expression" : "bigint",
      `${node.regex ? "A regular expression" : "A bigint"} cannot be read`,
      "Compute with numbers.",
    );
  }
  return host(node.value);
}

export function identifier(r: Reader, node: Identifier, scope: Scope): Item {
  const cell = scope.find(node.name);
  const at: Site = { r, node, scope };
  if (!cell) return globalNamed(at, node.name);
  const { item } = cell;
  if (!isScalar(item) && item.kind === "unknown" && item !== UNSET) {
    return unreadable(
      at,
      "varying variable",
      `\`${node.name}\` cannot be known here: ${item.reason}`,
      "Let a variable hold numbers, or arrays of one shape, on every path.",
    );
  }
  return asIsHere(at, item);
}

/** From the first operand on: a long sum is as deep a tree. */
function binary(r: Reader, node: BinaryExpression, scope: Scope): Item {
  return chainOf(node).rest.reduce<Item | undefined>((left, operation) => {
    r.builder.source = scope.activation.source.locate(operation);
    return operate(r, operation, scope, left);
  }, undefined)!;
}

/** `known`: what is on the left, where that was evaluated. */
function operate(r: Reader, node: BinaryExpression, scope: Scope, known: Item | undefined): Item {
  const at: Site = { r, node, scope };
  if (node.operator === "in" && node.left.type !== "PrivateIdentifier") {
    const key = known ?? evaluate(r, node.left, scope);
    return r.builder.bool(hasKey(at, evaluate(r, node.right, scope), toText({ ...at, node: node.left }, key), true));
  }
  if (node.left.type === "PrivateIdentifier" || !(node.operator in binaryOperators)) {
    return unreadable(
      at,
      node.operator,
      `\`${node.operator}\` cannot be read`,
      "What an object is must be known when the function is read.",
    );
  }
  const typed = typeTest(r, node, scope);
  if (typed) return typed;
  const left = known ?? (isNothing(node.right) ? evaluateIfThere(r, node.left, scope) : evaluate(r, node.left, scope));
  const right = evaluate(r, node.right, scope);
  return combine(at, node.operator, left, right, node.left, node.right);
}

/** `undefined`, `null` or `void 0` */
function isNothing(node: AnyNode): boolean {
  return (
    (node.type === "Identifier" && node.name === "undefined") ||
    (node.type === "Literal" && node.raw === "null") ||
    (node.type === "UnaryExpression" && node.operator === "void")
  );
}

/** `typeof x === "number"` */
function typeTest(r: Reader, { left, right, operator }: BinaryExpression, scope: Scope): Item | undefined {
  if (!/^[!=]==?$/.test(operator) || left.type !== "UnaryExpression" || left.operator !== "typeof") return undefined;
  if (right.type !== "Literal") return undefined;
  const at: Site = { r, node: left.argument, scope };
  const holds = isOfType(at, evaluateIfThere(r, left.argument, scope), right.value);
  return operator.startsWith("!") ? r.builder.operation("bool.not", holds) : holds;
}

export function combine(at: Site, operator: string, left: Item, right: Item, leftNode: AnyNode, rightNode: AnyNode): Item {
  const b = at.r.builder;
  const isText = [left, right].some((item) => !isScalar(item) && item.kind === "host" && typeof item.value === "string");
  if (operator === "+" && isText)
    return host(toText({ ...at, node: leftNode }, left) + toText({ ...at, node: rightNode }, right));
  if (/^[!=]==?$/.test(operator)) {
    const equal = isEqual(at, left, right, operator.length === 2);
    return operator.startsWith("!") ? b.operation("bool.not", equal) : equal;
  }
  return binaryOperators[operator](b, toNumber({ ...at, node: leftNode }, left), toNumber({ ...at, node: rightNode }, right));
}

/** `&&`, `||` and `??` as values. */
function logical(r: Reader, node: LogicalExpression, scope: Scope): Item {
  const at: Site = { r, node, scope };
  const left = evaluateIfThere(r, node.left, scope);
  if (node.operator === "??") return coalesced(at, left, () => evaluate(r, node.right, scope));
  const truth = toBool({ ...at, node: node.left }, left);
  // What is true is not missing.
  const isThere = node.operator === "||" && !isScalar(left) && left.kind === "maybe";
  const result = r.journal.cell(node.operator, isThere ? left.item : left);
  const right = (): void => r.journal.write(result, evaluate(r, node.right, scope));
  const decided = (): void => {};
  branch(at, truth, node.operator === "&&" ? right : decided, node.operator === "&&" ? decided : right);
  return result.item;
}

/** An item, or something else where it is undefined or null. */
export function coalesced(at: Site, item: Item, otherwise: () => Item): Item {
  const { r } = at;
  requireDefined(at, item);
  const { present, item: content } = partsOfMaybe(r.builder, item);
  const result = r.journal.cell("??", content);
  branch(
    at,
    present,
    () => {},
    () => r.journal.write(result, otherwise()),
  );
  return result.item;
}

/** An expression whose last property, if it is one, need not exist: then it is undefined. */
export function evaluateIfThere(r: Reader, node: Expression, scope: Scope): Item {
  return node.type === "MemberExpression" ? evaluateMember(r, node, scope, true) : evaluate(r, node, scope);
}

function conditional(r: Reader, node: ConditionalExpression, scope: Scope): Item {
  const result = r.journal.cell("conditional", UNSET);
  branch(
    { r, node, scope },
    condition(r, node.test, scope),
    () => r.journal.write(result, evaluate(r, node.consequent, scope)),
    () => r.journal.write(result, evaluate(r, node.alternate, scope)),
  );
  return result.item;
}

function unary(r: Reader, node: UnaryExpression, scope: Scope): Item {
  const b = r.builder;
  const at: Site = { r, node: node.argument, scope };
  switch (node.operator) {
    case "-":
      return negated(b, toNumber(at, evaluate(r, node.argument, scope)));
    case "+":
      return toNumber(at, evaluate(r, node.argument, scope));
    case "!":
      return b.operation("bool.not", condition(r, node.argument, scope));
    case "~":
      return b.operation("i32.xor", toInt32(b, toNumber(at, evaluate(r, node.argument, scope))), b.i32(-1));
    case "void":
      evaluate(r, node.argument, scope);
      return UNDEFINED;
    case "typeof":
      return host(typeOf(at, evaluateIfThere(r, node.argument, scope)));
    default:
      return unreadable(
        { r, node, scope },
        node.operator,
        `\`${node.operator}\` cannot be read`,
        "Objects keep the properties they are made with.",
      );
  }
}
