/** Reads `switch` as a chain of branches; what falls through is read into each case that comes to it. */
import type { SwitchStatement } from "acorn";
import { branch } from "../values/branch.ts";
import { isEqual } from "../values/equality.ts";
import { newExit } from "../loops/exits.ts";
import type { Reader } from "../state/reader.ts";
import type { Site } from "../state/site.ts";
import type { Scope } from "../state/scope.ts";
import type { Value } from "../../ir/ir.ts";

export function switchStatement(r: Reader, node: SwitchStatement, outer: Scope, labels: readonly string[]): void {
  const b = r.builder;
  const scope = outer.inner([newExit(r, "break", labels)]);
  const at: Site = { r, node, scope };
  const discriminant = r.expression(node.discriminant, scope);
  const matches = (i: number): Value => {
    const test = node.cases[i].test!;
    return isEqual({ r, node: test, scope }, discriminant, r.expression(test, scope));
  };
  const runFrom = (i: number): void =>
    r.statements(
      node.cases.slice(i).flatMap((c) => c.consequent),
      scope,
    );
  const chain = (i: number): void => {
    if (i === node.cases.length) {
      const fallback = node.cases.findIndex((c) => !c.test);
      if (fallback >= 0) runFrom(fallback);
      return;
    }
    if (!node.cases[i].test) return chain(i + 1);
    // Cases that share one body share one branch.
    let last = i;
    while (node.cases[last].consequent.length === 0 && node.cases[last + 1]?.test) last++;
    const indices = Array.from({ length: last - i + 1 }, (_, k) => i + k);
    const any = indices.reduce((known, k) => b.operation("bool.or", known, matches(k)), b.bool(false));
    branch(
      at,
      any,
      () => runFrom(last),
      () => chain(last + 1),
    );
  };
  chain(0);
}
