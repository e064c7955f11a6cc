/** Random functions: reverse = forward, on both targets, and both = differences where those are steady. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import type { Program } from "../../src/ir/ir.ts";
import { randomConstants, randomFunction, SIZE } from "../ir/random.ts";
import { readRightHandSide } from "../read/harness.ts";
import { dot, run } from "./harness.ts";

// None of them a number that the functions compare with: on a kink there is no derivative to compare.
const u = Float64Array.of(0.7123, -0.4057, 1.1193, 0.2531);
const p = Float64Array.of(0.9071, 0.3137, -0.6011, 1.2989);
const v = Float64Array.of(0.5, -1, 0.8, 0.3);
const directions = {
  u_dot: Float64Array.of(0.4, 0.9, -0.7, 0.2),
  p_dot: Float64Array.of(-0.5, 0.1, 0.6, 0.8),
  t_dot: Float64Array.of(0.3),
};
const t = 0.4019;
const wrt = ["u", "p", "t"];

let steady = 0;
let functions = 0;

test("500 random functions: reverse mode, forward mode and differences agree", () => {
  fc.assert(
    fc.property(randomFunction(), ({ fn, body }) => {
      const program = readRightHandSide(fn, { constants: randomConstants });
      const [jvp, vjp] = [forward(program, { wrt }), reverse(program, { wrt })];
      functions++;
      for (const target of ["javascript", "wasm"] as const) {
        const tangent: Record<string, Float64Array> = { u, p, ...directions };
        run(jvp, tangent, { t }, target);
        const cotangent: Record<string, Float64Array> = { u, p, du_bar: v };
        const status = run(vjp, cotangent, { t }, target);
        if (vjp.result) expect(status, body).toBe(0);
        const byForward = dot(v, tangent.du_dot);
        const parts = [
          dot(cotangent.u_bar, directions.u_dot),
          dot(cotangent.p_bar, directions.p_dot),
          dot(cotangent.t_bar, directions.t_dot),
        ];
        const byReverse = parts.reduce((sum, part) => sum + part, 0);
        const size = Math.max(1, ...parts.map(Math.abs));
        expect(
          Math.abs(byForward - byReverse) / size,
          `${target}: forward ${byForward}, reverse ${byReverse}\n${body}`,
        ).toBeLessThan(1e-12);
        if (target === "wasm") continue;
        compareDifferences(program, byForward, body);
        compareAlone(program, cotangent, body);
      }
    }),
    { numRuns: 500 },
  );
  // Differences are unsteady only where a branch flips nearby: seldom.
  expect(steady / functions).toBeGreaterThan(0.9);
});

/** Asked for by one input alone, the gradient is what it is among all. */
function compareAlone(program: Program, all: Readonly<Record<string, Float64Array>>, body: string): void {
  for (const name of ["u", "p"]) {
    const alone: Record<string, Float64Array> = { u, p, du_bar: v };
    run(reverse(program, { wrt: [name] }), alone, { t });
    const [one, among] = [alone[`${name}_bar`], all[`${name}_bar`]];
    one.forEach((x, i) =>
      expect(Math.abs(x - among[i]), `by ${name} alone: ${one}, among all: ${among}\n${body}`).toBeLessThan(
        1e-12 * Math.max(1, Math.abs(x)),
      ),
    );
  }
}

/** Where differences at two distances agree with each other, the derivative agrees with them. */
function compareDifferences(program: Program, derivative: number, body: string): void {
  const value = (h: number): number => {
    const moved = {
      u: u.map((x, i) => x + h * directions.u_dot[i]),
      p: p.map((x, i) => x + h * directions.p_dot[i]),
      du: new Float64Array(SIZE),
    };
    run(program, moved, { t: t + h * directions.t_dot[0] });
    return dot(v, moved.du);
  };
  const [near, far] = [1e-5, 4e-5].map((h) => (value(h) - value(-h)) / (2 * h));
  const size = Math.max(1, Math.abs(near));
  if (Math.abs(near - far) / size > 1e-6) return;
  steady++;
  expect(Math.abs(derivative - near) / size, `derivative ${derivative}, differences ${near}\n${body}`).toBeLessThan(1e-5);
}
