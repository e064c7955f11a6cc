/** The parts of a loss as programs, each read and derived once for its content; what cannot be read runs by itself. */
import { called } from "../../src/operations/calling.ts";
import { checkValueAgreement } from "../../src/problem/comparison.ts";
import { pack } from "../../src/arrays/pack.ts";
import { view } from "../../src/arrays/view.ts";
import { keptWith } from "../../src/problem/code.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { PlainCall } from "../../src/operations/definitions.ts";
import { requireReadRight } from "../../src/read/misreading.ts";
import { pointsFrom } from "../../src/problem/points.ts";
import type { Loss } from "../../src/problem/problem.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { Samples } from "../../src/read/constants/bindings.ts";
import { readingOf, type Reading, type ReadParameter } from "../../src/read/index.ts";
import type { LossContext, LossPart, LossReading, PartName, PlainPart } from "./part.ts";
import { tracedPart, type TracedRequest } from "./traced.ts";
import { isTraceable } from "../../src/tape/traced-program.ts";

const FUNCTIONS = { sum: "of", integral: "integral", final: "final" } as const satisfies Record<PartName, keyof Loss>;

const NAMES = ["sum", "integral", "final"] as const satisfies readonly PartName[];

const SCALARS = {
  sum: [
    { kind: "scalar", name: "t" },
    { kind: "scalar", name: "i", type: "i32" },
  ],
  integral: [{ kind: "scalar", name: "t" }],
  final: [],
} as const satisfies Record<PartName, readonly ReadParameter[]>;

export interface ReadLoss {
  readonly parts: Readonly<Partial<Record<PartName, LossPart>>>;
  readonly plain: Readonly<Partial<Record<PartName, PlainPart>>>;
  /** Held. */
  readonly readings: readonly LossReading[];
}

/** Throws ReadError for text that can be neither read nor traced, Disagreement where a part depends on more than its arguments. */
export function readLoss(loss: Loss, context: LossContext): ReadLoss {
  const parts: Partial<Record<PartName, LossPart>> = {};
  const plain = plainParts(loss, context);
  const readings: LossReading[] = [];
  try {
    for (const name of NAMES) {
      if (!loss[FUNCTIONS[name]]) continue;
      const points = pointsOf(name, loss, context);
      try {
        const reading = readPart(name, loss, context, points);
        parts[name] = holding(reading, () => partOf(requireReadRight(reading.program), plain[name]!, points));
        readings.push(reading);
      } catch (error) {
        if (!isTraceable(error)) throw error;
        const { part, reading } = tracedPart(tracedRequest(name, loss, context, points), error);
        reading.hold();
        parts[name] = part;
        readings.push(reading);
      }
    }
    return { parts, plain, readings };
  } catch (error) {
    for (const reading of readings) reading.release();
    throw error;
  }
}

/** The user's own functions, of each part that there is. */
export function plainParts(loss: Loss, context: LossContext): Partial<Record<PartName, PlainPart>> {
  const plain: Partial<Record<PartName, PlainPart>> = {};
  for (const name of NAMES) if (loss[FUNCTIONS[name]]) plain[name] = plainPart(name, loss, context);
  return plain;
}

/** Holds it, unless that throws. */
function holding<T>(reading: Reading, make: () => T): T {
  reading.hold();
  try {
    return make();
  } catch (error) {
    reading.release();
    throw error;
  }
}

function readPart(name: PartName, loss: Loss, { layout }: LossContext, points: Points): Reading {
  return readingOf({
    fn: loss[FUNCTIONS[name]]!,
    name: `loss.${FUNCTIONS[name]}`,
    parameters: [
      { kind: "layout", name: "u", layout: layout.u, role: "input" },
      { kind: "layout", name: "p", layout: layout.p, role: "input" },
      ...SCALARS[name],
    ],
    constants: loss.constants as Record<string, unknown> | undefined,
    returns: { kind: "scalar" },
    get samples() {
      return samplesOf(points(), layout);
    },
    data: "numbers",
  });
}

function tracedRequest(name: PartName, loss: Loss, { layout }: LossContext, points: Points): TracedRequest {
  return {
    name: `loss.${FUNCTIONS[name]}`,
    fn: loss[FUNCTIONS[name]] as PlainCall,
    constants: loss.constants,
    layout,
    scalars: SCALARS[name].map((scalar) => scalar.name),
    samples: samplesOf(points(), layout),
  };
}

function samplesOf(points: readonly Point[], layout: LossContext["layout"]): Samples {
  return points.map((args) => (constants) => argumentsAt(args, layout, constants));
}

function partOf(value: Program, plain: PlainPart, points: Points): LossPart {
  return keptWith(value, "loss part", () => {
    checkValueAgreement(
      value,
      points().map(([u, p, ...scalars]) => ({
        args: [u, p, ...scalars],
        plain: (moved = u) => plain(moved, p, scalars),
        isMadeUp: true,
      })),
    );
    return { value, gradient: derivativesOf(value).vjp(["u", "p"]) };
  });
}

function plainPart(name: PartName, loss: Loss, { layout }: LossContext): PlainPart {
  const fn = loss[FUNCTIONS[name]] as PlainCall;
  return (u, p, scalars) => {
    const args = argumentsAt([u.slice(), p.slice(), ...scalars], layout, loss.constants);
    return called(`loss.${FUNCTIONS[name]}`, scalars[0], () => fn(...args) as number);
  };
}

/** Arguments of a part, but for the constants. */
type Point = readonly [u: Float64Array, p: Float64Array, ...scalars: number[]];

/** Made once they are needed. */
type Points = () => readonly Point[];

function pointsOf(name: PartName, { at = [] }: Loss, { layout, tspan, u0, p }: LossContext): Points {
  let made: readonly Point[] | undefined;
  const make = (): readonly Point[] => {
    const points = pointsFrom({ u0: pack(layout.u, u0, "u0"), p: pack(layout.p, p, "p"), tspan });
    return points.map(({ u, p, t }, k): Point => {
      if (name === "final") return [u, p];
      if (name === "integral") return [u, p, t];
      const i = Math.min(Math.floor((k * at.length) / 2), at.length - 1);
      return [u, p, at[i], i];
    });
  };
  return () => (made ??= make());
}

/** As the user's function sees them. */
function argumentsAt([u, p, ...scalars]: Point, layout: LossContext["layout"], constants: unknown): unknown[] {
  return [view(layout.u, u, "u"), view(layout.p, p, "p"), ...scalars, constants];
}
