/**
 * The matrix of iterations, factorized and solved with: of a stage that is found by itself as it is, of stages that are found together by
 * the pieces that it falls into (see coupling.ts).
 */
import { InternalError } from "../../src/core/errors.ts";
import { memo } from "../../src/core/memo.ts";
import type { Program, Value } from "../../src/ir/ir.ts";
import { linearSolverFor } from "../linear/linear-solver.ts";
import type { Slice, StepBuilder } from "../step/builder.ts";
import { factorize, isMatrixFree, sizeOfFactors, solveBy, type Jacobian, type Linearization } from "../step/factorized-system.ts";
import type { Accuracy } from "../step/matrix-free.ts";
import { coupledJacobian, spread, type CoupledJacobian, type Coupling, type Piece } from "./coupling.ts";

/** The systems of one piece. A pair's vectors have both numbers of a component side by side. */
interface Part extends Piece {
  /** Its factors lie behind those of the parts before. */
  readonly offset: number;
  readonly size: number;
  readonly factor: Program;
  readonly solve: Program;
  readonly pair?: CoupledJacobian;
}

const partsOf = memo((jacobian: Jacobian, { pieces }: Coupling): readonly Part[] => {
  let end = 0;
  return pieces.map((piece) => {
    const pair = piece.block.length > 1 ? coupledJacobian(jacobian, piece.block) : undefined;
    const { pattern, blocks, mass } = pair ?? jacobian;
    const solver = linearSolverFor(pattern, blocks, mass);
    const { size, factor } = solver;
    const offset = end;
    end += size;
    return { ...piece, offset, size, factor, solve: jacobian.transposed ? solver.solveTransposed : solver.solve, pair };
  });
});

/** Only J itself is solved with by iterations. */
function formed(linearization: Linearization): Jacobian {
  if (isMatrixFree(linearization)) throw new InternalError("stages that are found together need the entries of the Jacobian");
  return linearization;
}

/** Numbers in the factors. */
export function sizeOfStageFactors(linearization: Linearization, coupling: Coupling): number {
  if (coupling.stages === 1) return sizeOfFactors(linearization);
  return partsOf(formed(linearization), coupling).reduce((sum, { size }) => sum + size, 0);
}

/** `values`: those of J. Returns whether it has an inverse. */
export function factorizeStages(
  b: StepBuilder,
  linearization: Linearization,
  coupling: Coupling,
  values: Slice,
  d: Value,
  factors: Slice,
): Value {
  if (coupling.stages === 1) return factorize(b, linearization, values, d, factors);
  const regular = partsOf(formed(linearization), coupling).map(({ block, offset, factor, pair }) => {
    const into = b.slice({ array: factors.array, offset: factors.offset + offset });
    const status = pair
      ? b.call(factor, [b.slice(spread(b, pair, () => values, 2)), into, d])
      : b.call(factor, [b.slice(values), into, b.times(d, block[0][0])]);
    return b.operation("eq", status!, b.f64(0));
  });
  return regular.reduce((x, y) => b.operation("bool.and", x, y));
}

/** x of the matrix times x = right, both of all stages. See {@link solveBy}. */
export function solveStages(
  b: StepBuilder,
  linearization: Linearization,
  coupling: Coupling,
  values: Slice,
  factors: Slice,
  x: Slice,
  right: Slice,
  accuracy?: Accuracy,
): ReturnType<typeof solveBy> {
  if (coupling.stages === 1) return solveBy(b, linearization, values, factors, x, right, accuracy);
  solveByParts(b, formed(linearization), coupling, factors, x, right);
  return { isReached: b.bool(true), iterations: b.f64(0) };
}

function solveByParts(b: StepBuilder, jacobian: Jacobian, coupling: Coupling, factors: Slice, x: Slice, right: Slice): void {
  const n = jacobian.pattern.columns;
  const stage = ({ array, offset }: Slice, i: number): Slice => ({ array, offset: offset + i * n });
  const parts = partsOf(jacobian, coupling).filter(({ rows }) => rows.length > 0);
  const solved = parts.map(({ rows, offset, solve }, k) => {
    const y = { array: b.localArray(`part${k}`, rows.length * n), offset: 0 };
    b.range(0, n, (c) =>
      rows.forEach((row, a) =>
        b.store(
          y.array,
          placeIn(b, c, rows.length, a),
          b.combination(row, (j) => b.get(b.element(stage(right, j), c))),
        ),
      ),
    );
    b.call(solve, [b.slice({ array: factors.array, offset: factors.offset + offset }), b.slice(y)]);
    return y;
  });
  const columns = parts.flatMap((part, k) =>
    part.columns.map((column, a) => ({ column, y: solved[k], of: part.columns.length, a })),
  );
  b.range(0, n, (c) => {
    for (let i = 0; i < coupling.stages; i++) {
      const weights = columns.map(({ column }) => column[i]);
      const sum = b.combination(weights, (k) => b.load(columns[k].y.array, placeIn(b, c, columns[k].of, columns[k].a)));
      b.set(b.element(stage(x, i), c), sum);
    }
  });
}

/** x of (d λ M − J) x = right with the λ of the first piece, which is real. */
export function solveByFirstPart(
  b: StepBuilder,
  jacobian: Jacobian,
  coupling: Coupling,
  factors: Slice,
  x: Slice,
  right: Slice,
): void {
  b.each((at) => b.set(at(x), b.get(at(right))));
  const [{ solve }] = partsOf(jacobian, coupling);
  b.call(
    solve,
    [factors, x].map((slice) => b.slice(slice)),
  );
}

function placeIn(b: StepBuilder, component: Value, of: number, a: number): Value {
  return b.operation("i32.add", b.operation("i32.mul", component, b.i32(of)), b.i32(a));
}
