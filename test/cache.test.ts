/** What has the same content is compiled once; what has not is compiled anew. */
import { describe, expect, test } from "vitest";
import { differentiable, gradient, matmul, ndarray, odeProblem, rk4, rodas5P, solve, tanh } from "../index.ts";

interface Spec {
  readonly text?: string;
  readonly loss?: string;
  readonly event?: string;
  readonly constants?: object;
  readonly lossConstants?: object;
  readonly names?: Readonly<Record<string, unknown>>;
}

const base = {
  text: "(u, p, t, c) => ({ x: -p.k * u.x * c.table[1] + c.f(u.x) * c.inner.a })",
  loss: "(u, p, c) => u.x * c.w[0]",
  event: "(u, p, t, c) => { u.x += c.table[0]; }",
};

function again<T>(text: string, names: Readonly<Record<string, unknown>> = {}): T {
  return new Function(...Object.keys(names), `return ${text};`)(...Object.values(names)) as T;
}

/** All of it new, down to the arrays; `times` only makes the problem, never the code, another one. */
function run(spec: Spec = {}, k = 1): { readonly value: number; readonly compilations: number } {
  const { text, loss, event, names } = { ...base, ...spec };
  const constants = { table: [0.5, 1], f: (x: number) => x * x, inner: { a: 0.1 }, ...spec.constants };
  const problem = odeProblem({
    rhs: again<() => { x: number }>(text, names),
    u0: { x: 1 },
    tspan: [0, 1],
    p: { k },
    constants,
    events: { at: [0.5], apply: again<() => void>(event) },
  });
  const result = gradient(problem, {
    loss: { final: again<(u: { x: number }) => number>(loss, names), constants: { w: [2], ...spec.lossConstants } },
  });
  return { value: result.value, compilations: result.stats.compilations };
}

test("the same text in other closures, with equal constants, compiles nothing", () => {
  const first = run();
  const second = run();
  expect(first.compilations).toBeGreaterThan(0);
  expect(second).toEqual({ value: first.value, compilations: 0 });
  // Parameters are values.
  expect(run({}, 2)).toMatchObject({ compilations: 0 });
  expect(run({}, 2).value).not.toBe(first.value);
});

test.each<readonly [string, Spec]>([
  ["the text", { text: base.text.replace("+", "-") }],
  ["a number among the constants", { constants: { inner: { a: 0.2 } } }],
  ["an element of an array", { constants: { table: [0.5, 1.5] } }],
  ["a function among the constants", { constants: { f: (x: number) => x } }],
  [
    "a function with constants of its own",
    { constants: { f: differentiable((x: number, { c }: { c: number }) => c * x, { constants: { c: 2 } }) } },
  ],
  ["those constants", { constants: { f: differentiable((x: number, { c }: { c: number }) => c * x, { constants: { c: 3 } }) } }],
  ["the loss", { loss: "(u, p, c) => 2 * u.x * c.w[0]" }],
  ["the loss's constants", { lossConstants: { w: [3] } }],
  ["the event", { event: "(u, p, t, c) => { u.x -= c.table[0]; }" }],
])("another answer with another of: %s", (_, spec) => {
  const before = run();
  const changed = run(spec);
  expect(changed.value).not.toBe(before.value);
  expect(run(spec)).toEqual({ value: changed.value, compilations: 0 });
  expect(run().value).toBe(before.value);
});

test("constants that are overwritten are seen, whoever they belong to", () => {
  const make = (): { readonly table: number[]; readonly value: () => number } => {
    const table = [3, 1];
    const problem = odeProblem({
      rhs: (u, _p, _t, { table }) => [table[0] * u[0]],
      u0: [1],
      tspan: [0, 1],
      constants: { table },
    });
    return { table, value: () => solve(problem, { rtol: 1e-10, atol: 1e-10 }).u.at(-1)![0] };
  };
  const [a, b] = [make(), make()];
  expect(a.value()).toBe(b.value());
  a.table[0] = 2;
  expect(() => a.value()).toThrow(/table\[0\] was 3 and is 2/);
  expect(b.value()).toBeCloseTo(Math.exp(3), 6);
  b.table[0] = 1;
  expect(() => b.value()).toThrow(/table\[0\] was 3 and is 1/);
  expect(make().value()).toBeCloseTo(Math.exp(3), 6);
});

test("constants of a loss that are overwritten are taken up", () => {
  const data = [1];
  const problem = odeProblem({ rhs: (u) => [-u[0]], u0: [1], tspan: [0, 1] });
  const loss = {
    final: (u: readonly number[], _p: unknown, { data }: { data: number[] }) => u[0] * data[0],
    constants: { data },
  };
  const value = (): number => gradient(problem, { loss, wrt: ["u0"], rtol: 1e-9, atol: 1e-9 }).value;
  expect(value()).toBeCloseTo(Math.exp(-1), 7);
  data[0] = 2;
  expect(value()).toBeCloseTo(2 * Math.exp(-1), 7);
});

test("an equal mass matrix, however it is given, compiles nothing; another one, or none, is another problem", () => {
  const run = (massMatrix?: number[][] | { x: number; y: number }): { end: number[]; compilations: number } => {
    const problem = odeProblem({
      rhs: (u, p) => ({ x: -p.k * u.x, y: u.x - 2 * u.y }),
      u0: { x: 1, y: 0.5 },
      tspan: [0, 1],
      p: { k: 1 },
      massMatrix,
    });
    const { states, stats } = solve(problem, { solver: rodas5P(), rtol: 1e-8, atol: 1e-8 });
    return { end: [...states.at(-1)!], compilations: stats.compilations };
  };
  const first = run([[1, 0], [0, 0]]); // prettier-ignore
  expect(first.compilations).toBeGreaterThan(0);
  expect(run([[1, 0], [0, 0]])).toEqual({ end: first.end, compilations: 0 }); // prettier-ignore
  expect(run({ x: 1, y: 0 })).toEqual({ end: first.end, compilations: 0 });
  expect(first.end[1]).toBeCloseTo(Math.exp(-1) / 2, 7);
  for (const [other, x, y] of [
    [{ x: 2, y: 0 }, Math.exp(-0.5), Math.exp(-0.5) / 2],
    [undefined, Math.exp(-1), Math.exp(-1) - 0.5 * Math.exp(-2)],
  ] as const) {
    const { end, compilations } = run(other);
    expect(compilations).toBeGreaterThan(0);
    expect(end[0]).toBeCloseTo(x, 7);
    expect(end[1]).toBeCloseTo(y, 7);
  }
  // Those before are still at hand.
  expect(run({ x: 1, y: 0 }).compilations).toBe(0);
});

describe("work buffers", () => {
  test("what they hold is no content", () => {
    const make = (): number => {
      const constants = { work: new Float64Array(2) };
      const problem = odeProblem({
        rhs(du, u, _p, _t, { work }) {
          work[0] = 2 * u[0];
          work[1] = work[0] * u[0];
          du[0] = -work[1];
        },
        u0: [1],
        tspan: [0, 1],
        constants,
      });
      solve(problem);
      return solve(problem).stats.compilations;
    };
    expect([make(), make()]).toEqual([0, 0]);
  });
});

test("names that stand for the library's functions are compiled once, under any name", () => {
  const p = ndarray(new Float64Array([-1, 0.5, 0, -2]), [2, 2]);
  const make = (rhs: never): ReturnType<typeof solve> => solve(odeProblem({ rhs, u0: [1, 2], tspan: [0, 1], p }));
  const names = { e: tanh, t: matmul };
  const text = "(u, p) => e(t(p, u))";
  const first = make(again(text, names));
  expect(first.stats.compiled).toBe(true);
  expect(make(again(text, names)).stats.compilations).toBe(0);
  const own = make(again(text, { e: (x: unknown) => x, t: matmul }));
  expect(own.stats.compilations).toBeGreaterThan(0);
  expect(own.u.at(-1)).not.toEqual(first.u.at(-1));
});

test("events added to a problem compile the events alone", () => {
  const rhs = (u: readonly number[], p: readonly number[]): number[] => [-p[0] * u[0] * 1.25];
  const spec = { u0: [1], tspan: [0, 1] as const, p: [1] };
  const plain = solve(odeProblem({ rhs, ...spec }));
  const dosed = solve(
    odeProblem({ rhs: again(String(rhs)), ...spec, events: { at: [0.5], apply: (u: number[]) => void (u[0] += 1) } } as never),
  );
  expect(plain.stats.compilations).toBeGreaterThan(0);
  expect(dosed.stats.compilations).toBe(0);
});

test("a tableau that is kept cannot be changed in its place; another that is, is another method", () => {
  const problem = odeProblem({ rhs: (u: number[]) => [-u[0]], u0: [1], tspan: [0, 1] });
  const own = () => {
    const { tableau, ...rest } = rk4({ dt: 0.25 });
    return { ...rest, name: "own", tableau: structuredClone(tableau) };
  };
  const end = (solver: ReturnType<typeof own>): number => solve(problem, { solver }).at(1)[0];
  const change = ({ tableau }: ReturnType<typeof own>): void => void ((tableau.b as number[])[0] = 0.5);
  const [first, second] = [own(), own()];
  const value = end(first);
  expect(() => change(first)).toThrow(TypeError);
  expect(end(second)).toBe(value);
  change(second);
  expect(end(second)).not.toBe(value);
  expect(end(first)).toBe(value);
});
