/** The times at which a problem's right-hand side becomes another one, found in its text before it is solved. */
import type { ProblemCode } from "../src/code.ts";
import { walk, type Program } from "../src/program/ir.ts";
import { findCrossings, type Crossing, type Found } from "../src/program/inspect/switching/crossings.ts";
import { sliceOf, type Slice } from "../src/program/inspect/switching/slice.ts";
import { systemOf } from "./problem-system.ts";

interface Known {
  readonly slice: Slice | undefined;
  /** Do parameters move the times? */
  readonly readsParameters: boolean;
  /** The latest first. */
  readonly found: (Found & { readonly p: Float64Array; readonly tspan: readonly [number, number] })[];
}

/** Solves that take turns at the same values find them here. */
const KEPT = 4;

const known = new WeakMap<Program, Known>();

/** In the order of integration; none of a function that cannot be read. Throws TooManySwitches. */
export function crossingsOf(code: ProblemCode, p: Float64Array, tspan: readonly [number, number]): readonly Crossing[] {
  return systemOf(code) ? crossingsIn(code.rhsProgram(), p, tspan) : [];
}

/** Of a program (…, input u[n], input p[np], scalar t). */
export function crossingsIn(program: Program, p: Float64Array, tspan: readonly [number, number]): readonly Crossing[] {
  let entry = known.get(program);
  if (!entry) known.set(program, (entry = look(program)));
  const { slice, readsParameters, found } = entry;
  if (!slice) return [];
  const isSame = (one: (typeof found)[number]): boolean =>
    one.tspan[0] === tspan[0] && one.tspan[1] === tspan[1] && (!readsParameters || one.p.every((x, j) => x === p[j]));
  let result = found.find(isSame);
  if (!result) {
    result = { p: p.slice(), tspan: [tspan[0], tspan[1]], ...findCrossings(slice, p, tspan) };
    found.unshift(result);
    found.length = Math.min(found.length, KEPT);
  }
  return result.crossings;
}

function look(program: Program): Known {
  const slice = sliceOf(program);
  const readsParameters =
    slice !== undefined && [...walk(slice.program.body)].some((i) => i.kind === "load" && i.array.name === "p");
  return { slice, readsParameters, found: [] };
}

/** All the times at which a solve stops: those found, and those asked for. */
export function stopTimes(found: readonly Crossing[], asked: ArrayLike<number> = []): Float64Array | undefined {
  if (found.length + asked.length === 0) return undefined;
  return Float64Array.from([...found.map(({ t }) => t), ...Array.from(asked)]);
}
