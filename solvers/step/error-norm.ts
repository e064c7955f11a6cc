/** What the error of a step amounts to: one is what the tolerances allow. */
import type { Program, Value } from "../../src/ir/ir.ts";
import type { Slice, StepBuilder, Term } from "./builder.ts";
import type { ErrorPart, System } from "./system.ts";

interface Judged {
  readonly error: Term;
  /** Of an estimate of lower order beside it. */
  readonly coarse?: Term;
  readonly u: Slice;
  readonly uNext: Slice;
  readonly atol: Slice;
  readonly rtol: Value;
}

/**
 * The norm of error / (atol + rtol max(|u|, |uNext|)), by default the root mean square; the largest of the system's parts. Not a number
 * where one is not. With an estimate of lower order, ẽ, beside the error e, that of a part is |e|² / √(|e|² + 0.01 |ẽ|²).
 */
export function errorNorm(b: StepBuilder, system: Pick<System, "n" | "parts" | "norm" | "positive">, judged: Judged): Value {
  const { n, parts = [{ from: 0, to: n, weight: 1 }], norm } = system;
  const { error, coarse, u, uNext, atol, rtol } = judged;
  const norms = parts.map((part) => {
    const { weight, strictFrom } = part;
    const squared = (of: Term): Value => {
      const scaled: Term = (at) => {
        const size = b.operation("max", b.operation("abs", at(u)), b.operation("abs", at(uNext)));
        return b.operation("div", of(at), b.plus(at(atol), b.times(rtol, size)));
      };
      return squaredNorm(b, norm, scaled, part);
    };
    const fine = squared(error);
    const mean = coarse ? tempered(b, fine, squared(coarse)) : b.operation("sqrt", fine);
    if (strictFrom === undefined) return b.times(mean, weight);
    const share = b.operation("min", b.f64(1), b.times(rtol, 1 / strictFrom));
    return b.times(mean, b.operation("max", share, b.f64(weight)));
  });
  const all = norms.reduce((x, y) => b.operation("max", x, y));
  return system.positive ? whereNegative(b, system.positive, uNext, all) : all;
}

/** The error of a step that leaves a component negative that must not be: one that is tried again with about half its length. */
const NEGATIVE = 32;

/** The error is what it was where none of the components is negative. */
function whereNegative(b: StepBuilder, positive: readonly number[], uNext: Slice, error: Value): Value {
  const runs: { from: number; to: number }[] = [];
  for (const i of positive) {
    if (runs.at(-1)?.to === i) runs.at(-1)!.to++;
    else runs.push({ from: i, to: i + 1 });
  }
  const each = runs.map(({ from, to }) => b.fold((so, at) => b.operation("min", so, at(uNext)), from, to));
  const least = each.reduce((x, y) => b.operation("min", x, y));
  return b.operation("select", b.operation("lt", least, b.f64(0)), b.operation("max", error, b.f64(NEGATIVE)), error);
}

/** A norm of the user's is asked of what has as many components as the state: that, and its derivatives along a direction. */
function squaredNorm(b: StepBuilder, norm: System["norm"], scaled: Term, { from, to }: ErrorPart): Value {
  if (norm === "max") {
    const most = b.fold((so, at) => b.operation("max", so, b.operation("abs", scaled(at))), from, to);
    return b.times(most, most);
  }
  if (norm === undefined || sizeOf(norm) !== to - from) {
    const square: Term = (at) => {
      const x = scaled(at);
      return b.times(x, x);
    };
    return b.times(b.sum(square, from, to), 1 / (to - from));
  }
  const errors = { array: b.localArray("errors", to - from), offset: 0 };
  b.range(from, to, (i) => {
    const into = b.element(errors, b.operation("i32.sub", i, b.i32(from)));
    b.set(
      into,
      scaled((vector) => b.get(b.element(vector, i))),
    );
  });
  const value = b.call(norm, [b.slice(errors)])!;
  return b.times(value, value);
}

/** The components that a norm takes. */
function sizeOf({ parameters: [errors] }: Program): number {
  return errors.kind === "array" ? errors.array.size : 1;
}

/** Of the squares e² and ẽ²; zero where both are. */
function tempered(b: StepBuilder, fine: Value, coarse: Value): Value {
  const both = b.plus(fine, b.times(coarse, 0.01));
  const some = b.operation("div", fine, b.operation("sqrt", both));
  return b.operation("select", b.operation("gt", both, b.f64(0)), some, both);
}
