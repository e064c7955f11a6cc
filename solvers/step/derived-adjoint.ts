/**
 * The adjoint of any step, derived from the step itself: reverse mode over the step and, where there were losses within it, its
 * dense output. The stages are computed again on the way. The parameters are those of adjoint.ts.
 */
import { reverse } from "../../src/derive/reverse.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import { inlineCalls } from "../../src/passes/inline-calls.ts";
import type { ArrayArgument, Program } from "../../src/ir/ir.ts";
import { adjointParameters, type AdjointParts } from "./adjoint.ts";
import { StepBuilder, type Slice, type StepPrograms } from "./builder.ts";
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
  const { np } = system;
  const wrt = ["u", "f", ...(wrtP ? ["p"] : [])];
  const backwards = reverse(stepAlone(name, system, programs, interpolated), { wrt });
  const b = new StepBuilder(`${name}_adjoint`, system, false);
  const { u, f, p, atol, lambda, slope, bar, gradient, t, h, rtol } = adjointParameters(b, parts);
  const [uBar, fBar, pBar] = [b.vector("u_bar"), b.vector("f_bar"), { array: b.localArray("p_bar", np), offset: 0 }];
  const seeds = [lambda, slope, ...(interpolated ? [bar] : [])];
  const gradients = [uBar, fBar, ...(wrtP ? [pBar] : [])];
  const vectors = (some: readonly Slice[]): ArrayArgument[] => some.map((x) => b.slice(x));
  b.call(backwards, [...vectors([u, f, p, atol]), t, h, rtol, ...vectors([...seeds, ...gradients])]);
  b.each((at) => {
    b.set(at(lambda), b.get(at(uBar)));
    b.set(at(slope), b.get(at(fBar)));
  });
  if (wrtP) b.addTo(gradient, pBar, np);
  if (interpolated) b.fill(bar.array, b.f64(0));
  return b.finish();
}

/**
 * What of a step others see: (input u[n], input f[n], input p[np], input atol[n], t, h, rtol, output uNext[n], output fNext[n] and, where
 * it is asked for, output record).
 */
function stepAlone(name: string, system: System, programs: StepPrograms, interpolated: boolean): Program {
  const { step, dense, memorySize, workSize, recordSize, fsal } = programs;
  const b = new StepBuilder(`${name}_alone`, system, false);
  const [u, f] = ["u", "f"].map((of) => b.vectorParameter(of, "input"));
  const p = b.vectorParameter("p", "input", system.np);
  const atol = b.vectorParameter("atol", "input");
  const [t, h, rtol] = ["t", "h", "rtol"].map((of) => b.scalarParameter(of));
  const [uNext, fNext] = ["uNext", "fNext"].map((of) => b.vectorParameter(of, "output"));
  const record = interpolated ? b.vectorParameter("record", "output", recordSize) : undefined;
  const [memory, memoryNext] = ["memory", "memoryNext"].map((of) => ({ array: b.localArray(of, memorySize), offset: 0 }));
  const work = { array: b.localArray("work", workSize), offset: 0 };
  const verdict = { array: b.localArray("verdict", VERDICT_SIZE), offset: 0 };
  b.fill(memory.array, b.f64(0));
  const arrays = [u, uNext, f, fNext, memory, memoryNext, work, p, atol, verdict];
  b.call(step, [...arrays.map((x) => b.slice(x)), t, h, rtol]);
  if (!fsal) b.evaluate(system.rhs, fNext, uNext, p, b.plus(t, h));
  if (record) b.call(dense, [...[u, uNext, f, fNext, work, p, record].map((x) => b.slice(x)), t, h]);
  return eliminate(inlineCalls(b.finish(), (callee) => callee.rules !== undefined));
}
