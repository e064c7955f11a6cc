/** Does a program change with time otherwise than by turning at times that can be found? */
import { inlineCalls } from "../../passes/inline-calls.ts";
import { walk, type Program } from "../../ir/ir.ts";
import { outputsOf, rootsOf, varied } from "../activity.ts";
import { dependence } from "../dependence.ts";
import { decisions } from "./slice.ts";

/** By formulas of t, which may be of short effect (`Math.exp(-(((t - 5) / 0.1) ** 2))`), or by decisions on t and the state at once. */
export function changesWithTime(whole: Program): boolean {
  const program = inlineCalls(whole, (callee) => callee.rules !== undefined);
  const byTime = dependence(program, ["t"]);
  if (byTime.values.size <= 1) return false;
  const smoothly = varied(program, rootsOf(program, ["t"]));
  if (outputsOf(program).some((output) => ("role" in output ? smoothly.arrays.has(output) : smoothly.values.has(output))))
    return true;
  const byState = dependence(program, ["u"]);
  for (const i of walk(program.body)) {
    if (i.kind !== "let" || !decisions.has(i.operation)) continue;
    if (i.args.some((arg) => byTime.values.has(arg)) && i.args.some((arg) => byState.values.has(arg))) return true;
  }
  return false;
}
