/** Problems with a mass matrix, stated by their residual instead. */
import { daeProblem, type OdeProblem } from "../../../index.ts";
import type { PendulumParameters, PendulumState } from "../../../problems/index.ts";

type Rhs<P> = (du: Float64Array, u: Float64Array, p: P, t: number) => void;

/** M u' − rhs of a problem whose state is a vector. */
export function residualOf<P>({ name, rhs, code, u0, p, tspan }: OdeProblem<Float64Array, P>): OdeProblem<Float64Array, P> {
  const { pattern, values } = code.mass!;
  const columns = Int32Array.from(values, (_, e) => pattern.columnPointers.findIndex((start) => start > e) - 1);
  const constants = { rhs: rhs as unknown as Rhs<P>, n: u0.length, rows: pattern.rowIndices, columns, values };
  return daeProblem<Float64Array, P, typeof constants>({
    name: `${name}Residual`,
    residual(r, du, u, parameters, t, c) {
      const f = new Float64Array(c.n);
      c.rhs(f, u, parameters, t);
      for (let i = 0; i < c.n; i++) r[i] = -f[i];
      for (let e = 0; e < c.values.length; e++) r[c.rows[e]] += c.values[e] * du[c.columns[e]];
    },
    u0,
    p,
    tspan,
    constants,
  }) as OdeProblem<Float64Array, P>;
}

export function pendulumResidual({
  u0,
  p,
  tspan,
}: OdeProblem<PendulumState, PendulumParameters>): OdeProblem<PendulumState, PendulumParameters> {
  return daeProblem({
    name: "pendulumResidual",
    residual(r, du, u, { gravity }) {
      r.x = du.x - u.vx;
      r.y = du.y - u.vy;
      r.vx = du.vx + u.tension * u.x;
      r.vy = du.vy + u.tension * u.y + gravity;
      r.tension = u.vx ** 2 + u.vy ** 2 - gravity * u.y - u.tension * (u.x ** 2 + u.y ** 2);
    },
    u0,
    p,
    tspan,
  });
}
