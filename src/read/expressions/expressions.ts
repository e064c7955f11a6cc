/** Reads expressions: each kind of node is read here, or by the file that is named for it. */
import type { AnyNode, BinaryExpression, ConditionalExpression, Literal, LogicalExpression, UnaryExpression } from "acorn";
import { chainOf } from "../syntax/children.ts";
import { binaryOperators, negated } from "../values/arithmetic.ts";
import { assignment, update } from "./assignments.ts";
import { branch } from "../values/branch.ts";
import { chain, evaluateIfThere, evaluateMember } from "./members.ts";
import { evaluateCall, evaluateNew } from "./calls.ts";
import { isOfType, typeOf } from "../values/equality.ts";
import { host, isScalar, UNDEFINED, UNSET, type Item } from "../state/items.ts";
import { arrayLiteral, objectLiteral, templateText } from "./literals.ts";
import { constant, toBool, toInt32, toNumber } from "../state/numbers.ts";
import { hasKey } from "../values/keys.ts";
import { fail, unreadable, type Site } from "../state/site.ts";
import type { Reader } from "../state/reader.ts";
import type { Activation, Scope } from "../state/scope.ts";
import { toText } from "../values/text.ts";
import { UnboundThis, UnreadableConstruct } from "../syntax/errors.ts";
import { unseenThis } from "../syntax/outer-this.ts";
import { remedies } from "../syntax/unsupported.ts";
import { coalesced, combine } from "./operators.ts";
import { perform } from "./effects.ts";
import { condition } from "./conditions.ts";
import { identifier } from "./identifiers.ts";

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
      return r.expression(node.expressions[node.expressions.length - 1], scope);
    case "MemberExpression":
      return evaluateMember(r, node, scope);
    case "CallExpression":
      return evaluateCall(r, node, scope);
    case "NewExpression":
      return evaluateNew(r, node, scope);
    case "ChainExpression":
      return chain(() => r.expression(node.expression, scope));
    case "TemplateLiteral":
      return host(templateText(r, node, scope));
    case "ParenthesizedExpression":
      return r.expression(node.expression, scope);
    case "ThisExpression":
      if (scope.activation.self) return scope.activation.self;
      return withoutThis({ r, node, scope });
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

function withoutThis(at: Site): never {
  const owner = ownerOfThis(at);
  if (!owner) return fail(at, UnreadableConstruct, unseenThis);
  if (owner.caller)
    return unreadable(at, "`this`", "`this` is nothing here: the function is not called as a method", remedies.ThisExpression[1]);
  return fail(at, UnboundThis, {
    construct: "`this`",
    what: "`this` is nothing here: the function was taken out of its object, or class",
    remedy: `Hand over what calls it there: (...args) => model.${owner.name}(...args); or bind it: model.${owner.name}.bind(model).`,
  });
}

/** The call whose `this` it would be; none where an arrow takes it from outside of what is read. */
function ownerOfThis({ node, scope }: Site): Activation | undefined {
  const { source } = scope.activation;
  for (let a: Activation | undefined = scope.activation; a; a = a.caller) {
    const isAround = a.source.fn === source.fn && a.node.start <= node.start && node.end <= a.node.end;
    if (isAround && a.node.type !== "ArrowFunctionExpression") return a;
  }
  return undefined;
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

/** From the first operand on: a long sum is as deep a tree. */
function binary(r: Reader, node: BinaryExpression, scope: Scope): Item {
  return chainOf(node).rest.reduce<Item | undefined>((left, operation) => {
    r.builder.source = scope.activation.source.locate(operation);
    return operate(r, operation, scope, left);
  }, undefined)!;
}

/** `known`: what is on the left, where that was evaluated. */
function operate(r: Reader, node: BinaryExpression, scope: Scope, evaluated: Item | undefined): Item {
  const at: Site = { r, node, scope };
  if (node.operator === "in" && node.left.type !== "PrivateIdentifier") {
    const key = evaluated ?? r.expression(node.left, scope);
    return r.builder.bool(hasKey(at, r.expression(node.right, scope), toText({ ...at, node: node.left }, key), true));
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
  const left = evaluated ?? (isNothing(node.right) ? evaluateIfThere(r, node.left, scope) : r.expression(node.left, scope));
  const right = r.expression(node.right, scope);
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

/** `&&`, `||` and `??` as values. */
function logical(r: Reader, node: LogicalExpression, scope: Scope): Item {
  const at: Site = { r, node, scope };
  const left = evaluateIfThere(r, node.left, scope);
  if (node.operator === "??") return coalesced(at, left, () => r.expression(node.right, scope));
  const truth = toBool({ ...at, node: node.left }, left);
  // What is true is not missing.
  const isThere = node.operator === "||" && !isScalar(left) && left.kind === "maybe";
  const result = r.journal.cell(node.operator, isThere ? left.item : left);
  const right = (): void => r.journal.write(result, r.expression(node.right, scope));
  const decided = (): void => {};
  branch(at, truth, node.operator === "&&" ? right : decided, node.operator === "&&" ? decided : right);
  return result.item;
}

function conditional(r: Reader, node: ConditionalExpression, scope: Scope): Item {
  const result = r.journal.cell("conditional", UNSET);
  branch(
    { r, node, scope },
    condition(r, node.test, scope),
    () => r.journal.write(result, r.expression(node.consequent, scope)),
    () => r.journal.write(result, r.expression(node.alternate, scope)),
  );
  return result.item;
}

function unary(r: Reader, node: UnaryExpression, scope: Scope): Item {
  const b = r.builder;
  const at: Site = { r, node: node.argument, scope };
  switch (node.operator) {
    case "-":
      return negated(b, toNumber(at, r.expression(node.argument, scope)));
    case "+":
      return toNumber(at, r.expression(node.argument, scope));
    case "!":
      return b.operation("bool.not", condition(r, node.argument, scope));
    case "~":
      return b.operation("i32.xor", toInt32(b, toNumber(at, r.expression(node.argument, scope))), b.i32(-1));
    case "void":
      r.expression(node.argument, scope);
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
