/** The vjp backend by finite differences of the plain function: it needs no text, and loses half of the digits or more. */
import { memo } from "../../../src/core/memo.ts";
import type { ProblemCode } from "../../../src/problem/code.ts";
import { colourColumns } from "../../../src/derive/colouring.ts";
import { columnOf } from "../../../src/analysis/pattern.ts";
import type { VjpBackend } from "../backend.ts";
import { Differences, stepsFor } from "./differences.ts";
import { hostVjp, type HostJvp, type HostVjp, type HostVjps } from "../host.ts";
import { patternOf } from "../pattern.ts";
import type { SparsityPattern } from "../../../src/analysis/sparsity.ts";

/** The backend. */
export const finite: VjpBackend = {
  name: "finite",
  capabilities: {
    needsText: false,
    scalars: true,
    mutation: true,
    branches: true,
    dynamic: true,
    programs: false,
    exact: false,
    modes: ["forward"],
  },
  // Two a colour, of which there are at least as many as entries in the fullest row: colouring takes longer than a plan may.
  cost: (code) => ({ unit: "plain", u: 2 * fullestRow(patternOf(code, "u")), p: 2 * fullestRow(patternOf(code, "p")) }),
  prepare: ({ code, arena }) => hostVjp("finite", code, arena, finiteVjps(code)),
};

/**
 * States share a scale, and a trace of one among large others is noise to them; rate constants may each have their own, over
 * many decades.
 */
const FLOOR = { u: 1e-3, p: 0 };

/** Products, and estimates of the errors of vjps at twice their cost. */
export interface FiniteVjps extends HostVjps {
  readonly jvp: HostJvp;
  readonly errors: HostVjps;
}

/** The products of a right-hand side. */
export function finiteVjps(code: ProblemCode): FiniteVjps {
  const [u, p] = [vjpBy(code, "u"), vjpBy(code, "p")];
  return { wrtU: u.vjp, wrtP: p.vjp, errors: { wrtU: u.errors, wrtP: p.errors }, jvp: jvpBy(code) };
}

/** Moves the columns of one colour, which share no row, together, each by its own step. */
function vjpBy(code: ProblemCode, input: "u" | "p"): { vjp: HostVjp; errors: HostVjp } {
  const m = code.output.size;
  const { size } = code.layout[input];
  // Copies, so that `code.plain` makes its views once.
  const fixed = { u: new Float64Array(code.layout.u.size), p: new Float64Array(code.layout.p.size), t: 0 };
  const differences = new Differences(
    (out, x) => code.plain(out, input === "u" ? x : fixed.u, input === "p" ? x : fixed.p, fixed.t),
    size,
    m,
  );
  const products = (slope: (x: Float64Array, steps: Float64Array) => Float64Array): HostVjp => {
    return (out, u, p, t, v) => {
      fixed.u.set(u);
      fixed.p.set(p);
      fixed.t = t;
      const x = fixed[input];
      const steps = stepsFor(x, FLOOR[input]);
      out.fill(0);
      const add = (columns: readonly Column[]): void => {
        const direction = new Float64Array(size);
        for (const { j } of columns) direction[j] = steps[j];
        const change = slope(x, direction);
        // A column at the edge of its domain is moved alone, and so are the others.
        if (columns.length > 1 && !change.every(Number.isFinite)) return columns.forEach((column) => add([column]));
        for (const { j, rows } of columns) for (const i of rows) out[j] += (v[i] * change[i]) / steps[j];
      };
      groupsOf(code, input).forEach(add);
    };
  };
  return {
    vjp: products((x, direction) => differences.along(x, direction, 1)),
    errors: (out, u, p, t, v) =>
      products((x, direction) => differences.withError(x, direction, 1).error)(out, u, p, t, v.map(Math.abs)),
  };
}

function fullestRow({ rows, rowIndices }: SparsityPattern): number {
  const entries = new Int32Array(rows);
  for (const row of rowIndices) entries[row]++;
  return entries.reduce((most, count) => Math.max(most, count), 0);
}

interface Column {
  readonly j: number;
  readonly rows: Int32Array;
}

/** The columns by colour. */
const groupsOf = memo(
  (code: ProblemCode, input: "u" | "p"): readonly (readonly Column[])[] => {
    const pattern = patternOf(code, input);
    const { count, colors } = colourColumns(pattern);
    const groups = Array.from({ length: count }, (): Column[] => []);
    colors.forEach((color, j) => groups[color].push({ j, rows: columnOf(pattern, j) }));
    return groups;
  },
  { by: (code, input) => [code.identity, input] },
);

/** Takes one difference along the direction, as far as the component that is moved relatively most may go. */
function jvpBy(code: ProblemCode): HostJvp {
  const [n, np] = [code.layout.u.size, code.layout.p.size];
  const [u, p] = [new Float64Array(n), new Float64Array(np)];
  let time = 0;
  const plain = (out: Float64Array, x: Float64Array): void => {
    u.set(x.subarray(0, n));
    p.set(x.subarray(n));
    code.plain(out, u, p, time);
  };
  const differences = new Differences(plain, n + np, code.output.size);
  return (out, atU, atP, t, uDot, pDot) => {
    time = t;
    const x = Float64Array.of(...atU, ...atP);
    const direction = Float64Array.of(...uDot, ...pDot);
    const steps = Float64Array.of(...stepsFor(atU, FLOOR.u), ...stepsFor(atP, FLOOR.p));
    const h = steps.reduce(
      (least, step, j) => (direction[j] === 0 ? least : Math.min(least, step / Math.abs(direction[j]))),
      Infinity,
    );
    if (h === Infinity) out.fill(0);
    else out.set(differences.along(x, direction, h));
  };
}
