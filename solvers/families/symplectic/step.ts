/** The step of all symplectic compositions, generated from the weights. */
import { isProgram, type Program } from "../../../src/ir/ir.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import { partsOf } from "../../../src/passes/parts.ts";
import {
  denseParameters,
  isSmall,
  StepBuilder,
  stepParameters,
  type Slice,
  type StepPrograms,
  type StepSizes,
} from "../../step/builder.ts";
import { MissingHalves } from "../../step/errors.ts";
import type { System } from "../../step/system.ts";
import { count } from "../../step/verdict.ts";
import { bootstrapped } from "../explicit/bootstrap.ts";
import { interpolated, stageTime } from "../explicit/step.ts";
import { denseWeights, extraStages, type ExplicitTableau } from "../explicit/tableau.ts";
import type { SymplecticMethod } from "./tableau.ts";

/** `work` holds the derivatives within the step that dense output makes. */
export function symplecticStep(method: SymplecticMethod, system: System): StepPrograms {
  const { weights } = method.tableau;
  const dense = denseOf(method.order);
  const sizes = { memorySize: 0, workSize: Math.max(1, extraStages(dense).length * system.n) };
  const recordSize = (2 + denseWeights(dense).length) * system.n;
  return {
    step: stepProgram(method, system, sizes),
    dense: denseProgram(method, system, dense, sizes.workSize, recordSize),
    ...sizes,
    factors: { offset: 0, size: 0 },
    stages: 0,
    recordSize,
    fsal: true,
    evaluations: { perStep: weights.length, perDense: extraStages(dense).length },
  };
}

/** Dense output knows the chord and the derivatives at both ends: of an explicit method, that has the chord's slope for its one stage. */
function denseOf(order: number): ExplicitTableau {
  const ends: ExplicitTableau = { stages: [{ c: 1, a: [] }], b: [0, 1] };
  return { ...ends, dense: bootstrapped(ends, order - 1) };
}

/**
 * Each half moves while the other rests. f is both halves' derivative, so what the velocity's is at the start is what the position's leaves
 * of it, and at the end they are put together.
 */
function stepProgram({ name, tableau: { weights } }: SymplecticMethod, system: System, sizes: StepSizes): Program {
  const halves = isProgram(system.rhs) ? partsOf(system.rhs, "position", "velocity") : undefined;
  if (!halves) throw new MissingHalves(name);
  const [position, velocity] = halves;
  const b = new StepBuilder(`${name}_step`, system, isSmall(system, weights.length + 1));
  const { u, uNext, f, fNext, p, verdict, t, h } = stepParameters(b, system, sizes);
  const [drift, kick] = [b.vector("drift"), b.vector("kick")];
  let now = u;
  const move = (by: number, slope: Slice, last = false): void => {
    const [before, after] = [now, last ? uNext : b.vector("state")];
    b.each((at) => b.set(at(after), b.plus(b.get(at(before)), b.times(b.get(at(slope)), b.times(h, by)))));
    now = after;
  };

  b.evaluate(position, drift, u, p, t);
  b.each((at) => b.set(at(kick), b.operation("sub", b.get(at(f)), b.get(at(drift)))));
  // How far each half has come: its time is what it depends on.
  const come = { position: 0, velocity: 0 };
  weights.forEach((weight, i) => {
    const by = ((weights[i - 1] ?? 0) + weight) / 2;
    move(by, kick);
    come.velocity += by;
    b.evaluate(position, drift, now, p, stageTime(b, t, h, come.velocity));
    move(weight, drift);
    come.position += weight;
    b.evaluate(velocity, kick, now, p, stageTime(b, t, h, come.position));
  });
  move(weights.at(-1)! / 2, kick, true);
  b.evaluate(position, drift, uNext, p, b.plus(t, h));
  b.each((at) => b.set(at(fNext), b.plus(b.get(at(drift)), b.get(at(kick)))));
  count(b, verdict, "rhsCalls", weights.length);
  // All that is to judge is whether the state is finite: 0 · ∞ is not a number.
  return eliminate(b.finish(b.sum((at) => b.times(at(uNext), 0))));
}

function denseProgram(
  { name }: SymplecticMethod,
  system: System,
  dense: ExplicitTableau,
  workSize: number,
  recordSize: number,
): Program {
  const b = new StepBuilder(`${name}_dense`, system, false);
  const given = denseParameters(b, system, workSize, recordSize);
  const { u, uNext, f, fNext, work, h } = given;
  const chord = b.vector("chord");
  b.each((at) => b.set(at(chord), b.operation("div", b.operation("sub", b.get(at(uNext)), b.get(at(u))), h)));
  const columns = [f, chord, fNext];
  interpolated(b, system, dense, given, (i) => columns[i] ?? { array: work.array, offset: (i - columns.length) * system.n });
  return eliminate(b.finish());
}
