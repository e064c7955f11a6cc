/** Free names stand for functions of the library by what they are, never by what they are called: where nothing shows what they stand for. */
import { expect, test } from "vitest";
import { buildSync } from "esbuild";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { differentiable, gradient, odeProblem, solve } from "../../../index.ts";
import * as arrays from "../../../src/operations/plain-operations.ts";
import { CapturedVariable } from "../../../src/read/syntax/errors.ts";
import { Disagreement } from "../../../src/problem/errors.ts";
import { agree } from "../agree.ts";
import { withoutInspector } from "../../without-inspector.ts";
import { readRightHandSide, type AnyFunction, type Setting } from "../harness.ts";

const matrix = arrays.reshape([0.1, 0.2, 0.3, -0.4], [2, 2]);
const setting = { u: [0.5, -0.25], p: matrix };

/** A right-hand side as it stands in a module where these names are bound. */
function inModule(text: string, names: Readonly<Record<string, unknown>>): AnyFunction {
  return new Function(...Object.keys(names), `"use strict"; return ${text};`)(...Object.values(names)) as AnyFunction;
}

const { matmul, tanh, sum, exp, dot, relu, add } = arrays;

withoutInspector();

test.each<readonly [string, string, Readonly<Record<string, unknown>>]>([
  ["another name", "(u, p) => e(t(p, u))", { e: tanh, t: matmul }],
  ["names of other operations", "(u, p) => exp(sum(p, u))", { exp: tanh, sum: matmul }],
  ["a namespace", "(u, p) => o.tanh((0, o.matmul)(p, u))", { o: arrays }],
  ["a namespace, renamed within", "(u, p) => o.a(o.b(p, u))", { o: { a: tanh, b: matmul } }],
  ["two names of one operation", "(u, p) => a(b(a(u)))", { a: tanh, b: tanh }],
  ["in a callback", "(u) => u.map((x) => th(x))", { th: tanh }],
  ["in a local function", "(u) => { const f = (x) => th(x); return [f(u[0]), f(u[1])]; }", { th: tanh }],
  ["in a loop", "(du, u) => { for (let i = 0; i < 2; i++) du[i] = th(u[i]); }", { th: tanh }],
  ["beside arithmetic", "(u, p) => add(u, mm(p, u)).data.map((x) => 2 * x + d(u, u))", { add, mm: matmul, d: dot }],
  ["on a branch that some times take", "(u, _p, t) => [t > 0.4 ? th(u[0]) : u[0], u[1]]", { th: tanh }],
  ["chosen where the module is made", "(u) => act(u)", { act: Math.PI > 3 ? tanh : relu }],
  ["a function made by differentiable", "(u) => [f(u[0]), u[1]]", { f: differentiable((x: number) => x * tanh(x)) }],
  [
    "with a rule of its own",
    "(u) => [f(u[0]), u[1]]",
    { f: differentiable((x: number) => tanh(x), { vjp: (v, x) => v * (1 - tanh(x) ** 2) }) },
  ],
])("%s", (_, text, names) => {
  const program = agree(inModule(text, names), { ...setting, t: 0.5 });
  expect(program).toBeDefined();
});

test.each<readonly [string, string, Readonly<Record<string, unknown>>, string]>([
  ["of another meaning", "(u) => [sum(u), 0]", { sum: (a: number[]) => 10 * (a[0] + a[1]) }, "sum"],
  ["that calls the operation", "(u) => [sum(u), 0]", { sum: (a: number[]) => sum(a) }, "sum"],
  ["that calls it sometimes", "(u) => [exp(u[0]), 0]", { exp: (x: number) => (x > 100 ? 0 : exp(x)) }, "exp"],
  ["beside the operation", "(u) => [exp(u[0]) + e(u[0]), 0]", { exp, e: (x: number) => x }, "e"],
  ["before the operation", "(u) => [e(u[0]) + exp(u[0]), 0]", { exp, e: (x: number) => x }, "exp"],
  ["that calls the operation afterwards", "(u) => [e(u[0]), exp(u[0])]", { exp, e: (x: number) => x }, "exp"],
  ["under the name of a namespace", "(u) => [o.exp(u[0]), 0]", { o: { exp: (x: number) => x } }, "o.exp"],
  ["a number", "(u) => [exp(u[0]) * k, 0]", { exp, k: 3 }, "k"],
  ["a number, before an operation", "(u) => [exp(k * u[0]), 0]", { exp, k: 3 }, "k"],
  ["an operation that is not called", "(u, _p, t) => [t > 9 ? exp(u[0]) : 0, 0]", { exp }, "exp"],
])("the user's own is refused by name: %s", (_, text, names, construct) => {
  const fn = inModule(text, names);
  expect(() => readRightHandSide(fn, setting)).toThrow(CapturedVariable);
  try {
    readRightHandSide(fn, setting);
  } catch (error) {
    expect(["e", "exp"].includes(construct) ? ["e", "exp"] : [construct]).toContain((error as CapturedVariable).construct);
  }
});

test("functions among the constants have names of their own", () => {
  const net = inModule("(p, u) => e(p, u)", { e: matmul });
  const act = inModule("(x) => e(x)", { e: tanh });
  const given: Setting = { ...setting, constants: { layers: { net, act } } };
  agree(
    ((u: never, p: never, _t: never, { layers }: { layers: Record<string, AnyFunction> }) =>
      layers.act(layers.net(p, u) as never)) as AnyFunction,
    given,
  );
  const own = inModule("(x) => e(x)", { e: (x: unknown) => x });
  expect(() =>
    readRightHandSide(((u: never, _p: never, _t: never, { f }: { f: AnyFunction }) => f(u)) as AnyFunction, {
      ...setting,
      constants: { f: own },
    }),
  ).toThrow(CapturedVariable);
});

test("a loss with a sum of its own, and the same text with the library's", () => {
  const problem = odeProblem({ rhs: (u, p) => [-p.k * u[0], -u[1]], u0: [1, 2], tspan: [0, 1], p: { k: 1 } });
  const loss = (sum: unknown): { final: (u: number[]) => number } => ({
    final: inModule("(u) => sum(u)", { sum }) as unknown as (u: number[]) => number,
  });
  const value = (): number => gradient(problem, { loss: loss(sum) }).value;
  expect(value()).toBeCloseTo(3 * Math.exp(-1), 6);
  expect(() => gradient(problem, { loss: loss((a: number[]) => 10 * (a[0] + a[1])) })).toThrow(CapturedVariable);
  expect(() => gradient(problem, { loss: loss((a: number[]) => sum(a)) })).toThrow(CapturedVariable);
  expect(value()).toBeCloseTo(3 * Math.exp(-1), 6);
});

test("a solve runs such functions as they are", () => {
  const own = inModule("(u) => [exp(u[0])]", { exp: (x: number) => -x });
  const solution = solve(odeProblem({ rhs: own as never, u0: [1], tspan: [0, 1] as const }));
  expect((solution.u.at(-1) as unknown as number[])[0]).toBeCloseTo(Math.exp(-1), 5);
  expect(solution.stats.compiled).toBe(false);
  expect(solution.stats.reason).toContain("`exp`");
});

test("a loss that does not do what its text says is found out", () => {
  const problem = odeProblem({ rhs: (u) => [-u[0]], u0: [1], tspan: [0, 1] });
  // In its module, `isNaN` is another function.
  const final = inModule("(u) => (isNaN(u[0]) ? 0 : u[0])", { isNaN: () => true }) as unknown as (u: number[]) => number;
  expect(() => gradient(problem, { loss: { final }, wrt: ["u0"] })).toThrow(Disagreement);
});

test("a minified bundle of a module and the library", async () => {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-bundled-"));
  try {
    const contents = `
      import { gradient, matmul as mm, ndarray, odeProblem, sum, tanh } from "./index.ts";
      const problem = odeProblem({ rhs: (u, p) => tanh(mm(p, u)), u0: [1, 2], tspan: [0, 1], p: ndarray(new Float64Array([-1, 0.5, 0, -2]), [2, 2]) });
      export const result = gradient(problem, { rtol: 1e-10, atol: 1e-10, loss: { final: (u) => sum(u) } });
      export const text = String(problem.rhs);
    `;
    const [{ text }] = buildSync({
      stdin: { contents, resolveDir: process.cwd(), loader: "ts" },
      bundle: true,
      minify: true,
      format: "esm",
      platform: "node",
      external: ["@observablehq/plot", "@resvg/resvg-js", "webgpu"],
      write: false,
    }).outputFiles;
    const file = join(folder, "bundle.mjs");
    writeFileSync(file, text);
    const bundled = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { result: { value: number }; text: string };
    expect(bundled.text).not.toMatch(/tanh|matmul|\bmm\b/);
    const problem = odeProblem({
      rhs: (u, p) => [Math.tanh(p[0] * u[0] + p[1] * u[1]), Math.tanh(p[3] * u[1])],
      u0: [1, 2],
      tspan: [0, 1],
      p: [-1, 0.5, 0, -2],
    });
    expect(bundled.result.value).toBeCloseTo(
      gradient(problem, { rtol: 1e-10, atol: 1e-10, loss: { final: (u) => u[0] + u[1] } }).value,
      8,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
