/**
 * Is an explicit method held back by stability? The dominant eigenvalue of the Jacobian is followed by the power method on
 * differences of the right-hand side, an iteration every few steps (B. P. Sommeijer, L. F. Shampine, J. G. Verwer, RKC: An
 * explicit solver for parabolic PDEs, J. Comput. Appl. Math. 88 (1998) 315–326, section 3.3). Unlike quotients of stage
 * differences it finds a stiff mode that the solution does not excite, as tight tolerances leave it.
 */
import type { ArrayDeclaration, Program, Value } from "../src/program/ir.ts";
import { StepBuilder } from "./step.ts";
import type { System } from "./system.ts";

/** Steps between two looks. */
export const LOOK_INTERVAL = 5;
/** Looks in a row that must find the step near the stability boundary. */
export const STIFF_LOOKS = 3;
const NEAR_BOUNDARY = 0.9;
/** Relative size of the differences: the root of the rounding error. */
const DIFFERENCE = 2 ** -26;

/**
 * (input u, input f, input p, inout direction[n], t, h, first) -> 1 where the step of length h that ended at u was nearly as long as
 * stability allows, else 0.
 *
 * `boundary`: of the method's stability domain on the negative real axis. `direction` is the eigenvector so far, of length one;
 * the `first` look makes it.
 */
export function lookProgram(system: System, boundary: number): Program {
  const b = new StepBuilder("stiffness_look", system, false);
  const u = b.vectorParameter("u", "input");
  const f = b.vectorParameter("f", "input");
  const p = b.vectorParameter("p", "input", system.np);
  const direction = b.vectorParameter("direction", "inout");
  const t = b.scalarParameter("t");
  const h = b.scalarParameter("h");
  const first = b.scalarParameter("first", "bool");
  const [trial, image] = [b.vector("trial"), b.vector("image")];
  const zero = b.f64(0);

  const norm = (of: (i: Value) => Value): Value =>
    b.operation("sqrt", b.for(b.i32(0), b.i32(system.n), 1, [zero], (i, [sum]) => [b.plus(sum, b.times(of(i), of(i)))])[0]);
  const load =
    ({ array }: { array: ArrayDeclaration }) =>
    (i: Value): Value =>
      b.load(array, i);
  const isUsable = (length: Value): Value =>
    b.operation("bool.and", b.operation("gt", length, zero), b.operation("lt", length, b.f64(Infinity)));

  b.when(first, () => {
    const length = norm(load(f));
    const usable = isUsable(length);
    // Where f vanishes any direction will do; where it is no number, none.
    const [otherwise] = b.if(
      b.operation("eq", length, zero),
      () => [b.f64(1 / Math.sqrt(system.n))],
      () => [zero],
    );
    b.each((at) => b.set(at(direction), b.operation("select", usable, b.operation("div", b.get(at(f)), length), otherwise)));
  });
  const size = norm(load(u));
  const step = b.times(b.operation("select", b.operation("gt", size, zero), size, b.f64(1)), DIFFERENCE);
  b.each((at) => b.set(at(trial), b.plus(b.get(at(u)), b.times(step, b.get(at(direction))))));
  b.evaluate(system.rhs, image, trial, p, t);
  b.each((at) => b.set(at(image), b.operation("div", b.operation("sub", b.get(at(image)), b.get(at(f))), step)));
  const radius = norm(load(image));
  b.when(isUsable(radius), () => b.each((at) => b.set(at(direction), b.operation("div", b.get(at(image)), radius))));
  const reach = b.times(b.operation("abs", h), radius);
  return b.finish(b.operation("i32.from_bool", b.operation("gt", reach, b.f64(NEAR_BOUNDARY * boundary))));
}
