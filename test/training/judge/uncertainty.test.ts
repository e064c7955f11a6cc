/** What derivatives that are not finite say of parameters: nothing. */
import { expect, it } from "vitest";
import { fit, levenbergMarquardt, observations } from "../../../training/index.ts";
import { odeProblem } from "../../../src/problem/problem.ts";
import { uncertaintyOf } from "../../../training/judge/uncertainty.ts";

it.each([NaN, Infinity, -Infinity])("a Jacobian with %f in it has no covariance, and names no direction", (wrong) => {
  const { covariance, unseen } = uncertaintyOf(new Float64Array(3), Float64Array.of(1, 0, 0, wrong, 1, 1), 2);
  expect([...covariance]).toEqual([NaN, NaN, NaN, NaN]);
  expect(unseen).toEqual([]);
});

it("a best fit without derivatives has no standard errors, and says so", async () => {
  const still = odeProblem({ rhs: () => ({ x: 0 }), u0: { x: 1 }, tspan: [0, 1], p: {} });
  const data = observations<{ x: number }>({ t: [0, 1], values: { far: [1, 3] }, of: { far: (u) => Math.sqrt(u.x) }, sigma: 1 });
  const inner = levenbergMarquardt();
  // It ends where the root has no slope.
  const optimiser = {
    ...inner,
    step: () => Promise.resolve({ x: Float64Array.of(0), value: 5, finished: "there", converged: true }),
  };
  const { parameters, warnings } = await fit(still, data, { initial: { x: { bounds: [-1, 9] } }, optimiser });
  expect(parameters[0].standardError).toBeNaN();
  expect(warnings).toEqual([
    expect.stringMatching(
      /^There are no standard errors, for want of derivatives at the best fit\. BadPrediction: The observable "far" has no finite derivative at t = 0/,
    ),
  ]);
});
