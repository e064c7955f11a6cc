/** The library at work in a page: oscillators x'' = -(k w)² x, k = 1 to N, whose solution is a cosine. */
import { evaluateBatch, gradient, ndarray, odeProblem, solve, solveBatch, tsit5 } from "odegrad";
import { report } from "./report.js";

const N = 3;

/** What minifiers rename and shadow: locals of inner blocks, destructured names, a helper of its own, a loop's counter. */
function rhs(du, { x, y }, { w: [w] }, t, { N: count, square: sq }) {
  const frequency = (k) => k * w;
  for (let i = 0; i < count; i++) {
    const w = frequency(i + 1);
    du.x[i] = y[i];
    for (let j = 0; j < 1; j++) {
      const i2 = sq(w);
      du.y[i] = -i2 * x[i + j];
    }
  }
}

const oscillators = odeProblem({
  rhs,
  u0: { x: new Float64Array(N).fill(1), y: new Float64Array(N) },
  p: { w: [2] },
  tspan: [0, 1],
  constants: { N, square: (a) => a * a },
});

async function errorOf(work) {
  try {
    await work();
  } catch (error) {
    return { name: error.name, message: error.message };
  }
}

await report(async () => {
  const javascript = await errorOf(() => solve(oscillators, { target: "javascript" }));
  const tight = { rtol: 1e-10, atol: 1e-10 };
  const solution = solve(oscillators, { ...tight, solver: tsit5() });
  const byAdjoint = (adjoint) =>
    gradient(oscillators, { ...tight, adjoint, loss: { final: ({ x }) => x[0] + x[1] + x[2] }, wrt: ["p", "u0"] }).gradient;
  const batch = await solveBatch(oscillators, { p: ndarray(Float64Array.of(1, 2), [2, 1]), device: "webgpu" });
  const evaluated = await evaluateBatch(oscillators, {
    u: ndarray(Float64Array.of(1, 1, 1, 0, 0, 0, 0, 0, 0, 5, 6, 7), [2, 2 * N]),
    device: "webgpu",
  });
  return {
    compiled: solution.stats.compiled,
    x: [...solution.u.at(-1).x],
    gradients: Object.fromEntries(["discrete", "gauss", "dual"].map((name) => [name, byAdjoint(name).p.w[0]])),
    batch: { precision: batch.precision, outcomes: batch.outcomes, u: [...batch.u.data] },
    evaluated: [...evaluated.du.data],
    javascript,
  };
});
