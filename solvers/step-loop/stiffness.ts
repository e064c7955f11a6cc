/**
 * Is an explicit method held back by stability? The dominant eigenvalue of the Jacobian is followed by the power method on
 * differences of the right-hand side, an iteration every few steps (B. P. Sommeijer, L. F. Shampine, J. G. Verwer, RKC: An
 * explicit solver for parabolic PDEs, J. Comput. Appl. Math. 88 (1998) 315–326, section 3.3). Unlike quotients of stage
 * differences it finds a stiff mode that the solution does not excite, as tight tolerances leave it.
 *
 * Components are measured by what their tolerance and their motion make large, so that a large slow one does not hide a small
 * stiff one, and every look mixes a fresh random part into the direction: a mode that fades from it would never be seen again.
 */
import type { Program, Value } from "../../src/ir/ir.ts";
import { StepBuilder, type Slice } from "../step/builder.ts";
import type { System } from "../step/system.ts";

/** So many first steps are all looked at, and of the later ones each of so many. */
export const FIRST_LOOKS = 8;
export const LOOK_INTERVAL = 5;
/**
 * What looks in favour and against add to: three at the boundary in a row, or more than a third of them, are enough; six, or
 * more than half, of those below it.
 */
export const STIFF_SCORE = 6;
/** Parts of the boundary: at it, and below it for a mode that decays. */
const AT_BOUNDARY = 0.9;
const BELOW_BOUNDARY = 0.55;
/**
 * A tolerance of so many times its fifth root makes the steps of a method of order 5 so long, in units of the solution's own
 * time, that an implicit method's would be several times as long.
 */
const TOLERANCE_REACH = 40;
/** Of a mode that decays, the real part of its eigenvalue is at least such a part of its size. */
const DAMPING = 0.2;
/** Relative size of the differences: the root of the rounding error. */
const DIFFERENCE = 2 ** -26;
/** Of the direction, the part that is random. */
const FRESH = 0.1;

/**
 * (input u, input f, input p, input atol, inout direction[n], t, h, rtol, k) -> what the k-th look (1, 2, …) adds to the score:
 * 2 where the step of length h that ended at u was about as long as stability allows, 1 where it was somewhat shorter, but many
 * times as long as what its fastest mode, a decaying one, needs to die out, else -1.
 *
 * `boundary`: of the method's stability domain on the negative real axis. `direction` is the eigenvector so far, of length one in
 * units of the components' sizes; the first look makes it.
 */
export function lookProgram(system: System, boundary: number): Program {
  const b = new StepBuilder("stiffness_look", system, false);
  const u = b.vectorParameter("u", "input");
  const f = b.vectorParameter("f", "input");
  const p = b.vectorParameter("p", "input", system.np);
  const atol = b.vectorParameter("atol", "input");
  const direction = b.vectorParameter("direction", "inout");
  const t = b.scalarParameter("t");
  const h = b.scalarParameter("h");
  const rtol = b.scalarParameter("rtol");
  const k = b.scalarParameter("k", "i32");
  const [trial, image, sizes] = [b.vector("trial"), b.vector("image"), b.vector("sizes")];
  const [zero, length] = [b.f64(0), b.operation("abs", h)];
  const tolerance = measure(b, system.n, { u, f, atol, sizes }, length, rtol);

  const first = b.operation("i32.eq", k, b.i32(1));
  const part = b.f64(FRESH * Math.sqrt(3 / system.n));
  b.for(b.i32(0), b.i32(system.n), 1, [], (i) => {
    const old = b.operation("select", first, zero, b.load(direction.array, i));
    b.store(direction.array, i, b.plus(old, b.times(part, uniform(b, i, k))));
    return [];
  });
  const scale = b.operation("div", b.f64(DIFFERENCE), norm(b, direction));
  b.each((at) => b.set(at(trial), b.plus(b.get(at(u)), b.times(b.times(b.get(at(sizes)), scale), b.get(at(direction))))));
  b.evaluate(system.rhs, image, trial, p, t);
  b.each((at) => {
    const change = b.operation("sub", b.get(at(image)), b.get(at(f)));
    b.set(at(image), b.operation("div", change, b.times(b.get(at(sizes)), b.f64(DIFFERENCE))));
  });
  const radius = norm(b, image);
  // What decays with the time grows backwards.
  const towards = b.operation("select", b.operation("lt", h, zero), b.f64(-1 / DIFFERENCE), b.f64(1 / DIFFERENCE));
  const along = b.times(
    b.sum((at) => b.times(at(direction), at(image))),
    b.times(scale, towards),
  );
  b.when(b.operation("bool.and", b.operation("gt", radius, zero), b.operation("lt", radius, b.f64(Infinity))), () =>
    b.each((at) => b.set(at(direction), b.operation("div", b.get(at(image)), radius))),
  );
  return b.finish(scoreOf(b, { radius, along, length, tolerance, boundary }));
}

/**
 * Makes the sizes of the components: what one is or becomes in a step, and of what is smaller what the tolerance makes no difference of.
 * Returns the tightest tolerance, in parts of these.
 */
function measure(
  b: StepBuilder,
  n: number,
  { u, f, atol, sizes }: Record<"u" | "f" | "atol" | "sizes", Slice>,
  length: Value,
  rtol: Value,
): Value {
  const load = ({ array }: Slice, i: Value): Value => b.load(array, i);
  return b.for(b.i32(0), b.i32(n), 1, [b.f64(Infinity)], (i, [tightest]) => {
    const size = b.plus(b.operation("abs", load(u, i)), b.times(length, b.operation("abs", load(f, i))));
    const absolute = load(atol, i);
    // Components without control have an infinite one.
    const least = b.operation(
      "select",
      b.operation("lt", absolute, b.f64(Infinity)),
      b.operation("div", absolute, rtol),
      b.f64(1),
    );
    b.store(sizes.array, i, b.plus(size, least));
    // Of a component that is zero everything is allowed.
    return [b.operation("min", tightest, b.operation("div", b.plus(absolute, b.times(rtol, size)), size))];
  })[0];
}

function norm(b: StepBuilder, of: Slice): Value {
  return b.operation(
    "sqrt",
    b.sum((at) => b.times(at(of), at(of))),
  );
}

/** By the size of the dominant eigenvalue, and its part along the direction: what is added to the score. */
function scoreOf(
  b: StepBuilder,
  {
    radius,
    along,
    length,
    tolerance,
    boundary,
  }: Record<"radius" | "along" | "length" | "tolerance", Value> & { boundary: number },
): Value {
  const reach = b.times(length, radius);
  const decays = b.operation("lt", along, b.times(radius, -DAMPING));
  const grows = b.operation("gt", along, b.times(radius, 0.5));
  const fifth = b.times(b.times(b.times(reach, reach), b.times(reach, reach)), reach);
  const beyond = b.operation("gt", fifth, b.times(tolerance, TOLERANCE_REACH ** 5));
  const below = b.operation("bool.or", beyond, b.operation("gt", reach, b.f64(BELOW_BOUNDARY * boundary)));
  const full = b.operation("gt", reach, b.f64(AT_BOUNDARY * boundary));
  const atBoundary = b.operation("bool.and", full, b.operation("bool.not", grows));
  const score = b.operation("i32.select", b.operation("bool.and", decays, below), b.i32(1), b.i32(-1));
  return b.operation("i32.select", atBoundary, b.i32(2), score);
}

/**
 * The i-th of the k-th random numbers between -1 and 1: a hash, so that every run sees the same ones (J. K. Salmon et al., Parallel
 * random numbers: as easy as 1, 2, 3, SC '11, on counters; the mixing is that of C. Wellons's "lowbias32").
 */
function uniform(b: StepBuilder, i: Value, k: Value): Value {
  const times = (x: Value, factor: number): Value => b.operation("i32.mul", x, b.i32(factor));
  const fold = (x: Value, by: number): Value => {
    const high = b.operation("i32.and", b.operation("i32.shr", x, b.i32(by)), b.i32(2 ** (32 - by) - 1));
    return b.operation("i32.xor", x, high);
  };
  let x = b.operation("i32.add", times(i, 0x9e3779b1 | 0), times(k, 0x85ebca77 | 0));
  x = times(fold(x, 16), 0x7feb352d);
  x = times(fold(x, 15), 0x846ca68b | 0);
  return b.times(b.toF64(fold(x, 16)), 2 ** -31);
}
