/** Random models: parts beside each other, in units of their own, with a loss of all of them. */
import fc from "fast-check";
import { odeProblem, type Loss, type OdeProblem } from "../../../src/problem/problem.ts";
import { ridders } from "./differences.ts";
import type { Part, PartMaker } from "./part.ts";

export interface Model {
  readonly parts: readonly Part[];
  readonly end: number;
  /** How large one natural unit is in the user's: of time, of the loss, of each part's state, of each parameter. */
  readonly units: { readonly time: number; readonly loss: number; readonly u: readonly number[]; readonly p: readonly number[] };
  /** Of each state in the loss. */
  readonly weights: readonly number[];
  readonly loss: "final" | "squares";
  readonly wrt: readonly ("p" | "u0")[];
}

/** Most are 1; 0 shrinks to it. */
const unit = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -12, max: 12 }) });

export function randomModel(makers: readonly PartMaker[]): fc.Arbitrary<Model> {
  return fc
    .record({
      end: fc.constantFrom(10, 4, 25),
      chosen: fc.array(fc.constantFrom(...makers), { minLength: 1, maxLength: 3 }),
      time: unit,
      lossUnit: unit,
      loss: fc.constantFrom("final" as const, "squares" as const),
      wrt: fc.constantFrom(["p", "u0"] as const, ["p"] as const, ["u0"] as const),
    })
    .chain(({ end, chosen, time, lossUnit, loss, wrt }) =>
      fc.tuple(...chosen.map((make) => make(end))).chain((parts) => {
        const states = parts.flatMap(({ u0 }) => u0).length;
        const parameters = parts.flatMap(({ p }) => p).length;
        return fc
          .record({
            u: fc.tuple(...parts.map(() => unit)),
            p: fc.tuple(...Array.from({ length: parameters }, () => unit)),
            weights: fc.tuple(...Array.from({ length: states }, () => fc.constantFrom(1, 0.5, 2))),
          })
          .map(({ u, p, weights }): Model => ({
            parts,
            end,
            units: { time: power(time), loss: power(lossUnit), u: u.map(power), p: p.map(power) },
            weights,
            loss,
            wrt,
          }));
      }),
    );
}

function power(exponent: number): number {
  return Number(`1e${exponent}`);
}

/** Off the parts' switches, which are at fractions of the end with other denominators. */
const fractions = [0.21, 0.52, 0.77, 1];
/** What is observed, in natural units; one observation is missing. */
const observed = [0.4, NaN, 1.1, 0.7];

interface Stated {
  readonly problem: OdeProblem<Float64Array, Float64Array>;
  readonly loss: Loss<Float64Array, Float64Array>;
  readonly text: string;
}

/** The model as a user would hand it in. */
export function stated({ parts, end, units, weights, loss }: Model): Stated {
  const lines: string[] = [units.time === 1 ? "const s = t;" : `const s = t / ${units.time};`];
  const derivatives: string[] = [];
  const sizes: number[] = [];
  let [i, j] = [0, 0];
  parts.forEach(({ u0, p, text }, k) => {
    const x = u0.map((_, a) => `x${i + a}`);
    const q = p.map((_, a) => `p${j + a}`);
    x.forEach((name, a) => lines.push(`const ${name} = ${over(`u[${i + a}]`, units.u[k])};`));
    q.forEach((name, a) => lines.push(`const ${name} = ${over(`p[${j + a}]`, units.p[j + a])};`));
    const { before, derivatives: found } = text(x, q, "s");
    if (before) lines.push(before);
    const size = units.u[k] / units.time;
    found.forEach((d, a) => derivatives.push(`du[${i + a}] = ${size === 1 ? d : `${size} * (${d})`};`));
    sizes.push(...u0.map(() => units.u[k]));
    i += x.length;
    j += q.length;
  });
  const body = [...lines, ...derivatives].map((line) => `  ${line}`).join("\n");
  const terms = weights.map((w, a) => [w, over(`u[${a}]`, sizes[a])] as const);
  const of =
    loss === "final"
      ? `${units.loss} * (${terms.map(([w, x]) => `${w} * ${x}`).join(" + ")})`
      : `Number.isNaN(d[i]) ? 0 : ${units.loss} * (${terms.map(([w, x]) => `${w} * (${x} - d[i]) ** 2`).join(" + ")})`;
  const problem = odeProblem({
    name: "random",
    rhs: new Function("du", "u", "p", "t", body) as (
      du: Float64Array,
      u: Float64Array,
      p: Float64Array,
      t: number,
      constants: unknown,
    ) => void,
    u0: Float64Array.from(parts.flatMap(({ u0 }, k) => u0.map((x) => x * units.u[k]))),
    p: Float64Array.from(parts.flatMap(({ p }) => p).map((x, a) => x * units.p[a])),
    tspan: [0, end * units.time],
  });
  const text = `(du, u, p, t) => {\n${body}\n}\nu0 = [${[...problem.u0].join(", ")}], p = [${[...problem.p].join(", ")}], tspan = [${problem.tspan.join(", ")}]\nloss (${loss}) = ${of}`;
  if (loss === "final") return { problem, text, loss: { final: new Function("u", `return ${of};`) as () => number } };
  const at = fractions.map((f) => f * end * units.time);
  const d = observed;
  return {
    problem,
    text: `${text}, at ${at.join(", ")}, d = [${d.join(", ")}]`,
    loss: { at, of: new Function("u", "p", "t", "i", "{ d }", `return ${of};`) as () => number, constants: { d } } as never,
  };
}

function over(name: string, unit: number): string {
  return unit === 1 ? name : `${name} / ${unit}`;
}

export interface Expected {
  readonly p: readonly number[];
  readonly u0: readonly number[];
  /** Largest on the way of a weighted component of the state, and at least of the loss's terms. */
  readonly size: number;
}

/** The gradient in natural units, by extrapolated differences of the solutions in closed form. */
export function expected({ parts, end, weights, loss }: Model): Expected {
  const times = loss === "final" ? [end] : fractions.map((f) => f * end);
  const [p, u0]: [number[], number[]] = [[], []];
  let first = 0;
  let size = 0;
  for (const part of parts) {
    const own = weights.slice(first, (first += part.u0.length));
    const of = (u: readonly number[], q: readonly number[]): number => {
      let sum = 0;
      times.forEach((t, i) => {
        if (loss === "squares" && Number.isNaN(observed[i])) return;
        part.solution(u, q, t).forEach((x, a) => (sum += own[a] * (loss === "final" ? x : (x - observed[i]) ** 2)));
      });
      return sum;
    };
    part.p.forEach((x, a) => p.push(ridders((y) => of(part.u0, part.p.with(a, y)), x)));
    part.u0.forEach((x, a) => u0.push(ridders((y) => of(part.u0.with(a, y), part.p), x)));
    size = Math.max(size, peak(part, own, end), Math.abs(of(part.u0, part.p)));
  }
  return { p, u0, size };
}

function peak({ u0, p, solution }: Part, weights: readonly number[], end: number): number {
  const states = Array.from({ length: 101 }, (_, i) => solution(u0, p, (end * i) / 100));
  return Math.max(...states.flatMap((u) => u.map((x, a) => Math.abs(weights[a] * x))));
}
