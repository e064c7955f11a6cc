/** Variables outside of a function that it assigns: what it gives must not depend on what earlier calls left there. */
import { describe, expect, test } from "vitest";
import { gradient, odeProblem, ReadBeforeWrite, solve } from "../../../index.ts";

const base = { u0: { x: 1 }, tspan: [0, 5], p: { k: 0.4, a: 0.2 } } as const;
type U = { x: number };
type P = { k: number; a: number };

/** It is on again where the solve ends: at the start it then gives what it gave there before. */
const relay = () => {
  let on = true;
  return (u: U, p: P): U => {
    if (u.x > 1.5) on = false;
    if (u.x < 0.7) on = true;
    return { x: (on ? p.a + 0.6 : 0) - p.k * u.x };
  };
};
const latch = () => {
  let fired = false;
  return (u: U, p: P): U => {
    if (u.x < 0.6) fired = true;
    return { x: fired ? p.a : -p.k * u.x };
  };
};
const latchInField = () => {
  const kept = { fired: false };
  return (u: U, p: P): U => {
    if (u.x < 0.6) kept.fired = true;
    return { x: kept.fired ? p.a : -p.k * u.x };
  };
};
const cursor = () => {
  const times = [1, 2, 3, 4, 99];
  const values = [0.1, 0.5, 0.2, 0.7, 0.3];
  let i = 0;
  return (u: U, p: P, t: number): U => {
    while (t > times[i]) i++;
    return { x: values[i] - p.k * u.x };
  };
};

describe.each([
  ["relay", relay],
  ["latch", latch],
  ["latch in a field", latchInField],
  ["cursor", cursor],
] as const)("a %s", (_, make) => {
  test("is refused, each time", () => {
    const problem = odeProblem<U, P, undefined>({ ...base, rhs: make() } as never);
    for (let times = 0; times < 3; times++) expect(() => solve(problem)).toThrow(ReadBeforeWrite);
    expect(() => gradient(problem, { loss: { final: (u) => u.x } })).toThrow();
  });
});

test("a dose's counter in an event is refused each time, too", () => {
  let n = 0;
  const problem = odeProblem({
    rhs: (u: U, p: P) => ({ x: -p.k * u.x }),
    ...base,
    events: {
      at: [1, 2, 3, 4],
      apply(u: U, p: P) {
        n++;
        u.x += n === 3 ? 2 * p.a : p.a;
      },
    },
  });
  for (let times = 0; times < 3; times++) expect(() => solve(problem)).toThrow(ReadBeforeWrite);
});

test("counters, and variables that are written before they are read, change nothing", () => {
  let calls = 0;
  let rate: number;
  const problem = odeProblem({
    rhs(u: U, p: P) {
      calls++;
      rate = p.k * u.x;
      return { x: -rate };
    },
    ...base,
  });
  for (let times = 0; times < 3; times++) expect(solve(problem).u.at(-1)!.x).toBeCloseTo(Math.exp(-2), 5);
  expect(calls).toBeGreaterThan(0);
});
