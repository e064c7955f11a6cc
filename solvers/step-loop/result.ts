/** How an integration ended: what went wrong, and with which component, as far as the last state and its derivatives tell. */
import { firstNotFinite } from "../../src/core/array-values.ts";
import { statuses, verdict } from "../step/verdict.ts";
import type { Code, Prepared } from "./prepare.ts";
import { integer } from "./registers.ts";
import type { Result, ResultKind } from "./trajectory.ts";

/** Looks for stiffness at a failure. */
const LAST_LOOKS = 8;

/** The time of the last state, and the step that was tried, or would have been, from there. */
interface End {
  readonly t: number;
  readonly h: number;
  readonly rtol: number;
}

export function resultOf({ code, system }: Prepared, kind: ResultKind, end: End): Result {
  const { t, h } = end;
  const ended = { kind, t, h, strained: isStrained(code, kind, end) };
  if (!statuses.some(({ result }) => result === kind)) return ended;
  const mayBeAhead = kind === "nonFiniteDerivative" || kind === "convergenceFailure";
  const component = failingComponent(code, t, mayBeAhead ? h : 0);
  if (component >= 0) return { ...ended, kind: "nonFiniteDerivative", component };
  const index = code.view.verdict[verdict.entry] - 1;
  return index < 0 ? ended : { ...ended, kind: "nonFiniteJacobian", ...entryAt(system, index) };
}

/** Was stability what held the steps back? Also where they got too short before any was looked at. */
function isStrained({ look, here, address, view }: Code, kind: ResultKind, { t, h, rtol }: End): boolean {
  if (!view.integers[integer.detects] || view.integers[integer.strained]) return view.integers[integer.strained] !== 0;
  if (!look || (kind !== "stepUnderflow" && kind !== "nonFiniteDerivative")) return false;
  const { p, atol, direction } = address;
  for (let k = 1; k <= LAST_LOOKS; k++) {
    if (look(here.u, here.f, p, atol, direction, t, h, rtol, k) > 0) return true;
  }
  return false;
}

/** The row, and the column where it is not ∂f/∂t, of what the linearisation counts as its index-th number. */
function entryAt({ jacobian }: Prepared["system"], index: number): Pick<Result, "component" | "by"> {
  const { columnPointers, rowIndices } = jacobian!.pattern;
  const component = index < rowIndices.length ? rowIndices[index] : index - rowIndices.length;
  const by = columnPointers.findIndex((start) => start > index) - 1;
  return { component, by: by < 0 ? undefined : by };
}

/** The component whose derivative is not finite, here or an Euler step of length h on; -1 if there is none. */
function failingComponent({ rhs, here, there, address }: Code, t: number, h: number): number {
  const component = firstNotFinite(here.slope);
  if (component >= 0 || h === 0) return component;
  here.state.forEach((u, i) => (there.state[i] = u + h * here.slope[i]));
  rhs(there.f, there.u, address.p, t + h);
  return firstNotFinite(there.slope);
}
