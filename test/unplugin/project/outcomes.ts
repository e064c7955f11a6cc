/** Solves and differentiates every model. */
import { gradient, solve } from "odegrad";
import { changed } from "./changing.ts";
import { cases } from "./models.ts";

export interface Outcome {
  readonly compiled?: boolean;
  readonly u?: readonly number[];
  readonly value?: number;
  readonly gradient?: readonly number[];
  readonly error?: string;
}

function flat(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (ArrayBuffer.isView(value)) return [...(value as Float64Array)];
  const { data } = value as { data?: Float64Array };
  return data ? [...data] : Object.values(value as object).flatMap(flat);
}

/** `part`: of so many, as pages have memory for about a hundred compiled programs at once. */
export function outcomes(part = 0, parts = 1): { models: Record<string, Outcome>; changed: ReturnType<typeof changed> } {
  const models: Record<string, Outcome> = {};
  const all = Object.entries(cases);
  for (const [name, { problem, loss }] of all.filter((_, k) => k % parts === part)) {
    try {
      const tolerances = { rtol: 1e-8, atol: 1e-8 };
      const { u, stats } = solve(problem, tolerances);
      const { value, gradient: slopes } = gradient(problem, { loss: loss as never, wrt: ["p"], vjp: "source", ...tolerances });
      models[name] = { compiled: stats.compiled, u: flat(u.at(-1)), value, gradient: flat(slopes.p) };
    } catch (error) {
      models[name] = { error: String(error) };
    }
  }
  return { models, changed: changed() };
}
