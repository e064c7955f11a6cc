/**
 * Gradients of differential-algebraic equations. The components that the algebraic equations determine follow the others and the
 * parameters also at the start: derivatives by what u0 says of them are zero.
 */
import { describe, expect, it } from "vitest";
import {
  checkGradient,
  gradient,
  gradientBatch,
  kvaerno5,
  ndarray,
  odeProblem,
  rodas4,
  rodas5P,
  sensitivities,
  solve,
  solveWithPullback,
  trbdf2,
  type Loss,
} from "../../../index.ts";
import { pack } from "../../../src/arrays/pack.ts";
import { adjointsThat, backendsThat } from "../../tables.ts";

interface State {
  y: number;
  z: number;
}
interface Parameters {
  k: number;
  a: number;
}

const p = { k: 1.1, a: 0.7 };

/** y = y₀ e^(-k (t - t₀)), z = a y² + sin t; M couples the rows, and neither is the algebraic equation. */
function problem({ u0 = { y: 1, z: 0.7 }, initialise }: { u0?: State; initialise?: "algebraic" } = {}) {
  return odeProblem({
    rhs(du, u, p, t) {
      const algebraic = u.z - p.a * u.y ** 2 - Math.sin(t);
      du.y = -p.k * u.y + algebraic;
      du.z = -2 * p.k * u.y - algebraic * u.y;
    },
    u0,
    tspan: [0, 2],
    p,
    massMatrix: [[1, 0], [2, 0]], // prettier-ignore
    ...(initialise && { initialise }),
  });
}

type Known = (t: number, values: readonly number[]) => State;

const solution: Known = (t, [k, a, y0, t0]) => {
  const y = y0 * Math.exp(-k * (t - t0));
  return { y, z: a * y * y + Math.sin(t) };
};

const at = [0, 0.004, 0.5, 1.3, 2];

const losses: readonly (readonly [string, Loss<State, Parameters>, (values: readonly number[]) => number])[] = [
  [
    "a sum over times",
    { at, of: (u) => u.z ** 2 + u.y },
    (values) => at.reduce((sum, t) => sum + solution(t, values).z ** 2 + solution(t, values).y, 0),
  ],
  ["the end", { final: (u) => u.z * u.y }, (values) => solution(2, values).z * solution(2, values).y],
  [
    "an integral",
    { integral: (u) => u.z },
    ([k, a, y0, t0]) => ((a * y0 ** 2) / (2 * k)) * (1 - Math.exp(-2 * k * (2 - t0))) + Math.cos(t0) - Math.cos(2),
  ],
];

const values = [p.k, p.a, 1, 0];

function differenceOf(loss: (values: readonly number[]) => number, j: number): number {
  const moved = (by: number): number => loss(values.map((x, i) => (i === j ? x + by : x)));
  const h = 1e-4;
  return (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
}

const able = adjointsThat(({ takesMass }) => takesMass === true);
const solvers = [rodas5P(), rodas4(), kvaerno5(), trbdf2()];
const ways = able.flatMap((adjoint) => solvers.map((solver) => [adjoint, solver.name, solver] as const));

describe.each(losses)("of %s", (_, loss, known) => {
  it.each(ways)("%s, %s", (adjoint, _name, solver) => {
    const rtol = solver.order < 4 ? 1e-8 : 1e-10;
    const tolerance = solver.order < 4 ? 3e-5 : 1e-6;
    const options = { loss, wrt: ["p", "u0", "t0"], adjoint, solver, rtol, atol: rtol } as const;
    const { value, gradient: by } = gradient(problem(), options);
    expect(Math.abs(value - known(values))).toBeLessThan(tolerance);
    [by.p!.k, by.p!.a, by.u0!.y, by.t0!].forEach((x, j) =>
      expect(Math.abs(x - differenceOf(known, j)), `number ${j}`).toBeLessThan(tolerance),
    );
    expect(Math.abs(by.u0!.z)).toBeLessThan(1e-12);
  });
});

it("by the end of the time span", () => {
  const { gradient: by } = gradient(problem(), { loss: { final: (u) => u.z }, wrt: ["t1"], rtol: 1e-10, atol: 1e-10 });
  expect(by.t1).toBeCloseTo(-2 * p.k * p.a * Math.exp(-4 * p.k) + Math.cos(2), 8);
});

it.each(adjointsThat(({ takesMass }) => takesMass !== true))("%s is refused", (adjoint) => {
  expect(() => gradient(problem(), { loss: losses[0][1], adjoint })).toThrow(/has a mass matrix/);
});

it("of batches are taken one by one", async () => {
  const loss = losses[1][1] as Loss;
  const alone = gradient(problem(), { loss, wrt: ["p"] });
  const own = Float64Array.from(alone.flat.p);
  const rows = pack(problem().layout.p, problem().p, "p");
  const batch = await gradientBatch(problem(), { p: ndarray(Float64Array.of(...rows, ...rows), [2, rows.length]), loss });
  expect(batch.plan.way).toBe("one by one");
  expect(batch.plan.because).toMatch(/has a mass matrix/);
  own.forEach((x, j) => expect(batch.p.get(1, j)).toBe(x));
});

it.each(backendsThat(({ programs }) => programs))("by the backend %s", (vjp) => {
  const [, loss, known] = losses[0];
  for (const solver of [rodas5P(), kvaerno5()]) {
    const { gradient: by } = gradient(problem(), { loss, vjp, solver, rtol: 1e-10, atol: 1e-10 });
    expect(Math.abs(by.p!.k - differenceOf(known, 0))).toBeLessThan(1e-6);
    expect(Math.abs(by.p!.a - differenceOf(known, 1))).toBeLessThan(1e-6);
  }
});

it("from checkpoints", () => {
  const [, loss, known] = losses[0];
  for (const solver of [rodas5P(), kvaerno5()]) {
    const { gradient: by } = gradient(problem(), {
      loss,
      adjoint: "discrete",
      solver,
      memoryBudget: 2000,
      rtol: 1e-9,
      atol: 1e-9,
    });
    expect(Math.abs(by.p!.a - differenceOf(known, 1))).toBeLessThan(1e-6);
  }
});

it("from a start that is solved for", () => {
  const [, loss, known] = losses[0];
  const guessed = problem({ u0: { y: 1, z: 5 }, initialise: "algebraic" });
  for (const adjoint of able) {
    const { gradient: by } = gradient(guessed, { loss, wrt: ["p", "u0"], adjoint, rtol: 1e-10, atol: 1e-10 });
    [by.p!.k, by.p!.a, by.u0!.y].forEach((x, j) => expect(Math.abs(x - differenceOf(known, j))).toBeLessThan(1e-6));
    expect(Math.abs(by.u0!.z)).toBeLessThan(1e-12);
  }
});

it("differences of solves from starts that are solved for agree", () => {
  const guessed = problem({ initialise: "algebraic" });
  const [, loss, known] = losses[0];
  const lossAt = (k: number, a: number): number => {
    const { u } = solve(guessed, { p: { k, a }, saveat: at, rtol: 1e-11, atol: 1e-11 });
    return u.reduce((sum, { y, z }) => sum + z ** 2 + y, 0);
  };
  const h = 1e-4;
  expect((lossAt(p.k, p.a + h) - lossAt(p.k, p.a - h)) / (2 * h)).toBeCloseTo(differenceOf(known, 1), 6);
  const { gradient: by } = gradient(guessed, { loss, rtol: 1e-10, atol: 1e-10 });
  expect(by.p!.a).toBeCloseTo(differenceOf(known, 1), 6);
});

it("a start that does not hold is refused", () => {
  expect(() => gradient(problem({ u0: { y: 1, z: 1 } }), { loss: losses[0][1] })).toThrow(/do not hold at the start/);
});

it("the plan says why the solver is implicit, and why continuous adjoints are not taken", () => {
  const { plan } = gradient(problem(), { loss: losses[0][1] });
  expect(String(plan)).toMatch(/solver: rodas5P, an implicit method, for the mass matrix/);
  expect(String(plan)).toMatch(/not gauss: its adjoint equations are those of u' = f/);
});

describe("the other verbs", () => {
  it("checkGradient finds nothing wrong", () => {
    const report = checkGradient(problem(), { loss: losses[0][1], wrt: ["p", "u0"], rtol: 1e-9, atol: 1e-9 });
    expect(String(report.passed)).toBe("true");
  });

  it.each(["dual", "forwardSensitivity"] as const)("checkGradient of %s, against a method that takes it", (adjoint) => {
    const report = checkGradient(problem(), { loss: losses[0][1], adjoint, rtol: 1e-9, atol: 1e-9 });
    expect(String(report.passed)).toBe("true");
    expect(String(report)).toMatch(new RegExp(`${adjoint} +discrete`));
  });

  it("gradient, with its check", () => {
    expect(() => gradient(problem(), { loss: losses[0][1], check: true, rtol: 1e-9, atol: 1e-9 })).not.toThrow();
  });

  it("sensitivities", () => {
    const { flat } = sensitivities(problem(), { saveat: [1], wrt: ["p"], rtol: 1e-10, atol: 1e-10 }) as unknown as {
      flat: { p: readonly Float64Array[] };
    };
    const [yk, ya, zk, za] = flat.p[0];
    const y = Math.exp(-p.k);
    [yk + y, ya, zk + 2 * p.a * y * y, za - y * y].forEach((error) => expect(Math.abs(error)).toBeLessThan(1e-7));
  });

  it("solveWithPullback", () => {
    const { pullback } = solveWithPullback(problem(), { saveat: [1], wrt: ["p"], rtol: 1e-10, atol: 1e-10 });
    const y = Math.exp(-p.k);
    const by = pullback([{ y: 0, z: 1 }]);
    expect(by.p!.k).toBeCloseTo(-2 * p.a * y * y, 7);
    expect(by.p!.a).toBeCloseTo(y * y, 7);
  });
});

describe("events and switches", () => {
  /** From t = 1 on, and from an event at 1/2, which leave the algebraic equation to be solved again. */
  const broken = (gain: number, dose: number) => {
    const y1 = (Math.exp(-gain / 2) + dose) * Math.exp(-gain / 2);
    const y = y1 * Math.exp(-2 * gain);
    return { y, z: 2 * gain * y };
  };
  const withEvents = odeProblem({
    rhs(du, u, p, t) {
      du.y = -u.z;
      du.z = u.z - p.gain * u.y * (t < 1 ? 1 : 2);
    },
    u0: { y: 1, z: 1.2 },
    tspan: [0, 2],
    p: { gain: 1.2, dose: 0.5 },
    massMatrix: { y: 1, z: 0 },
    initialise: "algebraic",
    events: { at: [0.5], apply: (u, p) => void (u.y += p.dose) },
  });

  it.each(able)("are differentiated by %s", (adjoint) => {
    for (const solver of [rodas5P(), kvaerno5()]) {
      const { value, gradient: by } = gradient(withEvents, {
        loss: { final: (u) => u.z },
        adjoint,
        solver,
        rtol: 1e-10,
        atol: 1e-10,
      });
      expect(value).toBeCloseTo(broken(1.2, 0.5).z, 7);
      const h = 1e-5;
      expect(by.p!.gain).toBeCloseTo((broken(1.2 + h, 0.5).z - broken(1.2 - h, 0.5).z) / (2 * h), 6);
      expect(by.p!.dose).toBeCloseTo((broken(1.2, 0.5 + h).z - broken(1.2, 0.5 - h).z) / (2 * h), 6);
    }
  });

  /** y falls as e^(-g t) to p.level, and is set to twice that: z = g y jumps with it. */
  const kicked = odeProblem({
    rhs(du, u, p, t) {
      du.y = -u.z;
      du.z = u.z - p.gain * u.y * (1 + 0 * t);
    },
    u0: { y: 1, z: 1.2 },
    tspan: [0, 0.8],
    p: { gain: 1.2, level: 0.5 },
    massMatrix: { y: 1, z: 0 },
    initialise: "algebraic",
    events: { when: (u, p) => u.y - p.level, direction: "down", apply: (u, p) => void (u.y = 1.5 * p.level) },
  });
  const kickedAt = (gain: number, level: number): number => {
    const t = -Math.log(level) / gain;
    return gain * 1.5 * level * Math.exp(-gain * (0.8 - t));
  };

  it.each(able)("of the state, by %s", (adjoint) => {
    const options = { loss: { final: (u: State) => u.z }, adjoint, rtol: 1e-10, atol: 1e-10 } as const;
    const { value, gradient: by } = gradient(kicked, options);
    const h = 1e-5;
    expect(value).toBeCloseTo(kickedAt(1.2, 0.5), 7);
    expect(by.p!.gain).toBeCloseTo((kickedAt(1.2 + h, 0.5) - kickedAt(1.2 - h, 0.5)) / (2 * h), 5);
    expect(by.p!.level).toBeCloseTo((kickedAt(1.2, 0.5 + h) - kickedAt(1.2, 0.5 - h)) / (2 * h), 5);
  });

  it("of the state, at which algebraic components jump, are differentiated", () => {
    const crossing = odeProblem({
      rhs(du, u, p) {
        du.y = -u.z;
        du.z = u.z - p.gain * u.y * (u.y > 0.5 ? 1 : 2);
      },
      u0: { y: 1, z: 1 },
      tspan: [0, 2],
      p: { gain: 1 },
      massMatrix: { y: 1, z: 0 },
      initialise: "algebraic",
    });
    for (const adjoint of able) {
      const { value, gradient: by } = gradient(crossing, { loss: { final: (u) => u.z }, adjoint, rtol: 1e-8, atol: 1e-8 });
      // z(2) is 4 gain exp(-4 gain).
      expect(value).toBeCloseTo(4 * Math.exp(-4), 7);
      expect(by.p!.gain).toBeCloseTo(-12 * Math.exp(-4), 6);
    }
  });

  it.each(able)("where algebraic components jump at a time that moves with parameters, by %s", (adjoint) => {
    const moving = odeProblem({
      rhs(du, u, p, t) {
        du.y = -u.z;
        du.z = u.z - u.y * (t < p.off ? 1 : 2);
      },
      u0: { y: 1, z: 1 },
      tspan: [0, 2],
      p: { off: 1 },
      massMatrix: { y: 1, z: 0 },
      initialise: "algebraic",
    });
    // y is e^(-t), and e^(off - 2 t) behind it; z is y, and 2 y.
    const known: readonly (readonly [Loss<State, { off: number }>, number, number])[] = [
      [{ final: (u) => u.z }, 2 * Math.exp(-3), 2 * Math.exp(-3)],
      [{ integral: (u) => u.z }, 1 - Math.exp(-3), -Math.exp(-3)],
      [{ integral: (u) => u.z ** 2 }, (1 - Math.exp(-2)) / 2 + Math.exp(-2) - Math.exp(-6), -Math.exp(-2) - 2 * Math.exp(-6)],
    ];
    for (const [loss, value, slope] of known) {
      const found = gradient(moving, { loss, adjoint, rtol: 1e-10, atol: 1e-10 });
      expect(found.value).toBeCloseTo(value, 7);
      expect(found.gradient.p!.off).toBeCloseTo(slope, 6);
    }
  });
});
