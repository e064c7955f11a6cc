/** The agreement check: a compiled right-hand side must do what the user's plain function does. */
import { memo } from "../core/memo.ts";
import { advisedOnOrder, requireOrder } from "./argument-order.ts";
import { componentName } from "../arrays/layout.ts";
import type { Target } from "../compile/compile.ts";
import type { EventOperators, ProblemCode } from "./code.ts";
import type { Program } from "../ir/ir.ts";
import { checkValueAgreement, compiledAlone, requireAgreement, requireEnd, valueAt, type Compared } from "./comparison.ts";
import { IndexOutOfRange, ReadBeforeWrite, WriteToInput } from "../read/syntax/errors.ts";
import type { Called, Operator } from "./operator.ts";
import { markMisread } from "../read/misreading.ts";
import { unguarded } from "../passes/guard.ts";
import { diagnose } from "../analysis/diagnosis.ts";
import { conditionAt } from "./events.ts";
import type { EventTime } from "./event-times.ts";
import { eventPointsFrom, pointsFrom, type Start, type TriedPoint } from "./points.ts";

/**
 * Runs the compiled right-hand side and the plain function at several points, once for each code and target.
 * Throws MisreadFunction where they differ by more than rounding, Disagreement where the function is at fault, IndexOutOfRange where an index is outside its array at
 * the start, ReadError where the function cannot be read, and, each time, ConstantsChanged.
 */
export function checkAgreement(code: ProblemCode, at: Start, target: Target): void {
  code.requireConstants();
  requireAgreementAt(code.asRead, comparedRhs(code), at, target);
}

const requireAgreementAt = memo(
  (_code: ProblemCode, compared: Compared, at: Start, target: Target): void => {
    checkIndices(compared, at, target);
    for (const point of pointsFrom(at)) requireAgreement(compared, point, target);
  },
  { by: (code, _compared, _at, target) => [code, target] },
);

/** The right-hand side, to be compared. */
export function comparedRhs(code: ProblemCode): Compared {
  return comparedOperator(code.asRead.operators.rhs);
}

/** A function of (u, p, t), or of (u, p, t, index), to be compared. Throws as {@link Operator.program} does. */
export function comparedOperator(operator: Operator, index?: number): Compared {
  return comparedWith(operator, operator.program(), index);
}

const comparedWith = memo((operator: Operator, program: Program, index?: number): Compared => {
  const scalars = index === undefined ? [] : [index];
  const plain: Compared["plain"] = (into, u, p, t) => operator.evaluate(into, [u, p, t, ...scalars]);
  const { name, layout } = operator.output;
  return { name: operator.name, program, plain, layout, value: name, exactTimes: operator.signature.atGivenTimes, scalars };
});

/** Arrays of the function's own may grow, or give undefined on purpose: where numbers come out, those are compared. */
function checkIndices(compared: Compared, { u0, p, tspan: [t] }: Start, target: Target): void {
  const { program } = compared;
  if (unguarded(program) === program) return;
  requireEnd(compared, u0, p, t, target);
  const outside = diagnose(program, { u: u0, p, t }, []).find(({ kind }) => kind === "index");
  if (!outside || (outside.isOfLocal && valueAt(compared, u0, p, t).every(Number.isFinite))) return;
  const { what, place, isFraction } = outside;
  const remedy = isFraction
    ? "There is no element between two others: round the index, as Math.floor(x) does, or take what lies between them, as `interpolate` does."
    : "Indices go from 0 to the number of elements less one: correct the index, or the bounds of the loop.";
  throw new IndexOutOfRange({ ...place, what, construct: "index", remedy });
}

/**
 * What reading would have found out of a function that cannot be read, by calling it at the start, once for each code: it must
 * not write to its state or parameters, not read `du`, and not take for p what is none. Throws {@link WriteToInput}, {@link ReadBeforeWrite}
 * and BadProblem.
 */
export const checkPlain = memo(requireReadable, { by: (code) => [code] });

function requireReadable(code: ProblemCode, { u0, p, tspan }: Start): void {
  for (const called of code.operators.rhs.functionsAt([u0, p, tspan[0]])) {
    requireOrder(called.operator);
    requireFunctionOfInputs(called);
  }
}

function requireFunctionOfInputs({ operator, inputs }: Called): void {
  const results = [0, 1].map((before) => {
    const frame = operator.frameAt(inputs);
    frame.value.fill(before);
    operator.over(frame);
    for (const k of [0, 1]) {
      const { name } = operator.signature.takes[k];
      const then = inputs[k] as Float64Array;
      if ((frame.inputs[k] as Float64Array).some((x, i) => !Object.is(x, then[i]))) {
        const error = new WriteToInput({
          name: operator.name,
          what: `\`${name}\` is written, but it is an input of this function`,
          construct: name,
          remedy: "Write to the derivative (the first argument of an in-place function), or copy it first.",
        });
        throw operator.inPlace ? error : advisedOnOrder(error, operator);
      }
    }
    return frame.value;
  });
  const isUnwritten = (k: number): boolean => results.every((du, before) => du[k] === before);
  const i = results[0].findIndex((x, k) => !Object.is(x, results[1][k]) && !isUnwritten(k));
  if (i >= 0) {
    const component = componentName(operator.output.layout, i, "du");
    throw new ReadBeforeWrite({
      name: operator.name,
      what: `what it gives for ${component} depends on what du held before the call, or changes from call to call`,
      construct: "du",
      remedy: "Assign every component of du on every path before reading it, from u, p, t and the constants alone.",
    });
  }
}

/** As {@link checkAgreement}, for the functions of an event that can be read. */
export function checkEventAgreement(
  code: ProblemCode,
  { times, when, apply }: EventOperators,
  at: Start,
  target: Target,
  moments?: readonly EventTime[],
): void {
  code.requireConstants();
  const points = eventPointsFrom(at, moments);
  if (times) checkParameterAgreement(times, at.p, target, "time");
  if (apply) requireChangeAgreement(apply, points, target);
  if (when) requireConditionAgreement(when, points);
}

/** The program of an event's condition against the function, at points. Throws as {@link checkAgreement} does. */
export function checkConditionAgreement(when: Operator, points: readonly TriedPoint[]): void {
  checkValueAgreement(
    when.program(),
    points.map(({ u, p, t, isMadeUp }) => ({ args: [u, p, t], plain: (state = u) => conditionAt(when, state, p, t), isMadeUp })),
  );
}

/** The program of a function of the parameters against the function. `of` is what it gives. Throws MisreadFunction. */
export function checkParameterAgreement(operator: Operator, p: Float64Array, target: Target, of: string): void {
  const program = operator.program();
  const plain = new Float64Array(operator.output.layout.size);
  operator.evaluate(plain, [p]);
  const compiled = compiledAlone(program, target).run([undefined, p], []).arrays[0];
  const k = plain.findIndex((x, i) => !(Math.abs(compiled[i] - x) <= OF_PARAMETERS * Math.abs(x)));
  if (k < 0) return;
  const what = `its compiled form would give ${compiled[k]} as its ${of} ${k} where the function gives ${plain[k]}`;
  throw markMisread(program, { name: operator.name }, what);
}

/** The relative difference between what a function of the parameters gives, and its compiled form. */
const OF_PARAMETERS = 1e-9;

const requireChangeAgreement = memo(
  (apply: Operator, points: readonly TriedPoint[], target: Target): void => {
    for (const point of points) requireAgreement(comparedOperator(apply, point.index), point, target);
  },
  { by: (apply, _points, target) => [apply, target] },
);

const requireConditionAgreement = memo(checkConditionAgreement, { by: (when) => [when] });
