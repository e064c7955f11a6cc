/** Calls of every verb, on problems of many kinds, whose numbers are compared bit for bit. */
import {
  checkGradient,
  derivative,
  evaluateBatch,
  explain,
  gradient,
  gradientBatch,
  hessian,
  jacobian,
  jvpBatch,
  mul,
  ndarray,
  odeProblem,
  remake,
  rk4,
  rodas5P,
  sensitivities,
  solve,
  solveBatch,
  solveWithPullback,
  tsit5,
  vjpBatch,
  type OdeProblem,
} from "../../index.ts";
import { adjointsThat } from "../tables.ts";

/** What is called on the way, by the library. */
export type Hook = () => void;

export interface Verb {
  readonly name: string;
  /** `hook` is called wherever the library calls something of the user's. */
  readonly run: (hook: Hook) => unknown;
}

type State = { x: number; y: number };
type Parameters = { a: number; b: number };
export type Problem = OdeProblem<State, Parameters>;

const u0 = { x: 1, y: 0.5 };
const p = { a: 1.2, b: 0.7 };
const tspan = [0, 6] as const;

function oscillation(u: State, p: Parameters, t: number): State {
  return { x: p.a * u.y * Math.cos(t), y: -p.b * u.x - 0.1 * u.y * u.x };
}

export const smooth: Problem = odeProblem({ name: "smooth", rhs: oscillation, u0, p, tspan });
/** The same code, other values. */
const sibling: Problem = remake(smooth, { u0: { x: -0.3, y: 2 }, p: { a: 0.4, b: 1.9 } });
/** The same function, another problem. */
const twin: Problem = odeProblem({ name: "twin", rhs: oscillation, u0: { x: 0.2, y: 0.1 }, p: { a: 2, b: 3 }, tspan: [1, 3] });
export const dosed: Problem = odeProblem({
  name: "dosed",
  rhs: oscillation,
  u0,
  p,
  tspan,
  events: { at: [1, 2.5], apply: (u, p) => void (u.x += p.a) },
});
const stiff: Problem = odeProblem({
  name: "stiff",
  rhs: (u: State, p: Parameters) => ({ x: -1e4 * p.a * (u.x - Math.cos(u.y)), y: p.b }),
  u0,
  p,
  tspan: [0, 2],
});

/** What functions of the user's call now. */
let now: Hook = () => {};

/** With `hook` called in functions of the user's; what runs here ends before it returns. */
function hooked<T>(hook: Hook, run: () => T): T {
  const before = now;
  now = hook;
  try {
    return run();
  } finally {
    now = before;
  }
}

/** By a call that is not read: it runs as it is. */
function plain(isDosed: boolean): Problem {
  return odeProblem({
    name: "plain",
    rhs: (u: State, p: Parameters) => {
      Reflect.apply(now, undefined, []);
      return { x: p.a * u.y, y: -p.b * u.x };
    },
    u0,
    p,
    tspan: [0, 2],
    ...(isDosed && {
      events: {
        at: [1],
        apply: (u: State) => {
          Reflect.apply(now, undefined, []);
          u.x += 1;
        },
      },
    }),
  });
}

/** With derivatives of its author's. */
function authored(way: "vjp" | "jvp" | "jac"): Problem {
  type Matrix = { set(i: number, j: number, x: number): void };
  const derivatives = {
    jac(J: Matrix, u: State, p: Parameters, t: number) {
      now();
      J.set(0, 0, 0);
      J.set(0, 1, p.a * Math.cos(t));
      J.set(1, 0, -p.b - 0.1 * u.y);
      J.set(1, 1, -0.1 * u.x);
    },
    vjp(uBar: State, pBar: Parameters, v: State, u: State, p: Parameters, t: number) {
      now();
      uBar.x = v.y * (-p.b - 0.1 * u.y);
      uBar.y = v.x * p.a * Math.cos(t) - v.y * 0.1 * u.x;
      pBar.a = v.x * u.y * Math.cos(t);
      pBar.b = -v.y * u.x;
    },
    jvp(duDot: State, uDot: State, pDot: Parameters, u: State, p: Parameters, t: number) {
      now();
      duDot.x = (pDot.a * u.y + p.a * uDot.y) * Math.cos(t);
      duDot.y = -pDot.b * u.x - p.b * uDot.x - 0.1 * (uDot.y * u.x + u.y * uDot.x);
    },
  };
  return odeProblem({ name: "authored", rhs: oscillation, u0, p, tspan, derivatives: { [way]: derivatives[way] } as never });
}

const sum = { at: [0.5, 1.5, 2], of: (u: State, p: Parameters, t: number, i: number) => u.x * u.y * t + p.a * i };
export const losses = {
  sum,
  final: { final: (u: State) => u.x ** 2 + u.y },
  integral: { integral: (u: State, p: Parameters) => u.x * u.x * p.b, final: (u: State) => u.y },
};

const starts = ndarray(
  Float64Array.from({ length: 60 }, (_, k) => 0.5 + Math.sin(k)),
  [30, 2],
);
const rates = ndarray(
  Float64Array.from({ length: 60 }, (_, k) => 1 + 0.5 * Math.cos(k)),
  [30, 2],
);
/** More than are at work together. */
const many = ndarray(
  Float64Array.from({ length: 4000 }, (_, k) => 0.5 + Math.sin(k)),
  [2000, 2],
);
const directions = ndarray(
  Float64Array.from({ length: 60 }, (_, k) => Math.cos(3 * k)),
  [30, 2],
);

/** With others the plan of a stiff problem has no solver to choose. */
const takesImplicit = adjointsThat(({ stiff }) => stiff);

function verbsOf(name: string, problem: Problem): Verb[] {
  const verb = (what: string, run: Verb["run"]): Verb => ({ name: `${what} of ${name}`, run });
  return [
    verb("solve", (onProgress) => solve(problem, { onProgress, saveat: 0.25, dense: true }).at(problem.tspan[1] - 0.1)),
    verb("solve in JavaScript", (onProgress) => solve(problem, { onProgress, target: "javascript", saveat: 0.25 }).u),
    verb("solve by rodas5P", (onProgress) => solve(problem, { onProgress, solver: rodas5P(), saveat: 0.25 }).u),
    verb("solve by rk4", (onProgress) => solve(problem, { onProgress, solver: rk4({ dt: 1e-4 }), saveat: 0.25 }).u),
    ...adjointsThat().map((adjoint, k) =>
      verb(`gradient by ${adjoint}`, (onProgress) => {
        const loss = Object.values(losses)[k % 3] as never;
        const solver = takesImplicit.includes(adjoint) ? undefined : tsit5();
        const { flat, value } = gradient(problem, { loss, adjoint, wrt: ["p", "u0"], onProgress, solver, maxSteps: 1e6 });
        return { flat, value };
      }),
    ),
    verb("gradient with checkpoints", (onProgress) => {
      const { flat, value } = gradient(problem, { loss: sum as never, adjoint: "discrete", memoryBudget: 4000, onProgress });
      return { flat, value };
    }),
    verb(
      "gradient by the tape",
      (onProgress) => gradient(problem, { loss: sum as never, vjp: "tape", adjoint: "gauss", onProgress }).flat,
    ),
    verb(
      "gradient by the compiled tape",
      (onProgress) => gradient(problem, { loss: sum as never, vjp: "compiledTape", adjoint: "gauss", onProgress }).flat,
    ),
    verb(
      "gradient by differences",
      (onProgress) => gradient(problem, { loss: sum as never, vjp: "finite", adjoint: "gauss", onProgress }).flat,
    ),
    verb("sensitivities", (onProgress) => sensitivities(problem, { saveat: 0.5, wrt: ["p", "u0"], onProgress }).flat),
    ...adjointsThat().map((adjoint) =>
      verb(`pullback by ${adjoint}`, (onProgress) => {
        const { pullback, solution } = solveWithPullback(problem, { saveat: 0.5, adjoint, wrt: ["p", "u0"], onProgress });
        const cotangents = (u: unknown, _t: number, i: number): State => {
          onProgress();
          return { x: (u as State).y, y: i };
        };
        return [solution.u, pullback(cotangents), pullback(cotangents)];
      }),
    ),
    verb("explain", () => String(explain(problem, { loss: sum as never })).replaceAll(/[\d.]+ (ns|µs|us|ms|s)\b/g, "")),
    verb("checkGradient", () => checkGradient(problem, { loss: losses.final as never }).passed),
  ];
}

/** Of what a batch can be made of. */
function batchVerbs(name: string, problem: Problem): Verb[] {
  const verb = (what: string, run: Verb["run"]): Verb => ({ name: `${what} of ${name}`, run });
  return [
    verb("solveBatch", (onProgress) => solveBatch(problem, { u0: starts, saveat: 0.5, onProgress })),
    verb("solveBatch by p", (onProgress) => solveBatch(problem, { u0: starts, p: rates, onProgress })),
    verb("solveBatch by another p", (onProgress) => solveBatch(problem, { u0: starts, p: { a: 3, b: 0.1 }, onProgress })),
    verb("solveBatch of many", (onProgress) => solveBatch(problem, { u0: many, onProgress })),
    verb("gradientBatch of many", (onProgress) => gradientBatch(problem, { u0: many, loss: losses.final as never, onProgress })),
    verb("solveBatch by rk4", (onProgress) => solveBatch(problem, { u0: starts, solver: rk4({ dt: 0.01 }), onProgress })),
    verb("gradientBatch", (onProgress) => gradientBatch(problem, { u0: starts, loss: losses.final as never, onProgress })),
    verb("gradientBatch by p", (onProgress) =>
      gradientBatch(problem, { p: rates, loss: { ...sum, at: [problem.tspan[1] - 0.3] } as never, onProgress }),
    ),
    verb("gradientBatch with many steps", (onProgress) =>
      gradientBatch(problem, { u0: starts, loss: losses.final as never, maxStep: 0.01, onProgress }),
    ),
    verb("evaluateBatch", (onProgress) => evaluateBatch(problem, { u: starts, onProgress })),
    verb("vjpBatch", (onProgress) => vjpBatch(problem, { u: starts, v: directions, onProgress })),
    verb("jvpBatch", (onProgress) => jvpBatch(problem, { u: starts, v: directions, p: rates, onProgress })),
  ];
}

const cube = (x: number[]): number => x[0] ** 3 * x[1];
const pair = (x: number[]): number[] => [x[0] * x[1], Math.sin(x[0])];

const calling = (x: number): number => {
  now();
  return Math.sin(x) ** 2;
};
const byDifferences = derivative(calling, { backend: "finite" });
const byClosures = derivative(
  (x: number): number => {
    now();
    return mul(x as never, x as never) as never;
  },
  { backend: "closure" },
);

const [closure, undosed] = [plain(true), plain(false)];

/** Functions of the user's that the library calls in the midst of its work. */
const called: readonly Verb[] = (
  [
    ["solve of plain", () => solve(closure, { saveat: 0.25 }).u],
    ["solve of plain by rodas5P", () => solve(closure, { solver: rodas5P(), saveat: 0.25 }).u],
    [
      "gradient of plain by differences",
      () => gradient(undosed, { loss: losses.final as never, vjp: "finite", adjoint: "gauss" }).flat,
    ],
    ...(["vjp", "jvp", "jac"] as const).flatMap((way): [string, () => unknown][] => {
      const problem = authored(way);
      return [
        [
          `gradient by the author's ${way}`,
          () => gradient(problem, { loss: losses.sum as never, vjp: "user", adjoint: "gauss" }).flat,
        ],
        [`solve by the author's ${way}`, () => solve(problem, { solver: rodas5P(), saveat: 0.25 }).u],
      ];
    }),
    ["derivative by differences", () => byDifferences(0.7)],
    ["derivative by closures", () => byClosures(0.7)],
  ] as const
).map(([name, run]) => ({ name, run: (hook) => hooked(hook, run) }));

export const verbs: readonly Verb[] = [
  ...verbsOf("smooth", smooth),
  ...verbsOf("sibling", sibling).filter(({ name }) => !/JavaScript|check|explain/.test(name)),
  ...verbsOf("dosed", dosed),
  ...verbsOf("stiff", stiff).filter(({ name }) => /^solve of|rodas5P|discrete|dual|gauss/.test(name)),
  ...batchVerbs("smooth", smooth),
  ...batchVerbs("sibling", sibling),
  ...batchVerbs("twin", twin),
  ...called,
  { name: "jacobian", run: () => jacobian(pair)([1.5, 2]) },
  { name: "hessian", run: () => hessian(cube)([1.5, 2]) },
  { name: "derivative", run: () => derivative((x: number) => Math.sin(x) ** 2)(0.7) },
];

const bits = new DataView(new ArrayBuffer(8));

/** All numbers in a value, by their bits; times and addresses of work are no part of it. */
export function digest(value: unknown): string {
  if (typeof value === "number") {
    bits.setFloat64(0, value);
    return bits.getBigUint64(0).toString(16);
  }
  if (typeof value !== "object" || value === null) return String(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, digest).join();
  return Object.entries(value)
    .map(([key, inner]) => `${key}:${digest(inner)}`)
    .join(";");
}
