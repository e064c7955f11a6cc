/** Solves and differentiates random closures beside the same equation with constants; after a change of what they capture, too. */
import { ConstantsChanged, gradient, odeProblem, solve } from "odegrad";

export interface Made {
  readonly rhs: (...args: never[]) => unknown;
  readonly c: () => number;
  readonly set: (k: number) => void;
}

type Vector = ArrayLike<number>;
const stated = { u0: [1], tspan: [0, 0.5] as const, p: [1.5] };
const tolerances = { rtol: 1e-9, atol: 1e-9 };
const loss = { final: (u: Vector) => u[0] };

type Outcome = readonly [isCompiled: boolean, end: number, slope: number];

function outcomeOf(problem: ReturnType<typeof odeProblem<number[], number[], unknown>>): Outcome {
  const { u, stats } = solve(problem, tolerances);
  return [stats.compiled, u.at(-1)![0], gradient(problem, { loss, vjp: "source", ...tolerances }).gradient.p![0]];
}

const known = (c: number): Outcome =>
  outcomeOf(
    odeProblem({
      ...stated,
      rhs: (u: Vector, p: Vector, _t: number, k: { c: number }) => [p[0] * k.c * u[0] * 0.25 - u[0]],
      constants: { c },
    }) as never,
  );

/** What is wrong, in words. */
export function wrongIn(make: (k: number) => Made): string[] {
  const wrong: string[] = [];
  const compare = (what: string, [compiled, ...values]: Outcome, c: number): void => {
    const [, ...right] = known(c);
    const isRight = values.every((x, i) => Math.abs(x - right[i]) <= 1e-6 * (1 + Math.abs(right[i])));
    if (!compiled || !isRight) wrong.push(`${what}: compiled ${compiled}, ${values.join(", ")} for ${right.join(", ")}`);
  };
  for (const made of [0.75, -1.25].map(make)) {
    const problem = odeProblem({ ...stated, rhs: made.rhs as never }) as never;
    const before = made.c();
    compare("before", outcomeOf(problem), before);
    made.set(0.3125);
    const after = made.c();
    try {
      const taken = outcomeOf(problem);
      if (after !== before) compare("after", taken, after);
    } catch (error) {
      if (!(error instanceof ConstantsChanged)) wrong.push(String(error));
    }
    compare("anew", outcomeOf(odeProblem({ ...stated, rhs: made.rhs as never }) as never), after);
  }
  return wrong;
}
