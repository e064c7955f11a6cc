/** `--vary`: which components of parameters and initial state differ between trajectories, and how. */
import { componentName, type Layout } from "../../src/arrays/layout.ts";
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { pack } from "../../src/arrays/pack.ts";
import { requireRoom } from "../../src/core/memory.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { uniforms } from "../../src/core/random.ts";
import { BadOptionValue, UnknownComponent } from "../messages/errors.ts";
import { distributions } from "./distributions.ts";

export interface Variation {
  /** As the command line names it: "p.a", "u0[3]". */
  readonly component: string;
  readonly distribution: string;
  readonly numbers: readonly [number, number];
}

/** "p.a=uniform(1,2)", added to those before it. */
export function variation(text: string, before: readonly Variation[] = []): Variation[] {
  const [, component, distribution, first, second] = /^([^=\s]+)\s*=\s*(\w+)\(([^,()]+),([^,()]+)\)$/.exec(text.trim()) ?? [];
  const numbers = [numberIn(first), numberIn(second)] as const;
  const bad = (expected: string): BadOptionValue => new BadOptionValue("--vary", text, expected);
  if (component === undefined || !Object.hasOwn(distributions, distribution) || !numbers.every(Number.isFinite)) {
    const forms = Object.entries(distributions).map(([name, { takes }]) => `${name}(${takes.join(",")})`);
    throw bad(`component=distribution, where the distribution is one of ${forms.join(", ")} with two numbers`);
  }
  const { requires } = distributions[distribution];
  if (requires && !requires.holds(...numbers)) throw bad(`${distribution} takes ${requires.what}`);
  if (before.some((earlier) => earlier.component === component)) throw bad(`each component once; ${component} is varied twice`);
  return [...before, { component, distribution, numbers }];
}

/** NaN where there is none. */
function numberIn(text: string | undefined): number {
  return text?.trim() ? Number(text) : NaN;
}

export interface VariedRows {
  readonly u0?: NdArray;
  readonly p?: NdArray;
}

/**
 * A row for each trajectory of whichever of u0 and p varies. Numbers are drawn trajectory by trajectory, so the first ones are the same
 * in a batch of any size (but for those of linspace). Throws {@link UnknownComponent}, {@link BadOptionValue}, TooMuchMemory.
 */
export function variedRows(problem: OdeProblem, variations: readonly Variation[], count: number, seed: number): VariedRows {
  const { layout } = problem;
  const longest = Math.max(layout.u.size, layout.p.size);
  requireRoom(`--trajectories ${count}`, count, longest, (most) => `Give ${most} at most.`);
  const parts = [
    partOf("u0", layout.u, pack(layout.u, problem.u0, "u0"), count),
    partOf("p", layout.p, pack(layout.p, problem.p, "p"), count),
  ];
  const names = parts.flatMap((part) => part.names);
  const targets = variations.map(({ component, distribution, numbers }) => {
    const part = parts.find((candidate) => candidate.names.includes(component));
    if (!part) throw new UnknownComponent(problem.name, component, names, "--vary");
    part.varies = true;
    const text = `${component}=${distribution}(${numbers.join(",")})`;
    return { part, at: part.names.indexOf(component), numbers, value: distributions[distribution].value, text };
  });
  if (problem.initial && parts.every(({ varies }) => varies)) {
    const what = variations.map(({ component }) => component).join(", ");
    throw new BadOptionValue("--vary", what, "components of p alone, or of u0 alone: the problem's u0 is a function of p");
  }
  // Odd, and so never the zero that xorshift would stay at; small seeds are spread over all bits.
  const uniform = uniforms(Math.imul(2 * seed + 1, 0x9e3779b9));
  for (let m = 0; m < count; m++) {
    const position = count > 1 ? m / (count - 1) : 0;
    for (const { part, at, numbers, value, text } of targets) {
      const drawn = value(...numbers, uniform, position);
      if (!Number.isFinite(drawn)) throw new BadOptionValue("--vary", text, "a distribution within the range of numbers");
      part.rows[m * part.names.length + at] = drawn;
    }
  }
  return Object.fromEntries(
    parts.filter(({ varies }) => varies).map(({ what, rows, names }) => [what, ndarray(rows, [count, names.length])]),
  );
}

interface Part {
  readonly what: string;
  readonly names: readonly string[];
  readonly rows: Float64Array;
  varies: boolean;
}

/** The same row for every trajectory. */
function partOf(what: string, layout: Layout, own: Float64Array, count: number): Part {
  const names = Array.from(own, (_, i) => {
    const name = componentName(layout, layout.offset + i, what);
    return layout.kind === "struct" ? `${what}.${name}` : name;
  });
  const rows = new Float64Array(count * own.length);
  for (let m = 0; m < count; m++) rows.set(own, m * own.length);
  return { what, names, rows, varies: false };
}
