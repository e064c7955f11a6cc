/**
 * Second order: the vjps of backends that give programs, differentiated again. Against extrapolated differences of the vjp, which
 * the matrix of backends holds against the plain function.
 */
import { describe, expect, it } from "vitest";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../src/compile/compile.ts";
import { forward } from "../../src/derive/forward.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { VjpBackend } from "../../sensitivity/vjp/backend.ts";
import { vjpBackends } from "../../sensitivity/vjp/backends/index.ts";
import { canTake, Reference, targets } from "./harness.ts";
import { jacobianOf } from "./jacobian.ts";
import type { Scenario } from "./scenario.ts";
import { groups } from "./scenarios/index.ts";

const backends = Object.values(vjpBackends).filter(({ capabilities }) => capabilities.programs);
const scenarios = Object.values(groups)
  .flat()
  .filter((scenario) => backends.every((backend) => canTake(backend, scenario, "u")));

/** The reference is good to about 1e-9: differences of what is exact to rounding. */
const BOUND = 1e-7;

describe.each(scenarios)("$name", (scenario) => {
  it.each(backends)("$name", (backend) => {
    for (const target of targets) {
      const { hessianVector, vjp, u, w } = secondOrder(backend, scenario, target);
      // d/dε vjp(u + ε w) at ε = 0.
      const [expected] = jacobianOf(([epsilon]) => vjp(u.map((x, i) => x + epsilon * w[i])), Float64Array.of(0));
      const size = expected.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
      hessianVector(u).forEach((x, i) => expect(Math.abs(x - expected[i]) / size, `${target}, ${i}`).toBeLessThan(BOUND));
    }
  });
});

it("is of most scenarios", () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(40);
});

/** The vjp with respect to u of fixed cotangents, and its derivative along w, as functions of u. */
function secondOrder(backend: VjpBackend, scenario: Scenario, target: Target) {
  const { u, p } = new Reference(scenario);
  const n = u.length;
  const arena = new Arena();
  const wrtU = backend.prepare({ code: scenario.problem.code, arena, target }).wrtU as Program;
  const derived = forward(wrtU, { wrt: ["u"] });
  const at = { u: arena.reserve(n), p: arena.reserve(p.length), v: arena.reserve(n), bar: arena.reserve(n), w: arena.reserve(n) };
  const dot = arena.reserve(n);
  const linked: Record<"vjp" | "derived", Compiled> = compile({ vjp: wrtU, derived }, arena, target).link();
  const w = u.map((_, i) => Math.sin(2 + 3 * i));
  const set = (state: Float64Array): void => {
    arena.f64(at.u, n).set(state);
    arena.f64(at.p, p.length).set(p);
    arena.f64(at.v, n).set(u.map((_, i) => Math.cos(1 + 2 * i)));
    arena.f64(at.w, n).set(w);
    for (const address of [at.bar, dot]) arena.f64(address, n).fill(NaN);
  };
  return {
    u,
    w,
    vjp(state: Float64Array): Float64Array {
      set(state);
      linked.vjp(at.u, at.p, scenario.t, at.v, at.bar);
      return arena.f64(at.bar, n).slice();
    },
    hessianVector(state: Float64Array): Float64Array {
      set(state);
      linked.derived(at.u, at.p, scenario.t, at.v, at.bar, at.w, dot);
      return arena.f64(dot, n).slice();
    },
  };
}
