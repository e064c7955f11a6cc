/** The parts of a loss as programs, each read and derived once for its content; what cannot be read runs by itself. */
import { memo } from "../../src/core/memo.ts";
import { checkValueAgreement } from "../../src/problem/comparison.ts";
import type { Program } from "../../src/ir/ir.ts";
import { pack } from "../../src/arrays/pack.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { Operator } from "../../src/problem/operator.ts";
import { operators } from "../../src/problem/operators.ts";
import type { Inputs, PlainFunction, PlainOperator } from "../../src/problem/plain-operator.ts";
import { pointsFrom } from "../../src/problem/points.ts";
import type { Layout } from "../../src/arrays/layout.ts";
import { placesInSeries, seriesLayout } from "./series.ts";
import type { Loss } from "../../src/problem/problem.ts";
import type { LossContext, LossPart, LossReading, PartName, PlainPart } from "./part.ts";
import { tracedPart } from "./traced.ts";
import { isTraceable } from "../../src/tape/traced-program.ts";

const FUNCTIONS = { sum: "of", integral: "integral", final: "final", steady: "steady", all: "all" } as const satisfies Record<
  PartName,
  keyof Loss
>;

const NAMES = ["sum", "integral", "final", "steady", "all"] as const satisfies readonly PartName[];

export interface ReadLoss {
  readonly parts: Readonly<Partial<Record<PartName, LossPart>>>;
  readonly plain: Readonly<Partial<Record<PartName, PlainPart>>>;
  /** Held. */
  readonly readings: readonly LossReading[];
}

/** Throws ReadError for text that can be neither read nor traced, Disagreement where a part depends on more than its arguments. */
export function readLoss(loss: Loss, context: LossContext): ReadLoss {
  const parts: Partial<Record<PartName, LossPart>> = {};
  const plain: Partial<Record<PartName, PlainPart>> = {};
  const readings: LossReading[] = [];
  try {
    for (const [name, operator] of operatorsOf(loss, context)) {
      const { part, reading } = readPart(operator);
      parts[name] = part;
      plain[name] = plainPart(operator);
      readings.push(reading);
    }
    return { parts, plain, readings };
  } catch (error) {
    for (const reading of readings) reading.release();
    throw error;
  }
}

/** The user's own functions, of each part that there is. */
export function plainParts(loss: Loss, context: LossContext): Partial<Record<PartName, PlainPart>> {
  return Object.fromEntries(operatorsOf(loss, context).map(([name, operator]) => [name, plainPart(operator)]));
}

function operatorsOf(loss: Loss, context: LossContext): [PartName, Operator][] {
  return NAMES.flatMap((name): [PartName, Operator][] => {
    const key = FUNCTIONS[name];
    const fn = loss[key] as PlainFunction | undefined;
    if (!fn) return [];
    const spaces = name === "all" ? { ...context.layout, series: seriesOf(loss, context) } : context.layout;
    const points = pointsOf(name, loss, context);
    return [
      [
        name,
        new Operator(operators[key], { fn, name: `loss.${key}`, spaces, constants: loss.constants, points, data: "numbers" }),
      ],
    ];
  });
}

function plainPart(operator: PlainOperator): PlainPart {
  return (u, p, scalars) => operator.number([u, p, ...scalars]);
}

/** With its reading held. */
function readPart(operator: Operator): { readonly part: LossPart; readonly reading: LossReading } {
  operator.hold();
  try {
    return { part: partOf(operator.program(), operator), reading: operator };
  } catch (error) {
    operator.release();
    if (!isTraceable(error)) throw error;
    const traced = tracedPart(operator, error);
    traced.reading.hold();
    return traced;
  }
}

const partOf = memo(
  (value: Program, operator: Operator): LossPart => {
    checkValueAgreement(
      value,
      operator.points().map((inputs) => ({
        args: inputs,
        plain: (moved) => operator.number(moved ? [moved, ...inputs.slice(1)] : inputs),
        isMadeUp: true,
      })),
    );
    return { value, gradient: derivativesOf(value).vjp(["u", "p"]) };
  },
  { by: (value) => [value] },
);

function seriesOf({ at = [] }: Loss, { layout }: LossContext): Layout {
  return seriesLayout(layout.u, at.length);
}

/** Made once they are needed. */
function pointsOf(name: PartName, { at = [] }: Loss, { layout, tspan, u0, p }: LossContext): () => readonly Inputs[] {
  return memo(() => {
    const points = pointsFrom({ u0: pack(layout.u, u0, "u0"), p: pack(layout.p, p, "p"), tspan });
    return points.map(({ u, p, t }, k): Inputs => {
      if (name === "final" || name === "steady") return [u, p];
      if (name === "all") return [inSeries(layout.u, at.length, u), p];
      if (name === "integral") return [u, p, t];
      const i = Math.min(Math.floor((k * at.length) / 2), at.length - 1);
      return [u, p, at[i], i];
    });
  });
}

/** As many states, which grow a little from each to the next. */
function inSeries(layout: Layout, count: number, u: Float64Array): Float64Array {
  const indices = Int32Array.from({ length: count }, (_, k) => k);
  return Float64Array.from(
    placesInSeries(layout, indices, u.length),
    (place) => u[place % u.length] * (1 + 0.01 * Math.floor(place / u.length)),
  );
}
