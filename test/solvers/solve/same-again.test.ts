/** The same solve gives the same bits, and so does its gradient, whatever was solved before it in the same memory. */
import { describe, expect, it, test } from "vitest";
import {
  gradient,
  kvaerno5,
  odeProblem,
  solve,
  type Loss,
  type Method,
  type OdeProblem,
  type SolveOptions,
} from "../../../index.ts";
import { alternatingMethods, everyMethod } from "../../tables.ts";

/** Of steps of one length: explicit ones are stable, and gradients take no time. */
const DT = 2 ** -6;
const SAVED = [0.5, 2.2, 3.7, 4.5];
const ACCURATE = { rtol: 1e-7, atol: 1e-9 };
const TOO_FEW = { maxSteps: 7 };

interface Case<U, P> {
  readonly problem: OdeProblem<U, P>;
  readonly loss: Loss<U, P>;
  /** Other solves of the problem: with other numbers, over another span, backwards, and some that fail. */
  readonly others: readonly SolveOptions<U, P>[];
}

/** Robertson's. */
function reactions(du: number[], u: number[], p: number[]): void {
  const [first, second, third] = [p[0] * u[0], p[1] * u[1] * u[1], p[2] * u[1] * u[2]];
  du[0] = third - first;
  du[1] = first - third - second;
  du[2] = second;
}

/** With rates that explicit methods can follow. */
const stiff: Case<number[], number[]> = {
  problem: odeProblem({
    rhs: reactions,
    u0: [1, 0, 0],
    tspan: [0, 5],
    p: [0.04, 3e4, 100],
    events: [
      { at: [3], apply: (u) => void (u[0] += 0.1) },
      { when: (u) => u[2] - 0.06, apply: (u) => void (u[0] += 0.2) },
    ],
  }),
  loss: { at: SAVED, of: (u) => u[1] },
  others: [{ p: [0.1, 1e4, 50] }, { tspan: [0, 1] }, { u0: [1e200, 1e200, 1e200] }, { u0: [2, 1e-3, 0], rtol: 1e-3 }, TOO_FEW],
};

const mild: Case<number[], number[]> = {
  problem: odeProblem({
    rhs(du, u, p) {
      du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
      du[1] = p[2] * u[0] * u[1] - p[3] * u[1];
    },
    u0: [1, 1],
    tspan: [0, 5],
    p: [1.5, 1, 1, 3],
    events: [
      { at: [2], apply: (u, p) => void (u[0] += 0.1 * p[0]) },
      { when: (u) => u[0] - 3, apply: (u) => void (u[1] += 0.2) },
    ],
  }),
  loss: { at: SAVED, of: (u) => u[0] * u[1] },
  others: [{ p: [1, 2, 1, 1] }, { tspan: [5, 1] }, { u0: [1e200, 1e200] }, { rtol: 1e-3 }, TOO_FEW],
};

type Pendulum = { position: number; velocity: number };

const inHalves: Case<Pendulum, { k: number }> = {
  problem: odeProblem({
    rhs: { position: (v) => v, velocity: (q, p) => -p.k * Math.sin(q) },
    u0: { position: 1, velocity: 0.5 },
    tspan: [0, 5],
    p: { k: 2 },
    events: [
      { at: [2], apply: (u) => void (u.velocity += 0.1) },
      { when: (u) => u.position, apply: (u) => void (u.velocity *= 0.9) },
    ],
  }),
  loss: { at: SAVED, of: (u) => u.position },
  others: [{ p: { k: 5 } }, { tspan: [5, 1] }, TOO_FEW],
};

function numbersOf<U, P>({ problem, loss }: Case<U, P>, solver: Method) {
  const { t, u, stats, events } = solve(problem, { ...ACCURATE, saveat: SAVED, solver });
  const { value, gradient: found } = gradient(problem, { ...ACCURATE, loss, wrt: ["p", "u0"], adjoint: "discrete", solver });
  // What compiled once is not compiled again.
  return { t, u, events, stats: { ...stats, compilations: 0 }, value, found };
}

function staysTheSame<U, P>(of: Case<U, P>, solver: Method): void {
  const first = numbersOf(of, solver);
  for (const order of [of.others, of.others.toReversed()]) {
    for (const other of order) solve(of.problem, { ...ACCURATE, ...other, solver, throwOnFailure: false });
    expect(numbersOf(of, solver)).toStrictEqual(first);
  }
}

describe.each(everyMethod(DT))("by $name, whatever was solved before, the same bits come of", (solver) => {
  it("a stiff problem with events", () => staysTheSame(stiff, solver));
  it("one that is not stiff", () => staysTheSame(mild, solver));
});

describe.each(alternatingMethods(DT))("by $name, whatever was solved before, the same bits come of", (solver) => {
  it("a problem in halves with events", () => staysTheSame(inHalves, solver));
});

test("tries that one solve left between steps do not count in the next one", () => {
  const problem = odeProblem({ rhs: reactions, u0: [1, 0, 0], tspan: [0, 1000], p: [0.04, 3e5, 1e3] });
  const options = { saveat: [250, 500], rtol: 1e-9, atol: 1e-11, solver: kvaerno5() };
  const first = solve(problem, options).u;
  for (let k = 0; k < 4; k++) expect(solve(problem, options).u).toStrictEqual(first);
});
