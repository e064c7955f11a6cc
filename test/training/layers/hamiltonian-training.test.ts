/** A learned potential whose slope is the force keeps its energy long after what it was trained on; a network of the force does not. */
import { expect, it } from "vitest";
import { differentiable, gradientOf, odeProblem, remake, solve, tanh, velocityVerlet } from "../../../index.ts";
import { chain, dense, fit, observations, type Layer } from "../../../training/index.ts";

interface State {
  position: number;
  velocity: number;
}
const start: State = { position: 1.2, velocity: 0 };
const tspan = [0, 8] as const;
/** A hundred times the training. */
const long = [0, 800] as const;

const net = chain(dense(1, 8, tanh), dense(8, 1));
type Weights = ReturnType<typeof net.initial>;
const potential = differentiable((q: ArrayLike<number>, p: Weights, c: { net: Layer<Weights> }) => c.net([q[0]], p).get(0), {
  constants: { net },
});
const slope = gradientOf(potential);

const pendulum = odeProblem({
  rhs: { position: (v: number) => v, velocity: (q: number) => -Math.sin(q) },
  u0: start,
  tspan,
});
const t = Array.from({ length: 33 }, (_, i) => i / 4);
const { u: seen } = solve(pendulum, { saveat: t, rtol: 1e-10, atol: 1e-10 });
const data = observations({
  t,
  values: { position: seen.map(({ position }) => position), velocity: seen.map(({ velocity }) => velocity) },
  sigma: 0.01,
});
const fitting = { rtol: 1e-6, atol: 1e-6, maxIterations: 60 };
const solving = { rtol: 1e-8, atol: 1e-8, saveat: 1 };

const pendulumEnergy = ({ position, velocity }: State): number => velocity ** 2 / 2 - Math.cos(position);

/** How far the energy comes away from that at the start. */
function awayBy(energy: (u: State) => number, states: readonly State[]): number {
  return Math.max(...states.map((u) => Math.abs(energy(u) - energy(states[0]))));
}

it("a force that is the slope of a learned potential", async () => {
  const problem = odeProblem({
    rhs: {
      position: (v: number) => v,
      velocity: (q: number, p: Weights, _t: number, { dV }: { dV: typeof slope }) => -dV([q], p)[0],
    },
    u0: start,
    tspan,
    p: net.initial(1),
    constants: { dV: slope },
  });
  const { p, value } = await fit(problem, data, fitting);
  expect(value).toBeLessThan(0.01);
  const learned = (u: State): number => u.velocity ** 2 / 2 + potential([u.position], p);
  const trained = remake(problem, { p, tspan: long });
  const adaptive = solve(trained, solving).u;
  expect(awayBy(learned, adaptive)).toBeLessThan(1e-5);
  expect(awayBy(pendulumEnergy, adaptive)).toBeLessThan(1e-3);
  // Bounded, and no drift, by a symplectic method whose steps are long.
  const symplectic = solve(trained, { ...solving, solver: velocityVerlet({ dt: 0.05 }) }).u;
  expect(awayBy(learned, symplectic)).toBeLessThan(1e-3);
  expect(awayBy(learned, symplectic.slice(0, 81)) / awayBy(learned, symplectic)).toBeGreaterThan(0.9);
}, 60_000);

it("a force that is a network itself, which meets the data as well", async () => {
  const force = chain(dense(2, 8, tanh), dense(8, 1));
  const problem = odeProblem({
    rhs: (u: State, p: ReturnType<typeof force.initial>, _t: number, c: { net: typeof force }) => ({
      position: u.velocity,
      velocity: c.net([u.position, u.velocity], p).get(0),
    }),
    u0: start,
    tspan,
    p: force.initial(1),
    constants: { net: force },
  });
  const { p, value } = await fit(problem, data, fitting);
  expect(value).toBeLessThan(0.01);
  expect(awayBy(pendulumEnergy, solve(remake(problem, { p, tspan: long }), solving).u)).toBeGreaterThan(0.1);
}, 60_000);
