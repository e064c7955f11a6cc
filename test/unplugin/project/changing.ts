/** A variable that changes between calls. */
import { ConstantsChanged, odeProblem, solve } from "odegrad";

export function changed(): { before: number; refused: boolean; after: number } {
  let k = 2;
  const made = (): ReturnType<typeof odeProblem> =>
    odeProblem({ rhs: (u: ArrayLike<number>) => [-k * u[0]], u0: [1], tspan: [0, 1], p: [] }) as never;
  const problem = made();
  const end = (of: typeof problem): number => (solve(of, { rtol: 1e-9, atol: 1e-9 }).u.at(-1) as never as number[])[0];
  const before = end(problem);
  k = 3;
  let refused = false;
  try {
    end(problem);
  } catch (error) {
    refused = error instanceof ConstantsChanged;
  }
  return { before, refused, after: end(made()) };
}
