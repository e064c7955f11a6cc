/** Gradients of batches by implicit methods: by kernels the same as of each trajectory alone. */
import { describe, expect, test } from "vitest";
import {
  gradient,
  gradientBatch,
  kenCarp4,
  ndarray,
  odeProblem,
  rodas4,
  rodas5P,
  type Loss,
  type Method,
  type OdeProblem,
} from "../../../index.ts";

type Vectors = OdeProblem<number[], number[]>;

const robertson = odeProblem({
  name: "robertson",
  rhs(du: number[], u: number[], p: number[]) {
    const [r1, r2, r3] = [p[0] * u[0], p[1] * u[1] * u[1], p[2] * u[1] * u[2]];
    du[0] = -r1 + r3;
    du[1] = r1 - r2 - r3;
    du[2] = r2;
  },
  u0: [1, 0, 0],
  p: [0.04, 3e7, 1e4],
  tspan: [0, 100],
});

/** Stiff diffusion along a chain that is moved at one end: up to four components are written out, more are loops. */
function chain(n: number): Vectors {
  return odeProblem({
    name: `chain of ${n}`,
    rhs(du: number[], u: number[], p: number[], t: number, { n }: { n: number }) {
      for (let i = 0; i < n; i++) {
        const before = i > 0 ? u[i - 1] : Math.sin(t);
        const behind = i < n - 1 ? u[i + 1] : 0;
        du[i] = p[0] * (before - 2 * u[i] + behind) - p[1] * u[i] ** 3;
      }
    },
    u0: Array.from({ length: n }, (_, i) => 0.1 * (i + 1)),
    p: [50, 1.3],
    tspan: [0, 2],
    constants: { n },
  }) as Vectors;
}

const final = { final: (u: number[]) => u[0] + 10 * u[1] };
const within = { at: [0, 0.37, 1, 2], of: (u: number[], p: number[], t: number) => u[1] ** 2 + t * u[0] + 1e-3 * p[0] * u[0] };

const problems: readonly Vectors[] = [robertson as Vectors, chain(5), chain(8)];
const solvers: readonly Method[] = [rodas5P(), rodas4()];
const losses: Readonly<Record<string, Loss<number[], number[]>>> = { "the end": final, "times within": within };
const M = 7;

describe.each(solvers)("$name", (solver) => {
  describe.each(problems)("$name", (problem) => {
    test.each(Object.entries(losses))("a loss of %s: each row is the gradient of its trajectory", async (_, loss) => {
      const options = { solver, loss, rtol: 1e-11, atol: 1e-14 };
      const [n, np] = [problem.layout.u.size, problem.layout.p.size];
      const rowsOf = (values: readonly number[]) => Array.from({ length: M }, (_, m) => values.map((x) => x * (0.5 + m / M)));
      const [p, u0] = [problem.p, problem.u0].map((values) => rowsOf(values as number[]));
      const found = await gradientBatch(problem, {
        ...options,
        p: ndarray(Float64Array.from(p.flat()), [M, np]),
        u0: ndarray(Float64Array.from(u0.flat()), [M, n]),
      });
      expect(`${found.plan.way} by ${found.plan.adjoint}`).toBe("lanes by discrete");
      expect(found.succeeded).toBe(M);
      for (const m of [0, 3, 6]) {
        const one = gradient(problem, { ...options, p: p[m], u0: u0[m], adjoint: "discrete", wrt: ["p", "u0"] });
        expect(Math.abs(found.values[m] / one.value - 1)).toBeLessThan(1e-11);
        one.gradient.p.forEach((x, i) => expect(Math.abs(found.p.get(m, i) / x - 1)).toBeLessThan(1e-9));
        const size = Math.hypot(...one.gradient.u0);
        one.gradient.u0.forEach((x, i) => expect(Math.abs(found.u0.get(m, i) - x) / size).toBeLessThan(1e-9));
      }
    });
  });
});

const refused = {
  "another family": { problem: chain(3), solver: kenCarp4() },
  "more components": { problem: chain(9), solver: rodas5P() },
};

test.each(Object.entries(refused))("%s: one by one, and the plan says why", async (_, { problem, solver }) => {
  const { plan, p } = await gradientBatch(problem, { solver, loss: final, tspan: ndarray([0, 1, 0, 2], [2, 2]) });
  expect(plan.way).toBe("one by one");
  expect(plan.because).toMatch(/takes other steps than explicit ones and those of Rosenbrock methods \(of up to 8 components/);
  expect(p.every((x) => Number.isFinite(x))).toBe(true);
});
