/** Numeric tables among a problem's constants are data: problems with others of one shape share all code, and each computes with its own. */
import { describe, expect, it } from "vitest";
import {
  checkGradient,
  evaluateBatch,
  explain,
  gradient,
  gradientBatch,
  matmul,
  ndarray,
  odeProblem,
  remake,
  rodas5P,
  sensitivities,
  solve,
  solveBatch,
  solveWithPullback,
  tsit5,
  type NdArray,
  type OdeProblem,
} from "../../index.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import { startTally } from "../../src/compile/tally.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";

const random = pseudoRandom();
/** Of three components that decay by themselves. */
const rates = (): number[] => [0, 1, 2].map(() => -1 - random() / 2);

type Problem = OdeProblem<number[], number[]>;

/** `constants`: such that u[i]' = rates[i] u[i]. */
function family<C>(
  name: string,
  constants: (rates: number[]) => C,
  rhs: (du: number[], u: number[], p: number[], t: number, constants: C) => void,
): [string, (rates: number[]) => Problem] {
  const make = (k: number[]): Problem =>
    odeProblem({ name, rhs: rhs as never, u0: [1, 2, 3], p: [1], tspan: [0, 1], constants: constants(k) });
  return [name, make];
}

const helper = (table: ArrayLike<number>, i: number): number => table[i];

const families = [
  family(
    "typed arrays",
    (k) => ({ k: Float64Array.from(k) }),
    (du, u, p, _t, { k }) => {
      for (let i = 0; i < 3; i++) du[i] = p[0] * k[i] * u[i];
    },
  ),
  family(
    "views of typed arrays",
    (k) => ({ part: Float64Array.from([7, 8, ...k, 9]).subarray(2, 5) }),
    (du, u, p, _t, { part }) => {
      for (let i = 0; i < 3; i++) du[i] = p[0] * part[i] * u[i];
    },
  ),
  family(
    "plain arrays",
    (k) => ({ plain: k.slice() }),
    (du, u, p, _t, { plain }) => {
      for (let i = 0; i < 3; i++) du[i] = p[0] * plain[i] * u[i];
    },
  ),
  family(
    "elements by number",
    (k) => ({ three: k.slice() }),
    (du, u, p, _t, { three }) => {
      du[0] = p[0] * three[0] * u[0];
      du[1] = p[0] * three[1] * u[1];
      du[2] = p[0] * three[2] * u[2];
    },
  ),
  family(
    "nested arrays",
    (k) => ({ pairs: k.map((x) => [x / 2, 2]) }),
    (du, u, p, _t, { pairs }) => {
      for (let i = 0; i < 3; i++) du[i] = p[0] * pairs[i][0] * pairs[i][1] * u[i];
    },
  ),
  family(
    "ndarrays",
    (k) => ({
      table: ndarray(
        k.flatMap((x) => [x - 1, 1]),
        [3, 2],
      ),
    }),
    (du, u, p, _t, { table }) => {
      for (let i = 0; i < 3; i++) du[i] = p[0] * (table.get(i, 0) + table.get(i, 1)) * u[i];
    },
  ),
  family(
    "rows",
    (k) => ({ rows: k.map((x) => ({ k: x })) }),
    (du, u, p, _t, { rows }) => {
      for (let i = 0; i < 3; i++) du[i] = p[0] * rows[i].k * u[i];
    },
  ),
  family(
    "nested objects and a helper",
    (k) => ({ at: helper, given: { deep: { k: Float64Array.from(k) } } }),
    (du, u, p, _t, { given, at }) => {
      for (let i = 0; i < 3; i++) du[i] = p[0] * at(given.deep.k, i) * u[i];
    },
  ),
  family(
    "tables that are looked up by known indices",
    (k) => ({ n: 3, which: [2, 0, 1], k: Float64Array.of(k[1], k[2], k[0]) }),
    (du, u, p, _t, { k, which, n }) => {
      for (let i = 0; i < n; i++) du[i] = p[0] * k[which[i]] * u[i];
    },
  ),
  family(
    "tables that are searched",
    (k) => ({ x: [0, 0.3 - k[0] / 10, 0.6 - k[1] / 10, 1], y: [-1, -1, -1, -1] }),
    (du, u, p, t, { x, y }) => {
      let j = 0;
      while (j < 2 && x[j + 1] < t) j++;
      const slope = (y[j + 1] - y[j]) / (x[j + 1] - x[j]);
      for (let i = 0; i < 3; i++) du[i] = p[0] * (y[j] + slope * (t - x[j])) * (i + 1) * u[i];
    },
  ),
  family(
    "matrices of mostly zeros",
    (k) => ({ times: matmul, A: ndarray([k[0], 0, 0, 0, k[1], 0, 0, 0, k[2]], [3, 3]) }),
    (du, u, p, _t, { A, times }) => {
      const product = times(A, u);
      for (let i = 0; i < 3; i++) du[i] = p[0] * product.get(i);
    },
  ),
];

const SEARCHED = "tables that are searched";
const final = (u: number[]): number => u[0] + u[1] + u[2];
const loss = { final };
const options = { rtol: 1e-9, atol: 1e-9 } as const;
const start = [1, 2, 3];

/** What the states are at t = 1, and the gradients of their sum by u0 and p. */
function exact(name: string, k: number[]): { readonly states: number[]; readonly u0: number[]; readonly p: number } {
  const own = name === SEARCHED ? [-1, -2, -3] : k;
  const u0 = own.map((x) => Math.exp(x));
  const states = u0.map((x, i) => x * start[i]);
  return { states, u0, p: states.reduce((sum, x, i) => sum + own[i] * x, 0) };
}

/** Everything that is computed of a problem, in one list. */
const verbs: Readonly<Record<string, (problem: Problem, k: number[]) => number[]>> = {
  solve: (problem) => [...solve(problem, { ...options, solver: tsit5() }).u.at(-1)!],
  "solve, as JavaScript": (problem) => [...solve(problem, { ...options, solver: tsit5(), target: "javascript" }).u.at(-1)!],
  "solve, implicit": (problem) => [...solve(problem, { ...options, solver: rodas5P() }).u.at(-1)!],
  ...Object.fromEntries(
    ["discrete", "gauss", "dual", "backsolve"].map((adjoint) => [
      `gradient by ${adjoint}`,
      (problem: Problem) => {
        const { flat } = gradient(problem, { ...options, loss, adjoint, wrt: ["p", "u0"] });
        return [...flat.u0!, ...flat.p!];
      },
    ]),
  ),
  ...Object.fromEntries(
    ["compiledTape", "dual"].map((vjp) => [
      `gradient, vjp ${vjp}`,
      (problem: Problem) => {
        const { flat } = gradient(problem, { ...options, loss, vjp, wrt: ["p", "u0"] });
        return [...flat.u0!, ...flat.p!];
      },
    ]),
  ),
  "gradient, implicit": (problem) => {
    const { flat } = gradient(problem, { ...options, loss, solver: rodas5P(), wrt: ["p", "u0"] });
    return [...flat.u0!, ...flat.p!];
  },
  sensitivities: (problem) => {
    const { flat } = sensitivities(problem, { ...options, wrt: ["u0"], saveat: [1] });
    return [0, 4, 8].map((i) => flat.u0![0][i]);
  },
  solveWithPullback: (problem) => {
    const { pullback } = solveWithPullback(problem, { ...options, wrt: ["p", "u0"], saveat: [1] });
    const { u0, p } = pullback([[1, 1, 1]]);
    return [...u0!, ...p!];
  },
};

function expectClose(got: readonly number[], wanted: readonly number[]): void {
  expect(got.length).toBe(wanted.length);
  got.forEach((x, i) => expect(Math.abs(x - wanted[i])).toBeLessThan(1e-6));
}

function wantedOf(verb: string, name: string, k: number[]): number[] {
  const { states, u0, p } = exact(name, k);
  if (verb.startsWith("solve") && verb !== "solveWithPullback") return states;
  return verb === "sensitivities" ? u0 : [...u0, p];
}

describe.each(families)("%s", (name, make) => {
  it.each(Object.keys(verbs))("%s: other tables compile nothing, and are seen", (verb) => {
    const ofTape = verb === "gradient, vjp compiledTape";
    const compilations = Array.from({ length: 12 }, () => {
      const k = rates();
      const spent = startTally();
      expectClose(verbs[verb](make(k), k), wantedOf(verb, name, k));
      return spent().compilations;
    });
    // Tapes are of one function with its constants.
    if (!ofTape) expect(compilations.slice(1).filter((count) => count > 0)).toEqual([]);
  });

  it("problems take turns, and each sees its own", () => {
    const both = [rates(), rates()].map((k) => ({ k, problem: make(k) }));
    const other = remake(both[0].problem, { constants: make(both[1].k).constants });
    for (const verb of Object.keys(verbs)) {
      for (let turn = 0; turn < 2; turn++) {
        for (const { k, problem } of both) expectClose(verbs[verb](problem, k), wantedOf(verb, name, k));
        expectClose(verbs[verb](other, both[1].k), wantedOf(verb, name, both[1].k));
      }
    }
  });

  it("in batches, at the same time", async () => {
    const many = Array.from({ length: 4 }, rates).map((k) => ({ k, problem: make(k) }));
    const u0 = ndarray(
      Float64Array.from({ length: 300 }, (_, i) => start[i % 3] * (1 + Math.floor(i / 3) / 1000)),
      [100, 3],
    );
    const work = many.flatMap(({ problem }) => [
      async () => (await solveBatch(problem, { ...options, u0, device: "cpu" })).u.data,
      async () => (await gradientBatch(problem, { ...options, u0, loss, device: "cpu" })).u0.data,
      async () => (await evaluateBatch(problem, { u: u0, device: "cpu" })).du.data,
    ]);
    const alone: ArrayLike<number>[] = [];
    for (const one of work) alone.push(await one());
    many.forEach(({ k }, m) => expectClose(Array.from(alone[3 * m]).slice(0, 3), exact(name, k).states));
    for (let times = 0; times < 3; times++) expect(await Promise.all(work.map((one) => one()))).toEqual(alone);
  });
});

const [, plain] = families[0];

describe("calls within calls", () => {
  const slow = { ...options, maxStep: 1e-3, solver: tsit5() } as const;
  const kinds: Readonly<Record<string, (problem: Problem, onProgress?: () => void) => number[]>> = {
    solve: (problem, onProgress) => [...solve(problem, { ...slow, onProgress }).u.at(-1)!],
    gradient: (problem, onProgress) => [...gradient(problem, { ...slow, loss, wrt: ["u0"], onProgress }).flat.u0!],
    sensitivities: (problem, onProgress) => [
      ...sensitivities(problem, { ...slow, wrt: ["u0"], saveat: [1], onProgress }).flat.u0![0],
    ],
  };

  it.each(Object.keys(kinds).flatMap((outer) => Object.keys(kinds).map((inner) => [outer, inner] as const)))(
    "%s, with %s of another problem while it runs",
    (outer, inner) => {
      const [a, b] = [plain(rates()), plain(rates())];
      const [alone, other] = [kinds[outer](a), kinds[inner](b)];
      let calls = 0;
      const nested = kinds[outer](a, () => {
        if (calls++ < 5) expect(kinds[inner](b)).toEqual(other);
      });
      expect(calls).toBeGreaterThan(0);
      expect(nested).toEqual(alone);
      // Nothing is left held.
      const spent = startTally();
      for (let k = 0; k < 5; k++) kinds[outer](plain(rates()));
      expect(spent().compilations).toBe(0);
    },
  );

  it("a function that runs by itself solves another problem", () => {
    const [k, other] = [rates(), rates()];
    const inner = plain(other);
    const outer = odeProblem({
      rhs: (u: number[]) => [solve(inner, options).u.at(-1)![0] * k[0] * u[0]],
      u0: [1],
      tspan: [0, 1],
    });
    const value = solve(outer, { rtol: 1e-6, atol: 1e-6 }).u.at(-1)![0];
    expect(value).toBeCloseTo(Math.exp(k[0] * Math.exp(other[0])), 5);
  });

  it("while a batch waits", async () => {
    const [a, b] = [rates(), rates()];
    const [first, second] = [plain(a), plain(b)];
    const u0 = ndarray(
      Float64Array.from({ length: 3000 }, (_, i) => start[i % 3]),
      [1000, 3],
    );
    const { pullback } = solveWithPullback(second, { ...options, wrt: ["u0"], saveat: [1] });
    const before = pullback([[1, 1, 1]]).u0;
    const batch = solveBatch(first, { rtol: 1e-5, atol: 1e-5, u0, device: "cpu" });
    for (let k = 0; k < 20; k++) {
      expectClose([...solve(second, options).u.at(-1)!], exact("", b).states);
      expect(pullback([[1, 1, 1]]).u0).toEqual(before);
      expectClose([...gradient(second, { ...options, loss, wrt: ["u0"] }).flat.u0!], exact("", b).u0);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const { u } = await batch;
    for (let m = 0; m < 1000; m++) exact("", a).states.forEach((x, i) => expect(Math.abs(u.get(m, 0, i) - x)).toBeLessThan(1e-3));
  });

  it("pullbacks of two problems take turns", () => {
    const both = [rates(), rates()];
    const passes = both.map((k) => solveWithPullback(plain(k), { ...options, wrt: ["u0"], saveat: [1] }));
    for (let turn = 0; turn < 3; turn++)
      both.forEach((k, m) => expectClose([...passes[m].pullback([[1, 1, 1]]).u0!], exact("", k).u0));
  });
});

describe("what was decided by the numbers", () => {
  it("indices: others are other code", () => {
    const make = (which: ArrayLike<number>): Problem =>
      odeProblem({
        rhs(du: number[], u: number[], _p: number[], _t: number, c: { which: ArrayLike<number>; k: number[] }) {
          for (let i = 0; i < 3; i++) du[i] = c.k[c.which[i]] * u[c.which[i]];
        },
        u0: [1, 1, 1],
        p: [1],
        tspan: [0, 1],
        constants: { which, k: [-1, -2, -3] },
      } as never);
    for (const order of [
      [0, 1, 2],
      [2, 2, 2],
      [1, 1, 0],
      [0, 1, 2],
    ]) {
      for (const which of [order, Int32Array.from(order)]) {
        const problem = make(which);
        const { u } = solve(problem, { ...options, solver: rodas5P() });
        const reference = odeProblem({
          rhs: (x: number[]) => order.map((j) => -(j + 1) * x[j]),
          u0: [1, 1, 1],
          tspan: [0, 1],
        });
        expectClose([...u.at(-1)!], [...solve(reference, options).u.at(-1)!]);
      }
    }
  });

  it("lengths of loops", () => {
    const make = (counts: number[]): Problem =>
      odeProblem({
        rhs(du: number[], u: number[], _p: number[], _t: number, c: { counts: number[] }) {
          for (let i = 0; i < 3; i++) {
            du[i] = 0;
            for (let j = 0; j < c.counts[i]; j++) du[i] -= u[i];
          }
        },
        u0: [1, 1, 1],
        p: [1],
        tspan: [0, 1],
        constants: { counts },
      } as never);
    for (const counts of [
      [1, 2, 3],
      [3, 0, 1],
      [1, 2, 3],
    ])
      expectClose(
        [...solve(make(counts), options).u.at(-1)!],
        counts.map((n) => Math.exp(-n)),
      );
  });

  it("zeros of a matrix that was taken for a sparse one", () => {
    const n = 30;
    const make = (A: NdArray): OdeProblem<Float64Array, number[]> =>
      odeProblem({
        rhs(du: Float64Array, u: Float64Array, _p: number[], _t: number, c: { A: NdArray; n: number }) {
          for (let i = 0; i < c.n; i++) {
            let sum = 0;
            for (let j = 0; j < c.n; j++) sum += c.A.get(i, j) * u[j];
            du[i] = sum;
          }
        },
        u0: new Float64Array(n).fill(1),
        p: [],
        tspan: [0, 1],
        constants: { A, n },
      } as never);
    const matrix = (entry: (i: number, j: number) => number): NdArray =>
      ndarray(
        Float64Array.from({ length: n * n }, (_, k) => entry(Math.floor(k / n), k % n)),
        [n, n],
      );
    const band = matrix((i, j) => (i === j ? -2 : Math.abs(i - j) === 1 ? 1 : 0));
    const scaled = matrix((i, j) => (i === j ? -1 : Math.abs(i - j) === 1 ? 0.5 : 0));
    const ring = matrix((i, j) => (i === j ? -2 : [1, n - 1].includes(Math.abs(i - j)) ? 1 : 0));
    const full = matrix((i, j) => -(1 + ((i + 2 * j) % 3)) / n);
    for (const A of [band, full, scaled, ring, band, full, ring]) {
      const [implicit, explicit] = [rodas5P(), tsit5()].map((solver) => solve(make(A), { ...options, solver }));
      expectClose([...implicit.u.at(-1)!], [...explicit.u.at(-1)!]);
      expect(implicit.stats.steps).toBeLessThan(explicit.stats.steps * 3);
    }
    const system = systemOf(make(band).code);
    expect(system!.jacobian!.pattern.rowIndices.length).toBe(3 * n - 2);
  });

  it("numbers that are not finite", () => {
    const make = (table: number[]): Problem =>
      odeProblem({
        rhs(du: number[], u: number[], p: number[], t: number, c: { table: number[] }) {
          for (let i = 0; i < 3; i++)
            du[i] = t > 0.5 && Number.isNaN(c.table[i]) ? 0 : p[0] * Math.sqrt(c.table[i] * c.table[i]) * u[i];
        },
        u0: [1, 1, 1],
        p: [-1],
        tspan: [0.6, 1],
        constants: { table },
      } as never);
    const byU0 = (table: number[]): number[] => [...gradient(make(table), { ...options, loss, wrt: ["u0"] }).flat.u0!];
    const wanted = (table: number[]): number[] => table.map((x) => (Number.isNaN(x) ? 1 : Math.exp(-0.4 * x)));
    for (const table of [
      [1, 2, 3],
      [1, NaN, 2],
      [2, 1, 1],
      [NaN, NaN, 1],
      [3, 2, 1],
    ])
      expectClose(byU0(table), wanted(table));
  });

  it("times at which the right-hand side changes", () => {
    const make = (times: number[]): Problem =>
      odeProblem({
        rhs(du: number[], _u: number[], p: number[], t: number, c: { times: number[] }) {
          for (let i = 0; i < 3; i++) du[i] = t < c.times[i] ? p[0] : 0;
        },
        u0: [0, 0, 0],
        p: [1],
        tspan: [0, 1],
        constants: { times },
      } as never);
    for (const times of [
      [0.25, 0.5, 0.75],
      [0.1, 0.2, 0.9],
      [0.25, 0.5, 0.75],
    ]) {
      const solution = solve(make(times), options);
      expectClose([...solution.u.at(-1)!], times);
      for (const t of times) expect(solution.t).toContain(t);
    }
  });
});

describe("events", () => {
  it("see their problem's tables", () => {
    const make = (dose: number[]): Problem =>
      odeProblem({
        rhs: (du: number[], u: number[], p: number[], _t: number, c: { k: number[] }) => {
          for (let i = 0; i < 3; i++) du[i] = p[0] * c.k[i] * u[i];
        },
        u0: [1, 1, 1],
        p: [1],
        tspan: [0, 1],
        events: {
          at: [0.5],
          apply(u: number[], p: number[], _t: number, c: { dose: number[] }) {
            for (let i = 0; i < 3; i++) u[i] += p[0] * c.dose[i];
          },
        },
        constants: { dose, k: dose.map((x) => -x) },
      } as never);
    const wanted = (dose: number[]): number[] => dose.map((x) => Math.exp(-x) + x * Math.exp(-x / 2));
    const compilations = [rates(), rates(), rates()].map((dose) => {
      const spent = startTally();
      expectClose([...solve(make(dose), options).u.at(-1)!], wanted(dose));
      const { flat } = gradient(make(dose), { ...options, loss, wrt: ["u0"] });
      expectClose(
        [...flat.u0!],
        dose.map((x) => Math.exp(-x)),
      );
      return spent().compilations;
    });
    expect(compilations.slice(1)).toEqual([0, 0]);
    const [a, b] = [rates(), rates()];
    const [first, second] = [make(a), make(b)];
    solve(first, {
      ...options,
      maxStep: 1e-3,
      onProgress: () => expectClose([...solve(second, options).u.at(-1)!], wanted(b)),
    });
  });
});

describe("tables that are written later", () => {
  it("are named, whatever was solved meanwhile", () => {
    const constants = { k: Float64Array.from(rates()) };
    const problem = remake(plain(rates()), { constants } as never);
    solve(problem, options);
    solve(plain(rates()), options);
    constants.k[1] = -3;
    expect(() => solve(problem, options)).toThrow(/of its constants, k\[1\] was -\d\.\d+ and is -3/);
    solve(plain(rates()), options);
    expect(() => gradient(problem, { ...options, loss })).toThrow(/k\[1\] was/);
    expectClose([...solve(remake(problem, {}), options).u.at(-1)!], exact("", [...constants.k]).states);
  });

  it("of a problem that is frozen, in turns and at once", () => {
    const [a, b] = [rates(), rates()];
    const [first, second] = [Object.freeze(plain(a)), Object.freeze(plain(b))];
    for (let turn = 0; turn < 3; turn++) {
      expectClose([...solve(first, options).u.at(-1)!], exact("", a).states);
      const nested = solve(second, {
        ...options,
        maxStep: 1e-2,
        onProgress: () => expectClose([...solve(first, options).u.at(-1)!], exact("", a).states),
      });
      expectClose([...nested.u.at(-1)!], exact("", b).states);
    }
  });
});

it("plans and checks are of the problem's own tables", () => {
  for (let turn = 0; turn < 3; turn++) {
    const problem = plain(rates());
    expect(explain(problem, { ...options, loss, wrt: ["u0"] }).toString()).toContain("discrete");
    expect(checkGradient(problem, { ...options, loss, wrt: ["p", "u0"] }).passed).toBe(true);
  }
});
