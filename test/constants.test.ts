/** Constants that are changed after a problem was compiled with them. */
import { describe, expect, it } from "vitest";
import {
  ConstantsChanged,
  derivative,
  differentiable,
  gradient,
  ndarray,
  odeProblem,
  remake,
  rk4,
  solve,
  solveBatch,
  type ExplicitMethod,
} from "../index.ts";

const span = { u0: [0], tspan: [0, 1] as const, p: [1] };
const end = (solution: { readonly u: readonly ArrayLike<number>[] }): number => solution.u.at(-1)![0];

const cases: readonly (readonly [string, () => { problem: Parameters<typeof solve>[0]; change: () => void; message: RegExp }])[] =
  [
    [
      "an element of a typed array",
      () => {
        const table = new Float64Array([1, 2]);
        const problem = odeProblem({ ...span, rhs: (_u, p, _t, { table }) => [p[0] * table[1]], constants: { table } });
        return { problem, change: () => (table[1] = 3), message: /table\[1\] was 2 and is 3/ };
      },
    ],
    [
      "an element of nested arrays",
      () => {
        const rows = [
          [1, 2],
          [3, 2],
        ];
        const problem = odeProblem({ ...span, rhs: (_u, p, _t, { rows }) => [p[0] * rows[1][1]], constants: { rows } });
        return { problem, change: () => (rows[1][1] = 3), message: /rows\[1\]\[1\] was 2 and is 3/ };
      },
    ],
    [
      "a row more",
      () => {
        const rows = [
          [2, 0],
          [0, 0],
        ];
        const problem = odeProblem({
          ...span,
          rhs: (_u, p, _t, { rows }) => [p[0] * rows.reduce((sum, [x]) => sum + x, 0)],
          constants: { rows },
        });
        return { problem, change: () => rows.push([1, 0]), message: /rows had 2 rows and has 3/ };
      },
    ],
    [
      "a number in an object",
      () => {
        const settings = { rates: { fast: 2 } };
        const problem = odeProblem({ ...span, rhs: (_u, p, _t, { rates }) => [p[0] * rates.fast], constants: settings });
        return { problem, change: () => (settings.rates.fast = 3), message: /fast was 2 and is 3/ };
      },
    ],
    [
      "another function",
      () => {
        const constants = { rate: (): number => 2 };
        const problem = odeProblem({ ...span, rhs: (_u, p, _t, { rate }) => [p[0] * rate()], constants });
        return { problem, change: () => (constants.rate = () => 3), message: /rate is another one/ };
      },
    ],
  ];

describe.each(cases)("%s", (_, make) => {
  it("is noticed by solve and gradient", () => {
    const { problem, change, message } = make();
    expect(end(solve(problem) as never)).toBeCloseTo(2, 12);
    change();
    for (const use of [() => solve(problem), () => gradient(problem, { loss: { final: (u) => (u as number[])[0] } })]) {
      expect(use).toThrow(ConstantsChanged);
      expect(use).toThrow(message);
    }
  });

  it("is taken up by a problem made anew", () => {
    const { problem, change } = make();
    solve(problem);
    change();
    expect(end(solve(remake(problem, {})) as never)).toBeCloseTo(3, 12);
  });
});

class Model {
  #hidden = 2;
  static least = 0;
  constructor(public k = 2) {}
  get twice(): number {
    return 2 * this.k;
  }
  get hidden(): number {
    return this.#hidden;
  }
  rate(): number {
    return this.k;
  }
  hide(k: number): void {
    this.#hidden = k;
  }
}

/** Functions that the reader cannot read, since they call themselves. */
const recursive = (last: string): string =>
  `(u, p, t, c) => { const f = (n) => (n <= 0 ? ${last} : f(n - 1)); return [f(3) * u[0] * p[0]]; }`;
const plain = (expression: string): string => `(u, p, t, c) => [${expression} * u[0] * p[0]]`;

interface Ingredient {
  readonly name: string;
  /** u' = k u p, of 2 at first. */
  readonly rhs: string;
  readonly make: () => Record<string, unknown>;
  /** k is 3 from now on. */
  readonly change: (constants: never) => unknown;
}

type Loose = Record<string, never>;

/** What code, recordings and plans are made of, apart from what the tests above change. */
const ingredients: readonly Ingredient[] = [
  { name: "a field", rhs: plain("c.m.k"), make: () => ({ m: new Model() }), change: ({ m }: { m: Model }) => (m.k = 3) },
  { name: "a getter", rhs: plain("c.m.twice / 2"), make: () => ({ m: new Model() }), change: ({ m }: { m: Model }) => (m.k = 3) },
  { name: "a method", rhs: plain("c.m.rate()"), make: () => ({ m: new Model() }), change: ({ m }: { m: Model }) => (m.k = 3) },
  {
    name: "a private field",
    rhs: plain("c.m.hidden"),
    make: () => ({ m: new Model() }),
    change: ({ m }: { m: Model }) => m.hide(3),
  },
  {
    name: "another instance",
    rhs: plain("c.m.k"),
    make: () => ({ m: new Model() }),
    change: (c: { m: Model }) => (c.m = new Model(3)),
  },
  {
    name: "a getter of an object",
    rhs: plain("c.o.k"),
    make: () => ({ state: [2], o: {} }) as Record<string, unknown>,
    change: ({ state }: { state: number[] }) => (state[0] = 3),
  },
  {
    name: "an array that a getter makes",
    rhs: plain("c.o.list[0]"),
    make: () => ({ state: [2], o: {} }) as Record<string, unknown>,
    change: ({ state }: { state: number[] }) => (state[0] = 3),
  },
  { name: "a missing key", rhs: plain("(c.extra ?? 2)"), make: () => ({}), change: (c: Loose) => Object.assign(c, { extra: 3 }) },
  {
    name: "a missing key, taken apart",
    rhs: "(u, p, t, { o: { k = 2 } }) => [k * u[0] * p[0]]",
    make: () => ({ o: {} }),
    change: ({ o }: { o: Loose }) => Object.assign(o, { k: 3 }),
  },
  {
    name: "a missing key, compared",
    rhs: plain("(c.o.k === undefined ? 2 : c.o.k)"),
    make: () => ({ o: {} }),
    change: ({ o }: { o: Loose }) => Object.assign(o, { k: 3 }),
  },
  {
    name: "a key in",
    rhs: plain('("k" in c.o ? 3 : 2)'),
    make: () => ({ o: {} }),
    change: ({ o }: { o: Loose }) => Object.assign(o, { k: 3 }),
  },
  {
    name: "keys",
    rhs: plain("Object.keys(c.o).length"),
    make: () => ({ o: { a: 1, b: 1 } }),
    change: ({ o }: { o: Loose }) => Object.assign(o, { k: 3 }),
  },
  {
    name: "the length of a list",
    rhs: plain("c.list.length"),
    make: () => ({ list: [5, 5] }),
    change: ({ list }: { list: number[] }) => list.push(5),
  },
  {
    name: "a list of objects",
    rhs: "(u, p, t, { list }) => { let s = 0; for (const { k } of list) s += k; return [s * u[0] * p[0]]; }",
    make: () => ({ list: [{ k: 2 }] }),
    change: ({ list }: { list: object[] }) => list.push({ k: 1 }),
  },
  {
    name: "a map",
    rhs: plain('c.m.get("k")'),
    make: () => ({ m: new Map([["k", 2]]) }),
    change: ({ m }: { m: Map<string, number> }) => m.set("k", 3),
  },
  {
    name: "a missing entry",
    rhs: plain('(c.m.get("k") ?? 2)'),
    make: () => ({ m: new Map() }),
    change: ({ m }: { m: Map<string, number> }) => m.set("k", 3),
  },
  {
    name: "a set",
    rhs: plain("(c.s.has(3) ? 3 : 2)"),
    make: () => ({ s: new Set() }),
    change: ({ s }: { s: Set<number> }) => s.add(3),
  },
  { name: "a helper", rhs: plain("c.f()"), make: () => ({ f: () => 2 }), change: (c: Loose) => Object.assign(c, { f: () => 3 }) },
  {
    name: "constants of a helper",
    rhs: plain("c.f(1)"),
    make: () => {
      const k = [2];
      return { k, f: differentiable((x: number, own: { k: number[] }) => own.k[0] * x, { constants: { k } }) };
    },
    change: ({ k }: { k: number[] }) => (k[0] = 3),
  },
  {
    name: "constants of a helper with rules",
    rhs: plain("c.f(1)"),
    make: () => {
      const k = [2];
      const vjp = (v: number, _x: number, own: { k: number[] }): number => own.k[0] * v;
      return { k, f: differentiable((x: number, own: { k: number[] }) => own.k[0] * x, { constants: { k }, vjp }) };
    },
    change: ({ k }: { k: number[] }) => (k[0] = 3),
  },
  {
    name: "a property of a helper",
    rhs: plain("c.f.k"),
    make: () => ({ f: Object.assign(() => 1, { k: 2 }) }),
    change: ({ f }: { f: Loose }) => Object.assign(f, { k: 3 }),
  },
  {
    name: "recursion, a number",
    rhs: recursive("c.k"),
    make: () => ({ k: 2 }),
    change: (c: Loose) => Object.assign(c, { k: 3 }),
  },
  {
    name: "recursion, a typed array",
    rhs: recursive("c.k[0]"),
    make: () => ({ k: Float64Array.of(2) }),
    change: ({ k }: { k: Float64Array }) => (k[0] = 3),
  },
  {
    name: "recursion, an instance",
    rhs: recursive("c.m.rate()"),
    make: () => ({ m: new Model() }),
    change: ({ m }: { m: Model }) => (m.k = 3),
  },
  {
    name: "recursion, a map",
    rhs: recursive("c.m.get(1)"),
    make: () => ({ m: new Map([[1, 2]]) }),
    change: ({ m }: { m: Map<number, number> }) => m.set(1, 3),
  },
  {
    name: "recursion, a helper",
    rhs: recursive("c.f()"),
    make: () => ({ f: () => 2 }),
    change: (c: Loose) => Object.assign(c, { f: () => 3 }),
  },
  {
    name: "recursion, a work buffer beside",
    rhs: recursive("(c.work[0] = p[0], c.k[0] * c.work[0] / p[0])"),
    make: () => ({ k: [2], work: new Float64Array(1) }),
    change: ({ k }: { k: number[] }) => (k[0] = 3),
  },
];

/** Getters, which specifications in one line do not copy. */
function withGetters(constants: Record<string, unknown>): Record<string, unknown> {
  const { o, state } = constants as { o?: object; state?: number[] };
  if (o && state)
    Object.defineProperties(o, {
      k: { get: () => state[0], enumerable: true },
      list: { get: () => [state[0]], enumerable: true },
    });
  return constants;
}

const backends = [undefined, "tape", "compiledTape"];

describe.each(ingredients)("$name", ({ name, rhs, make, change }) => {
  // With private fields, or made of one piece, the tape takes nothing of them but what they give.
  it.each(backends)("is seen, or named (vjp %s)", (vjp) => {
    const constants = withGetters(make());
    const problem = odeProblem({
      rhs: new Function(`return ${rhs}`)() as never,
      u0: [1],
      p: [1],
      tspan: [0, 1],
      constants,
      name: `${name} by ${vjp}`,
    });
    const expectRate = (of: typeof problem, k: number): void => {
      expect(end(solve(of, { rtol: 1e-8, atol: 1e-8 }))).toBeCloseTo(Math.exp(k), 5);
      const { gradient: g } = gradient(of, { loss: { final: (u) => u[0] }, vjp, rtol: 1e-8, atol: 1e-8 });
      expect(g.p![0]).toBeCloseTo(k * Math.exp(k), 4);
    };
    expectRate(problem, 2);
    change(constants as never);
    try {
      expectRate(problem, 3);
    } catch (error) {
      if (!(error instanceof ConstantsChanged)) throw error;
    }
    expectRate(remake(problem, {}), 3);
  });
});

it("objects with a state of their own are looked at before each use", () => {
  const model = new Model();
  const problem = odeProblem({ ...span, rhs: (_u, p, _t, { model }) => [p[0] * model.twice], constants: { model } });
  expect(end(solve(problem))).toBeCloseTo(4, 12);
  model.k = 3;
  expect(end(solve(problem))).toBeCloseTo(6, 12);
  const other = new Model();
  other.hide(7);
  const hidden = (model: Model): number =>
    end(solve(odeProblem({ ...span, rhs: (_u, p, _t, { model }) => [p[0] * model.hidden], constants: { model } })));
  expect([hidden(model), hidden(other)]).toEqual([2, 7].map((x) => expect.closeTo(x, 12) as number));
});

it("constants of functions that operators derive, where the value is the same", () => {
  const k = [2];
  const f = differentiable((x: number, { k }: { k: number[] }) => k[0] * (x - 1), { constants: { k } });
  for (const backend of ["source", "dual", "tape", "compiledTape"]) {
    k[0] = 2;
    expect(derivative(f, { backend })(1)).toBe(2);
    k[0] = 3;
    expect(derivative(f, { backend })(1)).toBe(3);
  }
});

it("methods of one name are what they are made of", async () => {
  const problem = odeProblem({ rhs: (u, p) => [p[0] * u[0]], u0: [1], p: [1], tspan: [0, 1] });
  const dt = 0.5;
  const tableau: ExplicitMethod["tableau"] = { stages: [{ c: 1 / 2, a: [1 / 2] }], b: [0, 1] };
  const midpoint: ExplicitMethod = { ...rk4({ dt }), order: 2, tableau };
  const at = async (solver: ExplicitMethod): Promise<number[]> => {
    const batch = await solveBatch(problem, { solver, p: ndarray(Float64Array.of(1, 1), [2, 1]) });
    const { value } = gradient(problem, { loss: { final: (u) => u[0] }, solver, adjoint: "discrete" });
    return [end(solve(problem, { solver })), value, (batch.u.data as Float64Array).at(-1)!];
  };
  const growth = 1 + dt + dt ** 2 / 2;
  for (const value of await at(rk4({ dt }))) expect(value).toBeCloseTo((growth + dt ** 3 / 6 + dt ** 4 / 24) ** 2, 12);
  for (const value of await at(midpoint)) expect(value).toBeCloseTo(growth ** 2, 12);
});

it("constants of a function with rules of its own count too", () => {
  const k = new Float64Array([2]);
  const f = differentiable((x: number, { k }: { k: Float64Array }) => k[0] * x, {
    constants: { k },
    vjp: (v, _x, { k }) => v * k[0],
  });
  const problem = odeProblem({ ...span, rhs: (_u, p, _t, { f }) => [f(p[0])], constants: { f } });
  expect(end(solve(problem))).toBeCloseTo(2, 12);
  k[0] = 3;
  expect(() => solve(problem)).toThrow(ConstantsChanged);
});

it("constants of an event count too", () => {
  const doses = [2];
  const problem = odeProblem({
    ...span,
    rhs: (_u, p) => [p[0]],
    constants: { doses },
    events: { at: [0.5], apply: (u, _p, _t, { doses }) => void (u[0] += doses[0]) },
  });
  const loss = { final: (u: ArrayLike<number>) => u[0] };
  expect(gradient(problem, { loss }).value).toBeCloseTo(3, 12);
  doses[0] = 3;
  expect(() => gradient(problem, { loss })).toThrow(ConstantsChanged);
});

it("work buffers are written all the time, and what the function does not read is its own affair", () => {
  const [work, log] = [new Float64Array(2), new Float64Array(1)];
  const problem = odeProblem({
    ...span,
    rhs(du, _u, p, _t, { work }) {
      work[0] = p[0];
      du[0] = 2 * work[0];
    },
    constants: { work, log },
  });
  expect(end(solve(problem))).toBeCloseTo(2, 12);
  work.fill(7);
  log[0] = 1;
  expect(end(solve(problem))).toBeCloseTo(2, 12);
});

it("a loss takes them as they are at each call", () => {
  const problem = odeProblem({ ...span, rhs: (_u, p) => [p[0]] });
  const data = new Float64Array([1]);
  const at = (): number =>
    gradient(problem, { loss: { final: (u, _p, { data }) => (u[0] - data[0]) ** 2, constants: { data } } }).gradient.p![0];
  expect(at()).toBeCloseTo(0, 8);
  data[0] = 3;
  expect(at()).toBeCloseTo(-4, 8);
});
