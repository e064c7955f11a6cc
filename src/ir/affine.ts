/** Indices as affine forms: constant + sum of coefficient * value, seen through i32 additions and multiplications. */
import { memo } from "../core/memo.ts";
import type { Value } from "./ir.ts";

export interface Affine {
  readonly constant: number;
  readonly terms: ReadonlyMap<Value, number>;
}

export const affine = memo((value: Value): Affine => {
  if (value.constant !== undefined) return { constant: value.constant, terms: new Map() };
  const definition = value.definition;
  if (definition?.kind === "let") {
    const [a, b] = definition.args;
    switch (definition.operation) {
      case "i32.add":
        return combine(affine(a), affine(b), 1);
      case "i32.sub":
        return combine(affine(a), affine(b), -1);
      case "i32.mul":
        if (b.constant !== undefined) return scale(affine(a), b.constant);
        if (a.constant !== undefined) return scale(affine(b), a.constant);
        break;
      case "i32.shl":
        if (b.constant !== undefined) return scale(affine(a), 2 ** (b.constant & 31));
    }
  }
  return { constant: 0, terms: new Map([[value, 1]]) };
});

/** a + factor * b */
export function combine(a: Affine, b: Affine, factor: number): Affine {
  const terms = new Map(a.terms);
  for (const [value, coefficient] of b.terms) {
    const sum = (terms.get(value) ?? 0) + factor * coefficient;
    if (sum === 0) terms.delete(value);
    else terms.set(value, sum);
  }
  return { constant: a.constant + factor * b.constant, terms };
}

function scale(a: Affine, factor: number): Affine {
  return { constant: factor * a.constant, terms: new Map(factor === 0 ? [] : [...a.terms].map(([v, c]) => [v, c * factor])) };
}

/** Can two indices be equal? False only where their difference, or their intervals, prove it. */
export function mayAlias(a: Value, b: Value): boolean {
  if (a.max < b.min || b.max < a.min) return false;
  const difference = combine(affine(a), affine(b), -1);
  return difference.terms.size > 0 || difference.constant === 0;
}
