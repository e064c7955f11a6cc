import { expect, it } from "vitest";
import { readReference } from "../../bench/peers/run.ts";
import { gradient, vern7 } from "../../index.ts";
import { lotkaVolterra } from "../../problems/index.ts";

it("the reference of the peers is the gradient, by dual numbers and by the discrete adjoint", () => {
  const { problem } = lotkaVolterra();
  const at = Array.from({ length: 100 }, (_, i) => (i + 1) / 10);
  const loss = { at, of: (u: { prey: number; predator: number }) => (u.prey - 1) ** 2 + (u.predator - 1) ** 2 };
  const reference = readReference("lotka-volterra-gradient.txt");
  for (const adjoint of ["dual", "discrete"]) {
    const { flat, value } = gradient(problem, { loss, adjoint, solver: vern7(), rtol: 1e-12, atol: 1e-12 });
    [...flat.p!, value].forEach((x, i) => expect(x / reference[i]).toBeCloseTo(1, 9));
  }
});
