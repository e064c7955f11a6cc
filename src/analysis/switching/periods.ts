/** How fast what repeats itself with the time does so: periods of the sines, cosines and tangents of a time that a program takes. */
import { inlineCalls } from "../../passes/inline-calls.ts";
import { interpret } from "../../ir/interpret.ts";
import { walk, type Instruction, type Let, type Program } from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { dependence } from "../dependence.ts";
import { withStores } from "./slice.ts";

const periodic: ReadonlySet<ScalarOperationName> = new Set(["sin", "cos", "tan"]);

/** Parts of the span at which the angles are looked at, and how far from there again. */
const LOOKS = [0, 0.38, 0.86];
const APART = 2 ** -20;

/**
 * Of a program (…, input u[n], input p[np], scalar t) what its sines of the time, and of parameters, are taken of. Undefined where there are none.
 */
export function anglesOf(whole: Program): Program | undefined {
  const program = inlineCalls(whole, (callee) => callee.rules !== undefined);
  const byTime = dependence(program, ["t"]);
  if (byTime.values.size <= 1) return undefined;
  const byState = dependence(program, ["u"]);
  const isAngle = (i: Instruction): i is Let =>
    i.kind === "let" && periodic.has(i.operation) && byTime.values.has(i.args[0]) && !byState.values.has(i.args[0]);
  if (!walk(program.body).some(isAngle)) return undefined;
  return withStores(program, (i, keep) => (isAngle(i) ? { after: [keep(i.result)] } : {}));
}

/** The shortest of the periods, as they are at a few times of the span; Infinity where nothing turns. */
export function shortestPeriod(angles: Program, p: Float64Array, [t0, t1]: readonly [number, number]): number {
  const step = (t1 - t0) * APART;
  let fastest = 0;
  for (const part of LOOKS) {
    const t = t0 + part * (t1 - t0);
    const [now, then] = [anglesAt(angles, p, t), anglesAt(angles, p, t + step)];
    now.forEach((angle, k) => {
      const rate = Math.abs((then[k] - angle) / step);
      if (rate < Infinity) fastest = Math.max(fastest, rate);
    });
  }
  return (2 * Math.PI) / fastest;
}

function anglesAt(angles: Program, p: Float64Array, t: number): number[] {
  const found: number[] = [];
  const operation = ({ operation }: Let, [angle]: readonly number[]): void => {
    if (periodic.has(operation)) found.push(angle);
  };
  const args = angles.parameters.map((parameter) => {
    if (parameter.kind === "scalar") return t;
    return parameter.array.name === "p" ? p : new Float64Array(parameter.array.size);
  });
  interpret(angles, args, { operation, access: () => {} });
  return found;
}
