/** Right-hand sides as programs that can be derived. Functions that cannot be read are called by them, with derivatives by their tape. */
import { memo } from "../../src/core/memo.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Program } from "../../src/ir/ir.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import { isTraceable, tracedProgram } from "../../src/tape/traced-program.ts";

/**
 * The program (output du[n], input u[n], input p[np], scalar t).
 *
 * @throws ReadError for a function that can be neither read nor traced.
 */
export function derivableRhs(code: ProblemCode): Program {
  return isTraced(code) ? tracedRhs(code) : code.rhsProgram();
}

/** Whether the right-hand side runs by itself, and can be traced. */
export function isTraced(code: ProblemCode): boolean {
  if (systemOf(code) || code.operators.rhs.isSplit) return false;
  try {
    code.rhsProgram();
    return false;
  } catch (error) {
    return isTraceable(error);
  }
}

/** The key by which what is made of a right-hand side is cached: functions that are called are each problem's own. */
export function cacheKeyOf(code: ProblemCode): object {
  return isTraced(code) ? code : code.identityWithEvents;
}

const tracedRhs = memo((code: ProblemCode): Program => tracedProgram(code.operators.rhs, { generation: () => code.looks }));
