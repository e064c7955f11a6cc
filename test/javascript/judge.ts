/** A written function run plainly, as JavaScript has it, and read, compiled and derived: the same, or refused by name. */
import { dot, sum } from "../../src/operations/plain-operations.ts";
import { layoutOf } from "../../src/arrays/layout.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import { OdegradError, ReadError } from "../../src/core/errors.ts";
import { interpret } from "../../src/ir/interpret.ts";
import type { Program } from "../../src/ir/ir.ts";
import { read } from "../../src/read/index.ts";
import { parameters, type Form } from "./writer.ts";

export interface Point {
  readonly u: Float64Array;
  readonly p: Float64Array;
  readonly t: number;
}

/** Two inside the gate in time and two outside it. */
export const points: readonly Point[] = [
  { u: Float64Array.of(0.7123, -0.4057, 1.1193), p: Float64Array.of(0.9071, 0.3137, -0.6011), t: 0.7019 },
  { u: Float64Array.of(-1.3031, 0.8117, 0.2531), p: Float64Array.of(-0.4139, 1.2989, 0.5077), t: 0.8123 },
  { u: Float64Array.of(0.0611, 1.9037, -0.7309), p: Float64Array.of(1.1213, -0.8017, 0.0419), t: 0.3041 },
  { u: Float64Array.of(2.3087, -1.6021, -0.1013), p: Float64Array.of(-0.9043, -0.2113, 1.7011), t: 1.5 },
];

class Meter {
  constructor(readonly s: number) {}
  value(): number {
    return this.s * 2;
  }
}

/** What the functions get as their last argument, each its own. */
export function constants(): Record<string, unknown> {
  return {
    table: [0.3, -0.7, 0.2, 0.9],
    order: Int32Array.of(2, 0, 1),
    grid: [
      [0.1, 0.5, -0.2],
      [0.4, -0.3, 0.8],
      [0.6, 0.2, -0.9],
    ],
    scale: 0.7,
    cfg: { a: 0.3, b: 1.2, mode: "b", limit: null },
    labels: ["a", "b", "c"],
    square: (x: number) => x * x * 0.5,
    acc: new Meter(0.35),
    work: new Float64Array(3),
    points: [
      { x: 0.1, y: -0.6 },
      { x: 0.8, y: 0.4 },
      { x: -0.5, y: 0.7 },
    ],
    lookup: new Map([
      ["a", 0.6],
      ["b", -0.2],
    ]),
    keys: new Set(["a", "c"]),
    levels: { a: 0.2, b: 0.9, c: -0.4 },
    ragged: [[0.3], [0.1, 0.2, -0.8], [0.5, -0.7]],
    flags: [true, false, true],
    gaps: [0.4, undefined, -0.3],
    sum,
    dot,
  };
}

export type Plain = (...args: unknown[]) => unknown;

export function functionOf({ form, body }: { readonly form: Form; readonly body: string }): Plain {
  return new Function(...parameters[form], body) as Plain;
}

/** What JavaScript makes of it; undefined where that is no value: it throws, or leaves something out. */
export function plainly(form: Form, fn: Plain, { u, p, t }: Point, c: unknown): Float64Array | undefined {
  try {
    switch (form) {
      case "rhs": {
        const du = new Float64Array(3);
        fn(du, u.slice(), p.slice(), t, c);
        return du;
      }
      case "event": {
        const after = u.slice();
        fn(after, p.slice(), t, c);
        return after;
      }
      case "value": {
        const value = fn(u.slice(), p.slice(), t, c) as ArrayLike<unknown>;
        return value.length === 3 ? numbers(Array.from(value)) : undefined;
      }
      case "loss":
        return numbers([fn(u.slice(), p.slice(), t, c)]);
    }
  } catch {
    return undefined;
  }
}

/** NaN for undefined. */
function numbers(values: readonly unknown[]): Float64Array | undefined {
  return values.every((x) => typeof x === "number" || x === undefined) ? Float64Array.from(values as number[]) : undefined;
}

/** Bit for bit; any NaN is another, and so is any zero: programs do not keep the sign of a zero through sums (identities.ts). */
export function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((x, i) => x === b[i] || Object.is(x, b[i]));
}

/** Throws ReadError where the function is refused. */
export function programOf(form: Form, fn: Plain, c: Record<string, unknown>): Program {
  const layouts = { u: layoutOf(points[0].u, "u"), p: layoutOf(points[0].p, "p") };
  const inputs = (role: "input" | "inout") =>
    [
      { kind: "layout", name: "u", layout: layouts.u, role },
      { kind: "layout", name: "p", layout: layouts.p, role: "input" },
      { kind: "scalar", name: "t" },
    ] as const;
  const request = { fn, name: form, constants: c } as const;
  const du = { kind: "layout", name: "du", layout: layouts.u } as const;
  switch (form) {
    case "rhs":
      return read({ ...request, parameters: [{ ...du, role: "output" }, ...inputs("input")], returns: { kind: "nothing" } });
    case "event":
      return read({ ...request, parameters: inputs("inout"), returns: { kind: "nothing" } });
    case "value":
      return read({ ...request, parameters: inputs("input"), returns: du });
    case "loss":
      return read({ ...request, parameters: inputs("input"), returns: { kind: "scalar" } });
  }
}

export type Runner = (point: Point) => Float64Array;

export function interpreted(program: Program): Runner {
  return ({ u, p, t }) => {
    const out = new Float64Array(3).fill(NaN);
    const result = interpret(program, [...(program.result ? [] : [out]), u.slice(), p.slice(), t], nobody);
    return program.result ? Float64Array.of(result!) : out;
  };
}
const nobody = { operation: () => {}, access: () => {} };

export function compiled(program: Program, target: Target): Runner {
  const arena = new Arena();
  const [out, u, p] = [0, 1, 2].map(() => arena.reserve(3));
  const { main } = compile({ main: program }, arena, target).link();
  return (point) => {
    arena.f64(out, 3).fill(NaN);
    arena.f64(u, 3).set(point.u);
    arena.f64(p, 3).set(point.p);
    if (program.result) return Float64Array.of(main(u, p, point.t));
    main(out, u, p, point.t);
    return arena.f64(out, 3).slice();
  };
}

export type Verdict =
  | { readonly kind: "right"; readonly program: Program; readonly compared: number }
  | { readonly kind: "refused"; readonly error: ReadError }
  | { readonly kind: "wrong"; readonly what: string };

/** Powers, and distances of more than two numbers, are rounded otherwise than by the engine. */
const rounding = /\*\*|pow|hypot/;

/** WebAssembly has elementary functions of its own. */
const RELATIVE = 1e-9;

export function close(a: ArrayLike<number>, b: ArrayLike<number>, relative = RELATIVE): boolean {
  const size = Array.from(b).reduce((largest, x) => (Number.isFinite(x) ? Math.max(largest, Math.abs(x)) : largest), 1);
  return Array.from(b).every((x, i) => Object.is(a[i], x) || a[i] === x || Math.abs(a[i] - x) <= relative * size);
}

export function judge({ form, body }: { readonly form: Form; readonly body: string }): Verdict {
  const fn = functionOf({ form, body });
  const expected = points.map((point) => plainly(form, fn, point, constants()));
  let program: Program;
  try {
    program = programOf(form, fn, constants());
  } catch (error) {
    if (error instanceof ReadError) return { kind: "refused", error };
    return { kind: "wrong", what: `reading fails with ${shown(error)}` };
  }
  const agreement = rounding.test(body) ? close : same;
  const runs: readonly (readonly [string, () => Runner, typeof same])[] = [
    ["interpreted", () => interpreted(program), agreement],
    ["javascript", () => compiled(program, "javascript"), agreement],
    ["wasm", () => compiled(program, "wasm"), close],
  ];
  for (const [name, make, agree] of runs) {
    try {
      const run = make();
      for (const [k, point] of points.entries()) {
        const plain = expected[k];
        if (!plain) continue;
        const found = run(point);
        if (!agree(found, plain))
          return { kind: "wrong", what: `${name} at t = ${point.t}: ${found.join(", ")}, plainly ${plain.join(", ")}` };
      }
    } catch (error) {
      return { kind: "wrong", what: `${name} fails with ${shown(error)}` };
    }
  }
  return { kind: "right", program, compared: expected.filter(Boolean).length };
}

export function shown(error: unknown): string {
  return error instanceof OdegradError ? `${error.name}: ${error.message}` : String((error as Error).stack ?? error);
}
