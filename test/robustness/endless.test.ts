/** Loops that do not end are named, with their line, wherever compiled code meets them; those that only take long run. */
import { describe, expect, it } from "vitest";
import { gradient, gradientBatch, ndarray, odeProblem, rk4, solve, solveBatch, tanh, type NdArray } from "../../index.ts";
import { emitWgsl } from "../../src/compile/wgsl/emit.ts";
import { EndlessLoop } from "../../src/core/errors.ts";
import { mayNotEnd } from "../../src/ir/budget.ts";
import { walk } from "../../src/ir/ir.ts";
import { kernelOf } from "../../src/devices/kernel.ts";

type State = { x: number };
type Rhs = (du: State, u: State, p: { a: number }, t: number) => void;

const problem = (rhs: Rhs, a = 1) => odeProblem({ rhs, u0: { x: 1 }, p: { a }, tspan: [0, 1] });
const loss = { final: (u: State) => u.x };
const u0 = ndarray(new Float64Array(7).fill(1), [7, 1]);

/** From half of the time on it does not end; its turns are long, so that the budget is soon over. */
const late = problem((du, u, p, t) => {
  let [x, k] = [1, 0];
  while (t > 0.5 || k < 3) {
    for (let i = 0; i < 100_000; i++) x = 0.5 * x + i;
    k++;
  }
  du.x = -p.a * u.x * (x / (1 + x));
});

describe("a loop that does not end", () => {
  it.each(["wasm", "javascript"] as const)("on the way, in %s", (target) => {
    expect(() => solve(late, { target })).toThrow(EndlessLoop);
    expect(() => solve(late, { target })).toThrow(/line 3, column \d: this loop had not ended after 268435456 operations/);
    expect(() => gradient(late, { target, loss, wrt: ["p"] })).toThrow(EndlessLoop);
  });

  it("on lanes", async () => {
    await expect(solveBatch(late, { u0 })).rejects.toThrow(EndlessLoop);
    const fixed = { u0, solver: rk4({ dt: 0.25 }) };
    await expect(solveBatch(late, fixed)).rejects.toThrow(EndlessLoop);
    await expect(gradientBatch(late, { ...fixed, loss })).rejects.toThrow(EndlessLoop);
  });

  it("leaves the problem as it was", () => {
    const short = { tspan: [0, 0.4] as [number, number] };
    const before = solve(late, short).states;
    expect(() => solve(late)).toThrow(EndlessLoop);
    expect(solve(late, short).states).toEqual(before);
  });

  it("by a number of turns that nobody can wait for", () => {
    const counted: Rhs = (du, u, p) => {
      let sum = 0;
      for (let i = 0; i < p.a; i++) sum += u.x * i;
      du.x = -sum;
    };
    expect(() => solve(problem(counted, 1e300))).toThrow(EndlessLoop);
    expect(solve(problem(counted, 1e5), { tspan: [0, 1e-10] }).result).toBe("success");
  });

  it("in loops in loops, each of which would end", () => {
    const nested: Rhs = (du, u, p) => {
      let sum = 0;
      for (let i = 0; i < p.a; i++) for (let j = 0; j < p.a; j++) for (let k = 0; k < p.a; k++) sum += u.x * i * j * k;
      du.x = -sum;
    };
    expect(() => solve(problem(nested, 1e6))).toThrow(EndlessLoop);
  });

  it("in a loss", () => {
    const endless = {
      final: (u: State, p: { a: number }) => {
        let sum = 0;
        for (let i = 0; i < 1e300 * p.a; i++) sum += u.x;
        return sum;
      },
    };
    expect(() =>
      gradient(
        problem((du, u, p) => void (du.x = -p.a * u.x)),
        { loss: endless },
      ),
    ).toThrow(/loss.final, line 3/);
  });
});

it("at points that are made up only, says nothing", () => {
  const onlyAtOne: Rhs = (du, u, p) => {
    let sum = 0;
    for (let i = 0; i < (p.a === 1 ? 10 : 1e300); i++) sum += u.x;
    du.x = -sum;
  };
  expect(solve(problem(onlyAtOne)).result).toBe("success");
});

describe("a loop that nothing leaves is refused when it is read", () => {
  it.each<[string, Rhs]>([
    [
      "while",
      (du, u) => {
        du.x = -u.x;
        while (true) du.x += 1;
      },
    ],
    [
      "for",
      (du, u) => {
        du.x = -u.x;
        for (;;) du.x += 1;
      },
    ],
    [
      "do",
      (du, u) => {
        du.x = -u.x;
        const always = 2;
        do du.x += 1;
        while (always > 1);
      },
    ],
  ])("%s", (_, rhs) => {
    expect(() => solve(problem(rhs))).toThrow(/never ends/);
  });

  it("before it is called to see what its free names stand for", () => {
    const rhs = (u: NdArray): NdArray => {
      while (true) u = tanh(u);
    };
    expect(() => solve(odeProblem({ rhs, u0: ndarray(Float64Array.of(1, 2), [2]), tspan: [0, 1] }))).toThrow(/never ends/);
  });
});

describe("which loops are counted", () => {
  const counted = (rhs: Rhs): boolean => mayNotEnd(problem(rhs).code.rhsProgram());

  it("not those whose turns are known, nor those that leave such early", () => {
    expect(
      counted((du, u) => {
        for (let i = 0; i < 1000; i++) du.x = u.x * i;
      }),
    ).toBe(false);
    expect(
      counted((du, u) => {
        let x = u.x;
        for (let i = 0; i < 50; i++) {
          if (x < 1e-3) break;
          x *= 0.5;
        }
        du.x = x;
      }),
    ).toBe(false);
  });

  it("those that what they compute decides of", () => {
    expect(
      counted((du, u) => {
        let x = u.x;
        while (x > 1e-3) x *= 0.5;
        du.x = x;
      }),
    ).toBe(true);
    expect(
      counted((du, u, p) => {
        let x = u.x;
        for (let i = 0; i < p.a; i++) x *= 0.5;
        du.x = x;
      }),
    ).toBe(true);
  });
});

it("WGSL counts, leaves the loop, and keeps its number", () => {
  const rhs: Rhs = (du, u) => {
    let x = u.x;
    while (x > 0) x = 0.5 * x + 1;
    du.x = x;
  };
  const program = problem(rhs).code.rhsProgram();
  const { source, endless, met, ownSize } = emitWgsl(kernelOf(program, []).program, new Set());
  expect(source).toMatch(/spent \+= \d+u;\n\s*if \(spent > 67108864u\) \{ own\[\d+ \* stride \+ trajectory\] = 1\.0; break; \}/);
  expect([met, ownSize]).toEqual([ownSize - 1, ownSize]);
  expect(endless).toHaveLength(1);
  expect([...walk(program.body)].some((i) => i.kind === "while" && i.source?.line === 3)).toBe(true);
});
