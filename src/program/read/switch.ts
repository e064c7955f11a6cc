/** `switch`, as a chain of branches; what falls through is read into each case that comes to it. */
import type { SwitchStatement } from "acorn";
import { binaryOperators } from "./arithmetic.ts";
import { branch } from "./branch.ts";
import { newExit } from "./exits.ts";
import { evaluate } from "./expressions.ts";
import { isScalar } from "./items.ts";
import { toNumber } from "./numbers.ts";
import type { Reader, Site } from "./reader.ts";
import type { Scope } from "./scope.ts";
import { runStatements } from "./statements.ts";
import type { Value } from "../ir.ts";

export function switchStatement(r: Reader, node: SwitchStatement, outer: Scope, labels: readonly string[]): void {
  const b = r.builder;
  const scope = outer.inner([newExit(r, "break", labels)]);
  const at: Site = { r, node, scope };
  const discriminant = evaluate(r, node.discriminant, scope);
  const matches = (i: number): Value => {
    const test = node.cases[i].test!;
    const item = evaluate(r, test, scope);
    if (isScalar(item) && isScalar(discriminant))
      return binaryOperators["==="](b, toNumber(at, discriminant), toNumber({ r, node: test, scope }, item));
    const same =
      !isScalar(item) &&
      !isScalar(discriminant) &&
      item.kind === "host" &&
      discriminant.kind === "host" &&
      item.value === discriminant.value;
    return b.bool(same);
  };
  const runFrom = (i: number): void =>
    runStatements(
      r,
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
