/** A fresh process's first gradient: prints the seconds from the import of the library to the gradient of Lotka-Volterra. */
const start = performance.now();
const { odeProblem, gradient } = await import("../../index.ts");

const problem = odeProblem({
  rhs(du, u, p) {
    du.prey = p.a * u.prey - p.b * u.prey * u.predator;
    du.predator = p.d * u.prey * u.predator - p.c * u.predator;
  },
  u0: { prey: 1, predator: 1 },
  tspan: [0, 10],
  p: { a: 1.5, b: 1, c: 3, d: 1 },
});
gradient(problem, { loss: { final: (u) => u.prey + u.predator }, wrt: ["p"] });
console.log((performance.now() - start) / 1e3);
