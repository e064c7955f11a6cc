/** Distributions by name, and what is drawn of them. */
import { componentPath } from "../../src/arrays/layout.ts";
import { describe, isPlainObject } from "../../src/core/array-values.ts";
import { uniformPair } from "../../src/core/counter-random.ts";
import { isObject } from "../../src/core/options/check.ts";
import { nearest } from "../../src/core/options/names.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { BadVariation } from "./errors.ts";
import { distributionNamed, knownDistributions, type DistributionName } from "./distributions.ts";
import type { Draw, Members } from "./members.ts";

/** The components that may vary, by their names. */
function componentsOf({ layout }: OdeProblem): Map<string, Pick<Draw, "of" | "at">> {
  const of = (what: "u0" | "p", layout_: typeof layout.u) =>
    Array.from({ length: layout_.size }, (_, at) => [componentPath(layout_, at, what), { of: what, at }] as const);
  return new Map([...of("u0", layout.u), ...of("p", layout.p)]);
}

/** Throws {@link BadVariation}. */
export function drawsOf(problem: OdeProblem, vary: Readonly<Record<string, unknown>>): Draw[] {
  if (!isPlainObject(vary)) {
    const forms = 'a function (i) => ({ p: { k: i } }), or distributions by component: { "p.k": { uniform: [1, 2] } }';
    throw new BadVariation(`vary is ${describe(vary)}, but must be ${forms}.`);
  }
  const components = componentsOf(problem);
  return Object.entries(vary).map(([name, given]) => {
    const component = components.get(name);
    if (component) return { ...component, ...distributionOf(name, given) };
    const names = [...components.keys()];
    const near = nearest(name, names);
    const advice = near === undefined ? `Components are ${names.slice(0, 20).join(", ")}.` : `Is "${near}" meant?`;
    throw new BadVariation(`vary: ${problem.name} has no component "${name}". ${advice}`);
  });
}

function distributionOf(component: string, given: unknown): Pick<Draw, "distribution" | "numbers"> {
  const entries = isObject(given) ? Object.entries(given).filter(([, value]) => value !== undefined) : [];
  const [[name, numbers] = []] = entries as [string, unknown][];
  const row = name === undefined ? undefined : distributionNamed(name);
  if (entries.length !== 1 || !row) {
    const what = entries.length > 0 ? entries.map(([key]) => `"${key}"`).join(" and ") : describe(given);
    throw new BadVariation(`vary: "${component}" is ${what}, but must be one of ${knownDistributions()}: { uniform: [1, 2] }.`);
  }
  if (!Array.isArray(numbers) || numbers.length !== 2 || !numbers.every(Number.isFinite)) {
    throw new BadVariation(`vary: "${component}": ${name} takes two finite numbers, [${row.takes.join(", ")}].`);
  }
  const [a, b] = numbers as [number, number];
  if (row.requires && !row.requires.holds(a, b)) {
    throw new BadVariation(`vary: "${component}": ${name} takes ${row.requires.what}, and is given [${a}, ${b}].`);
  }
  return { distribution: name as DistributionName, numbers: [a, b] };
}

/** The value of a trajectory; a function of the seed, the trajectory and the component alone. */
export function drawn({ seed, trajectories }: Members, { of, at, distribution, numbers }: Draw, trajectory: number): number {
  const position = trajectories > 1 ? trajectory / (trajectories - 1) : 0;
  const uniform = uniformPair(seed, trajectory, 2 * at + (of === "p" ? 1 : 0));
  return distributionNamed(distribution)!.value(...numbers, uniform, position);
}
