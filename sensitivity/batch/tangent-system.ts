/**
 * The system that the gradients of a batch solve. The adjoint of steps is as accurate as the steps are for derivatives, so each
 * trajectory carries the tangent along a random direction, whose error counts, as in the discrete adjoint of a single trajectory (see
 * adjoints/discrete/guarded-solve.ts). Steps of a fixed length have no error to control.
 */
import { memo } from "../../src/core/memo.ts";
import { jacobianOf, timeDerivativeOf } from "../../src/derive/jacobian.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { GivenBatch } from "../../solvers/batch/given-batch.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import type { System } from "../../solvers/step/system.ts";
import { randomShares, ZERO_DERIVATIVE_TOLERANCE } from "../adjoints/shared/directions.ts";
import { dualBlocks, explicitDual, type DualSizes } from "../adjoints/forward/dual-system.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";

/** A system with its values: of each, a row for each trajectory, or one row that all share. */
export interface TangentSystem {
  readonly system: System;
  readonly u0: Float64Array;
  readonly p: Float64Array;
  readonly atol: Float64Array;
}

/** The right-hand side with a tangent, or alone where the steps are of a fixed length. */
export function tangentSystem(code: ProblemCode, { method, given: { u0, p }, atol }: GivenBatch): TangentSystem {
  if (method.dt) return { system: systemOf(code)!, u0, p, atol };
  const sizes = sizesOfDual(code);
  const shares = randomShares();
  const [ofP, ofU0] = [shares(sizes.np), shares(sizes.n)];
  return {
    system: method.family.implicit ? implicitDualOf(code) : dualOf(code),
    p: withTangents(p, sizes.np, (row) => sizesOf(row).map(ofP)),
    u0: withTangents(u0, sizes.n, (row) => stateSizes(row).map(ofU0)),
    atol: withTangents(atol, sizes.n, (row) => row.map((x) => x * ZERO_DERIVATIVE_TOLERANCE)),
  };
}

const dualOf = memo((code: ProblemCode): System => explicitDual(code, sizesOfDual(code), undefined, "guard"), {
  by: (code) => [code.rhsProgram()],
});

/** Of the state alone the same as solves it without a tangent. */
const implicitDualOf = memo(
  (code: ProblemCode): System => {
    const dual = dualOf(code);
    const { rhs } = dual as System & { readonly rhs: Program };
    const { pattern, values } = jacobianOf(rhs);
    const jacobian = { pattern, values, blocks: dualBlocks(sizesOfDual(code), undefined) };
    return { ...dual, jacobian, timeDerivative: timeDerivativeOf(rhs), primal: systemOf(code)! };
  },
  { by: (code) => [code.rhsProgram()] },
);

function sizesOfDual({ layout: { u, p } }: ProblemCode): DualSizes {
  return { n: u.size, np: p.size, k: 1 };
}

/** Each row of a size, followed by what belongs to its tangent, of the same size. */
function withTangents(rows: Float64Array, size: number, tangentOf: (row: Float64Array) => Float64Array): Float64Array {
  const wider = new Float64Array(2 * rows.length);
  for (let at = 0; at < rows.length; at += size) {
    const row = rows.subarray(at, at + size);
    wider.set(row, 2 * at);
    wider.set(tangentOf(row), 2 * at + size);
  }
  return wider;
}
