/** What tools put into the text of functions: counters of coverage, names kept by bundlers, renamed imports. */
import type { AnyNode } from "acorn";

/** Istanbul's counters: `cov_1x2y().s[3]`, and updates of them. */
export function isInjected(node: AnyNode): boolean {
  switch (node.type) {
    case "UpdateExpression":
      return isInjected(node.argument);
    case "MemberExpression":
      return isInjected(node.object);
    case "CallExpression":
      return node.callee.type === "Identifier" && isCounter(node.callee.name);
    default:
      return false;
  }
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
