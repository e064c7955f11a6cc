/** Loops that do not end are named, with their line, wherever compiled code meets them; those that only take long run. */
import { describe, expect, it } from "vitest";
import { gradient, gradientBatch, ndarray, odeProblem, rk4, solve, solveBatch, tanh, type NdArray } from "../../index.ts";
import { emitWgsl } from "../../src/compile/wgsl/emit.ts";
import { EndlessLoop, ReadError } from "../../src/core/errors.ts";
import { mayNotEnd } from "../../src/ir/budget.ts";
import { walk } from "../../src/ir/ir.ts";
import { kernelOf } from "../../src/devices/kernel.ts";
import { withoutInspector } from "../without-inspector.ts";

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

  describe("where nothing shows what its free names stand for", () => {
    withoutInspector();

    it("before it is called to see that", () => {
      const rhs = (u: NdArray): NdArray => {
        while (true) u = tanh(u);
      };
      expect(() => solve(odeProblem({ rhs, u0: ndarray(Float64Array.of(1, 2), [2]), tspan: [0, 1] }))).toThrow(/never ends/);
    });
  });
});

describe("the function itself is not called where it does not end", () => {
  type List = number[];
  const fromBody = (body: string) => new Function("u", "p", body) as (u: List, p: List) => List;
  const outOfPlace: Readonly<Record<string, (u: List, p: List) => List>> = {
    "an empty loop": fromBody("while (true) {} return [-u[0]];"),
    "a loop that only counts": fromBody("let n = p[0]; for (;;) n += 1; return [-u[0] * n];"),
    "a loop that halves": fromBody("let x = u[0]; while (true) x = x / 2; return [-p[0] * x];"),
    "a condition that rounding goes past, of what nobody uses": (u, p) => {
      let x = 0;
      while (x !== 1) x += 0.1;
      return [-p[0] * u[0]];
    },
    "behind what is refused": (u, p) => {
      u[0] = 1;
      let x = p[0];
      while (x !== 0.25) x += 0.1;
      return [-x];
    },
  };
  const inPlace: Readonly<Record<string, (du: List, u: List, p: List) => void>> = {
    "an unused loop": (du, u, p) => {
      let x = 0;
      while (x !== 1) x += 0.1;
      du[0] = -p[0] * u[0];
    },
    "an unused loop to a parameter": (du, u, p) => {
      let x = 0;
      while (x !== p[0]) x += 0.1;
      du[0] = -p[0] * u[0];
    },
    "an unused loop in a branch": (du, u, p) => {
      if (u[0] > 0.5) for (let x = 0; x !== 1; x += 0.1);
      du[0] = -p[0] * u[0];
    },
    "an unused loop beside an index that is outside": (du, u, p) => {
      const a = [1, 2];
      let x = 0;
      while (x !== 1) x += 0.1;
      du[0] = -p[0] * (a[Math.round(u[0]) + 4] ?? 1);
    },
  };
  const spec = { u0: [1], p: [1], tspan: [0, 1] as [number, number] };
  const problems = [
    ...Object.entries(outOfPlace).map(([name, rhs]) => [name, odeProblem({ ...spec, rhs })] as const),
    ...Object.entries(inPlace).map(([name, rhs]) => [name, odeProblem({ ...spec, rhs })] as const),
  ];

  it.each(problems)("%s", (_name, stated) => {
    expect(() => solve(stated)).toThrow(ReadError);
    expect(() => gradient(stated, { loss: { final: (u) => u[0] } })).toThrow(ReadError);
  });

  it("but where calls within `try` end it, or somebody asks for what it gives", () => {
    const upTo = (u: List): List => {
      let n = 0;
      const next = (): number => {
        if (n > 2) throw new Error("no more");
        return n++;
      };
      try {
        while (true) next();
      } catch {
        n *= 2;
      }
      return [-n * u[0]];
    };
    const asked = (u: List): List => {
      const numbers = function* (): Generator<number> {
        let n = 0;
        while (true) yield n++;
      };
      let sum = 0;
      for (const n of numbers()) {
        if (n > 3) break;
        sum += n;
      }
      return [-sum * u[0]];
    };
    for (const rhs of [upTo, asked])
      expect(solve(odeProblem({ ...spec, rhs }), { rtol: 1e-8, atol: 1e-10 }).u.at(-1)![0]).toBeCloseTo(Math.exp(-6), 6);
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
  expect(source).toMatch(/spent \+= \d+u;\n\s*if \(spent > 67108864u\) \{ own\[\d+ \* stride \+ trajectory\] = 1f; break; \}/);
  expect([met, ownSize]).toEqual([ownSize - 1, ownSize]);
  expect(endless).toHaveLength(1);
  expect([...walk(program.body)].some((i) => i.kind === "while" && i.source?.line === 3)).toBe(true);
});
