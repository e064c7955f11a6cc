/** Vjps by a recorded tape, swept and compiled. */
import ndarray from "ndarray";
import { describe, expect, test } from "vitest";
import { CapturedVariable } from "../../../../src/read/syntax/errors.ts";
import { TapeTooLong, Untraceable } from "../../../../src/tape/numbers/errors.ts";
import { odeProblem, type OdeProblem } from "../../../../src/problem/problem.ts";
import { brusselator } from "../../../../problems/brusselator.ts";
import { lotkaVolterra } from "../../../../problems/lotka-volterra.ts";
import { pollution } from "../../../../problems/pollution.ts";
import { spiralNeuralODE } from "../../../../problems/spiral-neural-ode.ts";
import { source } from "../../../../sensitivity/vjp/backends/source.ts";
import { compiledTape, tape } from "../../../../sensitivity/vjp/backends/tape.ts";
import { differences, expectClose, prepareVjp, start, vjp } from "../harness.ts";
import { withoutInspector } from "../../../without-inspector.ts";

const backends = [tape, compiledTape];

type Rhs = (du: Float64Array, u: Float64Array, p: Float64Array, t: number, c: never) => void;

function stated(rhs: Rhs, constants?: unknown): OdeProblem {
  return odeProblem({
    rhs: rhs as never,
    u0: [0.7, -0.4, 1.1],
    p: [0.9, 0.3],
    tspan: [0, 1],
    constants,
  }) as unknown as OdeProblem;
}

function expectDifferences(problem: OdeProblem): void {
  const point = start(problem, 0.3);
  const expected = differences(problem, point);
  for (const backend of backends) {
    const prepared = prepareVjp(backend, problem);
    // Twice: a compiled tape is used from the second call on.
    for (let call = 0; call < 2; call++) {
      expectClose(prepared.u(point), expected.u, 1e-7);
      expectClose(prepared.p(point), expected.p, 1e-7);
    }
  }
}

describe("against the source backend", () => {
  const problems = {
    lotkaVolterra: lotkaVolterra().problem,
    pollution: pollution().problem,
    loops: brusselator({ n: 4 }).problem,
    arrays: brusselator({ n: 4, form: "arrays" }).problem,
    mixed: brusselator({ n: 4, form: "mixed" }).problem,
    spiral: spiralNeuralODE().problem,
  };
  for (const [name, problem] of Object.entries(problems)) {
    for (const backend of backends) {
      test(`${backend.name}: ${name}`, () => {
        const point = start(problem as OdeProblem, 1.2);
        const expected = vjp(source, problem as OdeProblem, point);
        const prepared = prepareVjp(backend, problem as OdeProblem);
        for (let call = 0; call < 2; call++) {
          expectClose(prepared.u(point), expected.u, 1e-12);
          expectClose(prepared.p(point), expected.p, 1e-12);
        }
      });
    }
  }
});

describe("code too dynamic for the reader, against differences", () => {
  test("recursion, by name and in constants", () => {
    const power = (x: number, n: number): number => (n === 0 ? 1 : x * power(x, n - 1));
    const rhs: Rhs = (du, u, p, _t, { power: raise }: { power: typeof power }) => {
      function sum(k: number): number {
        return k < 0 ? p[0] : u[k] * p[1] + sum(k - 1);
      }
      du[0] = sum(2);
      du[1] = raise(u[1], 3);
      du[2] = sum(0) * raise(p[0], 2);
    };
    expectDifferences(stated(rhs, { power }));
  });

  test("growing lists, maps, sets", () => {
    expectDifferences(
      stated((du, u, p) => {
        const list: number[] = [];
        for (const x of u) if (x > 0) list.push(x * p[0]);
        const rates = new Map<string, number>();
        rates.set("a", list.pop()!).set(
          "b",
          list.reduce((x, y) => x + y, p[1]),
        );
        const kinds = new Set([Math.floor(u[2])]);
        du[0] = rates.get("a")! * rates.get("b")!;
        du[1] = kinds.has(1) ? u[1] ** 2 : 0;
        du[2] =
          list.length +
          [...rates.values()]
            .map((x) => x * x)
            .filter((x) => x > 0.01)
            .sort((x, y) => x - y)[0];
      }),
    );
  });

  test("classes, closures, exceptions", () => {
    class Reaction {
      #calls = 0;
      constructor(
        readonly rate: number,
        readonly order = 2,
      ) {}
      speed(x: number): number {
        this.#calls++;
        return this.rate * x ** this.order * this.#calls;
      }
    }
    const rhs: Rhs = (du, u, p, _t, { Reaction: Kind }: { Reaction: typeof Reaction }) => {
      class Decay extends Kind {
        override speed(x: number): number {
          return -super.speed(x);
        }
      }
      let total = 0;
      const count = (x: number): number => (total += x);
      const root = (x: number): number => {
        if (x < 0) throw new RangeError(`negative: ${x}`);
        return Math.sqrt(x);
      };
      const decay = new Decay(p[0]);
      du[0] = decay.speed(u[0]) + count(u[1]);
      try {
        du[1] = root(u[1]);
      } catch (error) {
        du[1] = error instanceof RangeError ? u[1] * p[1] : 0;
      }
      du[2] = decay.speed(u[2]) + count(p[1] * u[2]) + total;
    };
    expectDifferences(stated(rhs, { Reaction }));
  });

  test("loops as long as values say, steps and compound assignments, logic", () => {
    expectDifferences(
      stated((du, u, p) => {
        let x = u[0];
        let turns = 0;
        while (x > 0.1) {
          x *= p[0] * 0.5;
          turns++;
        }
        const state = { x, last: [u[1], 0.5] };
        state.x += turns--;
        state.last[turns > 2 ? 0 : 1] **= 2;
        state.last[0]++;
        du[0] = state.x + ((u[1] > 5 && 3) || p[1]);
        du[1] = !(state.last[0] > 0) ? -u[1] : state.last[0] % 0.4;
        switch (Math.floor(u[2]) | 0) {
          case 1:
            du[2] = Math.max(u[0], u[1], p[0]) * Math.hypot(u[0], u[1], p[1]);
            break;
          default:
            du[2] = 0;
        }
      }),
    );
  });

  test("typed arrays, views of them, searches by value", () => {
    expectDifferences(
      stated((du, u, p) => {
        const a = new Float64Array(6).fill(p[1]);
        a.set(u, 1);
        a.subarray(2, 4)[0] *= 3;
        const largest = a.indexOf(Math.max(...a));
        du.set(a.map((x) => x * x).slice(1, 4));
        du[0] += a[largest] * Number.parseInt("2", 10);
      }),
    );
  });

  test("ndarrays and structures, in place and out of place", () => {
    const W = ndarray(new Float64Array([0.3, -0.2, 0.5, 0.1]), [2, 2]);
    const problem = odeProblem({
      rhs: ({ m, s }, { W: weights, k }) => {
        const out = ndarray(new Float64Array(4), [2, 2]);
        for (let i = 0; i < 2; i++) for (let j = 0; j < 2; j++) out.set(i, j, weights.get(j, i) * m.get(i, j) + s * k);
        return { m: out, s: k * s * m.get(0, 1) };
      },
      u0: { m: ndarray(new Float64Array([1, 2, 3, 4]), [2, 2]), s: 0.5 },
      p: { W, k: 2 },
      tspan: [0, 1],
      constants: { ndarray },
    }) as unknown as OdeProblem;
    expectDifferences(problem);
    const inPlace = odeProblem({
      rhs(du, u, p) {
        du.v = u.v;
        du.v[1] = u.v[0] * p.k * u.s;
        du.s = -u.s * p.k;
      },
      u0: { v: [1, 2], s: 0.5 },
      p: { k: 2 },
      tspan: [0, 1],
    }) as unknown as OdeProblem;
    expectDifferences(inPlace);
  });
});

test("a branch that flips is recorded again, and an older recording used again", () => {
  const problem = stated((du, u, p) => {
    for (let i = 0; i < 3; i++) du[i] = u[i] > p[0] ? u[i] ** 2 * p[1] : u[i] < p[1] ? Math.sin(u[i] * p[0]) : u[i];
  });
  const prepared = prepareVjp(compiledTape, problem);
  const exact = prepareVjp(source, problem);
  const point = start(problem);
  for (let k = 0; k < 200; k++) {
    const moved = { ...point, u: point.u.map((x, i) => x + Math.sin(k * (i + 1) * 0.7)) };
    expectClose(prepared.u(moved), exact.u(moved), 1e-10);
    expectClose(prepared.p(moved), exact.p(moved), 1e-10);
  }
});

test("a recording too long for one function is compiled in pieces, and its branches still flip", () => {
  const problem = stated((du, u, p) => {
    let x = u[0];
    for (let k = 0; k < 900; k++) x = Math.sin(x + u[k % 3] * p[0]) + (k === 450 && u[1] > 0.5 ? u[1] : 0.1 * x);
    for (let i = 0; i < 3; i++) du[i] = x * u[i];
  });
  const prepared = prepareVjp(compiledTape, problem);
  const exact = prepareVjp(source, problem);
  const point = start(problem);
  for (let k = 0; k < 12; k++) {
    const moved = { ...point, u: point.u.map((x, i) => x + Math.sin(k * (i + 1) * 0.7)) };
    expectClose(prepared.u(moved), exact.u(moved), 1e-10);
    expectClose(prepared.p(moved), exact.p(moved), 1e-10);
  }
});

test("a number kept from an earlier call is an error, not a wrong derivative", () => {
  const memory = function own(x: number): number {
    const kept = own as { last?: number };
    const { last = 0 } = kept;
    kept.last = x;
    return last * x;
  };
  const problem = stated((du, u, _p, _t, c: { memory: typeof memory }) => void du.fill(c.memory(u[0])), { memory });
  const prepared = prepareVjp(tape, problem);
  const point = start(problem);
  prepared.u(point);
  expect(() => prepared.u(point)).toThrow(Untraceable);
});

describe("errors", () => {
  withoutInspector();

  const outside = 2;
  const cases: readonly [string, Rhs, new (...args: never[]) => Error][] = [
    ["a captured variable", (du, u) => void (du[0] = u[0] * outside), CapturedVariable],
    ["numbers lost in an integer array", (du, u) => void du.fill(Int32Array.of(u[0] * 3)[0]), Untraceable],
    [
      "errors are not for the user's catch",
      (du, u) => {
        try {
          du.fill(new Float32Array([u[0]])[0]);
        } catch {
          du.fill(0);
        }
      },
      Untraceable,
    ],
  ];
  for (const [name, rhs, Class] of cases) {
    for (const backend of backends) {
      test(`${backend.name}: ${name}`, () => {
        const problem = stated(rhs);
        expect(() => vjp(backend, problem, start(problem), "javascript")).toThrow(Class);
      });
    }
  }
});

test("a tape that grows beyond all bounds is refused, with what would do; the next is recorded as ever", () => {
  const sums: Rhs = (du, u, p, _t, { turns }: { turns: number }) => {
    let sum = u[0];
    for (let i = 0; i < turns; i++) sum += p[0] * u[1];
    du[0] = sum;
    du[1] = du[2] = 0;
  };
  const point = start(stated(sums, { turns: 1 }), 0.3);
  for (const backend of backends) {
    const long = prepareVjp(backend, stated(sums, { turns: 2e5 }));
    expect(() => long.u(point)).toThrow(TapeTooLong);
    expect(() => long.u(point)).toThrow(/more than 262144 operations.*vjp: "finite"/);
    const short = prepareVjp(backend, stated(sums, { turns: 10 })).u(point);
    expectClose(short, Float64Array.of(point.v[0], 10 * point.p[0] * point.v[0], 0), 1e-12);
  }
});
