/**
 * Values that loops find by comparisons, as a root by bisection: they move with what is compared, which the derivative of each operation does not
 * see. It shows where differences of the right-hand side agree with each other and not with its derivative.
 */
import { decisionsNotHeld } from "../../src/analysis/switching/branches.ts";
import { memo } from "../../src/core/memo.ts";
import { forward } from "../../src/derive/forward.ts";
import type { Program } from "../../src/ir/ir.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import { pointsFrom } from "../../src/problem/points.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import { written } from "../../solvers/events/switches.ts";
import type { UnplannedTask } from "../task/task.ts";

/** Distances of differences, relative to the sizes of components: a value that is found to the digits of numbers varies smoothly over both. */
const DISTANCES = [1e-3, 2.5e-4] as const;
/** Relative: what two differences, or a difference and a derivative, may differ by. */
const ALIKE = 1e-2;

/** A warning where derivatives of the right-hand side are not those of what it computes, at every point at which that can be told. */
export function chosenValues({ code, problem, u0, p, target }: UnplannedTask): string[] {
  if (!systemOf(code)) return [];
  const program = code.rhsProgram();
  const [place] = decisionsNotHeld(program);
  if (!place) return [];
  const derived = tangentOf(program);
  const random = pseudoRandom();
  const direction = (sizes: Float64Array): Float64Array => sizes.map((size) => size * random());
  const moved = (x: Float64Array, by: number, along: Float64Array): Float64Array => x.map((value, i) => value + by * along[i]);
  const verdicts = pointsFrom({ u0, p, tspan: problem.tspan }).map(({ u, p: at, t }): boolean | undefined => {
    const [du, dp] = [direction(stateSizes(u)), direction(sizesOf(at))];
    const value = (by: number): Float64Array =>
      compiledAlone(program, target)
        .run([undefined, moved(u, by, du), moved(at, by, dp)], [t])
        .arrays[0].slice();
    const [far, near] = DISTANCES.map((by) => {
      const [above, below] = [value(by), value(-by)];
      return above.map((x, i) => (x - below[i]) / (2 * by));
    });
    const tangent = compiledAlone(derived, target).run([undefined, u, at, du, dp], [t]).arrays.at(-1)!;
    if (!isAlike(far, near)) return undefined;
    return isAlike(near, tangent);
  });
  const told = verdicts.filter((verdict) => verdict !== undefined);
  if (told.length === 0 || told.includes(true)) return [];
  const { function: name, line, text } = written(place, problem.name);
  return [
    `${name}, line ${line}: what is found by comparisons in a loop (\`${text}\`) moves with what they compare, and that is not in these ` +
      "derivatives: differences of the function differ from its derivative. A root that bisection brackets has a derivative where one step of " +
      "Newton's method follows the loop.",
  ];
}

const tangentOf = memo((program: Program): Program => forward(program, { wrt: ["u", "p"] }));

function isAlike(a: Float64Array, b: Float64Array): boolean {
  const size = Math.max(...a.map(Math.abs), ...b.map(Math.abs));
  return a.every((x, i) => Math.abs(x - b[i]) <= ALIKE * size);
}
