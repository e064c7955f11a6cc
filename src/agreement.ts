/** The agreement check: a compiled right-hand side must do what the user's plain function does. */
import { componentName } from "./arrays/layout.ts";
import { Arena } from "./compile/arena.ts";
import { compile, type Target } from "./compile/compile.ts";
import { keptWith, type ProblemCode } from "./code.ts";
import { Disagreement, IndexOutOfRange, ReadBeforeWrite, WriteToInput, type MisreadFunction } from "./errors.ts";
import { markMisread } from "./misreading.ts";
import { unguarded } from "./program/guard.ts";
import { findTroubles } from "./program/inspect/trouble.ts";
import { interpret } from "./program/interpret.ts";
import type { Program } from "./program/ir.ts";
import { eventPointsFrom, pointsFrom, type Start, type TriedPoint } from "./points.ts";

/** Far above what reordered sums and other libraries' elementary functions differ by, far below any wrong term. */
const RELATIVE = 1e-9;
/** Of the largest component: what cancellation may leave of a small one. */
const CANCELLATION = 1e-12;

/** A function of (u, p, t) with values of the state's shape, both ways. */
interface Compared {
  readonly name: string;
  /** (output[n], input u[n], input p[np], scalar t) */
  readonly program: Program;
  readonly plain: (into: Float64Array, u: Float64Array, p: Float64Array, t: number) => void;
  readonly points: readonly TriedPoint[];
  /** What messages call its value. */
  readonly value: string;
}

/** Constant keys: strings made anew are hashed anew. */
const AGREEMENT: Readonly<Record<Target, string>> = { wasm: "agreement:wasm", javascript: "agreement:javascript" };

/**
 * Runs the compiled right-hand side and the plain function at several points, once for each code and target.
 * Throws {@link Disagreement} where they differ by more than rounding, IndexOutOfRange where an index is outside its array at
 * the start, ReadError where the function cannot be read, and, each time, ConstantsChanged.
 */
export function checkAgreement(code: ProblemCode, at: Start, target: Target): void {
  code.requireConstants();
  const program = code.rhsProgram();
  keptWith(code, AGREEMENT[target], () => {
    checkIndices(program, at);
    const plain: Compared["plain"] = (into, u, p, t) => code.plain(into, u, p, t);
    return compare(code, { name: code.name, program, plain, points: pointsFrom(at), value: "du" }, at, target);
  });
}

function checkIndices(program: Program, { u0, p, tspan }: Start): void {
  if (unguarded(program) === program) return;
  const outside = findTroubles(program, { u: u0, p, t: tspan[0] }, []).find(({ kind }) => kind === "index");
  if (!outside) return;
  const { what, place } = outside;
  const remedy = "Indices go from 0 to the number of elements less one: correct the index, or the bounds of the loop.";
  throw new IndexOutOfRange({ ...place, what, construct: "index", remedy });
}

/**
 * What reading would have found out of a function that cannot be read, by calling it at the start, once for each code: it must
 * not write to its state or parameters, and not read `du`. Throws {@link WriteToInput} and {@link ReadBeforeWrite}.
 */
export function checkPlain(code: ProblemCode, { u0, p, tspan }: Start): void {
  if (checkedPlain.has(code)) return;
  const results = [0, 1].map((before) => {
    const [du, u, parameters] = [u0.map(() => before), u0.slice(), p.slice()];
    code.plainOver(du, u, parameters, tspan[0]);
    for (const [name, now, then] of [
      ["u", u, u0],
      ["p", parameters, p],
    ] as const) {
      if (now.some((x, i) => !Object.is(x, then[i]))) {
        throw new WriteToInput({
          name: code.name,
          what: `\`${name}\` is written, but it is an input of this function`,
          construct: name,
          remedy: "Write to the derivative (the first argument of an in-place function), or copy it first.",
        });
      }
    }
    return du;
  });
  const isUnwritten = (k: number): boolean => results.every((du, before) => du[k] === before);
  const i = results[0].findIndex((x, k) => !Object.is(x, results[1][k]) && !isUnwritten(k));
  if (i >= 0) {
    const component = componentName(code.layout.u, i, "du");
    throw new ReadBeforeWrite({
      name: code.name,
      what: `what it gives for ${component} depends on what du held before the call, or changes from call to call`,
      construct: "du",
      remedy: "Assign every component of du on every path before reading it, from u, p, t and the constants alone.",
    });
  }
  checkedPlain.add(code);
}

const checkedPlain = new WeakSet<ProblemCode>();

/** As {@link checkAgreement}, for the function of the events, if there is one. */
export function checkEventAgreement(code: ProblemCode, at: Start, target: Target): void {
  const program = code.eventProgram();
  if (!program) return;
  code.requireConstants();
  const plain: Compared["plain"] = (into, u, p, t) => {
    into.set(u);
    code.applyEvent(into, p, t);
  };
  keptWith(code, `event agreement:${target}`, () =>
    compare(code, { name: program.name, program, plain, points: eventPointsFrom(at), value: "u" }, at, target),
  );
}

function compare(code: ProblemCode, compared: Compared, at: Start, target: Target): true {
  const sizes = [at.u0.length, at.u0.length, at.p.length];
  const { arena, addresses, compiled } = keptWith(compared.program, `compared:${target}`, () => {
    const arena = new Arena();
    const addresses = sizes.map((length) => arena.reserve(length));
    return { arena, addresses, compiled: compile({ program: compared.program }, arena, target).link() };
  });
  const [result, u, p] = sizes.map((length, i) => arena.f64(addresses[i], length));
  const expected = new Float64Array(result.length);
  for (const { t, ...tried } of compared.points) {
    u.set(tried.u);
    p.set(tried.p);
    compiled.program(...addresses, t);
    compared.plain(expected, u, p, t);
    const index = firstDifference(result, expected, u);
    if (index >= 0) throw disagreement(code, compared, index, { actual: result, expected, u, p, t });
  }
  return true;
}

/** A value of a program beside the plain one's, with the arguments of both. */
export interface ComparedValue {
  readonly args: readonly (Float64Array | number)[];
  readonly plain: () => number;
}

/** As {@link checkAgreement}, for a program whose result is one number. */
export function checkValueAgreement(program: Program, compared: Iterable<ComparedValue>): void {
  for (const { args, plain } of compared) {
    const expected = plain();
    const value = interpret(program, args, { operation: () => {}, access: () => {} })!;
    if (Object.is(value, expected) || Math.abs(value - expected) <= RELATIVE * Math.max(Math.abs(value), Math.abs(expected)))
      continue;
    const scale = args.reduce<number>((max, arg) => Math.max(max, typeof arg === "number" ? 0 : largest(arg)), 0);
    if (Math.abs(value - expected) <= CANCELLATION * scale) continue;
    requireSame(program.name, expected, plain());
    throw markMisread(
      program,
      { name: program.name },
      `its compiled form would give ${value} where the function gives ${expected}`,
    );
  }
}

/** Throws {@link Disagreement} where a function gave something else when it was called again. */
export function requireSame(name: string, value: unknown, again: unknown): void {
  if (!Object.is(value, again)) throw new Disagreement(`${name}: the function gives ${value as number}. ${impure(again)}`);
}

function firstDifference(actual: Float64Array, expected: Float64Array, u: Float64Array): number {
  const scale = Math.max(largest(expected), largest(u));
  return actual.findIndex((x, i) => {
    const y = expected[i];
    if (Object.is(x, y) || x === y) return false;
    return !(Math.abs(x - y) <= RELATIVE * Math.max(Math.abs(x), Math.abs(y)) + CANCELLATION * scale);
  });
}

function largest(x: Float64Array): number {
  return x.reduce((max, value) => (Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max), 0);
}

/** A function that does the same again was misread; another is at fault itself. */
function disagreement(
  code: ProblemCode,
  { name, program, plain, value }: Compared,
  index: number,
  { actual, expected, u, p, t }: Record<"actual" | "expected" | "u" | "p", Float64Array> & { readonly t: number },
): Disagreement | MisreadFunction {
  const again = new Float64Array(expected.length);
  plain(again, u, p, t);
  const component = componentName(code.layout.u, index, value);
  if (Object.is(again[index], expected[index])) {
    const what = `its compiled form would give ${actual[index]} in ${component} where the function gives ${expected[index]}, at t = ${t}`;
    return markMisread(program, { name }, what);
  }
  return new Disagreement(
    `${name}: at t = ${t} the function gives ${expected[index]} in component ${component}. ${impure(again[index])}`,
  );
}

function impure(again: unknown): string {
  return (
    `Called again at the same point it gave ${again as number}: it draws random numbers or keeps state between calls. ` +
    `It must depend on its arguments alone.`
  );
}
