/** A system and a method made ready: their programs compiled, their memory reserved. Used again by many integrations. */
import { memo } from "../../src/core/memo.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Compiled, type Target, type Unit } from "../../src/compile/compile.ts";
import { isProgram } from "../../src/ir/ir.ts";
import { stepLoopPrograms, type StepLoopPrograms } from "./step-loop.ts";
import { integer, real } from "./registers.ts";
import { MassMatrixNeedsImplicit, MassMatrixRefused } from "../step/errors.ts";
import { kindOf, type Method } from "../step/method.ts";
import type { StepPrograms } from "../step/builder.ts";
import { judgedBy, type System } from "../step/system.ts";
import { VERDICT_SIZE } from "../step/verdict.ts";

export interface PrepareOptions {
  readonly target: Target;
  /** Memory shared with the caller, who reserves his own arrays in it before the first integration. Default: a new one. */
  readonly arena?: Arena;
}

/** The state, its derivative and the method's memory at one end of a step: addresses, and views of what lies there. */
export interface End {
  readonly u: number;
  readonly f: number;
  readonly m: number;
  readonly state: Float64Array;
  readonly slope: Float64Array;
  readonly memory: Float64Array;
}

/** Arrays in the arena, as step-loop.ts describes them, by address and as views. */
export interface Workspace {
  readonly address: Record<
    | "slots"
    | "ends"
    | "records"
    | "saved"
    | "direction"
    | "reals"
    | "integers"
    | "saveTimes"
    | "cache"
    | "p"
    | "atol"
    | "verdict"
    | "paths"
    | "taken",
    number
  >;
  readonly view: Record<
    "slots" | "ends" | "records" | "saved" | "reals" | "saveTimes" | "cache" | "p" | "atol" | "verdict" | "paths" | "taken",
    Float64Array
  > & {
    readonly integers: Int32Array;
  };
  /** The ends of the first slot's step, and the address of its work. */
  readonly here: End;
  readonly there: End;
  readonly work: number;
}

export interface Code extends Workspace {
  readonly rhs: Compiled;
  /** What f is where the method begins. */
  readonly begin: Compiled;
  readonly step: Compiled;
  readonly dense: Compiled;
  readonly initialStep: Compiled;
  readonly look?: Compiled;
  readonly runSteps: () => void;
  readonly save: () => void;
  /** See paths.ts. */
  readonly paths?: (first: number, every: number, count: number) => void;
}

export interface Prepared {
  readonly system: System;
  readonly method: Method;
  readonly programs: StepPrograms & StepLoopPrograms;
  readonly arena: Arena;
  readonly target: Target;
  /** Links, at first use, and commits the arena. */
  readonly code: Code;
}

/** Throws {@link MissingJacobian} where an implicit method meets a system without one. */
export function prepare(system: System, method: Method, { target, arena = new Arena() }: PrepareOptions): Prepared {
  const programs = allPrograms(system, method);
  const { runSteps, save, look, step, dense, slope, paths, initialStep } = programs;
  const rhs = isProgram(system.rhs) ? system.rhs : undefined;
  const some = {
    ...(look && { look }),
    ...(slope && { slope }),
    ...(rhs && { rhs }),
    ...(paths && { paths: paths.program }),
  };
  const unit = compile<string>({ runSteps, save, step, dense, initialStep, ...some }, arena, target);
  const address = reserve(system, programs, arena);
  let code: Code | undefined;
  return {
    system,
    method,
    programs,
    arena,
    target,
    get code() {
      return (code ??= link(system, programs, unit, address, arena));
    },
  };
}

/**
 * The programs of a method's steps for a system, not compiled yet. Throws {@link MissingJacobian}, MassMatrixNeedsImplicit and MassMatrixRefused.
 */
export const stepPrograms = memo(
  (system: System, method: Method): StepPrograms => {
    const { family, name, control } = method;
    if (system.mass && !family.implicit) throw new MassMatrixNeedsImplicit(name);
    if (system.mass && !family.takesMass) throw new MassMatrixRefused(name, "its steps are made for u' = f");
    return family.step(method, judgedBy(system, control));
  },
  { by: (system, method) => [system, kindOf(method)] },
);

/** The same, with those of the loop over these steps. */
const allPrograms = memo(
  (system: System, method: Method): Prepared["programs"] => {
    const steps = stepPrograms(system, method);
    return { ...steps, ...stepLoopPrograms(system, method, steps) };
  },
  { by: (system, method) => [system, kindOf(method)] },
);

function reserve({ n, np }: System, programs: Prepared["programs"], arena: Arena): Workspace["address"] {
  const { slots, saves, stride, recordSize, cacheSize = 0, paths } = programs;
  return {
    slots: arena.reserve(slots * stride),
    ends: arena.reserve(slots),
    records: arena.reserve(slots * recordSize),
    saved: arena.reserve(saves * n),
    direction: arena.reserve(n),
    reals: arena.reserve(Object.keys(real).length),
    integers: arena.reserve(Object.keys(integer).length, "i32"),
    saveTimes: arena.reserve(saves + 1),
    cache: arena.reserve(cacheSize),
    p: arena.reserve(np),
    atol: arena.reserve(n),
    verdict: arena.reserve(VERDICT_SIZE),
    paths: arena.reserve(paths ? 2 * slots : 0),
    taken: arena.reserve(paths ? 2 * paths.decisions : 0),
  };
}

function link(
  { n, np, rhs }: System,
  { slots, saves, stride, workSize, memorySize, cacheSize = 0, recordSize, paths, slope }: Prepared["programs"],
  unit: Unit<string>,
  address: Workspace["address"],
  arena: Arena,
): Code {
  const linked = unit.link();
  const { ends, records, saved, direction, reals, integers, saveTimes, cache, p, atol, verdict } = address;
  const end = (slot: number): End => {
    const u = address.slots + 8 * slot * stride;
    const f = u + 8 * n;
    const m = f + 8 * (n + workSize);
    return { u, f, m, state: arena.f64(u, n), slope: arena.f64(f, n), memory: arena.f64(m, memorySize) };
  };
  const onSlots = (program: Compiled) => (): void =>
    void program(address.slots, ends, records, saved, direction, reals, integers, saveTimes, cache, p, atol, verdict);
  const ofRhs = isProgram(rhs) ? linked.rhs : (rhs.call as Compiled);
  return {
    rhs: ofRhs,
    begin: slope ? linked.slope : ofRhs,
    step: linked.step,
    dense: linked.dense,
    initialStep: linked.initialStep,
    look: linked.look,
    runSteps: onSlots(linked.runSteps),
    save: onSlots(linked.save),
    paths:
      paths &&
      ((first, every, count) => void linked.paths(address.slots, ends, p, address.paths, address.taken, first, every, count)),
    address,
    here: end(0),
    there: end(1),
    work: address.slots + 16 * n,
    view: {
      slots: arena.f64(address.slots, slots * stride),
      ends: arena.f64(ends, slots),
      records: arena.f64(records, slots * recordSize),
      saved: arena.f64(saved, saves * n),
      reals: arena.f64(reals, Object.keys(real).length),
      integers: arena.i32(integers, Object.keys(integer).length),
      saveTimes: arena.f64(saveTimes, saves + 1),
      cache: arena.f64(cache, cacheSize),
      p: arena.f64(p, np),
      atol: arena.f64(atol, n),
      verdict: arena.f64(verdict, VERDICT_SIZE),
      paths: arena.f64(address.paths, paths ? 2 * slots : 0),
      taken: arena.f64(address.taken, paths ? 2 * paths.decisions : 0),
    },
  };
}
