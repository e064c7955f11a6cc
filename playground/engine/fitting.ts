/** Data, and fits to them that tell of every iteration. */
import { ownLayout } from "../../src/arrays/layout.ts";
import { pack } from "../../src/arrays/pack.ts";
import { remake, type OdeProblem } from "../../src/problem/problem.ts";
import { fromCsv } from "../../training/data/csv.ts";
import { observations, type Observations } from "../../training/data/observations.ts";
import { fit } from "../../training/fit.ts";
import { levenbergMarquardt } from "../../training/optimisers/levenberg-marquardt.ts";
import type { Iterate, Optimiser } from "../../training/optimisers/optimiser.ts";
import { formatNumber } from "../../plot/numbers.ts";
import type { FitProgress, Fitted, Setting, Table } from "../shared/protocol.ts";
import { optionsOf } from "./model.ts";
import { solved } from "./solving.ts";

/** Text is handed over in parts, between which the page hears of it. */
const PART = 2 ** 18;

/** Throws BadData. */
export async function tableOf(csv: string, onPart: () => void): Promise<Table> {
  const { t, values } = await fromCsv(inParts(csv, onPart));
  const lists = Object.entries(values).map(([name, list]) => [name, Float64Array.from(list)] as const);
  return { t: Float64Array.from(t), values: Object.fromEntries(lists) };
}

function* inParts(text: string, onPart: () => void): Generator<string> {
  for (let start = 0; start < text.length; start += PART) {
    yield text.slice(start, start + PART);
    onPart();
  }
}

export function observed({ t, values }: Table): Observations {
  return observations({ t, values });
}

type Point = Pick<FitProgress, "p" | "u0">;

interface FitAsked extends Setting {
  readonly table: Table;
  /** Fit the initial state too. */
  readonly initial: boolean;
}

export async function fitted(problem: OdeProblem, asked: FitAsked, onProgress: (progress: FitProgress) => void): Promise<Fitted> {
  const { p, u0, ...settings } = optionsOf(problem, asked);
  const start = remake(problem, { ...(p !== undefined && { p }), ...(u0 !== undefined && { u0 }) });
  const u = ownLayout(problem.layout.u);
  const flat = { p: pack(problem.layout.p, start.p, "p"), u0: pack(u, start.u0, "u0") };
  const pointOf = (x: Float64Array): Point => ({
    p: [...x.subarray(0, flat.p.length)],
    u0: [...(asked.initial ? x.subarray(flat.p.length) : flat.u0)],
  });
  let iteration = 0;
  const optimiser = watched(levenbergMarquardt(), ({ x, value }) => {
    const point = pointOf(x);
    onProgress({ iteration: iteration++, misfit: value, ...point, curves: solved(problem, { ...asked, ...point }, () => {}) });
  });
  const result = await fit(start, observed(asked.table), {
    ...settings,
    optimiser,
    ...(asked.initial && { initial: Object.fromEntries(namesIn(start.u0).map((name) => [name, true as const])) }),
  });
  return {
    iteration: result.course.iterations,
    misfit: result.value,
    p: [...pack(problem.layout.p, result.p, "p")],
    u0: [...pack(u, result.u0, "u0")],
    rows: result.parameters.map(({ name, of, value, standardError, atBound }) => ({
      name: of === "p" ? name : `${name} at the start`,
      value,
      error: standardError,
      note: atBound ? `at its ${atBound} bound` : "",
    })),
    converged: result.converged,
    ended: result.course.ended,
    optimiser: result.course.optimiser,
    observations: result.residuals.length,
    warnings: [
      ...Object.entries(result.sigma).map(([name, sigma]) => `The data of ${name} scatter by ${formatNumber(sigma)}.`),
      ...result.warnings,
    ],
  };
}

function namesIn(value: unknown): string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

/** The same optimiser, which tells where it is. */
function watched<S extends Iterate>(optimiser: Optimiser<S>, tell: (state: S) => void): Optimiser<S> {
  const told = (state: S): S => {
    tell(state);
    return state;
  };
  return {
    name: optimiser.name,
    begin: async (objective, x) => told(await optimiser.begin(objective, x)),
    step: async (objective, state) => told(await optimiser.step(objective, state)),
  };
}
