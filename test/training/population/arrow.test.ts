/** The arrow against the whole matrix. */
import { expect, it } from "vitest";
import { Matrix, solve as solveLinear } from "ml-matrix";
import { normals } from "../../../src/core/random.ts";
import { arrowStep, type Block, type Damping } from "../../../training/population/arrow.ts";

const [shared, own] = [2, 3];
const normal = normals(29);
const random = (n: number): Float64Array => Float64Array.from({ length: n }, normal);
// The second has fewer residuals than numbers.
const blocks = [6, 2, 5].map((m): Block => ({ residuals: random(m), jacobian: random(m * (shared + own)), off: random(own) }));
const spread = Float64Array.of(0.5, 2, 1);
const priors = { residuals: random(1), jacobian: random(shared + own) };
const damping: Damping = { shared: random(shared), typical: random(own), own: blocks.map(() => random(own)) };

it.each([
  ["without damping", undefined],
  ["with damping", damping],
] as const)("a step of three individuals is that of the whole matrix, %s", (_, damped) => {
  const size = shared + own + blocks.length * own;
  const rows: number[][] = [];
  const right: number[] = [];
  const add = (entries: readonly (readonly [number, number])[], value: number): void => {
    const row = new Array<number>(size).fill(0);
    for (const [j, x] of entries) row[j] += x;
    rows.push(row);
    right.push(value);
  };
  const at = (i: number, c: number): number => shared + own + i * own + c;
  const list = (n: number): number[] => Array.from({ length: n }, (__, i) => i);
  blocks.forEach(({ residuals, jacobian, off }, i) => {
    residuals.forEach((r, row) => {
      const entry = (j: number): number => jacobian[row * (shared + own) + j];
      add(
        [...list(shared).map((j) => [j, entry(j)] as const), ...list(own).map((c) => [at(i, c), entry(shared + c)] as const)],
        -r,
      );
    });
    off.forEach((x, c) =>
      add(
        [
          [at(i, c), 1 / spread[c]],
          [shared + c, -1 / spread[c]],
        ],
        -x / spread[c],
      ),
    );
    damped?.own[i].forEach((d, c) => add([[at(i, c), d]], 0));
  });
  add(
    list(shared + own).map((j) => [j, priors.jacobian[j]] as const),
    -priors.residuals[0],
  );
  if (damped) [...damped.shared, ...damped.typical].forEach((d, j) => add([[j, d]], 0));
  const matrix = new Matrix(rows);
  const known = solveLinear(matrix.transpose().mmul(matrix), matrix.transpose().mmul(Matrix.columnVector(right))).to1DArray();
  const found = arrowStep(blocks, { shared, own }, spread, priors, damped);
  [...found.shared, ...found.typical, ...found.own.flatMap((one) => [...one])].forEach((x, j) =>
    expect(x, `${j}`).toBeCloseTo(known[j], 9),
  );
  if (damped) return;
  // What is left of the information when individuals are integrated out.
  const inverse = solveLinear(matrix.transpose().mmul(matrix), Matrix.eye(size));
  const k = shared + own;
  const reduced = Matrix.from1DArray(found.reduced.length / k, k, [...found.reduced]);
  const covariance = solveLinear(reduced.transpose().mmul(reduced), Matrix.eye(k));
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) expect(covariance.get(i, j)).toBeCloseTo(inverse.get(i, j), 8);
});
