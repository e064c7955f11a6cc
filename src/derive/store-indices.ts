/** Where stores of loops go: to another element in each iteration, and apart from other stores? */
import { affine } from "../ir/affine.ts";
import { tripCount } from "../ir/builder.ts";
import type { Store, Value } from "../ir/ir.ts";
import type { Access, Region } from "./primal-survey.ts";

/** Do different iterations of the loops between `scope` and a store write different elements? */
export function isInjective(store: Access<Store>, scope: Region): boolean {
  const form = affine(store.instruction.index);
  const spans: { readonly stride: number; readonly extent: number }[] = [];
  for (let p: Region = store.region; p !== scope; p = p.outer!) {
    if (p.owner?.kind === "while") return false;
    if (p.owner?.kind !== "for") continue;
    const count = tripCount(p.owner.from, p.owner.to, p.owner.step);
    const stride = Math.abs((form.terms.get(p.owner.index) ?? 0) * p.owner.step);
    if (count === undefined || (stride === 0 && count > 1)) return false;
    spans.push({ stride, extent: stride * (count - 1) });
  }
  spans.sort((a, b) => a.stride - b.stride);
  let reach = 0;
  for (const { stride, extent } of spans) {
    if (stride <= reach && extent > 0) return false;
    reach += extent;
  }
  // A term that changes between iterations in ways not seen here could undo the separation.
  return [...form.terms.keys()].every((value) => isIndexAround(value, store.region) || isFixedIn(value, scope, store.region));
}

function isIndexAround(value: Value, region: Region): boolean {
  for (let p: Region | undefined = region; p; p = p.outer) if (p.owner?.kind === "for" && p.owner.index === value) return true;
  return false;
}

/** A value without a definition that is no loop's own: a scalar parameter. */
function isFixedIn(value: Value, scope: Region, region: Region): boolean {
  if (value.definition) return false;
  for (let p: Region | undefined = region; p && p !== scope; p = p.outer) {
    if ((p.owner?.kind === "for" || p.owner?.kind === "while") && p.owner.carried.some((c) => c.phi === value)) return false;
    if (p.block.instructions.some((i) => "results" in i && i.results.includes(value))) return false;
  }
  return !scope.block.instructions.some((i) => "results" in i && i.results.includes(value));
}

/** Can any two of the stores meet? In the order of their lowest elements, so that only those whose intervals overlap are compared. */
export function mayMeet(stores: readonly Access<Store>[]): boolean {
  const lowest = stores.toSorted((a, b) => a.instruction.index.min - b.instruction.index.min);
  let reaching: Access<Store>[] = [];
  for (const store of lowest) {
    reaching = reaching.filter((other) => other.instruction.index.max >= store.instruction.index.min);
    if (reaching.some((other) => mayAliasAcross(other, store))) return true;
    reaching.push(store);
  }
  return false;
}

/** Can two stores meet under any iterations? Loop indices of the two are independent, so only intervals and strides can tell. */
function mayAliasAcross(a: Access<Store>, b: Access<Store>): boolean {
  const x = a.instruction.index;
  const y = b.instruction.index;
  // Indices like 2i and 2i + 1: equal strides, constants that differ modulo their common divisor.
  const [p, q] = [affine(x), affine(y)];
  const divisor = [...p.terms.values(), ...q.terms.values()].map(Math.abs).reduce(gcd, 0);
  const difference = p.constant - q.constant;
  return divisor === 0 ? difference === 0 : difference % divisor === 0;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
