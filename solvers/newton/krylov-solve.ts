/** The program that solves W x = b by GMRES (see matrix-free.ts). */
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { memo } from "../../src/core/memo.ts";
import type { ArrayArgument, Program } from "../../src/ir/ir.ts";
import { gmres } from "../linear/gmres.ts";
import { StepBuilder } from "../step/builder.ts";
import { numbersOfPlace, place, type Care, type MatrixFree } from "../step/matrix-free.ts";

export const krylovSolve = memo((system: MatrixFree, care: Care): Program => {
  const { n, rhs, preconditioner, restart, transposed = false } = system;
  const b = new StepBuilder(`gmres_${rhs.name}`, { n }, false);
  const at = place(b.vectorParameter("place", "input", numbersOfPlace(system)), system);
  const d = b.get(b.slice(b.vectorParameter("d", "input", 1)));
  const [right, scale, unit] = ["b", "scale", "unit"].map((name) => b.vectorParameter(name, "input"));
  const tolerance = b.get(b.slice(b.vectorParameter("tolerance", "input", 1)));
  const x = b.vectorParameter("x", "output");
  const outcome = b.vectorParameter("outcome", "output", 2);
  const [u, p, t] = [b.slice(at.u), b.slice(at.p), b.get(b.slice(at.t))];
  const f = b.vector("f");
  const product = transposed ? reverse(rhs, { wrt: ["u"] }) : forward(rhs, { wrt: ["u"] });
  const matrix = (from: ArrayArgument, into: ArrayArgument): void => {
    b.call(product, transposed ? [u, p, t, from, into] : [b.slice(f), u, p, t, from, into]);
    b.range(0, n, (i) => {
      const to = b.operation("i32.add", into.offset, i);
      const own = b.load(from.array, b.operation("i32.add", from.offset, i));
      b.store(into.array, to, b.operation("sub", b.times(d, own), b.load(into.array, to)));
    });
  };
  const near = preconditioner && (transposed ? reverse(preconditioner, { wrt: ["r"] }) : preconditioner);
  const unused = b.vector("unused");
  const { isReached, iterations } = gmres(b, {
    n,
    matrix,
    preconditioner:
      near && ((from, into) => b.call(near, transposed ? [b.slice(unused), u, p, t, d, from, into] : [into, from, u, p, t, d])),
    scale: (i) => b.get(b.element(scale, i)),
    unit: (i) => b.get(b.element(unit, i)),
    right: (i) => b.get(b.element(right, i)),
    tolerance,
    x: x.array,
    restart: Math.min(restart, n),
    ...care,
  });
  b.set(b.slice(outcome), b.operation("select", isReached, b.f64(1), b.f64(0)));
  b.set(b.element(outcome, b.i32(1)), iterations);
  // What it solves for is differentiated by its equation, where it stands.
  return { ...b.finish(), rules: { inert: ["place", "d", "b", "scale", "unit", "tolerance"] } };
});
