/** A promise is no number: an async function is named wherever what it gives is used as one. */
import { expect, it } from "vitest";
import { gradient, ndarray, odeProblem, solve, solveBatch, type OdeProblem } from "../../index.ts";

const later = (async (x: number) => 2 * x) as unknown as (x: number) => number;
const at = { u0: [1], p: [1], tspan: [0, 1] as [number, number] };
const decay = odeProblem({ rhs: (u: number[]) => [-u[0]], ...at });
const withEvent = (event: object): OdeProblem => odeProblem({ rhs: (u: number[]) => [-u[0]], ...at, events: [event] } as never);

const named = /`(later|constants\.of)\(.*\)` gives a promise, .* as `(later|of)` is an async function/;
const isPromise = /a Promise/;

const places: Readonly<Record<string, readonly [work: () => unknown, said: RegExp]>> = {
  "a helper of a right-hand side": [() => solve(odeProblem({ rhs: (u: number[]) => [later(u[0])], ...at })), named],
  "one in a sum": [() => solve(odeProblem({ rhs: (u: number[]) => [1 + later(u[0])], ...at })), named],
  "one that writes in place": [
    () => solve(odeProblem({ rhs: (du: number[], u: number[]) => void (du[0] = later(u[0])), ...at })),
    named,
  ],
  "one in a function of Math": [() => solve(odeProblem({ rhs: (u: number[]) => [Math.exp(later(u[0]))], ...at })), named],
  "one of the constants": [
    () => solve(odeProblem({ rhs: (u: number[], _p, _t, constants) => [constants.of(u[0])], ...at, constants: { of: later } })),
    named,
  ],
  "a right-hand side itself": [() => solve(odeProblem({ rhs: (async (u: number[]) => [u[0]]) as never, ...at })), isPromise],
  "one that writes in place itself": [
    () =>
      solve(
        odeProblem({ rhs: (async (du: number[], u: number[]) => void (du[0] = await Promise.resolve(u[0]))) as never, ...at }),
      ),
    isPromise,
  ],
  "a loss": [() => gradient(decay, { loss: { final: (u) => later(u[0]) } }), named],
  "an integral": [() => gradient(decay, { loss: { integral: (u) => 2 * later(u[0]) } }), named],
  "a loss itself": [() => gradient(decay, { loss: { final: (async (u: number[]) => u[0]) as never } }), isPromise],
  "the change of an event": [() => solve(withEvent({ at: [0.5], apply: (u: number[]) => void (u[0] = later(u[0])) })), named],
  "the condition of an event": [() => solve(withEvent({ when: (u: number[]) => later(u[0]), terminal: true })), isPromise],
  "times of an event": [
    () => solve(withEvent({ at: (p: number[]) => [later(p[0])], apply: (u: number[]) => void (u[0] = 0) })),
    isPromise,
  ],
  "an initial state": [
    () => solve(odeProblem({ ...at, rhs: (u: number[]) => [-u[0]], u0: (p: number[]) => [later(p[0])] })),
    isPromise,
  ],
};

it.each(Object.entries(places))("%s", (_, [work, said]) => expect(work).toThrow(said));

it("a batch", () =>
  expect(
    solveBatch(odeProblem({ rhs: (u: number[]) => [1 + later(u[0])], ...at }), { u0: ndarray(Float64Array.of(1, 2), [2, 1]) }),
  ).rejects.toThrow(named));

it("whose promise nobody uses runs as it is", () => {
  const seen: number[] = [];
  const report = async (x: number): Promise<void> => void seen.push(x);
  const reporting = odeProblem({
    rhs(u: number[]) {
      void report(u[0]);
      report(u[0]).catch(() => {});
      return [-u[0]];
    },
    ...at,
  });
  expect(solve(reporting, { saveat: [1] }).u[0][0]).toBeCloseTo(Math.exp(-1), 5);
  expect(seen.length).toBeGreaterThan(10);
});
