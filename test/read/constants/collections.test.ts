/** Arrays of objects and strings, maps, sets and instances of classes among the constants; derivatives within functions. */
import type { FlatParts } from "../../../sensitivity/task/shaped-gradient.ts";
import { describe, expect, test } from "vitest";
import {
  derivative,
  gradient,
  gradientOf,
  hessian,
  hessianVectorProduct,
  jacobian,
  jvp,
  odeProblem,
  solve,
  vjp,
} from "../../../index.ts";
import { add, matmul, reshape, tanh } from "../../../src/operations/plain-operations.ts";
import { ConstantsChanged } from "../../../src/problem/errors.ts";
import { UnreadableConstruct } from "../../../src/read/syntax/errors.ts";
import { agree } from "../agree.ts";
import { readRightHandSide, type AnyFunction } from "../harness.ts";

class Model {
  constructor(readonly k: number) {}
  force(x: number): number {
    return -this.k * x * this.scale();
  }
  scale(): number {
    return [0.5, 1].reduce((s, x) => s + x * this.k, 0);
  }
  get twice(): number {
    return 2 * this.k;
  }
}

const constants = {
  doses: [
    { t: 0.2, amount: 2, kind: "a", on: true, at: { x: [1, 2] } },
    { t: 0.6, amount: 3, kind: "b", on: false, at: { x: [3, 4] } },
  ],
  table: [4, 5, 6],
  names: ["a", "b"],
  rates: new Map([
    ["a", 2],
    ["b", 5],
  ]),
  steps: new Map([
    [1, 2],
    [2, 3],
  ]),
  days: new Set([1, 3]),
  model: new Model(2),
};

test.each<readonly [string, string]>([
  ["find, known", "u.map((x) => x * doses.find((d) => d.kind === 'b').amount)"],
  ["find, by time", "u.map((x) => x * doses.find((d) => d.t > t - 0.5).amount)"],
  ["find, perhaps none", "u.map((x) => { const d = doses.find((d) => d.t > t + 0.1); return d ? d.amount * x : x; })"],
  [
    "find, compared with undefined",
    "u.map((x) => { const d = doses.find((d) => d.t > t + 9); return d === undefined ? 2 * x : d.t; })",
  ],
  ["find, optional", "u.map((x) => x * (doses.find((d) => d.t < t)?.amount ?? 1.5))"],
  ["find, optional, none", "u.map((x) => x * (doses.find((d) => d.t < t - 9)?.amount ?? 1.5))"],
  ["find in numbers", "u.map((x) => x * (table.find((d) => d > t + 4) ?? 7))"],
  ["find what is not there", "u.map((x) => x * (table.find((d) => d > t + 40) ?? 7))"],
  ["find in a list of its own", "u.map((x) => x * [{ a: 1 }, { a: 2 }].find(({ a }) => a > 1).a)"],
  ["findIndex", "u.map((x) => x + doses.findIndex((d) => d.t > t - 0.5) + table.findIndex((d) => d > 9))"],
  ["filter", "u.map((x) => x * doses.filter((d) => d.kind !== 'a').reduce((s, d) => s + d.amount, 0))"],
  ["reduce", "u.map((x) => x * doses.reduce((s, d) => s + (d.t > t ? d.amount : 1), 0))"],
  ["some and every", "u.map((x) => (doses.some((d) => d.t < t) && doses.every((d) => d.t > 0) ? x : 2 * x))"],
  [
    "includes and indexOf",
    "u.map((x) => (names.includes('b') ? x : 0) * names.indexOf('b') + table.indexOf(5) + (table.includes(9) ? 1 : 2))",
  ],
  ["flatMap", "u.map((x) => x * doses.flatMap((d) => [d.t, d.amount]).reduce((a, b) => a + b, 0))"],
  ["for of", "u.map((x) => { let s = 0; for (const { t: at, amount } of doses) s += amount * (t - at) ** 2; return s * x; })"],
  [
    "a row by a computed index",
    "u.map((x) => { const i = t > 0.2 ? 1 : 0; return x * doses[i].amount + (doses[i].on ? 1 : 0) + doses[i].at.x[1 - i]; })",
  ],
  [
    "rows in a loop",
    "u.map((x) => { let s = 0; for (let i = 0; i < doses.length; i++) s += doses[i].amount * doses[i].at.x[i]; return s * x; })",
  ],
  [
    "names of properties",
    "u.map((x) => { let s = x; for (const [k, v] of Object.entries(doses[1].at)) s += v[0]; return s + Object.keys(doses[0]).length; })",
  ],
  ["Map: get, has, size", "u.map((x) => x * rates.get('b') * rates.size + (rates.has('c') ? 1 : 2) + (rates.get('c') ?? 3))"],
  ["Map: numbers", "u.map((x) => x * (steps.get(Math.floor(t) + 1) ?? 7) + (steps.get(Math.floor(t) + 5) ?? 7))"],
  [
    "Map: gone over",
    "u.map((x) => { let s = 0; for (const [, v] of rates) s += v; rates.forEach((v) => (s += v)); return s * x + [...rates.values()][1]; })",
  ],
  ["Set", "u.map((x) => (days.has(Math.floor(t) + 1) ? x : 2 * x) + (days.has(2) ? 1 : 0) + [...days][1] + days.size)"],
  ["Object.assign", "u.map((x) => { const q = Object.assign({ a: 1 }, { b: x }, { a: 2 }); return q.a * q.b; })"],
  ["a property that may be missing", "u.map((x) => x * (doses[0].z ?? 3) * (doses[0].t ?? 3))"],
  ["methods with this", "u.map((x) => model.force(x) + model.twice)"],
  [
    "a loop of one turn",
    "u.map((x) => { const h = new Float64Array(1); for (let i = 0; i < 1; i++) h[i] = i === 0 ? x : h[i - 1]; return h[0]; })",
  ],
  ["undefined, told apart when it is read", "u.map((x) => { let m; if (m === undefined) m = 2 * x; return m; })"],
])("%s", (_, expression) => {
  const names = Object.keys(constants).join(", ");
  const fn = new Function(`return (u, p, t, { ${names} }) => ${expression}`)() as AnyFunction;
  for (const t of [0.1, 0.3, 0.9]) {
    try {
      (fn as (...args: unknown[]) => unknown)([1], [1], t, constants);
    } catch {
      continue;
    }
    agree(fn, { t, constants });
  }
});

test.each<readonly [string, string, RegExp]>([
  ["a filter by time", "u.map((x) => x * doses.filter((d) => d.t > t).length)", /known only when the program runs.*reduce/s],
  ["rows of several kinds", "u.map((x) => x * mixed[t > 0.5 ? 1 : 0].a)", /not of one kind in all rows.*NaN/s],
  ["a map by a computed name", "u.map((x) => x * rates.get(x))", /Use keys that are numbers, or known/],
])("refused with a remedy: %s", (_, expression, message) => {
  const given = { ...constants, mixed: [{ a: 1 }, { a: "b" }], n: 20_000 };
  const fn = new Function(`return (u, p, t, { ${Object.keys(given).join(", ")} }) => ${expression}`)() as AnyFunction;
  expect(() => readRightHandSide(fn, { constants: given })).toThrow(UnreadableConstruct);
  expect(() => readRightHandSide(fn, { constants: given })).toThrow(message);
});

test.each<readonly [string, object, (constants: never) => void]>([
  ["a row", { d: [{ a: 1 }, { a: 2 }] }, ({ d }: { d: { a: number }[] }) => (d[1].a = 3)],
  ["a row more", { d: [{ a: 1 }, { a: 2 }] }, ({ d }: { d: { a: number }[] }) => d.push({ a: 3 })],
  ["an entry of a map", { d: new Map([["x", 1]]) }, ({ d }: { d: Map<string, number> }) => d.set("x", 2)],
  ["an element of a set", { d: new Set([1]) }, ({ d }: { d: Set<number> }) => d.add(2)],
  ["a name more", { d: { a: 1 } }, ({ d }: { d: Record<string, number> }) => (d.b = 2)],
] as never)("%s that changes is noticed", (_, given, change) => {
  const sum = (d: Iterable<unknown> | Record<string, number>): number => {
    let s = 0;
    for (const key of Object.keys(d)) s += (d as Record<string, number>)[key] ?? 0;
    return s;
  };
  const isPlain = !(Symbol.iterator in (given as { d: object }).d);
  const problem = odeProblem({
    rhs: (isPlain
      ? (u: number[], _p: unknown, _t: number, { d, sum }: { d: never; sum: (d: never) => number }) => [u[0] * sum(d)]
      : (u: number[], _p: unknown, _t: number, { d }: { d: Iterable<unknown> }) => {
          let s = 0;
          for (const x of d) s += typeof x === "number" ? x : Array.isArray(x) ? x[1] : (x as { a: number }).a;
          return [u[0] * s];
        }) as never,
    u0: [1],
    tspan: [0, 1],
    constants: { ...(given as object), sum },
  });
  expect(solve(problem).stats).toMatchObject({ compiled: true });
  (change as (constants: unknown) => void)(given);
  expect(() => solve(problem)).toThrow(ConstantsChanged);
});

test("data in the shape of a solution", () => {
  const problem = odeProblem({
    rhs: (u, p) => ({ x: -p.k * u.x, y: [u.y[0]] }),
    u0: { x: 1, y: [2] },
    tspan: [0, 1],
    p: { k: 1 },
  });
  const { t, u: data } = solve(problem, { saveat: 0.25 });
  const of = (u: { x: number; y: number[] }, _p: unknown, _t: number, i: number, c: { data: typeof data }): number =>
    (u.x - 2 * c.data[i].x) ** 2 + c.data[i].y[0] * 0;
  const result = gradient(problem, { loss: { at: t, of, constants: { data } }, rtol: 1e-9, atol: 1e-9 });
  const right = [...t].reduce((s, t) => s + 2 * Math.exp(-t) * t * Math.exp(-t), 0);
  expect(result.gradient.p!.k).toBeCloseTo(right, 5);
});

describe("derivatives within functions", () => {
  const potential = (q: readonly number[], k = 1): number => 0.25 * k * q[0] ** 4 + 0.5 * q[0] * q[1] ** 2;
  const given = {
    force: gradientOf(potential),
    slope: derivative((x: number, a: number) => a * Math.sin(x)),
    matrix: jacobian((z: readonly number[]) => [z[0] * z[1] ** 2, z[0], 3]),
    second: hessian(potential),
    along: jvp((z: readonly number[]) => [z[0] * z[1], z[0] ** 2]),
    back: vjp((z: readonly number[]) => [z[0] * z[1], z[0] ** 2]),
    curve: hessianVectorProduct(potential),
    bend: derivative(derivative((x: number) => x ** 4)),
  };
  const rhs = (u: never, p: never, _t: never, c: typeof given): number[] => {
    const [x, y] = u as number[];
    const [k] = p as number[];
    return [
      c.force([x, y], k)[0] + c.slope(x, k),
      c.matrix([x, y]).get(0, 1) + c.second([x, y]).get(1, 1),
      c.along([x, y], [1, k])[0] + c.back([x, y], [k, 2])[0],
      c.curve([x, y], [k, 1])[1] + c.bend(y),
    ];
  };
  test("are what they are outside", () => {
    agree(rhs as AnyFunction, { constants: given, tolerance: 1e-10 });
  });

  test("are differentiated again", () => {
    const at = { u0: [0.7, -1.3, 2.1, 0.4], tspan: [0, 0.1] as const, p: [1.5] };
    const loss = { final: (u: number[]) => u[0] + u[1] * u[2] + u[3] };
    const own = (u: number[], [k]: number[]): number[] => {
      const [x, y] = u;
      return [k * x ** 3 + 0.5 * y ** 2 + k * Math.cos(x), 2 * x * y + x, y + k * x + k * y + 4 * x, k * y + x + 12 * y ** 2];
    };
    const options = { loss, wrt: ["p", "u0"] as const, rtol: 1e-9, atol: 1e-9 };
    const inside: FlatParts = gradient(odeProblem({ ...at, rhs: rhs as never, constants: given }), options as never).flat;
    const written: FlatParts = gradient(odeProblem({ ...at, rhs: own as never }), options as never).flat;
    for (const key of ["p", "u0"] as const) inside[key]!.forEach((g, i) => expect(g).toBeCloseTo(written[key]![i], 6));
  });
});

test("layers by names, gone over by their values: what is said of an array of objects", () => {
  const layer = (n: number, m: number): { W: ReturnType<typeof reshape>; b: Float64Array } => ({
    W: reshape(
      Array.from({ length: n * m }, (_, i) => 0.1 * (i + 1)),
      [n, m],
    ),
    b: new Float64Array(n).fill(0.1),
  });
  const rhs = (u: never, p: { layers: Record<string, ReturnType<typeof layer>> }): never => {
    let h: unknown = u;
    for (const { W, b } of Object.values(p.layers)) h = tanh(add(matmul(W, h as never), b));
    return h as never;
  };
  const stated = (layers: unknown): ReturnType<typeof odeProblem> =>
    odeProblem({ rhs: rhs as never, u0: [1, 2], tspan: [0, 1], p: { layers } }) as never;
  expect(() => stated([layer(3, 2), layer(2, 3)])).toThrow(/layers\[0\] is an object.*Object\.values/s);
  const loss = { final: (u: number[]) => u[0] + u[1] };
  const given = { first: layer(3, 2), last: layer(2, 3) };
  const { gradient: g } = gradient(stated(given), { loss, rtol: 1e-10, atol: 1e-10 } as never) as never as {
    gradient: { p: { layers: typeof given } };
  };
  const value = (b: number): number => {
    const last = { ...given.last, b: Float64Array.of(b, 0.1) };
    return gradient(stated({ ...given, last }), { loss, rtol: 1e-10, atol: 1e-10 } as never).value;
  };
  expect(g.p.layers.last.b[0]).toBeCloseTo((value(0.1 + 1e-4) - value(0.1 - 1e-4)) / 2e-4, 6);
});
