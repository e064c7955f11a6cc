/** Tells what no right-hand side, loss or helper of one does: functions that do are left alone. */
import type { AnyNode } from "acorn";
import { operationTable } from "../src/operations/index.ts";
import type { Names } from "../src/read/syntax/names.ts";

/** Neither read nor traced. */
const types: ReadonlySet<string> = new Set([
  "AwaitExpression",
  "YieldExpression",
  "ImportExpression",
  "MetaProperty",
  "Super",
  "PrivateIdentifier",
  "TaggedTemplateExpression",
  "WithStatement",
  "ClassDeclaration",
  "ClassExpression",
]);

/** Of pages and servers. */
const globals: ReadonlySet<string> = new Set(
  "window document navigator location localStorage sessionStorage fetch alert process require setTimeout setInterval requestAnimationFrame".split(
    " ",
  ),
);

/** What functions that are read may call of the library; all else works on problems. */
const callable: ReadonlySet<string> = new Set([
  ...Object.keys(operationTable),
  ..."ndarray NdArray gelu rbf swish derivative gradientOf jacobian jvp vjp hessian hessianVectorProduct".split(" "),
]);

/** `imports`: names of the library by local ones. */
export function isUnreadable(node: AnyNode, names: Names, imports: ReadonlyMap<string, string>): boolean {
  if (types.has(node.type) || node.type.startsWith("JSX")) return true;
  if ("async" in node && (node.async || node.generator)) return true;
  if (node.type === "MemberExpression") return node.property.type === "PrivateIdentifier";
  if (node.type === "Identifier") return globals.has(node.name) && !names.declares(node.name);
  if (node.type !== "CallExpression") return false;
  const called = importedName(node.callee, imports);
  return called !== undefined && !callable.has(called);
}

/** `solve`, or `odegrad.solve`. */
function importedName(callee: AnyNode, imports: ReadonlyMap<string, string>): string | undefined {
  if (callee.type === "Identifier") return imports.get(callee.name);
  const isMember =
    callee.type === "MemberExpression" && callee.object.type === "Identifier" && callee.property.type === "Identifier";
  return isMember && imports.get((callee.object as { name: string }).name) === "*"
    ? (callee.property as { name: string }).name
    : undefined;
}
