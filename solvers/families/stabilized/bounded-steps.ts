/** What the steps of stabilised methods share: the bound of the spectral radius that they take the number of their stages from. */
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { Program, Value } from "../../../src/ir/ir.ts";
import {
  denseParameters,
  StepBuilder,
  type History,
  type Slice,
  type StepPrograms,
  type StepSizes,
  type stepParameters,
} from "../../step/builder.ts";
import type { Jacobian } from "../../step/factorized-system.ts";
import type { System } from "../../step/system.ts";
import { count, say } from "../../step/verdict.ts";
import { spectralBound } from "./spectral-radius.ts";

/**
 * The steps for which the bound of the spectral radius still holds, and that bound, which are the history; and whether the step was tried
 * before.
 */
export const BOUND_SIZES: StepSizes = { memorySize: 3, workSize: 1 };
const HISTORY: History = { offset: 0, numbers: 2, vectors: 0 };
/** As in the code of RKC; it is looked at earlier where a step is tried again, as it is where the bound no longer holds. */
const STEPS_OF_BOUND = 25;
const VECTORS = 4;

/** The programs of a family whose step takes so many right-hand sides at least. */
export function boundedSteps(name: string, system: System, step: Program, perStep: number): StepPrograms {
  return {
    step,
    dense: hermiteProgram(name, system),
    ...BOUND_SIZES,
    history: HISTORY,
    factors: { offset: 0, size: 0 },
    stages: 0,
    recordSize: VECTORS * system.n,
    fsal: true,
    evaluations: { perStep, perDense: 0 },
  };
}

/** The bound, made anew where it is due. */
export function boundedRadius(
  b: StepBuilder,
  system: System,
  jacobian: Jacobian,
  { u, p, memory, memoryNext, verdict, t }: ReturnType<typeof stepParameters>,
): Value {
  const [left, radius, isTried] = [0, 1, 2].map((i) => b.element(memory, b.i32(i)));
  const [entry, zero] = [b.localArray("entry", 1), b.f64(0)];
  const bound = spectralBound(system, jacobian);
  const isDue = b.operation("bool.or", b.operation("eq", b.get(left), zero), b.operation("ne", b.get(isTried), zero));
  b.when(isDue, () => {
    b.set(radius, b.call(bound, [b.slice(u), b.slice(p), { array: entry, offset: b.i32(0) }, t])!);
    b.set(left, b.f64(STEPS_OF_BOUND));
    say(b, verdict, "entry", b.load(entry, b.i32(0)));
    count(b, verdict, "jacobians", 1);
  });
  b.set(isTried, b.f64(1));
  const after = [b.operation("sub", b.get(left), b.f64(1)), b.get(radius), zero];
  after.forEach((value, i) => b.set(b.element(memoryNext, b.i32(i)), value));
  return b.get(radius);
}

/** The cubic through both ends with the slopes there. */
function hermiteProgram(name: string, system: System): Program {
  const { n } = system;
  const b = new StepBuilder(`${name}_dense`, system, false);
  const { u, uNext, f, fNext, record, h } = denseParameters(b, system, BOUND_SIZES.workSize, VECTORS * n, HISTORY);
  const part = (i: number): Slice => ({ array: record.array, offset: i * n });
  b.each((at) => {
    const [from, to] = [b.get(at(u)), b.get(at(uNext))];
    const [rise, fall] = [b.times(h, b.get(at(f))), b.times(h, b.get(at(fNext)))];
    b.set(at(part(0)), from);
    b.set(at(part(1)), to);
    b.set(at(part(2)), b.times(b.operation("sub", rise, fall), 1 / 2));
    b.set(at(part(3)), b.operation("sub", b.operation("sub", to, from), b.times(b.plus(rise, fall), 1 / 2)));
  });
  return eliminate(b.finish());
}
