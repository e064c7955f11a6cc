/** Pages may forbid code made from strings; the library then works through WebAssembly. */
import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";

it("solves and derives a problem with ndarrays where `new Function` is forbidden", () => {
  const script = `
    import { gradient, matmul, ndarray, odeProblem, solve } from ${JSON.stringify(pathToFileURL("dist/index.js").href)};
    try { new Function("return 1"); throw new TypeError("not forbidden"); } catch (error) { if (!(error instanceof EvalError)) throw error; }
    const problem = odeProblem({
      rhs: (u, p) => matmul(p, u),
      u0: ndarray(new Float64Array([1, 2]), [2, 1]),
      tspan: [0, 1],
      p: ndarray(new Float64Array([-1, 0, 0, -2]), [2, 2]),
    });
    const options = { rtol: 1e-9, atol: 1e-9 };
    const { value, gradient: g } = gradient(problem, { ...options, loss: { final: (u) => u.get(0, 0) } });
    console.log(JSON.stringify([solve(problem, options).u.at(-1).get(1, 0), value, g.p.get(0, 0)]));
  `;
  const flags = ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", script];
  const printed = execFileSync(process.execPath, flags, { encoding: "utf8" });
  const [second, value, slope] = JSON.parse(printed) as [number, number, number];
  expect(second).toBeCloseTo(2 * Math.exp(-2), 8);
  expect(value).toBeCloseTo(Math.exp(-1), 8);
  expect(slope).toBeCloseTo(Math.exp(-1), 7);
});
