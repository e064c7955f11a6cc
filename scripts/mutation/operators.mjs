/** Small mistakes that can be made in a text of TypeScript, each where it says. */
import { parseSync } from "vite";

const SWAPPED = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "&&": "||",
  "||": "&&",
  "+=": "-=",
  "-=": "+=",
};
const METHODS = { some: "every", every: "some", min: "max", max: "min", unshift: "push", push: "unshift" };

/** Ends of messages and types: what is wrong there no test has to see. */
const isSkipped = ({ type, callee }) =>
  type.startsWith("TS") ||
  type === "ImportDeclaration" ||
  type === "ThrowStatement" ||
  type === "TemplateLiteral" ||
  (type === "NewExpression" && /Error|Failed|Refused|Bad/.test(callee.name ?? ""));

/** TypeScript's own nodes that hold expressions. */
const EXPRESSIONS = new Set(["TSAsExpression", "TSNonNullExpression", "TSSatisfiesExpression"]);

/**
 * All mutants of a text.
 * @param {string} text
 * @returns {{ start: number, end: number, by: string, line: number }[]} `by` stands in the place of what is from `start` to `end`.
 */
export function mutantsOf(text) {
  const found = [];
  const replace = ({ start, end }, by) => found.push({ start, end, by, line: text.slice(0, start).split("\n").length });
  visit(parseSync("text.ts", text).program, (node) => mutate(node, text, replace));
  return found;
}

export const apply = (text, { start, end, by }) => text.slice(0, start) + by + text.slice(end);

function visit(node, see) {
  if (Array.isArray(node)) return node.forEach((inner) => visit(inner, see));
  if (typeof node?.type !== "string") return;
  if (EXPRESSIONS.has(node.type)) return visit(node.expression, see);
  if (isSkipped(node)) return;
  see(node);
  for (const inner of Object.values(node)) if (typeof inner === "object") visit(inner, see);
}

function mutate(node, text, replace) {
  const textOf = ({ start, end }) => text.slice(start, end);
  switch (node.type) {
    case "BinaryExpression":
    case "LogicalExpression":
    case "AssignmentExpression": {
      const [from, to] = [node.left.end, node.right.start];
      const at = from + text.slice(from, to).indexOf(node.operator);
      const other = SWAPPED[node.operator];
      if (other) replace({ start: at, end: at + node.operator.length }, other);
      if (node.operator === "??") replace(node, textOf(node.left));
      return;
    }
    case "UnaryExpression":
      if (node.operator === "!" || node.operator === "-") replace(node, textOf(node.argument));
      return;
    case "ConditionalExpression":
      replace(node.test, "true");
      return replace(node.test, "false");
    case "IfStatement":
      if (node.consequent.type !== "ThrowStatement") replace(node.test, "true");
      return replace(node.test, "false");
    case "Literal":
      if (typeof node.value === "boolean") replace(node, String(!node.value));
      if (typeof node.value === "number") replace(node, node.value === 0 ? "1" : node.value === 1 ? "0" : `(${node.raw} * 1.5)`);
      return;
    case "ExpressionStatement":
      if (node.expression.type !== "Literal") replace(node, ";");
      return;
    case "ContinueStatement":
    case "BreakStatement":
      return replace(node, ";");
    case "SpreadElement":
      return replace(node, "...[]");
    case "CallExpression": {
      const { callee, arguments: args } = node;
      if (callee.type !== "MemberExpression" || callee.computed) return;
      const { name } = callee.property;
      if (Object.hasOwn(METHODS, name)) replace(callee.property, METHODS[name]);
      if (name === "filter" || name === "reverse" || name === "toReversed" || name === "slice")
        replace(node, textOf(callee.object));
      if (name === "fill" && args.length) replace(node, textOf(callee.object));
    }
  }
}
