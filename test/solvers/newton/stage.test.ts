/** A stage of Newton's iterations by itself, z of d z = f(base + z), and its adjoint: against the closed forms of a quadratic equation. */
import { describe, expect, it } from "vitest";
import { newtonMemorySize } from "../../../solvers/newton/memory.ts";
import { newtonStage } from "../../../solvers/newton/stage.ts";
import { status, verdict, VERDICT_SIZE } from "../../../solvers/step/verdict.ts";
import { Arena } from "../../../src/compile/arena.ts";
import { compile } from "../../../src/compile/compile.ts";
import { systemOf } from "../systems.ts";

/** u' = p - u² */
const system = systemOf("quadratic", 1, 1, ({ u: [x], p: [a], sub, mul }) => [sub(a, mul(x, x))]);
const jacobian = system.jacobian!;

/** Solves the stage with a matrix that is made there, then pulls 1 back; `said`: the status that the adjoint is told. */
function stage(base: number, p: number, d: number, said?: number) {
  const arena = new Arena();
  const program = newtonStage(system, jacobian);
  const unit = compile({ solve: program, pullBack: program.rules!.vjp!(["base", "p"]) }, arena, "wasm");
  const sizes = { base: 1, p: 1, time: 1, d: 1, guess: 1, u: 1, atol: 1, rtol: 1, memory: newtonMemorySize(jacobian) };
  const after = { verdict: VERDICT_SIZE, z: 1, zBar: 1, baseBar: 1, pBar: 1 };
  const address = Object.entries({ ...sizes, ...after }).map(([name, size]) => [name, arena.reserve(size)] as const);
  const { solve, pullBack } = unit.link();
  const at = Object.fromEntries(
    address.map(([name, start]) => [name, arena.f64(start, { ...sizes, ...after }[name as keyof typeof sizes])]),
  );
  for (const [name, value] of Object.entries({ base, p, d, guess: 0, u: base, atol: 1e-12, rtol: 1e-12, zBar: 1 }))
    at[name][0] = value;
  // A matrix that does not serve: iterations with it fail, and each of those that follow has its own.
  at.memory.fill(NaN);
  at.memory.set([1, d, 0, 0, 0, 1]);
  const all = address.map(([, start]) => start);
  solve(...all.slice(0, 11));
  const ended = at.verdict[verdict.status];
  if (said !== undefined) at.verdict[verdict.status] = said;
  pullBack(...all);
  return {
    z: at.z[0],
    ended,
    jacobians: at.verdict[verdict.jacobians],
    iterations: at.verdict[verdict.newtonIterations],
    base: at.baseBar[0],
    p: at.pBar[0],
  };
}

/** d z = p - (base + z)², the root that z goes to as d grows. */
function exact(base: number, p: number, d: number): number {
  const half = base + d / 2;
  return -half + Math.sqrt(half * half + p - base * base);
}

describe("a stage", () => {
  it.each([
    [0.3, 2, 50],
    [-1, 0.5, 40],
    [1e3, 2e6, 1e4],
  ])("base %f, p %f, d %f", (base, p, d) => {
    const found = stage(base, p, d);
    const z = exact(base, p, d);
    const slope = d + 2 * (base + z);
    expect(found.ended).toBe(status.judged);
    // One for each iteration after the first, which was of no use.
    expect(found.jacobians).toBe(found.iterations - 1);
    expect(found.jacobians).toBeLessThan(6);
    expect(found.z / z).toBeCloseTo(1, 10);
    expect(found.p * slope).toBeCloseTo(1, 10);
    expect(found.base * slope).toBeCloseTo(-2 * (base + z), 8);
  });

  it("that was not found has no derivative", () => {
    const { base, p } = stage(0.3, 2, 5, status.notConverged);
    expect([base, p]).toEqual([NaN, NaN]);
  });

  it("without a root ends as not converged", () => {
    // d z = p - (base + z)² has none where p < base² - (base + d/2)².
    expect(stage(0, -100, 1).ended).toBe(status.notConverged);
  });
});
