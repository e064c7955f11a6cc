/** Recognises what tools put into the text of functions: counters of coverage, names kept by bundlers, renamed imports. */
import type { AnyNode, UpdateExpression } from "acorn";

/** The function of Istanbul's counters in `cov_1x2y().s[3]++`, of a statement or function; of branches: `cov_1x2y().b[2][0]++`. */
export function coverageCounter({ operator, argument }: UpdateExpression): string | undefined {
  const one = listOf(argument);
  const counters = (one && listOf(one)) ?? one;
  if (operator !== "++" || counters?.type !== "MemberExpression" || counters.computed) return undefined;
  const { object, property } = counters;
  const isKind = property.type === "Identifier" && (counters === one ? /^[sf]$/ : /^b$/).test(property.name);
  if (!isKind || object.type !== "CallExpression" || object.arguments.length > 0) return undefined;
  return object.callee.type === "Identifier" && isCounter(object.callee.name) ? object.callee.name : undefined;
}

/** The list in `list[3]`. */
function listOf(node: AnyNode): AnyNode | undefined {
  return node.type === "MemberExpression" && node.computed && node.property.type === "Literal" ? node.object : undefined;
}

export function isCounter(name: string): boolean {
  return /^cov_\w+$/.test(name);
}

/** esbuild's `__name(fn, "name")` returns the function. */
export function isNameKeeper(name: string): boolean {
  return /^__name\d*$/.test(name);
}

/** A name as it was before bundlers made it unique: `matmul$1` and `matmul2` are `matmul`. */
export function originalName(name: string): string {
  return name.replace(/\$?\d+$/, "");
}

/** A module as bundlers name it. The one default import that a program can call is the package `ndarray`. */
export function isImport(root: string): boolean {
  return /ndarray|^__vi\w*_import_\d+__$/.test(root);
}

/** What tools put there; and `ndarray`, which is another package's too. */
export function isKnownByName(name: string): boolean {
  return isNameKeeper(name) || isCounter(name) || originalName(name) === "ndarray";
}
