/** Problems made ready for methods. What was made is kept with the problem's code and used again. */
import { capturedIn } from "../../src/problem/captured.ts";
import { Pool } from "../../src/core/pool.ts";
import { memo } from "../../src/core/memo.ts";
import { checkAgreement, checkPlain } from "../../src/problem/agreement.ts";
import { componentNames, type Layout } from "../../src/arrays/layout.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { Arena } from "../../src/compile/arena.ts";
import type { Target } from "../../src/compile/compile.ts";
import { MisreadFunction, UnreadableFunction } from "../../src/read/syntax/errors.ts";
import { runsByItself } from "../../src/read/misreading.ts";
import type { MassMatrix } from "../../src/problem/mass-matrix.ts";
import type { Start } from "../../src/problem/points.ts";
import { branchesOf, decisionsNotHeld, type Branches } from "../../src/analysis/switching/branches.ts";
import { forward } from "../../src/derive/forward.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { kindOf, type Method } from "../step/method.ts";
import { requirePreconditioner } from "./preconditioner.ts";
import { plainSystem } from "./plain-system.ts";
import { prepare, type Prepared } from "../step-loop/prepare.ts";
import type { MassSystem } from "../step/algebraic.ts";
import { jacobianWithMass } from "../step/mass.ts";
import type { ErrorPart, System } from "../step/system.ts";
import { withUserJacobian } from "./user-jacobian.ts";

/** How a problem's right-hand side runs. */
export interface Execution {
  readonly compiled: boolean;
  /** Why it is not compiled, in one line. */
  readonly reason?: string;
  /** Of a function that was misread: that it runs by itself, and why. */
  readonly warning?: string;
  /** What its functions capture, by name; absent where they capture nothing that is seen. */
  readonly captured?: readonly string[];
}

/** Whether the problem's right-hand side can be compiled. */
export function executionOf(code: ProblemCode): Execution {
  const { execution } = readingOf(code);
  const captured = namesCaptured(code);
  return captured.length > 0 ? { ...execution, captured } : execution;
}

/** The problem's system as programs; undefined where its function cannot be read. */
export function systemOf(code: ProblemCode): System | undefined {
  return readingOf(code).system;
}

/**
 * Calls `use` with what is prepared for a problem and a method. It is in use until that returns, so a solve within a solve gets its own.
 * Throws Disagreement where the compiled function does not do what the plain one does.
 */
export function withPrepared<T>(
  code: ProblemCode,
  at: Start,
  method: Method,
  target: Target,
  use: (prepared: Prepared) => T,
  branches?: Branches,
): T {
  const system = systemOf(code);
  if (system) checkAgreement(code, at, target);
  else checkPlain(code, at);
  if (system && method.linearSolver) requirePreconditioner(code, at);
  return preparedPool(code, method, target, branches).use(() => prepareAnew(code, system, method, target, branches), use);
}

const preparedPool = memo(
  (_code: ProblemCode, _method: Method, _target: Target, _branches: Branches | undefined) => new Pool<Prepared>(),
  {
    by(code, method, target, branches) {
      const { identity } = code;
      return branches ? [identity, kindOf(method), target, branches] : [identity, kindOf(method), target];
    },
  },
);

/** What a right-hand side that can be read decides on the state and can be held; undefined where there is nothing. */
export function branchesIn(code: ProblemCode): Branches | undefined {
  return systemOf(code) && branchesOf(code.rhsProgram());
}

const namesCaptured = memo((code: ProblemCode): readonly string[] => [
  ...new Set(Object.values(capturedIn(code)).flatMap((captured) => Object.keys(captured))),
]);

/** As the functions of its content are read: the system is absent where they cannot be. */
const readingOf = memo(readSystem, { by: (code) => [code.identity] });

function readSystem(code: ProblemCode): { readonly system?: System; readonly execution: Execution } {
  try {
    return { system: programSystem(code), execution: { compiled: true } };
  } catch (error) {
    // A mistake (a name that does not exist, a write to an input) would only fail later, and less clearly.
    if (!(error instanceof UnreadableFunction)) throw error;
    const reason = error.message.split("\n")[0];
    const warning = error instanceof MisreadFunction ? { warning: runsByItself(error) } : {};
    return { execution: { compiled: false, reason, ...warning } };
  }
}

/** The system of a problem whose decisions on the state are held. */
const heldSystem = memo(programSystem, { by: (code, branches) => [code.identity, branches!] });

/** For all problems of these programs. Derivatives are made when a method asks for them. */
function programSystem(code: ProblemCode, branches?: Branches): System {
  const { layout, mass } = code;
  const { u, p } = layout;
  const watched = code.asRead.rhsProgram();
  // Read now: later the code may be in use with other constants.
  const stated = code.rhsProgram();
  const rhs = branches?.program ?? stated;
  const names = memo(() => componentNames(u, "u"));
  return {
    n: u.size,
    np: p.size,
    rhs,
    watched,
    mass,
    parts: judgedParts(u),
    branches: branches && {
      ...branches,
      n: u.size,
      slopes: forward(branches.margins, { wrt: ["u", "t"] }),
      hasVelocity: mass === undefined,
    },
    get jumpsUnseen() {
      return decisionsNotHeld(stated).length > 0;
    },
    get names() {
      return names();
    },
    get jacobian() {
      const jacobian = derivativesOf(rhs).jacobian("u");
      return mass ? jacobianWithMass(jacobian, mass, p.size) : jacobian;
    },
    get preconditioner() {
      return code.operators.preconditioner?.program();
    },
    get timeDerivative() {
      return derivativesOf(rhs).timeDerivative;
    },
  };
}

/** Of the error of what is not the user's, as derivatives that a residual determines: enough to see where these come apart. */
const OTHERS = 0.01;

function judgedParts(u: Layout): readonly ErrorPart[] | undefined {
  if (u.kind !== "extended") return undefined;
  const { size } = u.own;
  return [
    { from: 0, to: size, weight: 1 },
    { from: size, to: u.size, weight: OTHERS },
  ];
}

/** The system with a mass matrix, where the problem has one. */
function withMass(system: System, mass: MassMatrix | undefined): System {
  return mass ? { ...system, mass, jacobian: jacobianWithMass(system.jacobian!, mass, system.np) } : system;
}

/** The system of a problem that has a mass matrix; one whose function cannot be read works in the arena. */
export function massSystemOf(code: ProblemCode, arena: Arena, branches?: Branches): MassSystem {
  return (branches ? heldSystem(code, branches) : (systemOf(code) ?? plainSystemOf(code, arena))) as MassSystem;
}

function plainSystemOf(code: ProblemCode, arena: Arena): System {
  const { u, p } = code.layout;
  const system = plainSystem((du, state, parameters, t) => code.plain(du, state, parameters, t), u.size, p.size, arena);
  return withMass({ ...system, parts: judgedParts(u) }, code.mass);
}

function prepareAnew(
  code: ProblemCode,
  read: System | undefined,
  method: Method,
  target: Target,
  branches: Branches | undefined,
): Prepared {
  const arena = new Arena();
  const system = branches ? heldSystem(code, branches) : read;
  const usesMatrix = method.family.implicit && !method.linearSolver;
  const own = usesMatrix ? withJacobian(code, system, arena, target) : (system ?? plainSystemOf(code, arena));
  return prepare(own, method, { target, arena });
}

/** The problem's system for what needs its Jacobian: that of its author, if there is one. Functions of the host use the arena. */
export function jacobianSystemOf(code: ProblemCode, arena: Arena, target: Target): System {
  return withJacobian(code, systemOf(code), arena, target);
}

function withJacobian(code: ProblemCode, read: System | undefined, arena: Arena, target: Target): System {
  const system = read ?? plainSystemOf(code, arena);
  // Decisions that are held are so in derived Jacobians, not in its author's.
  const jac = system.branches ? undefined : code.derivatives?.jac;
  return jac ? withUserJacobian(system, jac, code, arena, target) : system;
}
