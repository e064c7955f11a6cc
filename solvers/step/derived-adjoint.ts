/**
 * The adjoint of any step, derived from the step itself: reverse mode over the step and, where there were losses within it, its
 * dense output. The stages are computed again on the way. The parameters are those of adjoint.ts.
 */
import { reverse } from "../../src/derive/reverse.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import { inlineCalls } from "../../src/passes/inline-calls.ts";
import type { Program } from "../../src/ir/ir.ts";
import { adjointParameters, type AdjointParts } from "./adjoint.ts";
import { StepBuilder, type StepPrograms } from "./builder.ts";
import type { System } from "./system.ts";
import { VERDICT_SIZE } from "./verdict.ts";

/** Steps without a right-hand side in the form of a program cannot be derived. */
export function derivedAdjoint({ name }: { readonly name: string }, parts: AdjointParts, interpolated: boolean): Program {
  const { system, programs, wrtP } = parts;
  const { n, np } = system;
  const wrt = wrtP ? ["u", "p"] : ["u"];
  const backwards = reverse(stepAlone(name, system, programs, interpolated), { wrt });
  const b = new StepBuilder(`${name}_adjoint`, system, false);
  const { u, p, atol, lambda, bar, gradient, t, h, rtol } = adjointParameters(b, parts);
  const [start, pBar] = [b.vector("u_bar"), { array: b.localArray("p_bar", np), offset: 0 }];
  const seeds = interpolated ? [lambda, bar] : [lambda];
  const gradients = wrtP ? [start, pBar] : [start];
  b.call(backwards, [b.slice(u), b.slice(p), b.slice(atol), t, h, rtol, ...[...seeds, ...gradients].map((x) => b.slice(x))]);
  b.range(0, n, (i) => b.set(b.element(lambda, i), b.get(b.element(start, i))));
  if (wrtP) b.addTo(gradient, pBar, np);
  if (interpolated) b.fill(bar.array, b.f64(0));
  return b.finish();
}

/** (input u[n], input p[np], input atol[n], t, h, rtol, output uNext[n] and, where it is asked for, output record): what of a step others see. */
function stepAlone(name: string, system: System, programs: StepPrograms, interpolated: boolean): Program {
  const { step, dense, memorySize, workSize, recordSize, fsal } = programs;
  const b = new StepBuilder(`${name}_alone`, system, false);
  const u = b.vectorParameter("u", "input");
  const p = b.vectorParameter("p", "input", system.np);
  const atol = b.vectorParameter("atol", "input");
  const [t, h, rtol] = ["t", "h", "rtol"].map((of) => b.scalarParameter(of));
  const uNext = b.vectorParameter("uNext", "output");
  const record = interpolated ? b.vectorParameter("record", "output", recordSize) : undefined;
  const [f, fNext] = [b.vector("f"), b.vector("fNext")];
  const [memory, memoryNext] = ["memory", "memoryNext"].map((of) => ({ array: b.localArray(of, memorySize), offset: 0 }));
  const work = { array: b.localArray("work", workSize), offset: 0 };
  const verdict = { array: b.localArray("verdict", VERDICT_SIZE), offset: 0 };
  b.fill(memory.array, b.f64(0));
  b.evaluate(system.rhs, f, u, p, t);
  const arrays = [u, uNext, f, fNext, memory, memoryNext, work, p, atol, verdict];
  b.call(step, [...arrays.map((x) => b.slice(x)), t, h, rtol]);
  if (record) {
    if (!fsal) b.evaluate(system.rhs, fNext, uNext, p, b.plus(t, h));
    b.call(dense, [...[u, uNext, f, fNext, work, p, record].map((x) => b.slice(x)), t, h]);
  }
  return eliminate(inlineCalls(b.finish(), (callee) => callee.rules !== undefined));
}
