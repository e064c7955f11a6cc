/** Differential-algebraic equations of index one: closed forms, orders of convergence, and what is refused. */
import { describe, expect, it } from "vitest";
import {
  InconsistentInitialValues,
  IndexTooHigh,
  MassMatrixNeedsImplicit,
  MassMatrixRefused,
  fbdf,
  implicitMidpoint,
  kvaerno5,
  ndarray,
  odeProblem,
  rodas5P,
  solve,
  solveBatch,
  trbdf2,
  tsit5,
  type Method,
} from "../../../index.ts";
import { everyMethod } from "../../tables.ts";
import { integrate, prepare } from "../../../solvers/step-loop/integrate.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";

/** y = e^(-t), z = y² + sin t, and w of an equation that M couples: y' + w' = f. */
const closedForm = (t: number): number[] => [Math.exp(-t), Math.exp(-2 * t) + Math.sin(t), 2 * Math.exp(-t) + t];

function coupled(initialise?: "algebraic", u0 = { y: 1, z: 1, w: 2 }) {
  return odeProblem({
    name: "coupled",
    rhs(du, u, _p, t) {
      // By the rows of M: y', the algebraic one, y' + w'.
      du.y = -u.y + (u.z - u.y * u.y - Math.sin(t));
      du.z = u.z * u.y - u.y ** 3 - u.y * Math.sin(t);
      du.w = 1 - 3 * u.y;
    },
    u0,
    tspan: [0, 2],
    massMatrix: [[1, 0, 0], [0, 0, 0], [1, 0, 1]], // prettier-ignore
    ...(initialise && { initialise }),
  });
}

/** Largest errors at the end and, a quarter, a half and three quarters on in each step, of the dense output. */
function errors(method: Method, steps: number): { end: number; dense: number } {
  const h = 2 / steps;
  const trajectory = integrate(prepare(systemOf(coupled().code)!, method, { target: "javascript" }), {
    u0: Float64Array.of(1, 1, 2),
    p: new Float64Array(0),
    t0: 0,
    t1: 2,
    rtol: 1e-12,
    atol: 1e-12,
    dense: true,
    fixedStep: h,
  });
  expect(trajectory.result.kind).toBe("success");
  const out = new Float64Array(3);
  const errorOf = (u: Float64Array, t: number): number => Math.max(...closedForm(t).map((exact, i) => Math.abs(u[i] - exact)));
  const dense = Array.from({ length: 4 * steps }, (_, k) => {
    const t = (k / 4) * h;
    trajectory.dense!.interpolate(t, out);
    return errorOf(out, t);
  });
  return { end: errorOf(trajectory.final, 2), dense: Math.max(...dense) };
}

const taking = everyMethod(0.01).filter(({ family, name }) => family.takesMass && name !== "implicitMidpoint");

describe.each(taking)("$name", (method) => {
  // For methods of variable order, steps of one length begin with the lowest: see test/solvers/families/bdf.test.ts.
  const itsOrder = "strictness" in (method.tableau as object) ? undefined : it;
  itsOrder?.("has its order in all components", () => {
    // Of a high order steps that iterations converge in err by rounding alone.
    const isHigh = method.order > 7;
    const steps = isHigh ? 16 : 40;
    const [coarse, fine] = [errors(method, steps), errors(method, 2 * steps)];
    if (isHigh) expect(Math.max(coarse.end, fine.end)).toBeLessThan(1e-13);
    else expect(Math.log2(coarse.end / fine.end)).toBeGreaterThan(method.order - 0.6);
    // What M gives no derivative of is interpolated to order three, or four, at most.
    const denseOrder = method.name === "rodas3" ? 2 : Math.min(method.order, 3);
    expect(Math.log2(coarse.dense / fine.dense)).toBeGreaterThan(denseOrder - 0.5);
  });

  if (method.dt === undefined)
    it("is as accurate as it is asked to be, from the first step on", () => {
      const solution = solve(coupled(), { solver: method, rtol: 1e-7, atol: 1e-7 });
      const times = [solution.t[1] / 2, 0.3, 1, 1.7, 2];
      for (const t of times) {
        const { y, z, w } = solution.at(t);
        const exact = closedForm(t);
        [y, z, w].forEach((x, i) => expect(Math.abs(x - exact[i])).toBeLessThan(1e-4));
      }
    });
});

it("the algebraic equations hold at every step's end", () => {
  for (const solver of [rodas5P(), kvaerno5(), fbdf()]) {
    const { u, t } = solve(coupled(), { solver, rtol: 1e-8, atol: 1e-8 });
    u.forEach(({ y, z }, k) => expect(Math.abs(z - y * y - Math.sin(t[k]))).toBeLessThan(1e-7));
  }
});

it("a regular matrix is that of an ordinary problem with its inverse", () => {
  const [a, b, c, d] = [2, 1, -1, 3];
  const massive = odeProblem({
    rhs: (u: number[], _p, t) => [-u[0] + t, u[0] * u[1]],
    u0: [1, 0.5],
    tspan: [0, 1],
    massMatrix: [[a, b], [c, d]], // prettier-ignore
  });
  const plain = odeProblem({
    rhs(u: number[], _p, t) {
      const [f, g] = [-u[0] + t, u[0] * u[1]];
      return [(3 * f - g) / 7, (f + 2 * g) / 7];
    },
    u0: [1, 0.5],
    tspan: [0, 1],
  });
  const expected = solve(plain, { rtol: 1e-11, atol: 1e-12 }).states.at(-1)!;
  for (const solver of [rodas5P(), kvaerno5(), trbdf2(), fbdf()]) {
    const end = solve(massive, { solver, rtol: 1e-9, atol: 1e-10, maxStep: solver.order < 3 ? 1e-3 : Infinity }).states.at(-1)!;
    end.forEach((x, i) => expect(Math.abs(x - expected[i])).toBeLessThan(1e-6));
  }
});

it("a sparse one, of a chain with as many constraints as there are equations", () => {
  const n = 60;
  // x[i]' = y[i] - x[i], 0 = y[i] + (y[i - 1] + y[i + 1])/4 - x[i]: of the longest waves, y = x/1.5 to begin with.
  const problem = odeProblem({
    rhs(du, u, _p, _t, { n }: { n: number }) {
      for (let i = 0; i < n; i++) {
        du.x[i] = u.y[i] - u.x[i];
        du.y[i] = u.y[i] + 0.25 * u.y[(i + 1) % n] + 0.25 * u.y[(i + n - 1) % n] - u.x[i];
      }
    },
    u0: { x: Float64Array.from({ length: n }, () => 1.5), y: new Float64Array(n).fill(1) },
    tspan: [0, 3],
    constants: { n },
    massMatrix: { x: 1, y: 0 },
  });
  for (const solver of [rodas5P(), kvaerno5(), fbdf()]) {
    const { x, y } = solve(problem, { solver, rtol: 1e-9, atol: 1e-9 }).u.at(-1)!;
    for (let i = 0; i < n; i++) {
      expect(x[i]).toBeCloseTo(1.5 * Math.exp(-1), 7);
      expect(y[i]).toBeCloseTo(Math.exp(-1), 7);
    }
  }
});

it("a function that cannot be read", () => {
  const rate = { value: 1 };
  const problem = odeProblem({
    rhs: (u: number[]) => [-rate.value * u[0] + 0 * JSON.stringify(u).length, u[1] - u[0] ** 2],
    u0: [1, 1],
    tspan: [0, 1],
    massMatrix: [1, 0],
  });
  const solution = solve(problem, { rtol: 1e-8, atol: 1e-8 });
  expect(solution.stats.compiled).toBe(false);
  expect(solution.u.at(-1)![0]).toBeCloseTo(Math.exp(-1), 7);
  expect(solution.u.at(-1)![1]).toBeCloseTo(Math.exp(-2), 7);
});

it("backwards in time", () => {
  const end = closedForm(2);
  const u0 = { y: end[0], z: end[1], w: end[2] };
  for (const solver of [rodas5P(), kvaerno5(), fbdf()]) {
    const { y, z, w } = solve(coupled(undefined, u0), { solver, tspan: [2, 0], rtol: 1e-9, atol: 1e-9 }).u.at(-1)!;
    [y, z, w].forEach((x, i) => expect(x).toBeCloseTo(closedForm(0)[i], 6));
  }
});

describe("methods", () => {
  it("without a name: rodas5P", () => expect(solve(coupled()).stats && solve(coupled()).solver).toBe("rodas5P"));

  it.each(everyMethod(0.01).filter(({ family }) => !family.implicit))("$name is refused", (solver) => {
    expect(() => solve(coupled(), { solver })).toThrow(MassMatrixNeedsImplicit);
    expect(() => solve(coupled(), { solver })).toThrow(/Take an implicit method: solver: rodas5P\(\)/);
  });

  it("implicitMidpoint, whose steps end where the equations need not hold, is refused", () => {
    expect(() => solve(coupled(), { solver: implicitMidpoint({ dt: 0.01 }) })).toThrow(MassMatrixRefused);
  });

  it("of a family that does not say that it takes mass matrices are refused", () => {
    const method = rodas5P();
    const other = { ...method, name: "other", family: { ...method.family, takesMass: undefined } };
    expect(() => solve(coupled(), { solver: other })).toThrow(MassMatrixRefused);
  });

  it("explicit ones of batches are refused", async () => {
    const u0 = ndarray(Float64Array.of(1, 1, 2), [1, 3]);
    await expect(solveBatch(coupled(), { u0, solver: tsit5() })).rejects.toThrow(/mass matrix/);
  });
});

describe("initial values", () => {
  it("that do not hold are refused, by the equation, its residual and the component that would change", () => {
    const start = coupled(undefined, { y: 1, z: 1.5, w: 2 });
    expect(() => solve(start)).toThrow(InconsistentInitialValues);
    expect(() => solve(start)).toThrow(
      /coupled: .* at the start, t = 0: that of z is 0.5, not 0.*initialise: "algebraic".*z from 1.5 to 1/s,
    );
  });

  it("that hold within the tolerances are taken", () => {
    const start = coupled(undefined, { y: 1, z: 1 + 1e-9, w: 2 });
    expect(solve(start, { rtol: 1e-6 }).u.at(-1)!.z).toBeCloseTo(closedForm(2)[1], 5);
    expect(() => solve(start, { rtol: 1e-12, atol: 1e-12 })).toThrow(InconsistentInitialValues);
  });

  it("are solved for where the problem asks for it; the others stay", () => {
    const { u } = solve(coupled("algebraic", { y: 1, z: -7, w: 2 }), { rtol: 1e-9, atol: 1e-9 });
    expect(u[0].y).toBe(1);
    expect(u[0].z).toBeCloseTo(1, 12);
    expect(u[0].w).toBe(2);
    expect(u.at(-1)!.z).toBeCloseTo(closedForm(2)[1], 7);
  });

  it("of equations that M couples are named by those of their rows", () => {
    const problem = odeProblem({
      rhs: (u: number[]) => [-u[0], u[0] - u[1] + 1],
      u0: [1, 1],
      tspan: [0, 1],
      massMatrix: [[1, 1], [1, 1]], // prettier-ignore
    });
    expect(() => solve(problem)).toThrow(/what the mass matrix leaves out of those of du\[0\], du\[1\]/);
  });

  it("for which Newton's iterations find nothing are refused", () => {
    const problem = odeProblem({
      rhs: (u: number[]) => [-u[0], u[1] ** 2 + 1 + u[0]],
      u0: [1, 3],
      tspan: [0, 1],
      massMatrix: [1, 0],
      initialise: "algebraic",
    });
    expect(() => solve(problem)).toThrow(InconsistentInitialValues);
    expect(() => solve(problem)).toThrow(/Newton's iterations found no values at the start/);
  });

  it("of a pendulum in Cartesian coordinates, of index 3 and of index 2, are refused", () => {
    const pendulum = (constraint: 2 | 3) =>
      odeProblem({
        name: "pendulum",
        rhs(du, u, _p, _t, { constraint }: { constraint: number }) {
          du.x = u.vx;
          du.y = u.vy;
          du.vx = -u.tension * u.x;
          du.vy = -u.tension * u.y - 9.81;
          du.tension = constraint === 3 ? u.x ** 2 + u.y ** 2 - 1 : u.x * u.vx + u.y * u.vy;
        },
        u0: { x: 1, y: 0, vx: 0, vy: 0, tension: 0 },
        tspan: [0, 1],
        constants: { constraint },
        massMatrix: { x: 1, y: 1, vx: 1, vy: 1, tension: 0 },
      });
    for (const index of [3, 2] as const) {
      expect(() => solve(pendulum(index))).toThrow(IndexTooHigh);
      expect(() => solve(pendulum(index))).toThrow(/index higher than one.*do not determine tension/s);
    }
  });

  it("whose equations determine nothing but for rounding are refused", () => {
    // 0.1 + 0.2 is not 0.3 for a computer, and the two equations are one.
    const problem = odeProblem({
      rhs: (u: number[]) => [-u[0], (0.1 + 0.2) * u[1] - u[2] - u[0], 0.3 * u[1] - u[2] - u[0]],
      u0: [1, 10, 2],
      tspan: [0, 1],
      massMatrix: [1, 0, 0],
      initialise: "algebraic",
    });
    expect(() => solve(problem)).toThrow(IndexTooHigh);
  });
});

describe("events and switches", () => {
  const switched = (initialise?: "algebraic") =>
    odeProblem({
      rhs(du, u, _p, t) {
        du.y = -u.z;
        du.z = u.z - u.y * (t < 1 ? 1 : 2);
      },
      u0: { y: 1, z: 1 },
      tspan: [0, 2],
      massMatrix: { y: 1, z: 0 },
      ...(initialise && { initialise }),
    });

  it("at which algebraic equations change are refused, or solved for again", () => {
    expect(() => solve(switched())).toThrow(/after the right-hand side switches at t = 1.*that of z is -/s);
    const { y, z } = solve(switched("algebraic"), { rtol: 1e-9, atol: 1e-9 }).u.at(-1)!;
    expect(y).toBeCloseTo(Math.exp(-3), 7);
    expect(z).toBeCloseTo(2 * Math.exp(-3), 7);
  });

  it("that change the state are refused, or the rest of it solved for again", () => {
    const dosed = (initialise?: "algebraic") =>
      odeProblem({
        rhs(du, u) {
          du.y = -u.z;
          du.z = u.z - u.y;
        },
        u0: { y: 1, z: 1 },
        tspan: [0, 2],
        massMatrix: { y: 1, z: 0 },
        events: { at: [1], apply: (u) => void (u.y += 1) },
        ...(initialise && { initialise }),
      });
    expect(() => solve(dosed())).toThrow(/after the event at t = 1/);
    const { y, z } = solve(dosed("algebraic"), { rtol: 1e-9, atol: 1e-9 }).u.at(-1)!;
    expect(y).toBeCloseTo(Math.exp(-2) + Math.exp(-1), 7);
    expect(z).toBeCloseTo(y, 8);
  });
});
