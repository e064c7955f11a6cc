/**
 * The loop over steps as a program: propose, step, judge, control, save, until the next stop or until what was taken has to be
 * looked at. It runs where the steps run, so that small systems do not pay for going in and out of compiled code at every step.
 *
 * Steps lie one after the other in `slots`: u, f, work and memory of each; the end of a step is the u, f and memory of the next
 * slot. A run of the loop begins in slot 0.
 */
import type { Program, Value } from "../../src/ir/ir.ts";
import { controllerOf } from "../step/controller.ts";
import { boundaryOf, type Method } from "../step/method.ts";
import type { StepPrograms } from "../step/builder.ts";
import { lookProgram } from "./stiffness.ts";
import type { System } from "../step/system.ts";
import { FIXED_STRETCH, propose, STRETCH } from "./control.ts";
import { initialStepProgram } from "./initial-step.ts";
import { StepLoopBuilder, type StepLoopSizes } from "./builder.ts";
import { pathPrograms, type PathPrograms } from "./paths.ts";
import { BetweenSteps, type SeenSteps } from "./between-steps.ts";
import { CrossingCheck } from "./crossing-check.ts";
import { outcome } from "./registers.ts";
import { makeRecord, saveProgram } from "./save.ts";
import { accept, reject, type JudgedSteps } from "./judged-step.ts";
import { switchDetection } from "./switch-detection.ts";

/** Numbers that all slots together have room for, and the states of a chunk of saved times. */
const SLOT_NUMBERS = 2 ** 14;
const SAVED_NUMBERS = 2 ** 12;
const MOST = 256;

/** Relative to t; a shorter step does not move it. */
const LEAST_STEP = 2 ** -51;

export interface StepLoopPrograms extends StepLoopSizes {
  /** (inout slots, inout ends, inout records, output saved, inout direction, inout reals, inout integers, input saveTimes, inout cache, input p, inout atol, inout verdict) */
  readonly runSteps: Program;
  /** The same parameters: goes on saving within the last step. */
  readonly save: Program;
  /** See initial-step.ts. */
  readonly initialStep: Program;
  /** Of methods that stability may hold back: see stiffness.ts. */
  readonly look?: Program;
  /** Of a right-hand side with several paths. */
  readonly paths?: PathPrograms;
  /** What the controller remembers before the first step. */
  readonly remembered: readonly number[];
}

export function stepLoopPrograms(system: System, method: Method, step: StepPrograms): StepLoopPrograms {
  const stride = 2 * system.n + step.workSize + step.memorySize;
  const slots = Math.min(MOST, Math.max(2, Math.floor(SLOT_NUMBERS / stride)));
  const saves = Math.min(MOST, Math.max(1, Math.floor(SAVED_NUMBERS / system.n)));
  const sizes = { stride, slots, saves };
  const save = saveProgram(system, step, sizes);
  const boundary = boundaryOf(method);
  const look = boundary === undefined ? undefined : lookProgram(system.primal ?? system, boundary);
  const runSteps = stepLoopProgram(system, method, step, { save, look }, sizes);
  const paths = pathPrograms(system, step, sizes);
  return {
    runSteps,
    save,
    look,
    paths,
    initialStep: initialStepProgram(system, { order: step.firstOrder ?? method.order, boundary }),
    ...sizes,
    remembered: controllerOf(method).remembered,
  };
}

function stepLoopProgram(
  system: System,
  method: Method,
  programs: StepPrograms,
  { save, look }: Pick<StepLoopPrograms, "save" | "look">,
  sizes: StepLoopSizes,
): Program {
  const b = new StepLoopBuilder(`${method.name}_steps`, system, programs, sizes);
  const fixed = b.integers.isSet("fixed");
  const largestError = b.operation("select", fixed, b.f64(Number.MAX_VALUE), b.f64(1));
  const stretch = b.operation("select", fixed, b.f64(FIXED_STRETCH), b.f64(STRETCH));
  const [stop, rtol] = [b.reals.get("stop"), b.reals.get("rtol")];
  b.integers.set("outcome", outcome.paused);
  for (const name of ["tries", "slot", "recorded"] as const) b.integers.set(name, 0);
  b.store(b.ends, b.i32(0), b.reals.get("t"));
  const switches = switchDetection(b, system, b.whole(b.p));
  switches.begin(b.slot(b.i32(0)).u, b.reals.get("t"));
  const controller = controllerOf(method);
  const crossings = system.branches && new CrossingCheck(b, system.branches);
  crossings?.begin(b.reals.get("t"));
  const { between } = programs;
  const betweenSteps = between && new BetweenSteps(seenSteps(b, { ...programs, between }, method.order));
  const judged = { b, system, controller, fsal: programs.fsal, fixed, rtol, switches, crossings, betweenSteps, save, look };
  b.while(
    [],
    () => goesOn(b, sizes),
    () => {
      tryStep(judged, programs.step, { stop, largestError, stretch });
      return [];
    },
  );
  return b.finish();
}

function seenSteps(
  b: StepLoopBuilder,
  programs: StepPrograms & Required<Pick<StepPrograms, "between">>,
  power: number,
): SeenSteps {
  const nextSave = (): Value => b.load(b.saveTimes, b.integers.get("nextSave"));
  return {
    b,
    all: b.operation("bool.or", b.integers.isSet("records"), b.integers.isSet("events")),
    fixed: b.integers.isSet("fixed"),
    power,
    least: b.reals.get("least"),
    nextSave,
    toNextSave: (t) => b.times(b.reals.get("direction"), b.operation("sub", nextSave(), t)),
    get: (name) => b.reals.get(name),
    set: (name, value) => b.reals.set(name, value),
    error(length) {
      const index = b.integers.get("slot");
      const { program, linearSolves } = programs.between;
      makeRecord(b, programs, index);
      b.count("rhsCalls", 1);
      if (linearSolves > 0) b.count("linearSolves", linearSolves);
      const [here, there] = [b.slot(index), b.slot(b.next(index))];
      const shared = [b.cache, b.p, b.atol].map((array) => b.whole(array));
      const arrays = [here.u, there.u, here.memory, here.work, ...shared, b.record(index)];
      return b.call(program, [...arrays, b.end(index), length, b.reals.get("rtol")])!;
    },
  };
}

/** Is there another step to try in this run? */
function goesOn(b: StepLoopBuilder, { slots }: StepLoopSizes): Value {
  const conditions = [
    b.operation("i32.eq", b.integers.get("outcome"), b.i32(outcome.paused)),
    b.operation("i32.lt", b.integers.get("slot"), b.i32(slots - 1)),
    b.operation("i32.lt", b.integers.get("tries"), b.integers.get("mostTries")),
    b.operation("i32.lt", b.integers.get("nextSave"), b.integers.get("pauseAtSave")),
  ];
  return conditions.reduce((x, y) => b.operation("bool.and", x, y));
}

/** Tries a step from the present slot, and takes or leaves it; where it would not move, the run has failed. */
function tryStep(judged: JudgedSteps, step: Program, of: Record<"stop" | "largestError" | "stretch", Value>): void {
  const { b, rtol, switches, betweenSteps } = judged;
  const { stop, largestError, stretch } = of;
  const [t, index] = [b.reals.get("t"), b.integers.get("slot")];
  const asked = b.reals.get("h");
  const all = { stop, longest: b.reals.get("longest"), direction: b.reals.get("direction"), stretch };
  const seen = betweenSteps?.bounds(all, t, asked);
  const proposal = propose(b, t, asked, seen ?? all);
  const { length, toStop } = proposal;
  const least = b.operation("max", b.reals.get("least"), b.times(b.operation("abs", t), LEAST_STEP));
  const moves = b.operation("gt", b.operation("abs", length), least);
  b.when(
    b.operation("bool.or", toStop, moves),
    () => {
      const [here, there] = [b.slot(index), b.slot(b.next(index))];
      const arrays = [here.u, there.u, here.f, there.f, here.memory, there.memory, here.work];
      const shared = [b.cache, b.p, b.atol, b.verdict.array].map((array) => b.whole(array));
      const estimate = b.call(step, [...arrays, ...shared, t, length, rtol])!;
      const error = switches.judge(estimate, there.u, b.plus(t, length));
      b.integers.increment("tries");
      const accepted = b.operation("bool.and", b.operation("ge", error, b.f64(0)), b.operation("le", error, largestError));
      b.when(
        accepted,
        () => accept(judged, error, proposal, index, seen?.lands),
        () => reject(judged, error, proposal),
      );
    },
    () => b.integers.set("outcome", outcome.failed),
  );
}
