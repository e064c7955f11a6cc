/** Standard errors beside outliers are what estimates spread by. */
import { expect, it } from "vitest";
import { odeProblem } from "../../index.ts";
import { normals, uniforms } from "../../src/core/random.ts";
import { fit, observations } from "../../training/index.ts";

const place = odeProblem({ rhs: () => ({ x: 0 }), u0: (p: { m: number }) => ({ x: p.m }), tspan: [0, 1], p: { m: 0 } });
const n = 40;
const t = Array.from({ length: n }, (_, i) => i / n);

/** The standard deviation of estimates of a place, and the mean of their standard errors, of so many data sets with such a part of outliers. */
async function compared(part: number, sets: number): Promise<{ spread: number; told: number }> {
  const [normal, uniform] = [normals(17), uniforms(23)];
  let [square, told] = [0, 0];
  for (let k = 0; k < sets; k++) {
    const x = t.map(() => (uniform() < part ? 10 : 1) * normal());
    const { p, standardErrors } = await fit(place, observations({ t, values: { x }, noise: "huber", sigma: 1 }));
    square += p.m ** 2 / sets;
    told += standardErrors.m / sets;
  }
  return { spread: Math.sqrt(square), told };
}

it.each([0, 0.1, 0.3])("with a part of %f of them", async (part) => {
  const { spread, told } = await compared(part, 400);
  // The spread of 400 is known to 3.5 %.
  expect(told / spread).toBeGreaterThan(0.88);
  expect(told / spread).toBeLessThan(1.12);
});

it("and at least those of normal noise", async () => {
  const { standardErrors } = await fit(place, observations({ t, values: { x: t.map(() => 0.25) }, noise: "huber", sigma: 1 }));
  expect(standardErrors.m).toBeCloseTo(Math.sqrt(1 / 0.95 / n), 6);
});
