/** Adjoints that fail, or do not reach the start, are errors that tell the time and the component. */
import { describe, expect, it } from "vitest";
import {
  AdjointFailed,
  bs3,
  euler,
  gradient,
  odeProblem,
  solveWithPullback,
  TooManySteps,
  tsit5,
  type OdeProblem,
} from "../../index.ts";
import { adjointsThat } from "../tables.ts";

interface State {
  prey: number;
  predator: number;
}

/** u' = -k u, with a vjp of its author's that goes wrong between t = 0.5 and 0.6, where nobody checks it. */
function decay(wrong: (v: number) => number): OdeProblem<State, { k: number }> {
  const component = (v: number, k: number, t: number): number => (t > 0.5 && t < 0.6 ? wrong(v) : -k * v);
  return odeProblem({
    rhs(du, u, { k }) {
      du.prey = -k * u.prey;
      du.predator = -k * u.predator;
    },
    u0: { prey: 1, predator: 2 },
    p: { k: 0.7 },
    tspan: [0, 1],
    derivatives: {
      vjp(uBar, pBar, v, u, p, t) {
        uBar.prey = -p.k * v.prey;
        uBar.predator = component(v.predator, p.k, t);
        pBar.k = -u.prey * v.prey - u.predator * v.predator;
      },
    },
  });
}

const loss = { final: (u: State) => u.prey + u.predator };
const continuous = adjointsThat(({ usesVjp, needsText }) => usesVjp && !needsText);

describe.each(continuous)("%s", (adjoint) => {
  const options = { loss, adjoint, vjp: "user", solver: tsit5() };

  it("an adjoint that is no number", () => {
    const run = (): unknown =>
      gradient(
        decay(() => NaN),
        options,
      );
    expect(run).toThrow(AdjointFailed);
    expect(run).toThrow(
      /the solve back from t = \S+ stopped at t = 0\.[56]\d*: the derivative of the adjoint of predator is not finite/,
    );
  });

  it("steps of fixed length meet it too", () => {
    const run = (): unknown =>
      gradient(
        decay(() => NaN),
        { ...options, solver: euler({ dt: 0.01 }) },
      );
    expect(run).toThrow(/stopped at t = 0\.[56]\d*: the derivative of the adjoint of predator is not finite/);
  });

  it("an adjoint that blows up", () => {
    const run = (): unknown =>
      gradient(
        decay((v) => 1e3 * v * Math.abs(v)),
        options,
      );
    expect(run).toThrow(AdjointFailed);
    expect(run).toThrow(
      /stopped at t = 0\.\d+: (the step became too short to advance; largest is|the derivative of) the adjoint of predator/,
    );
  });

  it("too many steps", () => {
    // The forward solve is easy; the backward pass is asked for more digits.
    const run = (): unknown =>
      gradient(
        decay((v) => -0.7 * v),
        { ...options, maxSteps: 30, backward: { solver: bs3(), rtol: 1e-13 } },
      );
    expect(run).toThrow(AdjointFailed);
    expect(run).toThrow(
      /stopped at t = 0\.\d+: the largest number of steps allowed was not enough; largest is (the adjoint of prey|predator), 0\.\d+\./,
    );
    expect(run).toThrow(/more steps \(maxSteps\)/);
  });

  it("too many steps for an integral of the loss", () => {
    const wild = { integral: (u: State) => Math.cos(500 * u.predator) };
    const run = (): unknown =>
      gradient(
        decay((v) => -0.7 * v),
        { ...options, loss: wild, maxSteps: 30 },
      );
    expect(run).toThrow(TooManySteps);
  });
});

describe("other ways", () => {
  it("dual: too many steps", () => {
    const wild = { integral: (u: State) => Math.cos(500 * u.predator) };
    const run = (): unknown =>
      gradient(
        decay((v) => -0.7 * v),
        { loss: wild, adjoint: "dual", solver: tsit5(), maxSteps: 30 },
      );
    expect(run).toThrow(AdjointFailed);
    expect(run).toThrow(/with 1 directions stopped at t = 0\.\d+: the largest number of steps allowed was not enough/);
  });

  it("discrete: an adjoint that is no number", () => {
    const run = (): unknown =>
      gradient(
        decay(() => NaN),
        { loss, adjoint: "discrete", vjp: "user", solver: tsit5(), wrt: ["u0"] },
      );
    expect(run).toThrow(AdjointFailed);
    expect(run).toThrow("the derivative with respect to u0.predator is NaN");
  });

  it("a pullback", () => {
    const { pullback } = solveWithPullback(
      decay(() => NaN),
      { saveat: [1], vjp: "user", adjoint: "gauss", solver: tsit5() },
    );
    expect(() => pullback([{ prey: 1, predator: 1 }])).toThrow(/the adjoint of predator is not finite/);
  });
});
