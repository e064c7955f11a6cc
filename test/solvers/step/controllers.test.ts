/** Controllers of step lengths and norms of errors: their coefficients, what they do to steps, and where they are refused. */
import { describe, expect, test } from "vitest";
import {
  checkGradient,
  fbdf,
  gradient,
  gradientBatch,
  integral,
  ndarray,
  odeProblem,
  pi,
  pid,
  predictive,
  rk4,
  rodas5P,
  solve,
  solveBatch,
  tsit5,
  type Method,
  type Solution,
  type StepController,
} from "../../../index.ts";
import { StepUnderflow } from "../../../solvers/solution/errors.ts";
import { BadOption, ReadError } from "../../../src/core/errors.ts";
import { Builder } from "../../../src/ir/builder.ts";
import { interpret } from "../../../src/ir/interpret.ts";
import { controllerOf } from "../../../solvers/step/controller.ts";
import { filters } from "../../../solvers/step/controllers.ts";
import { withoutInspector } from "../../without-inspector.ts";

type FilterName = keyof typeof filters;
const names = Object.keys(filters) as FilterName[];

/** (q − 1) α(q) + β(q), from the highest power on: its roots are the poles of the closed loop for errors that go as h^k. */
function closedLoop({ beta, alpha = [] }: { readonly beta: readonly number[]; readonly alpha?: readonly number[] }): number[] {
  const terms = Math.max(beta.length, alpha.length + 1);
  const a = [1, ...alpha, ...new Array<number>(terms - 1 - alpha.length).fill(0), 0];
  return Array.from({ length: terms + 1 }, (_, i) => a[i] - (a[i - 1] ?? 0) + (beta[i - 1] ?? 0));
}

function polynomial(roots: readonly number[]): number[] {
  return roots.reduce<number[]>((p, root) => [...p, 0].map((x, i) => x - root * (p[i - 1] ?? 0)), [1]);
}

const at = (coefficients: readonly number[], q: number): number => coefficients.reduce((sum, x) => sum * q + x, 0);

describe("published filters", () => {
  // G. Söderlind, ACM TOMS 29 (2003): the poles that each was designed to have.
  const poles: Record<FilterName, readonly number[]> = {
    H0211: [0, 0],
    H211b: [0, 1 / 2],
    H211PI: [1 / 3, 1 / 2],
    H0312: [0, 0, 0],
    H312b: [0, 0, 1 / 2],
    H312PID: [1 / 2, (2 + Math.sqrt(13)) / 9, (2 - Math.sqrt(13)) / 9],
    H0321: [0, 0, 0],
    H321: [1 / 3, 1 / 2, 2 / 3],
  };

  test.each(names)("%s has the poles, the order of adaptivity and of the filter that its name says", (name) => {
    const filter: { readonly beta: readonly number[]; readonly alpha: readonly number[] } = filters[name];
    const expected = polynomial(poles[name]);
    closedLoop(filter).forEach((x, i) => expect(x).toBeCloseTo(expected[i], 14));
    const [, adaptivity, order] = /(\d)(\d)(?:b|PI|PID)?$/.exec(name)!;
    // Zeros of β at q = −1 take out the highest frequency.
    const zeros = [filter.beta, filter.beta.slice(0, -1).map((x, i) => x * (filter.beta.length - 1 - i))];
    for (let k = 0; k < Number(order); k++) expect(at(zeros[k], -1)).toBeCloseTo(0, 14);
    if (adaptivity === "2") expect(at([1, ...filter.alpha], 1)).toBeCloseTo(0, 14);
  });
});

/** What a controller makes of errors and lengths, the last step's first. */
function factorOf(controller: StepController, errors: readonly number[], lengths: readonly number[], rejected = false): number {
  const { remembered, accept } = controllerOf({ ...tsit5(), control: { controller } });
  const b = new Builder("factor");
  const past = controller.beta.length - 1;
  const before = [...errors.slice(1).map(Math.log), ...lengths.slice(1)].slice(0, remembered.length);
  expect(before).toHaveLength(past + (remembered.length - past));
  const memory = { remembered: before.map((x) => b.f64(x)), rejected: b.bool(rejected), proposed: () => b.f64(NaN) };
  const { factor } = accept(b, b.scalarParameter("error"), b.scalarParameter("h"), memory);
  return interpret(b.finish(factor), [errors[0], lengths[0]], { operation: () => {}, access: () => {} })!;
}

// K. Gustafsson, ACM TOMS 17 (1991) 533–554 and 20 (1994) 496–517: an integral gain of 0.3/k and a proportional one of 0.4/k, and a rule
// that is deadbeat and lets a trend of errors go on.
test("pi and predictive have the poles that they were designed to have", () => {
  const expectPoles = (rule: StepController, poles: readonly number[]): void =>
    closedLoop(rule).forEach((x, i) => expect(x).toBeCloseTo(polynomial(poles)[i], 14));
  expectPoles(pi(), [4 / 5, -1 / 2]);
  expectPoles(predictive(), [0, 0]);
  expectPoles(integral(), [0]);
  const [integralGain, proportionalGain] = [pi().beta[0] + pi().beta[1], -pi().beta[1]];
  expect(integralGain).toBeCloseTo(0.3, 14);
  expect(proportionalGain).toBeCloseTo(0.4, 14);
  expect(1 + predictive().alpha[0]).toBe(0);
});

describe("factors", () => {
  const [errors, lengths, k] = [[0.6, 0.3, 0.8], [0.02, 0.03, 0.025], 5];

  test.each(names)("of %s are those of the formula", (name) => {
    const { beta, alpha }: { readonly beta: readonly number[]; readonly alpha: readonly number[] } = filters[name];
    const used = beta.length;
    let expected = 0.9 ** beta.reduce((sum, x) => sum + x, 0);
    beta.forEach((x, i) => (expected *= errors[i] ** (-x / k)));
    alpha.forEach((x, i) => (expected *= (lengths[i] / lengths[i + 1]) ** -x));
    expect(factorOf(pid(name), errors.slice(0, used), lengths.slice(0, used))).toBeCloseTo(expected, 13);
  });

  test("of the classical ones too", () => {
    expect(factorOf(integral(), [0.6], [0.02])).toBeCloseTo(0.9 * 0.6 ** (-1 / k), 14);
    expect(factorOf(pi(), [0.6, 0.3], [0.02])).toBeCloseTo(0.9 * 0.6 ** (-0.7 / k) * 0.3 ** (0.4 / k), 14);
    const trend = 0.9 * 0.6 ** (-2 / k) * 0.3 ** (1 / k) * (0.02 / 0.03);
    expect(factorOf(predictive(), [0.6, 0.3], [0.02, 0.03])).toBeCloseTo(trend, 14);
    // No longer than by the error alone.
    expect(factorOf(predictive(), [0.3, 0.6], [0.02, 0.01])).toBeCloseTo(0.9 * 0.3 ** (-1 / k), 14);
  });

  test("are those of the error alone until there are as many steps as the filter reads", () => {
    for (const rule of [pid("H211b"), predictive()]) {
      expect(factorOf(rule, [0.6, 1], [0.02, 0])).toBeCloseTo(0.9 * 0.6 ** (-1 / k), 14);
    }
    expect(factorOf(pid("H312b"), [0.6, 0.3, 1], [0.02, 0.03, 0])).toBeCloseTo(0.9 * 0.6 ** (-1 / k), 14);
  });

  test("stay within their limits, and grow none after a rejected try", () => {
    expect(factorOf(integral(), [1e-30], [0.02])).toBe(10);
    expect(factorOf(integral({ maxFactor: 3 }), [1e-30], [0.02])).toBe(3);
    expect(factorOf(integral({ maxFactor: 3 }), [1e-30], [0.02], true)).toBe(1);
    expect(factorOf(pi({ minFactor: 0.5 }), [1, 1e-30], [0.02])).toBe(0.5);
    expect(factorOf(integral({ safety: 0.5 }), [1], [0.02])).toBeCloseTo(0.5, 14);
  });
});

interface Point {
  x: number;
  y: number;
}

const oscillator = odeProblem({
  rhs(du: Point, u: Point, p: { mu: number }) {
    du.x = u.y;
    du.y = p.mu * (1 - u.x ** 2) * u.y - u.x;
  },
  u0: { x: 2, y: 0 },
  tspan: [0, 20],
  p: { mu: 3 },
});

/** Stability limits explicit steps from the transient on. */
const relaxing = odeProblem({
  rhs: (u: number[], p: number[], t: number) => [-p[0] * (u[0] - Math.cos(t))],
  u0: [0],
  tspan: [0, 2],
  p: [1000],
});

/** The sum of squared changes of the logarithms of step lengths, from a time on. */
function ruggedness(times: ArrayLike<number>, from: number): number {
  const lengths = Array.from({ length: times.length - 1 }, (_, i) => times[i + 1] - times[i])
    .filter((_, i) => times[i] >= from)
    .slice(0, -1);
  return lengths.slice(1).reduce((sum, h, i) => sum + Math.log(h / lengths[i]) ** 2, 0);
}

describe("steps", () => {
  const run = (controller?: StepController): Solution<number[]> =>
    solve(relaxing, { solver: tsit5(), rtol: 1e-4, atol: 1e-4, controller });

  test("where stability limits them are rejected again and again by the classical rule, by pi never once they are there", () => {
    const [classical, smooth] = [run(integral()), run(pi())];
    expect(classical.stats.rejected).toBeGreaterThan(100);
    expect(smooth.stats.rejected).toBeLessThan(3);
    expect(ruggedness(classical.t, 0.2)).toBeGreaterThan(10);
    expect(ruggedness(smooth.t, 0.2)).toBeLessThan(1e-4);
  });

  test("where accuracy limits them are smoother, or rejected less often, by filters", () => {
    const along = (controller: StepController): { rough: number; rejected: number } => {
      const { t, stats } = solve(oscillator, { solver: tsit5(), rtol: 1e-7, atol: 1e-7, controller });
      return { rough: ruggedness(t, 1), rejected: stats.rejected };
    };
    const classical = along(integral());
    // Filters of the second order take out the highest frequencies; those of the second order of adaptivity follow a trend.
    expect(along(pid("H312PID")).rough).toBeLessThan(0.8 * classical.rough);
    for (const name of ["H321", "H0321"] as const) expect(along(pid(name)).rejected).toBeLessThan(0.7 * classical.rejected);
  });

  test("are by default those of pi, and of implicit methods those of predictive", () => {
    expect(run(pi()).t).toEqual(run().t);
    const stiff = { solver: rodas5P(), rtol: 1e-6, atol: 1e-6 };
    expect(solve(oscillator, { ...stiff, controller: predictive() }).t).toEqual(solve(oscillator, stiff).t);
    expect(solve(oscillator, { ...stiff, controller: integral() }).t).not.toEqual(solve(oscillator, stiff).t);
  });

  test("solve to the tolerance by every rule, with every kind of method, and where none is named", () => {
    const exact = solve(oscillator, { solver: tsit5(), rtol: 1e-12, atol: 1e-12, saveat: [20] }).u[0];
    for (const rule of [integral(), pi(), predictive(), ...names.map((name) => pid(name)), pid({ beta: [0.49, -0.34, 0.1] })])
      for (const solver of [tsit5(), rodas5P(), undefined]) {
        const { u } = solve(oscillator, { solver, rtol: 1e-7, atol: 1e-7, saveat: [20], controller: rule });
        expect(Math.abs(u[0].x - exact.x)).toBeLessThan(1e-5);
      }
  });

  test("by a function are those of the rule that it says", () => {
    const ofFunction = solve(oscillator, {
      solver: tsit5(),
      controller: (error, _previous, _ratio, order) => 0.9 * error ** (-1 / order),
    });
    expect(ofFunction.t).toHaveLength(solve(oscillator, { solver: tsit5(), controller: integral() }).t.length);
    const filter = solve(oscillator, {
      solver: tsit5(),
      controller: (error, previous, ratio, k) =>
        previous === 1 && ratio === 1
          ? 0.9 * error ** (-1 / k)
          : 0.9 ** 0.5 * (error * Math.max(previous, 1e-4)) ** (-1 / (4 * k)) * ratio ** (-1 / 4),
    });
    const named = solve(oscillator, { solver: tsit5(), controller: pid("H211b") });
    expect(filter.t).toHaveLength(named.t.length);
    filter.t.forEach((t, i) => expect(t).toBeCloseTo(named.t[i], 9));
  });

  test("end a solve where they would have to be shorter than minStep", () => {
    expect(() => solve(oscillator, { minStep: 0.05, rtol: 1e-9 })).toThrow(StepUnderflow);
    expect(() => solve(oscillator, { minStep: 0.05, rtol: 1e-9 })).toThrow(/shorter than minStep, 0\.05/);
    const { t } = solve(oscillator, { minStep: 1e-3, rtol: 1e-6 });
    for (let i = 1; i < t.length - 1; i++) expect(t[i] - t[i - 1]).toBeGreaterThanOrEqual(1e-3 * (1 - 1e-9));
  });
});

describe("norms", () => {
  const stepsOf = (options: Parameters<typeof solve<Point, { mu: number }>>[1]): Float64Array =>
    Float64Array.from(solve(oscillator, { solver: tsit5(), rtol: 1e-6, atol: 1e-6, ...options }).t);

  test("by name, and as a function of what is named", () => {
    expect(stepsOf({ norm: "rms" })).toEqual(stepsOf({}));
    expect(stepsOf({ norm: "max" })).toEqual(stepsOf({ norm: (e) => Math.max(Math.abs(e.x), Math.abs(e.y)) }));
    const mean = stepsOf({ norm: (e) => Math.sqrt((e.x ** 2 + e.y ** 2) / 2) });
    expect(mean).toHaveLength(stepsOf({}).length);
    expect(stepsOf({ norm: "max" }).length).toBeGreaterThan(stepsOf({}).length);
    // The error of x alone.
    expect(stepsOf({ norm: (e) => Math.abs(e.x) }).length).toBeLessThan(stepsOf({ norm: "max" }).length);
  });

  test("the largest error is not hidden by components at rest", () => {
    const padded = (n: number) =>
      odeProblem({
        rhs(du: Float64Array, u: Float64Array) {
          du[0] = u[1];
          du[1] = -u[0];
          for (let i = 2; i < du.length; i++) du[i] = 0;
        },
        u0: Float64Array.from({ length: n }, (_, i) => (i === 0 ? 1 : 0)),
        tspan: [0, 10],
      });
    const count = (n: number, norm: "rms" | "max", solver: Method): number =>
      solve(padded(n), { solver, norm, atol: 1e-6, firstStep: 0.1 }).t.length;
    for (const solver of [tsit5(), rodas5P()]) {
      expect(count(50, "max", solver)).toBe(count(2, "max", solver));
      expect(count(50, "rms", solver)).toBeLessThan(count(2, "rms", solver));
    }
  });
});

describe("gradients", () => {
  const loss = { final: (u: Point) => u.x ** 2 + u.y };
  const control = { controller: pid("H211b"), norm: (e: Point) => Math.max(Math.abs(e.x), Math.abs(e.y)) };
  const options = { solver: tsit5(), rtol: 1e-8, atol: 1e-8 };
  const exact = gradient(oscillator, { loss, solver: tsit5(), rtol: 1e-12, atol: 1e-12 }).gradient.p!.mu;

  test.each(["discrete", "gauss", "quadrature", "interpolating", "dual", "forwardSensitivity"])(
    "by %s are along these steps",
    (adjoint) => {
      const plain = gradient(oscillator, { loss, adjoint, ...options });
      const own = gradient(oscillator, { loss, adjoint, ...options, ...control });
      expect(own.stats.forward.steps).not.toBe(plain.stats.forward.steps);
      if (["gauss", "quadrature", "interpolating"].includes(adjoint))
        expect(own.stats.forward.steps).toBe(solve(oscillator, { ...options, ...control }).stats.steps);
      expect(Math.abs(own.gradient.p!.mu / exact - 1)).toBeLessThan(1e-5);
    },
  );

  test("are the derivatives of the value that these steps give", () => {
    const report = checkGradient(oscillator, { loss, ...options, ...control });
    expect(report.passed).toBe(true);
  });
});

describe("batches", () => {
  const mus = [1, 2, 3, 4, 5];
  const p = ndarray(mus, [mus.length, 1]);
  const options = {
    rtol: 1e-6,
    atol: 1e-6,
    controller: pid("H312b"),
    norm: (e: Point) => Math.max(Math.abs(e.x), Math.abs(e.y)),
  };

  test("take the steps that solves take, with rules of three errors, of functions, and with a norm", async () => {
    for (const controller of [pid("H312b"), integral(), (e: number, _p: number, _r: number, k: number) => 0.8 * e ** (-1 / k)]) {
      const batch = await solveBatch(oscillator, { ...options, p, controller });
      mus.forEach((mu, m) => {
        const alone = solve(oscillator, { solver: tsit5(), ...options, controller, p: { mu }, saveat: [20] });
        expect(batch.steps[m]).toBe(alone.stats.steps);
        expect(batch.u.get(m, 0, 0)).toBeCloseTo(alone.u[0].x, 9);
      });
    }
    const plain = await solveBatch(oscillator, { rtol: 1e-6, atol: 1e-6, p });
    expect(plain.steps).not.toEqual((await solveBatch(oscillator, { ...options, p })).steps);
  });

  test("give gradients along them", async () => {
    const loss = { final: (u: Point) => u.x ** 2 };
    const batch = await gradientBatch(oscillator, { ...options, p, loss });
    const rows = (batch.p as ReturnType<typeof ndarray>).data;
    mus.forEach((mu, m) => {
      const alone = gradient(oscillator, { loss, ...options, rtol: 1e-10, atol: 1e-10, p: { mu } });
      expect(Math.abs(rows[m] / alone.gradient.p!.mu - 1)).toBeLessThan(1e-3);
    });
  });

  test("end trajectories whose steps would be shorter than minStep", async () => {
    const { outcomes } = await solveBatch(oscillator, { rtol: 1e-9, p, minStep: 0.02 });
    expect(outcomes).toContain("stepUnderflow");
  });
});

describe("what is refused", () => {
  const refused = (options: object, error: new (...args: never[]) => Error, what: RegExp): void => {
    for (const verb of [
      () => solve(oscillator, options),
      () => gradient(oscillator, { ...options, loss: { final: (u: Point) => u.x } }),
    ]) {
      expect(verb).toThrow(error);
      expect(verb).toThrow(what);
    }
  };

  test("rules for methods that have none", () => {
    refused({ solver: fbdf(), controller: pi() }, BadOption, /controller: fbdf chooses order and length of its steps together/);
    refused({ solver: rk4({ dt: 0.01 }), controller: pi() }, BadOption, /controller: the steps of rk4 are of one length/);
    refused({ solver: rk4({ dt: 0.01 }), norm: "max" }, BadOption, /norm: the steps of rk4 are of one length/);
  });

  test("what is no rule", () => {
    refused({ controller: "pi" }, BadOption, /controller is "pi"/);
    refused({ controller: pid }, BadOption, /pid: the filter is 0\.001/);
    refused({ controller: integral }, BadOption, /integral/);
    refused({ controller: () => -1 }, BadOption, /controller: it gives -1/);
    refused({ norm: "l2" }, BadOption, /norm is "l2"/);
    refused({ norm: (e: Point) => e.x ** 2 + e.y ** 2 }, BadOption, /errors twice as large/);
    refused({ norm: (e: Point) => e.x }, BadOption, /not negative/);
    refused({ minStep: -1 }, BadOption, /minStep is -1/);
    expect(() => pid("H999" as "H211b")).toThrow(/the filter is "H999".*H211b/);
    expect(() => pid({ beta: [0.1, -0.2] })).toThrow(/sum of beta/);
    expect(() => pid({ beta: [1, 0, 0, 0] })).toThrow(/one to three/);
    expect(() => integral({ maxFactor: 0.5 })).toThrow(/maxFactor is 0\.5/);
    expect(() => pi({ minFactor: 2 })).toThrow(/minFactor is 2/);
    expect(() => pi({ safety: 0 })).toThrow(/safety is 0/);
  });

  describe("functions that cannot be read", () => {
    withoutInspector();

    test("for what they capture", () => {
      const weights = { x: 1 };
      refused({ norm: (e: Point) => Math.abs(weights.x * e.x) }, ReadError, /weights/);
      refused({ controller: (error: number) => weights.x / error }, ReadError, /weights/);
    });
  });
});
