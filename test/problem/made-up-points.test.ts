/** Functions are tried at points that are made up: what they throw there is no fault; where a solve calls them, it is the user's. */
import { describe, expect, it } from "vitest";
import { FunctionThrew, gradient, odeProblem, solve, type Loss, type OdeProblem } from "../../index.ts";

type Rhs = (du: number[], u: number[], p: number[], t: number) => void;
type Apply = (u: number[], p: number[], t: number) => void;

const decay: Rhs = (du, u, p) => {
  du[0] = -p[0] * u[0];
};
const problem = (rhs: Rhs, apply?: Apply): OdeProblem<number[], number[]> =>
  odeProblem({ rhs, u0: [1.3], p: [0.8], tspan: [0, 1], events: apply && { at: [0.5], apply } });
const final: Loss<number[], number[]> = { final: (u) => u[0] };
const tight = { rtol: 1e-8, atol: 1e-8 } as const;
const end = 1.3 * Math.exp(-0.8);

describe("what is thrown at made-up points is ignored", () => {
  // Each throws a TypeError where the state is above a bound: above what it ever is, or than it is where the function is called.
  const read: Loss<number[], number[]> = {
    final: (u) => {
      const table = [[2], [2]];
      return table[u[0] > 1 ? 5 : 1][0] * u[0];
    },
  };
  const unread: Loss<number[], number[]> = {
    final: (u) => {
      if (u[0] > 1) throw new TypeError("only for what has decayed");
      return 2 * u[0];
    },
  };
  it.each([
    ["read", read, "may make the loss jump"],
    ["by itself", unread, "runs by itself"],
  ] as const)("of a loss that is %s", (_, loss, warning) => {
    const result = gradient(problem(decay), { ...tight, loss });
    expect(result.value).toBeCloseTo(2 * end, 7);
    expect(result.gradient.p![0]).toBeCloseTo(-2 * end, 6);
    expect(result.warnings).toEqual([expect.stringContaining(warning)]);
  });

  it.each<[string, Rhs]>([
    [
      "read",
      (du, u, p) => {
        const table = [[1], [1]];
        du[0] = -p[0] * table[u[0] > 1.3 ? 5 : 1][0] * u[0];
      },
    ],
    [
      "by itself",
      (du, u, p) => {
        if (u[0] > 1.3) throw new TypeError("never so large");
        du[0] = -p[0] * u[0];
      },
    ],
  ])("of a right-hand side that is %s", (_, rhs) => {
    expect(solve(problem(rhs), tight).u.at(-1)![0]).toBeCloseTo(end, 7);
    expect(gradient(problem(rhs), { ...tight, loss: final }).gradient.p![0]).toBeCloseTo(-end, 6);
  });

  it.each<[string, Apply]>([
    [
      "read",
      (u) => {
        const table = [[2], [2]];
        u[0] *= table[u[0] > 1 ? 5 : 1][0];
      },
    ],
    [
      "by itself",
      (u) => {
        if (u[0] > 1) throw new TypeError("only for what has decayed");
        u[0] *= 2;
      },
    ],
  ])("of an event that is %s", (_, apply) => {
    const result = gradient(problem(decay, apply), { ...tight, loss: final });
    expect(result.value).toBeCloseTo(2 * end, 7);
    expect(result.gradient.p![0]).toBeCloseTo(-2 * end, 6);
  });
});

describe("what is thrown where a solve calls is named, with its cause", () => {
  const late: Rhs = (du, u, p, t) => {
    if (t > 0.3) throw new RangeError("too late");
    du[0] = -p[0] * u[0];
  };
  const apply: Apply = (u) => {
    if (u[0] < 1) throw new RangeError("too late");
    u[0] *= 2;
  };
  const of = (u: number[]): number => {
    if (u[0] < 1) throw new RangeError("too late");
    return u[0];
  };
  it.each([
    [/^late threw at t = 0\.3\d*: RangeError: too late\./, () => solve(problem(late))],
    [/^late threw at t = 0\.3\d*: RangeError: too late\./, () => gradient(problem(late), { loss: final })],
    [/^events\.apply threw at t = 0\.5: RangeError: too late\./, () => solve(problem(decay, apply))],
    [/^events\.apply threw at t = 0\.5: RangeError: too late\./, () => gradient(problem(decay, apply), { loss: final })],
    [/^loss\.of threw at t = 0\.75: RangeError: too late\./, () => gradient(problem(decay), { loss: { at: [0.1, 0.75], of } })],
    [/^loss\.final threw: RangeError: too late\./, () => gradient(problem(decay), { loss: { final: of } })],
  ])("%s", (message, run) => {
    expect(run).toThrow(FunctionThrew);
    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ cause: expect.any(RangeError) }));
  });
});

describe("what a function's own arrays and objects do not have", () => {
  /** Each is 2 u. */
  const bodies: Record<string, (u: number[]) => number> = {
    "a plain array that grows": (u) => {
      const powers = [1];
      for (let m = 1; m <= 3; m++) powers[m] = powers[m - 1] * u[0];
      return 2 * powers[1];
    },
    "a plain array that grows from its first element on": (u) => {
      const list = [0];
      for (let m = 0; m < 3; m++) list[m] = m * u[0];
      return list[2];
    },
    "a field that is added": (u) => {
      const groups: Record<string, { sum: number }> = {};
      for (const key of ["a", "b", "a"]) {
        groups[key] ??= { sum: 0 };
        groups[key].sum += u[0];
      }
      return groups.a.sum;
    },
    "an element behind the end": (u) => {
      const rows = [[u[0]], [2 * u[0]]];
      return (rows[2] ?? rows[1])[0];
    },
  };
  it.each(Object.entries(bodies))("%s: it runs by itself", (_, body) => {
    const text = body.toString();
    const make = (around: string): never => new Function(`return ${around.replace("BODY", `(${text})(u)`)}`)() as never;
    expect(gradient(problem(decay), { ...tight, loss: { final: make("(u) => BODY") } }).gradient.p![0]).toBeCloseTo(-2 * end, 6);
    const rhs = problem(make("(du, u, p) => { du[0] = -p[0] * BODY / 2; }"));
    expect(solve(rhs, tight).u.at(-1)![0]).toBeCloseTo(end, 7);
    expect(gradient(rhs, { ...tight, loss: final }).gradient.p![0]).toBeCloseTo(-end, 6);
    const event = problem(decay, make("(u) => { u[0] = BODY; }"));
    expect(gradient(event, { ...tight, loss: final }).gradient.p![0]).toBeCloseTo(-2 * end, 6);
  });
});
