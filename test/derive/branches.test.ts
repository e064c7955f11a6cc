/** Elements that a branch takes at an index of its own, and what is computed from them behind it. */
import { expect, test } from "vitest";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { readRightHandSide } from "../read/harness.ts";
import { dot, run } from "./harness.ts";

test("forward and reverse mode agree behind a branch", () => {
  const program = readRightHandSide((du: Float64Array, u: Float64Array, p: Float64Array) => {
    let x = u[0];
    for (let i = 3; i >= 0; i--) {
      x = Math.sin(x < 0.5 ? u[0] : u[(i + 1) % 4]);
      if (x < x / (2 + Math.cos(x))) x = Math.sin(p[0] * x);
    }
    for (let i = 0; i < 4; i++) du[i] = i * Math.sqrt(2 + x);
  }, {});
  const [u, p, v] = [
    Float64Array.of(0.7, -0.4, 1.1, 0.25),
    Float64Array.of(0.9, 0.3, -0.6, 1.3),
    Float64Array.of(0.5, -1, 0.8, 0.3),
  ];
  const directions = { u_dot: Float64Array.of(0.4, 0.9, -0.7, 0.2), p_dot: Float64Array.of(-0.5, 0.1, 0.6, 0.8) };
  const wrt = { wrt: ["u", "p"] };
  for (const target of ["wasm", "javascript"] as const) {
    const tangent: Record<string, Float64Array> = { u, p, ...directions };
    run(forward(program, wrt), tangent, { t: 0 }, target);
    const cotangent: Record<string, Float64Array> = { u, p, du_bar: v };
    run(reverse(program, wrt), cotangent, { t: 0 }, target);
    const byReverse = dot(cotangent.u_bar, directions.u_dot) + dot(cotangent.p_bar, directions.p_dot);
    expect(dot(v, tangent.du_dot)).toBeCloseTo(byReverse, 12);
    expect(byReverse).not.toBe(0);
  }
});
