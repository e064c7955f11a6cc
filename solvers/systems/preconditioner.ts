/** Whether a problem's preconditioner is one, by what it makes of a vector where the solve begins. */
import { memo } from "../../src/core/memo.ts";
import { diagnose } from "../../src/analysis/diagnosis.ts";
import { componentName } from "../../src/arrays/layout.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { BadPreconditioner } from "../../src/problem/errors.ts";
import type { Start } from "../../src/problem/points.ts";
import { IndexOutOfRange } from "../../src/read/syntax/errors.ts";

/** Relative, between what it makes of r twice over and twice what it makes of r. */
const LINEAR = 1e-6;

/**
 * Once for each code. Throws {@link BadPreconditioner} where it gives no numbers, nothing, or what is not linear, IndexOutOfRange where an
 * index is outside its array, and ReadError where it cannot be read.
 */
export const requirePreconditioner = memo(check, { by: (code) => [code] });

function check(code: ProblemCode, { u0, p, tspan: [t, end] }: Start): void {
  const { preconditioner } = code.operators;
  if (!preconditioner) return;
  const program = preconditioner.program();
  const d = 1 / (end - t);
  const of = (size: number): Float64Array => {
    const z = new Float64Array(u0.length);
    preconditioner.evaluate(z, [new Float64Array(u0.length).fill(size), u0, p, t, d]);
    return z;
  };
  const outside = diagnose(program, { r: new Float64Array(u0.length).fill(1), u: u0, p, t, d }, []).find(
    ({ kind, isOfLocal }) => kind === "index" && !isOfLocal,
  );
  if (outside) {
    const remedy = "It writes to z, and reads from r and u, what is there, from 0 to the number of elements less one.";
    throw new IndexOutOfRange({ ...outside.place, what: outside.what, construct: "index", remedy });
  }
  const [once, twice] = [1, 2].map(of);
  const name = (i: number): string => componentName(code.layout.u, i, "z");
  const bad = once.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw new BadPreconditioner(`it gives ${once[bad]} for ${name(bad)} at the start, of a vector of ones`);
  if (once.every((x) => x === 0))
    throw new BadPreconditioner("it gives nothing but zeros of a vector of ones: it has to write z");
  const scale = Math.max(...once.map(Math.abs));
  const bent = once.findIndex((x, i) => !(Math.abs(twice[i] - 2 * x) <= LINEAR * scale));
  if (bent < 0) return;
  throw new BadPreconditioner(
    `it gives ${once[bent]} for ${name(bent)} of a vector of ones, but ${twice[bent]} of one of twos: it has to be linear in r`,
  );
}
