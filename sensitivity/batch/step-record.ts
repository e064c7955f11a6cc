/** One step, and the record of its dense output, as a function of where it starts: what the way back goes back through. */
import { reverse } from "../../src/derive/reverse.ts";
import { Builder } from "../../src/program/builder.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../src/program/ir.ts";
import type { StepPrograms } from "../../solvers/step.ts";
import type { System } from "../../solvers/system.ts";

export interface StepRecord {
  /** (output uNext[n], output record, input u[n], input p[np], scalar t, scalar h) */
  readonly value: Program;
  /** (input u, input p, scalar t, scalar h, input uNext_bar, input record_bar, output u_bar, output p_bar) */
  readonly pullback: Program;
}

export function stepRecord({ n, np, rhs }: System, { step, dense, fsal, workSize, recordSize }: StepPrograms): StepRecord {
  const b = new Builder(`${step.name}_record`);
  const whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: b.i32(0) });
  const uNext = whole(b.arrayParameter("uNext", n, "output"));
  const record = whole(b.arrayParameter("record", recordSize, "output"));
  const u = whole(b.arrayParameter("u", n, "input"));
  const p = whole(b.arrayParameter("p", np, "input"));
  const [t, h] = [b.scalarParameter("t"), b.scalarParameter("h")];
  const [f, fNext, work, atol] = [n, n, workSize, n].map((size, i) =>
    whole(b.localArray(["f", "fNext", "work", "atol"][i], size)),
  );
  // The error is not looked at.
  b.fill(atol.array, b.f64(1));
  b.call(rhs, [f, u, p, t]);
  b.call(step, [u, uNext, f, fNext, work, p, atol, t, h, b.f64(0)]);
  if (!fsal) b.call(rhs, [fNext, uNext, p, b.operation("add", t, h)]);
  b.call(dense, [u, uNext, f, fNext, work, p, record, t, h]);
  const value = b.finish();
  return { value, pullback: reverse(value, { wrt: ["u", "p"] }) };
}
