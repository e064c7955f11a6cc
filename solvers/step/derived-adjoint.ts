/**
 * The adjoint of any step, derived from the step itself: reverse mode over the step and, where there were losses within it, its
 * dense output. The stages are computed again on the way. The parameters are those of adjoint.ts.
 */
import { reverse } from "../../src/derive/reverse.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import { inlineCalls } from "../../src/passes/inline-calls.ts";
import type { ArrayArgument, Program } from "../../src/ir/ir.ts";
import { adjointParameters, sizeOfPast, type AdjointParts } from "./adjoint.ts";
import { copy, noHistory, StepBuilder, type Slice, type StepPrograms } from "./builder.ts";
import type { Method } from "./method.ts";
import type { System } from "./system.ts";
import { VERDICT_SIZE } from "./verdict.ts";

/** The adjoint of a method's step: that of its family, or the derived one. */
export function stepAdjoint(method: Method, parts: AdjointParts, interpolated: boolean): Program {
  return (method.family.adjoint ?? derivedAdjoint)(method, parts, interpolated);
}

/** Steps without a right-hand side in the form of a program cannot be derived. */
export function derivedAdjoint({ name }: { readonly name: string }, parts: AdjointParts, interpolated: boolean): Program {
  const { system, programs, wrtP } = parts;
  const b = new StepBuilder(`${name}_adjoint`, system, false);
  const given = adjointParameters(b, parts);
  const { u, f, history, numbers, p, atol, lambda, slope, past, bar, gradient, t, h, rtol } = given;
  /** What is differentiated by, with its cotangents: those of the step's end become those of its start. */
  const states = [["u", lambda] as const, ["f", slope] as const, ...(programs.history ? [["history", past] as const] : [])];
  const wrt = [...states.map(([input]) => input), ...(wrtP ? ["p"] : [])];
  const backwards = reverse(stepAlone(name, system, programs, interpolated), { wrt });
  const cotangents = states.map(([, cotangent]) => cotangent);
  const found = cotangents.map(({ array }) => ({ array: b.localArray(`${array.name}_start`, array.size), offset: 0 }));
  const pBar = { array: b.localArray("p_bar", system.np), offset: 0 };
  const inputs = [u, f, ...(programs.history ? [history, numbers] : []), p, atol];
  const vectors = (some: readonly Slice[]): ArrayArgument[] => some.map((x) => b.slice(x));
  const bars = [...cotangents, ...(interpolated ? [bar] : []), ...found, ...(wrtP ? [pBar] : [])];
  b.call(backwards, [...vectors(inputs), t, h, rtol, ...vectors(bars)]);
  cotangents.forEach((cotangent, k) => copy(b, b.slice(cotangent), b.slice(found[k]), cotangent.array.size));
  if (wrtP) b.addTo(gradient, pBar, system.np);
  if (interpolated) b.fill(bar.array, b.f64(0));
  return b.finish();
}

/**
 * What of a step others see: (input u[n], input f[n], input history and numbers where there is a history, input p[np], input atol[n], t, h,
 * rtol, output uNext[n], output fNext[n], output historyNext where there is a history and, where it is asked for, output record).
 */
function stepAlone(name: string, system: System, programs: StepPrograms, interpolated: boolean): Program {
  const { step, dense, memorySize, workSize, cacheSize = 0, recordSize, fsal, history } = programs;
  const b = new StepBuilder(`${name}_alone`, system, false);
  const ofPast = sizeOfPast({ system, programs });
  const [u, f] = ["u", "f"].map((of) => b.vectorParameter(of, "input"));
  const before = history && {
    vectors: b.vectorParameter("history", "input", ofPast),
    numbers: b.vectorParameter("numbers", "input", history.numbers),
  };
  const p = b.vectorParameter("p", "input", system.np);
  const atol = b.vectorParameter("atol", "input");
  const [t, h, rtol] = ["t", "h", "rtol"].map((of) => b.scalarParameter(of));
  const [uNext, fNext] = ["uNext", "fNext"].map((of) => b.vectorParameter(of, "output"));
  const after = history && b.vectorParameter("historyNext", "output", ofPast);
  const record = interpolated ? b.vectorParameter("record", "output", recordSize) : undefined;
  const [memory, memoryNext] = ["memory", "memoryNext"].map((of) => ({ array: b.localArray(of, memorySize), offset: 0 }));
  const [work, cache] = [b.localArray("work", workSize), b.localArray("cache", cacheSize)].map((array) => ({ array, offset: 0 }));
  const verdict = { array: b.localArray("verdict", VERDICT_SIZE), offset: 0 };
  const vectorsIn = ({ array }: Slice): ArrayArgument => b.slice({ array, offset: history!.offset + history!.numbers });
  for (const { array } of [memory, cache]) b.fill(array, b.f64(0));
  if (before) {
    copy(b, b.slice({ ...memory, offset: history!.offset }), b.slice(before.numbers), history!.numbers);
    copy(b, vectorsIn(memory), b.slice(before.vectors), ofPast);
  }
  const arrays = [u, uNext, f, fNext, memory, memoryNext, work, cache, p, atol, verdict];
  b.call(step, [...arrays.map((x) => b.slice(x)), t, h, rtol]);
  if (!fsal) b.evaluate(system.rhs, fNext, uNext, p, b.plus(t, h));
  if (after) copy(b, b.slice(after), vectorsIn(memoryNext), ofPast);
  const { offset, numbers } = history ?? noHistory;
  const past = [offset + numbers, offset].map((from) => b.slice({ ...memoryNext, offset: from }));
  if (record)
    b.call(dense, [...[u, uNext, f, fNext].map((x) => b.slice(x)), ...past, ...[work, p, record].map((x) => b.slice(x)), t, h]);
  return eliminate(inlineCalls(b.finish(), (callee) => callee.rules !== undefined));
}
