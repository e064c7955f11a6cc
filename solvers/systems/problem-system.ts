/** Problems made ready for methods. What was made is kept with the problem's code and used again. */
import { Pool } from "../../src/core/pool.ts";
import { memo } from "../../src/core/memo.ts";
import { checkAgreement, checkPlain } from "../../src/problem/agreement.ts";
import { componentNames } from "../../src/arrays/layout.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { Arena } from "../../src/compile/arena.ts";
import type { Target } from "../../src/compile/compile.ts";
import { MisreadFunction, UnreadableFunction } from "../../src/read/syntax/errors.ts";
import { runsByItself } from "../../src/read/misreading.ts";
import type { Start } from "../../src/problem/points.ts";
import type { Program } from "../../src/ir/ir.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { kindOf, type Method } from "../step/method.ts";
import { plainSystem } from "./plain-system.ts";
import { prepare, type Prepared } from "../step-loop/prepare.ts";
import type { System } from "../step/system.ts";
import { withUserJacobian } from "./user-jacobian.ts";

/** How a problem's right-hand side runs. */
export interface Execution {
  readonly compiled: boolean;
  /** Why it is not compiled, in one line. */
  readonly reason?: string;
  /** Of a function that was misread: that it runs by itself, and why. */
  readonly warning?: string;
}

/** Whether the problem's right-hand side can be compiled. */
export function executionOf(code: ProblemCode): Execution {
  return readingOf(code).execution;
}

/** The problem's system as programs; undefined where its function cannot be read. */
export function systemOf(code: ProblemCode): System | undefined {
  return readingOf(code).system;
}

/**
 * Calls `use` with what is prepared for a problem and a method. It is in use until that returns, so a solve within a solve gets its own.
 * Throws Disagreement where the compiled function does not do what the plain one does.
 */
export function withPrepared<T>(code: ProblemCode, at: Start, method: Method, target: Target, use: (prepared: Prepared) => T): T {
  const system = systemOf(code);
  if (system) checkAgreement(code, at, target);
  else checkPlain(code, at);
  return preparedPool(code, method, target).use(() => prepareAnew(code, system, method, target), use);
}

const preparedPool = memo((_code: ProblemCode, _method: Method, _target: Target) => new Pool<Prepared>(), {
  by: (code, method, target) => [code.identity, kindOf(method), target],
});

/** As the functions of its content are read: the system is absent where they cannot be. */
const readingOf = memo(readSystem, { by: (code) => [code.identity] });

function readSystem(code: ProblemCode): { readonly system?: System; readonly execution: Execution } {
  try {
    return { system: programSystem(code.layout, code.rhsProgram()), execution: { compiled: true } };
  } catch (error) {
    // A mistake (a name that does not exist, a write to an input) would only fail later, and less clearly.
    if (!(error instanceof UnreadableFunction)) throw error;
    const reason = error.message.split("\n")[0];
    const warning = error instanceof MisreadFunction ? { warning: runsByItself(error) } : {};
    return { execution: { compiled: false, reason, ...warning } };
  }
}

/** For all problems whose right-hand side is this program. Derivatives are made when a method asks for them. */
function programSystem({ u, p }: ProblemCode["layout"], rhs: Program): System {
  const names = memo(() => componentNames(u, "u"));
  return {
    n: u.size,
    np: p.size,
    rhs,
    watched: rhs,
    get names() {
      return names();
    },
    get jacobian() {
      return derivativesOf(rhs).jacobian("u");
    },
    get timeDerivative() {
      return derivativesOf(rhs).timeDerivative;
    },
  };
}

function prepareAnew(code: ProblemCode, system: System | undefined, method: Method, target: Target): Prepared {
  const arena = new Arena();
  const { u, p } = code.layout;
  const plain = (): System =>
    plainSystem((du, state, parameters, t) => code.plain(du, state, parameters, t), u.size, p.size, arena);
  const own = system ?? plain();
  const jac = method.family.implicit ? code.derivatives?.jac : undefined;
  return prepare(jac ? withUserJacobian(own, jac, code, arena, target) : own, method, { target, arena });
}
