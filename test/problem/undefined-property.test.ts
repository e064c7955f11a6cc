import { expect, it } from "vitest";
import { gradient, odeProblem, solve } from "../../index.ts";

type Names = Readonly<Record<string, number>>;

const stated = (rhs: (du: Record<string, number>, u: Names, p: Names, t: number, c: Names) => void) =>
  odeProblem({
    rhs: rhs as never,
    u0: { x: 1, y: 2 },
    p: { alpha: 0.5, beta: 1 },
    tspan: [0, 1],
    constants: { rate: 2, table: [1, 2] },
    name: "decay",
  });

it.each([
  ["of parameters", (_u: Names, p: Names) => p.alhpa, /decay reads `p\.alhpa`, which is undefined\. Is `alpha` meant\?/],
  ["of the state", (u: Names) => u.X, /decay reads `u\.X`, which is undefined\. It is `x` here\./],
  ["of constants", (_u: Names, _p: Names, c: Names) => c.rat, /`constants\.rat`, which is undefined\. Is `rate` meant\?/],
  ["of a list", (_u: Names, _p: Names, c: Names) => (c.table as never as number[])[2], /`constants\.table\[2\]`.*has 2 elements/],
])("what is misspelt is named: a property %s", (_what, taken, message) => {
  // A map makes the function run by itself.
  const problem = stated((du, u, p, _t, c) => {
    const x = new Map([["x", u.x]]).get("x")!;
    du.x = -taken(u, p, c) * x;
    du.y = -u.y;
  });
  expect(() => solve(problem)).toThrow(message);
});

it("an element of a state without names", () => {
  const rhs = (du: number[], u: number[]): void => void (du[0] = -new Map([["x", u[1]]]).get("x")!);
  expect(() => solve(odeProblem({ rhs, u0: [1], tspan: [0, 1] }))).toThrow(
    /rhs reads `u\[1\]`, which is undefined: `u` has 1 elem/,
  );
});

it("by a gradient; and what may be missing is no mistake", () => {
  const loss = { final: (u: Names): number => u.x };
  const misspelt = (du: Record<string, number>, u: Names, p: Names): void => {
    du.x = new Map([["x", u.x]]).get("x")! * p.alhpa;
    du.y = 0;
  };
  expect(() => gradient(stated(misspelt), { loss: loss as never, wrt: ["p"] })).toThrow(/`p\.alhpa`.*`alpha`/);
  const optional = (du: Record<string, number>, u: Names, p: Names): void => {
    du.x = -(p.gamma ?? 1) * new Map([["x", u.x]]).get("x")!;
    du.y = 0;
  };
  expect(solve(stated(optional)).t.at(-1)).toBe(1);
});
