/** Is what a function gives a solution of the equations that it is said to solve? */
import { memo } from "../core/memo.ts";
import { layoutOf } from "../arrays/layout.ts";
import { pack, unpack } from "../arrays/pack.ts";
import { ResidualNotZero } from "../core/errors.ts";

/** Of the solution: what an iteration may have left. */
const CONVERGED = 1e-5;
/** Calls between two checks, at most. */
const INTERVAL = 1000;

/** Calls of a function, and the number of the one that is checked next. */
const countOf = memo((_of: object) => ({ calls: 0, next: 1 }));

/**
 * At some of its calls, ever farther apart: no component of the residual may be larger than what changes of the solution by a
 * hundred-thousandth of itself make of it. Throws {@link ResidualNotZero}.
 */
export function checkResidual(owner: { readonly name: string }, solution: unknown, residual: (y: unknown) => unknown): void {
  const counted = countOf(owner);
  if (++counted.calls < counted.next) return;
  counted.next += Math.min(counted.next, INTERVAL);
  const layout = layoutOf(solution, `what ${owner.name} gives`);
  const y = pack(layout, solution, `what ${owner.name} gives`);
  const at = (state: Float64Array): Float64Array => {
    const value = residual(unpack(layout, state));
    return pack(layoutOf(value, `${owner.name}.residual`), value, `${owner.name}.residual`);
  };
  const left = at(y.slice());
  const size = y.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
  const allowed = new Float64Array(left.length);
  y.forEach((x, j) => {
    const moved = y.slice();
    moved[j] += CONVERGED * (x || size);
    at(moved).forEach((r, i) => (allowed[i] += Math.abs(r - left[i])));
  });
  const wrong = left.findIndex((r, i) => Math.abs(r) > allowed[i]);
  if (wrong >= 0) throw new ResidualNotZero(owner.name, wrong, left[wrong], allowed[wrong]);
}
