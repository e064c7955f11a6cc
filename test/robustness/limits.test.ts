/** What each verb does with what limits long work: by one table of verbs, which has to name them all. */
import { afterAll, describe, expect, test } from "vitest";
import {
  checkGradient,
  evaluateBatch,
  explain,
  gradient,
  gradientBatch,
  ndarray,
  odeProblem,
  sensitivities,
  solve,
  solveBatch,
  solveWithPullback,
  steadyState,
  type OdeProblem,
} from "../../index.ts";
import { inWorker } from "../../worker/index.ts";

const limits = ["onProgress", "signal", "maxSteps", "maxTime"] as const;
type Limit = (typeof limits)[number];

/** "told": it is called; "unused": it is taken, for what it would be of another verb; otherwise the name of what is thrown, or of an outcome. */
type Done = string | RegExp;

type Problem = OdeProblem<number[], number[]>;

interface Verb {
  readonly call: (problem: Problem, options: object) => unknown;
  readonly does: Readonly<Record<Limit, Done>>;
  /** Of which kinds of problems; by default all. */
  readonly of?: readonly Kind[];
}

function oscillating(u: number[], p: number[]): number[] {
  return [u[1], p[0] * (1 - u[0] ** 2) * u[1] - u[0]];
}

const shared = { u0: [2, 0], p: [1], tspan: [0, 200] as const };
const kinds = {
  plain: odeProblem({ rhs: oscillating, ...shared }),
  "with timed events": odeProblem({
    rhs: oscillating,
    ...shared,
    events: { at: [1], apply: (u: number[]) => void (u[0] += 0.1) },
  }),
  "with events of the state": odeProblem({
    rhs: oscillating,
    ...shared,
    events: { when: (u: number[]) => u[0], apply: (u: number[]) => void (u[1] *= 1.01) },
  }),
  "with a mass matrix": odeProblem({
    rhs: (u: number[], p: number[]) => [u[2], p[0] * (1 - u[0] ** 2) * u[1] - u[0], u[1] - u[2]],
    ...shared,
    u0: [2, 0, 0],
    massMatrix: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ],
  }),
} satisfies Record<string, Problem>;
type Kind = keyof typeof kinds;

const resting = odeProblem({ rhs: (u: number[], p: number[]) => [1 - 1e-3 * p[0] * u[0]], u0: [1], p: [1], tspan: [0, 1] });
const loss = { final: (u: ArrayLike<number>) => u[0] };
const rows = { p: ndarray([1, 2], [2, 1]) };
/** Batches look at the clock between runs of their kernels. */
const endless = { ...rows, tspan: [0, 1e7] as const, maxSteps: 1e9 };
const cut = /^(Adjoint)?OutOfSteps$|^TooManySteps$/;
const late = /^(Adjoint)?OutOfTime$/;

const verbs: Record<string, Verb> = {
  solve: { call: solve, does: { onProgress: "told", signal: "SolveAborted", maxSteps: "TooManySteps", maxTime: "OutOfTime" } },
  gradient: {
    call: (problem, options) => gradient(problem, { loss, ...options }),
    does: { onProgress: "told", signal: "AdjointAborted", maxSteps: cut, maxTime: late },
  },
  solveWithPullback: {
    call: (problem, options) => solveWithPullback(problem, { saveat: 1, ...options }),
    does: { onProgress: "told", signal: "AdjointAborted", maxSteps: cut, maxTime: late },
  },
  sensitivities: {
    call: (problem, options) => sensitivities(problem, { saveat: 1, ...options }),
    does: { onProgress: "told", signal: "AdjointAborted", maxSteps: cut, maxTime: late },
  },
  checkGradient: {
    call: (problem, options) => checkGradient(problem, { loss, ...options }),
    does: { onProgress: "told", signal: "AdjointAborted", maxSteps: cut, maxTime: late },
  },
  // It tries out a few steps, and says what the gradient would do with the rest.
  explain: {
    call: (problem, options) => explain(problem, { loss, ...options }),
    does: { onProgress: "unused", signal: "AdjointAborted", maxSteps: "unused", maxTime: "unused" },
  },
  steadyState: {
    call: (_, options) => steadyState(resting, options),
    does: { onProgress: "told", signal: "SolveAborted", maxSteps: "NoSteadyState", maxTime: "OutOfTime" },
    of: ["plain"],
  },
  "gradient of a steady state": {
    call: (_, options) => gradient(resting, { loss: { steady: (u) => u[0] }, ...options }),
    does: { onProgress: "told", signal: "AdjointAborted", maxSteps: "NoSteadyState", maxTime: "OutOfTime" },
    of: ["plain"],
  },
  solveBatch: {
    call: (problem, options) => solveBatch(problem, { ...("maxTime" in options ? endless : rows), ...options }),
    does: { onProgress: "told", signal: "AbortError", maxSteps: "tooManySteps", maxTime: "BatchOutOfTime" },
    of: ["plain"],
  },
  gradientBatch: {
    call: (problem, options) =>
      gradientBatch(problem, { loss, ...("maxTime" in options ? { ...endless, tspan: [0, 4e3] } : rows), ...options }),
    does: { onProgress: "told", signal: "AbortError", maxSteps: "tooManySteps", maxTime: "BatchOutOfTime" },
    of: ["plain"],
  },
  // It takes no steps.
  evaluateBatch: {
    call: (problem, options) => evaluateBatch(problem, { u: ndarray(new Float64Array(2e6), [1e6, 2]), ...options }),
    does: { onProgress: "told", signal: "AbortError", maxSteps: "UnknownOption", maxTime: "BatchOutOfTime" },
    of: ["plain"],
  },
};

/** What it does. */
async function done(call: () => unknown, told: () => boolean): Promise<string> {
  try {
    const result = (await call()) as { readonly outcomes?: readonly string[] };
    return told() ? "told" : (result.outcomes?.[0] ?? "unused");
  } catch (error) {
    const { name } = error as Error;
    return name === "ThrownInWorker" ? /^\w+/.exec((error as Error).message)![0] : name;
  }
}

async function heard(limit: Limit, call: (options: object) => unknown): Promise<string> {
  let times = 0;
  const options = { onProgress: () => void times++, signal: AbortSignal.abort(), maxSteps: 3, maxTime: 1e-3 };
  return done(
    () => call({ [limit]: options[limit] }),
    () => times > 0,
  );
}

const cases = Object.entries(verbs).flatMap(([name, { of = Object.keys(kinds) as Kind[] }]) =>
  of.map((kind) => [name, kind] as const),
);

describe.each(cases)("%s, of a problem %s", (name, kind) => {
  test.each(limits)("%s", async (limit) => {
    const { call, does } = verbs[name];
    expect(await heard(limit, (options) => call(kinds[kind], options))).toMatch(does[limit]);
  });
});

describe("in a worker", () => {
  const worker = inWorker<Problem>(
    (Worker) => new Worker(new URL("../browser/page/pendulums.js", import.meta.url), { type: "module" }),
  );
  afterAll(() => worker.close());
  const tight = { rtol: 1e-12, atol: 1e-12, tspan: [0, 1000] as const };

  test.each([
    ["solve", "onProgress", "told"],
    ["solve", "signal", "WorkerAborted"],
    ["solve", "maxSteps", "TooManySteps"],
    ["solve", "maxTime", "OutOfTime"],
    ["gradient", "onProgress", "told"],
    ["gradient", "signal", "WorkerAborted"],
    ["gradient", "maxSteps", cut],
    ["gradient", "maxTime", late],
  ] as const)("%s: %s", async (verb, limit, does) => {
    expect(await heard(limit, (options) => worker[verb]({ ...tight, ...options } as object))).toMatch(does);
  });
});
