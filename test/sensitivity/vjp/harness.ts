/** Runs any backend's vjp on flat arrays. */
import { expect } from "vitest";
import { pack } from "../../../src/arrays/pack.ts";
import { Arena } from "../../../src/compile/arena.ts";
import { compile, type Target } from "../../../src/compile/compile.ts";
import { Builder } from "../../../src/ir/builder.ts";
import type { External, Program } from "../../../src/ir/ir.ts";
import type { OdeProblem } from "../../../src/problem/problem.ts";
import type { VjpBackend } from "../../../sensitivity/vjp/backend.ts";

export interface Point {
  readonly u: Float64Array;
  readonly p: Float64Array;
  readonly t: number;
  readonly v: Float64Array;
}

export function start(problem: OdeProblem, t = 0): Point {
  const u = pack(problem.layout.u, problem.u0, "u0");
  return { u, p: pack(problem.layout.p, problem.p, "p"), t, v: u.map((_, i) => Math.cos(1 + 2 * i)) };
}

/** Called from a program, as adjoint methods do; an External is no entry of its own. */
function called(callee: Program | External): Program {
  const b = new Builder("caller");
  const args = callee.parameters.map((parameter) => {
    if (parameter.kind === "scalar") return b.scalarParameter(parameter.name);
    const { name, size, role } = parameter.array;
    return { array: b.arrayParameter(name, size, role as "input" | "output"), offset: b.i32(0) };
  });
  b.call(callee, args);
  return b.finish();
}

export interface Prepared {
  u(point: Point): Float64Array;
  p(point: Point): Float64Array;
}

export function prepareVjp(backend: VjpBackend, problem: OdeProblem, target: Target = "wasm"): Prepared {
  const arena = new Arena();
  const { wrtU, wrtP } = backend.prepare({ code: problem.code, arena, target });
  const [n, np] = [problem.layout.u.size, problem.layout.p.size];
  const [u, p, v, bar] = [n, np, n, Math.max(n, np)].map((size) => arena.reserve(size));
  const unit = compile({ u: called(wrtU), p: called(wrtP) }, arena, target).link();
  const by = (input: "u" | "p", size: number) => (point: Point) => {
    arena.f64(u, n).set(point.u);
    arena.f64(p, np).set(point.p);
    arena.f64(v, n).set(point.v);
    arena.f64(bar, size).fill(NaN);
    unit[input](u, p, point.t, v, bar);
    return arena.f64(bar, size).slice();
  };
  return { u: by("u", n), p: by("p", np) };
}

export function vjp(
  backend: VjpBackend,
  problem: OdeProblem,
  point: Point,
  target: Target = "wasm",
): { u: Float64Array; p: Float64Array } {
  const { u, p } = prepareVjp(backend, problem, target);
  return { u: u(point), p: p(point) };
}

/** Along each input, central differences of vᵀ f. */
export function differences(problem: OdeProblem, point: Point): { u: Float64Array; p: Float64Array } {
  const value = (u: Float64Array, p: Float64Array): number => {
    const du = new Float64Array(u.length);
    problem.code.plain(du, u, p, point.t);
    return du.reduce((sum, x, i) => sum + x * point.v[i], 0);
  };
  const moved = (x: Float64Array, i: number, by: number): Float64Array => x.map((value, k) => (k === i ? value + by : value));
  const h = 1e-6;
  return {
    u: point.u.map((_, i) => (value(moved(point.u, i, h), point.p) - value(moved(point.u, i, -h), point.p)) / (2 * h)),
    p: point.p.map((_, i) => (value(point.u, moved(point.p, i, h)) - value(point.u, moved(point.p, i, -h))) / (2 * h)),
  };
}

/** Each entry relative to itself, with an allowance for what cancels among the largest. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number): void {
  expect(actual.length).toBe(expected.length);
  const largest = Math.max(0, ...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i] - expected[i]), `entry ${i}: ${actual[i]} against ${expected[i]}`).toBeLessThanOrEqual(
      relative * (Math.abs(expected[i]) + 0.01 * largest),
    );
  }
}
