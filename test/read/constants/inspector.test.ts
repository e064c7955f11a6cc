/** Names that functions capture, as Node's inspector shows them. */
import { Session, url } from "node:inspector";
import { afterEach, describe, expect, test } from "vitest";
import { ConstantsChanged, gradient, matmul, odeProblem, remake, solve, tanh } from "../../../index.ts";
import * as odegrad from "../../../index.ts";
import { internalsOf } from "../../../src/read/syntax/node-inspector.ts";

const span = { u0: [1], tspan: [0, 1] as const, p: [1] };
const tight = { rtol: 1e-9, atol: 1e-9 };
const loss = { final: (u: ArrayLike<number>) => u[0] };

/** Of u' = k p u. */
function expectRate(problem: ReturnType<typeof odeProblem<number[], number[], unknown>>, k: number): void {
  const solution = solve(problem, tight);
  expect(solution.stats.compiled).toBe(true);
  expect(solution.u.at(-1)![0]).toBeCloseTo(Math.exp(k), 6);
  expect(gradient(problem, { loss, ...tight }).gradient.p![0]).toBeCloseTo(k * Math.exp(k), 5);
}

const ofModule = 2;
let changing = 2;
const table = new Float64Array([1, 2]);
const rates = { fast: 2, nested: { rows: [[1, 2]] } };
function helper(x: number): number {
  return ofModule * x;
}
class Model {
  constructor(public k: number) {}
  rate(x: number): number {
    return this.k * x;
  }
}
const model = new Model(2);

type Rhs = (u: number[], p: number[]) => number[];

const functions: Readonly<Record<string, Rhs>> = {
  "a constant of the module": (u, p) => [ofModule * p[0] * u[0]],
  "a table": (u, p) => [table[1] * p[0] * u[0]],
  "an object": (u, p) => [rates.fast * p[0] * u[0]],
  "nested arrays in an object": (u, p) => [rates.nested.rows[0][1] * p[0] * u[0]],
  "a helper that captures": (u, p) => [helper(p[0]) * u[0]],
  "a method of an instance": (u, p) => [model.rate(p[0]) * u[0]],
  "a field of an instance": (u, p) => [model.k * p[0] * u[0]],
  "operations of the library": (u, p) => [2 * p[0] * u[0] + tanh(0)],
  "a namespace": (u, p) => [2 * p[0] * u[0] + odegrad.tanh(0)],
  "within a callback": (u, p) => [[1, 1].map((x) => x * ofModule).reduce((a, b) => a + b, 0) * 0.5 * p[0] * u[0]],
  "a default argument": (u, p, k = ofModule) => [(k === undefined ? 2 : ofModule) * p[0] * u[0]],
  "a loop's variable": [2].map((i): Rhs => (u, p) => [i * p[0] * u[0]])[0],
  "an argument of what made it": (
    (k: number): Rhs =>
    (u, p) => [k * p[0] * u[0]]
  )(2),
  "shadowed by a block": ((): Rhs => {
    const ofModule = 3;
    {
      const ofModule = 2;
      if (ofModule < 3) return (u, p) => [ofModule * p[0] * u[0]];
    }
    return (u) => [ofModule * u[0]];
  })(),
  "a name that parameters have too": ((): Rhs => {
    const p = 7;
    const twice = (x: number): number => (p / 7) * 2 * x;
    return (u, p) => [twice(p[0]) * u[0]];
  })(),
  "what a catch caught": ((): Rhs => {
    try {
      throw 2;
    } catch (k) {
      return (u, p) => [(k as number) * p[0] * u[0]];
    }
  })(),
};

describe.each(Object.entries(functions))("%s", (_, rhs) => {
  test("is read", () => expectRate(odeProblem({ ...span, rhs }), 2));
});

test("a global that a module shadows, where another name is captured, too", () => {
  const isNaN = (x: number): boolean => x === 1;
  const k = 2;
  const rhs: Rhs = (u, p) => [(isNaN(1) ? k : 9) * p[0] * u[0]];
  expectRate(odeProblem({ ...span, rhs }), 2);
});

test("functions of one text with other values are others, and those of equal ones are compiled once", () => {
  const make = (k: number) => odeProblem({ ...span, rhs: (u: number[], p: number[]) => [k * p[0] * u[0] * 1.0625] });
  const ends = [2, 3, 2, -1].map((k) => solve(make(k), tight).u.at(-1)![0]);
  expect(ends).toEqual([2, 3, 2, -1].map((k) => expect.closeTo(Math.exp(1.0625 * k), 6) as number));
  expect(solve(make(3), tight).stats.compilations).toBe(0);
});

test("a variable that changed is said, and taken up by a problem made anew", () => {
  const problem = odeProblem({ ...span, rhs: (u: number[], p: number[]) => [changing * p[0] * u[0]] });
  expectRate(problem as never, 2);
  changing = 3;
  expect(() => solve(problem)).toThrow(ConstantsChanged);
  expect(() => gradient(problem, { loss })).toThrow(/changing was 2 and is 3/);
  expectRate(remake(problem, {}) as never, 3);
  changing = 2;
  expectRate(problem as never, 2);
});

test("so is a table that changed, an object, and what a helper captures", () => {
  let inner = 2;
  const [list, object] = [[2], { k: 2 }];
  const helper = (x: number): number => inner * x;
  const changes: readonly (readonly [Rhs, () => void, RegExp])[] = [
    [(u, p) => [list[0] * p[0] * u[0]], () => (list[0] = 3), /list\[0\] was 2 and is 3/],
    [(u, p) => [object.k * p[0] * u[0]], () => (object.k = 3), /k was 2 and is 3/],
    [(u, p) => [helper(p[0]) * u[0]], () => (inner = 3), /inner was 2 and is 3/],
  ];
  for (const [rhs, change, message] of changes) {
    const problem = odeProblem({ ...span, rhs });
    expectRate(problem as never, 2);
    change();
    expect(() => solve(problem)).toThrow(message);
    expectRate(remake(problem, {}) as never, 3);
  }
});

test("the function that captures what changed is named", () => {
  let [inRhs, inApply, inWhen] = [2, 3, 0.5];
  const problem = odeProblem({
    ...span,
    rhs: (u: number[], p: number[]) => [inRhs * p[0] * u[0]],
    events: [
      { at: [0.5], apply: (u: number[]) => void (u[0] += inApply) },
      { when: (_u: number[], _p: number[], t: number) => t - inWhen, apply: (u: number[]) => void (u[0] *= 2) },
    ],
  });
  const taken = (): unknown => gradient(problem, { loss: loss as never });
  taken();
  inApply = 4;
  expect(taken).toThrow(/^events\[0\]\.apply: of its constants, inApply was 3 and is 4\./);
  [inApply, inWhen] = [3, 0.6];
  expect(taken).toThrow(/^events\[1\]\.when: of its constants, inWhen was 0\.5 and is 0\.6\./);
  [inWhen, inRhs] = [0.5, 3];
  expect(taken).toThrow(/^rhs: of its constants, inRhs was 2 and is 3\./);
});

test("what is declared further down is read once it is there", () => {
  const rhs: Rhs = (u, p) => [later * p[0] * u[0]];
  const problem = odeProblem({ ...span, rhs });
  expect(() => solve(problem)).toThrow(/Cannot access 'later' before initialization\. The declaration of later comes later/);
  const later = 2;
  expectRate(problem as never, 2);
});

test("so is what nothing was assigned to before", () => {
  let later = undefined as number | undefined;
  const problem = odeProblem({ ...span, rhs: (u: number[], p: number[], t: number) => [(t > 5 ? later! * 1 : 2) * p[0] * u[0]] });
  const { u, stats } = solve(problem, tight);
  expect([stats.compiled, stats.reason]).toEqual([false, expect.stringContaining("`later` is undefined")]);
  expect(u.at(-1)![0]).toBeCloseTo(Math.exp(2), 6);
  later = 2;
  expectRate(problem as never, 2);
});

test("a loss takes what is captured as it is at each call", () => {
  let weight = 2;
  const problem = odeProblem({ ...span, rhs: (u: number[], p: number[]) => [p[0] * u[0]] });
  const at = (): number => gradient(problem, { loss: { final: (u) => weight * u[0] }, ...tight }).value;
  const values = [2, 3, 4, 2].map((w) => ((weight = w), at()));
  expect(values).toEqual([2, 3, 4, 2].map((w) => expect.closeTo(w * Math.E, 6) as number));
});

test("events, u0 of p, derivatives and preconditioners capture as well", () => {
  const [dose, level, start] = [2, 0.5, { x: 1 }];
  const problem = odeProblem({
    u0: (p: { k: number }) => ({ x: start.x * p.k }),
    rhs: (u, p) => ({ x: -p.k * u.x }),
    p: { k: 1 },
    tspan: [0, 1],
    events: { when: (u: { x: number }) => u.x - level, apply: (u: { x: number }) => void (u.x *= dose) },
  });
  const result = gradient(problem, { loss: { final: (u) => u.x * dose }, rtol: 1e-10, atol: 1e-10 });
  expect(result.value).toBeCloseTo(4 * Math.exp(-1), 6);
  const exact = gradient(
    odeProblem({
      u0: (p: { k: number }) => ({ x: p.k }),
      rhs: (u, p) => ({ x: -p.k * u.x }),
      p: { k: 1 },
      tspan: [0, 1],
      events: { when: (u: { x: number }) => u.x - 0.5, apply: (u: { x: number }) => void (u.x *= 2) },
    }),
    { loss: { final: (u) => u.x * 2 }, rtol: 1e-10, atol: 1e-10 },
  );
  expect(result.gradient.p!.k).toBeCloseTo(exact.gradient.p!.k, 8);
});

test("a right-hand side that cannot be read, with its tape", () => {
  const k = 2;
  const twice = (n: number): number => (n <= 0 ? 0 : 1 + twice(n - 1));
  const problem = odeProblem({ ...span, rhs: (u: number[], p: number[]) => [twice(2) * (k / 2) * p[0] * u[0]] });
  const result = gradient(problem, { loss, ...tight });
  expect(result.plan.vjp).toMatch(/ape/);
  expect(result.gradient.p![0]).toBeCloseTo(2 * Math.exp(2), 5);
});

test("a count that is kept between calls is not folded: it runs by itself, and its gradient is refused", () => {
  let calls = 0;
  const problem = odeProblem({
    ...span,
    rhs: (u: number[], p: number[]) => {
      calls += 1;
      return [p[0] * u[0] * (calls > 0 ? 1 : 0)];
    },
  });
  const before = calls;
  expect(solve(problem).stats.compiled).toBe(false);
  expect(calls).toBeGreaterThan(before + 10);
  expect(() => gradient(problem, { loss })).toThrow(/calls/);
});

test("who captures a whole library is refused by name, and runs by itself", () => {
  const inner = odeProblem({ ...span, rhs: (u: number[]) => [u[0]] });
  const problem = odeProblem({ ...span, rhs: (u: number[], p: number[]) => [p[0] * u[0] + 0 * solve(inner).u[0][0]] });
  expect(solve(problem, { rtol: 1e-3, atol: 1e-3 }).stats.compiled).toBe(false);
  expect(() => gradient(problem, { loss })).toThrow(/`__vite_ssr_import_\d__` leads to more functions/);
});

describe("the process goes on as it was", () => {
  const fn = (): unknown => [ofModule, matmul];

  test("no port is open, and nothing is left of what was handed to the inspector", () => {
    expect(internalsOf([fn]).get(fn)!.scopes!.length).toBeGreaterThan(1);
    expect(url()).toBeUndefined();
    expect(Object.getOwnPropertySymbols(process.getBuiltinModule("node:inspector"))).toEqual([]);
  });

  test("a session with a debugger and coverage on goes on undisturbed, and is never paused", () => {
    const session = new Session();
    session.connect();
    const paused: unknown[] = [];
    session.on("Debugger.paused", (message) => paused.push(message));
    session.post("Debugger.enable");
    session.post("Debugger.setPauseOnExceptions", { state: "all" });
    session.post("Profiler.enable");
    session.post("Profiler.startPreciseCoverage", { callCount: true });
    const k = 2;
    expectRate(odeProblem({ ...span, rhs: (u: number[], p: number[]) => [k * p[0] * u[0]] }) as never, 2);
    session.post("Debugger.setPauseOnExceptions", { state: "none" });
    let covered = 0;
    session.post("Profiler.takePreciseCoverage", (_, { result }) => (covered = result.length));
    expect(covered).toBeGreaterThan(0);
    expect(paused).toEqual([]);
    session.disconnect();
  });

  test("functions without a text have no scopes", () => {
    for (const none of [Math.sin, fn.bind(null), new Proxy(fn, {})])
      expect(internalsOf([none]).get(none)?.scopes ?? []).toEqual([]);
  });
});

test("what an event sets, and the right-hand side reads, is not begun again with what it left", () => {
  let k = 1;
  const problem = odeProblem({
    rhs: (u: number[]) => [-k * u[0]],
    u0: [1],
    tspan: [0, 1],
    events: { at: [0.5], apply: () => void (k = 3) },
  });
  expect(() => solve(problem)).toThrow(/k was 1 and is 3/);
});

test("another operation in place of one is found by what the function does", () => {
  let activation: typeof tanh = tanh;
  const problem = odeProblem({ rhs: (u: number[]) => activation(u), u0: [1], tspan: [0, 1] });
  expect(solve(problem).stats.compiled).toBe(true);
  activation = odegrad.relu;
  const { u, stats, warnings } = solve(problem, { rtol: 1e-9 });
  expect(u.at(-1)![0]).toBeCloseTo(Math.E, 6);
  expect(stats.compiled).toBe(false);
  expect(warnings[0]).toContain("It runs by itself");
  expect(() => gradient(problem, { loss: { final: (u) => u[0] }, wrt: ["u0"] })).toThrow(odegrad.Disagreement);
});

describe("an inspector that is of no use is none:", () => {
  const refusal = new Error("'Runtime.evaluate' wasn't found");
  type Done = (error: Error | null, result?: object) => void;
  const posts: Readonly<Record<string, (done: Done) => void>> = {
    "it refuses": (done) => done(refusal),
    "it refuses later": (done) => setTimeout(() => done(refusal)),
    "it answers later": (done) => setTimeout(() => done(null, { result: {} })),
  };
  const get = process.getBuiltinModule.bind(process);
  afterEach(() => void (process.getBuiltinModule = get));
  test.each(Object.entries(posts))("%s", async (_, answer) => {
    class Other {
      connect(): void {}
      post(_method: string, _options: object, done: Done): void {
        answer(done);
      }
    }
    process.getBuiltinModule = ((name: string) => (name === "node:inspector" ? { Session: Other } : get(name))) as typeof get;
    expect(internalsOf([helper]).size).toBe(0);
    // What is thrown later fails the test file.
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.getBuiltinModule = get;
    expect(internalsOf([helper]).size).toBe(1);
  });
});
