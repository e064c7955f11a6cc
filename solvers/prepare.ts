/** A system and a method made ready: their programs compiled, their memory reserved. Used again by many integrations. */
import { MissingJacobian } from "../src/errors.ts";
import { Arena } from "../src/compile/arena.ts";
import { compile, type Compiled, type Target, type Unit } from "../src/compile/compile.ts";
import { isProgram } from "../src/program/ir.ts";
import { explicitStep } from "./explicit/step.ts";
import type { Method } from "./method.ts";
import { rosenbrockStep } from "./rosenbrock/step.ts";
import type { StepPrograms } from "./step.ts";
import type { System } from "./system.ts";

export interface PrepareOptions {
  readonly target: Target;
  /** Memory shared with the caller, who reserves his own arrays in it before the first integration. Default: a new one. */
  readonly arena?: Arena;
}

/** Arrays in the arena, by address and as views. The state and its derivative lie twice: at the step's two ends. */
export interface Workspace {
  readonly address: Record<"u" | "uNext" | "f" | "fNext" | "work" | "p" | "atol" | "record", number>;
  readonly view: Record<"u" | "uNext" | "f" | "fNext" | "stages" | "p" | "atol" | "record", Float64Array>;
}

export interface Code extends Workspace {
  readonly rhs: Compiled;
  readonly step: Compiled;
  readonly dense: Compiled;
  readonly linearize?: Compiled;
}

export interface Prepared {
  readonly system: System;
  readonly method: Method;
  readonly programs: StepPrograms;
  readonly arena: Arena;
  /** Links, at first use, and commits the arena. */
  readonly code: Code;
}

const known = new WeakMap<System, Map<string, StepPrograms>>();

/** Throws {@link MissingJacobian} where an implicit method meets a system without one. */
export function prepare(system: System, method: Method, { target, arena = new Arena() }: PrepareOptions): Prepared {
  const programs = stepPrograms(system, method);
  const { step, dense, linearize } = programs;
  const rhs = isProgram(system.rhs) ? system.rhs : undefined;
  const unit = compile<string>({ step, dense, ...(linearize && { linearize }), ...(rhs && { rhs }) }, arena, target);
  const address = reserve(system, programs, arena);
  let code: Code | undefined;
  return {
    system,
    method,
    programs,
    arena,
    get code() {
      return (code ??= link(system, programs, unit, address, arena));
    },
  };
}

function stepPrograms(system: System, method: Method): StepPrograms {
  let ofSystem = known.get(system);
  if (!ofSystem) known.set(system, (ofSystem = new Map()));
  let programs = ofSystem.get(method.name);
  if (!programs) {
    if (method.family === "explicit") programs = explicitStep(method, system);
    else if (system.jacobian) programs = rosenbrockStep(method, system, system.jacobian);
    else throw new MissingJacobian(method.name);
    ofSystem.set(method.name, programs);
  }
  return programs;
}

function reserve({ n, np }: System, { workSize, recordSize }: StepPrograms, arena: Arena): Workspace["address"] {
  return {
    u: arena.reserve(n),
    uNext: arena.reserve(n),
    f: arena.reserve(n),
    fNext: arena.reserve(n),
    work: arena.reserve(workSize),
    p: arena.reserve(np),
    atol: arena.reserve(n),
    record: arena.reserve(recordSize),
  };
}

function link(
  { n, np, rhs }: System,
  { recordSize, stages }: StepPrograms,
  unit: Unit<string>,
  address: Workspace["address"],
  arena: Arena,
): Code {
  const linked = unit.link();
  const vector = (at: number): Float64Array => arena.f64(at, n);
  return {
    rhs: isProgram(rhs) ? linked.rhs : (rhs.call as Compiled),
    step: linked.step,
    dense: linked.dense,
    linearize: linked.linearize,
    address,
    view: {
      u: vector(address.u),
      uNext: vector(address.uNext),
      f: vector(address.f),
      fNext: vector(address.fNext),
      stages: arena.f64(address.work, stages * n),
      p: arena.f64(address.p, np),
      atol: vector(address.atol),
      record: arena.f64(address.record, recordSize),
    },
  };
}
