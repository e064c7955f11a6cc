/** The function of an event sees which of the event's times it is: doses differ by it, and so do the derivatives by them. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, periodic, solve, type Events } from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";

interface Parameters {
  k: number;
  doses: number[];
}

const k = 0.5;
const end = 4;
const loss = { final: (u: number[]) => u[0] };
const tight = { rtol: 1e-10, atol: 1e-12 };

/** One compartment, which a dose enters. */
const dosed = (events: Events<number[], Parameters>, constants?: { share: number }) =>
  odeProblem({
    rhs(du: number[], u: number[], p: Parameters) {
      du[0] = -p.k * u[0];
    },
    u0: [0],
    tspan: [0, end],
    p: { k, doses: [1, 2, 3] },
    constants,
    events: events as Events<number[], Parameters, { share: number } | undefined>,
  });

/** What is left of a dose. */
const left = (t: number): number => Math.exp(-k * (end - t));

function expectClose(values: ArrayLike<number>, expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  expected.forEach((x, i) => expect(values[i]).toBeCloseTo(x, 8));
}

describe("times that are given in any order have the indices that they are given in", () => {
  const times = [3, 1, 2];
  const problem = dosed({
    at: times,
    apply(u, p, _t, _constants, index) {
      u[0] += p.doses[index];
    },
  });

  it("in a solve", () => {
    expectClose(solve(problem, { ...tight, saveat: [end] }).u[0] as number[], [left(3) + 2 * left(1) + 3 * left(2)]);
  });

  it.each(Object.keys(adjointMethods).filter((name) => name !== "steadyState"))("in the gradient by %s", (adjoint) => {
    const { gradient: by } = gradient(problem, { loss, adjoint, ...tight });
    expectClose(by.p!.doses as number[], times.map(left));
    const byK = times.reduce((sum, t, i) => sum - [1, 2, 3][i] * (end - t) * left(t), 0);
    expect(by.p!.k).toBeCloseTo(byK, 7);
  });
});

it("periods count from the first one, wherever the solve begins", () => {
  const problem = dosed(
    periodic({
      every: 1,
      from: 1,
      apply(u: number[], p: Parameters, _t: number, _constants: unknown, index: number) {
        u[0] += p.doses[index];
      },
    }),
  );
  expectClose(gradient(problem, { loss, ...tight }).gradient.p!.doses as number[], [left(1), left(2), left(3)]);
  expectClose(gradient(problem, { loss, tspan: [1.5, end], ...tight }).gradient.p!.doses as number[], [0, left(2), left(3)]);
});

it("an event of the state counts how often it took place", () => {
  const problem = dosed({
    when: (_u, _p, t) => Math.sin(Math.PI * Math.min(t, 3.5)),
    apply(u, p, _t, _constants, index) {
      u[0] += p.doses[index];
    },
  });
  for (const adjoint of ["discrete", "gauss", "dual"])
    expectClose(gradient(problem, { loss, adjoint, ...tight }).gradient.p!.doses as number[], [left(1), left(2), left(3)]);
});

it("beside decisions on the state, too, where derivatives have them take place at the times that were met", () => {
  const problem = odeProblem({
    rhs(du: number[], u: number[], p: Parameters) {
      du[0] = u[0] > 10 ? 0 : -p.k * u[0];
    },
    u0: [0],
    tspan: [0, end],
    p: { k, doses: [1, 2, 15] },
    events: {
      when: (_u: number[], _p: Parameters, t: number) => Math.sin(Math.PI * Math.min(t, 3.5)),
      apply(u: number[], p: Parameters, _t: number, _constants: unknown, index: number) {
        u[0] += p.doses[index];
      },
    },
  });
  // The last one has it stay from 3 on.
  const until = (t: number): number => Math.exp(-k * (3 - t));
  for (const adjoint of ["discrete", "gauss", "dual"])
    expectClose(gradient(problem, { loss, adjoint, ...tight }).gradient.p!.doses as number[], [until(1), until(2), 1]);
});

it("it stands behind the constants", () => {
  const problem = dosed(
    {
      at: [1, 2],
      apply(u: number[], p: Parameters, _t: number, { share }: { share: number }, index: number) {
        u[0] += share * p.doses[index];
      },
    } as Events<number[], Parameters>,
    { share: 0.5 },
  );
  expectClose(gradient(problem, { loss, ...tight }).gradient.p!.doses as number[], [left(1) / 2, left(2) / 2, 0]);
});

it("a function that cannot be read sees it, too", () => {
  const hidden = new Function("u", "p", "t", "constants", "index", "u[0] += p.doses.slice(index)[0]; try {} finally {}");
  const problem = dosed({ at: [1, 2], apply: hidden as never });
  expectClose(gradient(problem, { loss, adjoint: "dual", ...tight }).gradient.p!.doses as number[], [left(1), left(2), 0]);
});
