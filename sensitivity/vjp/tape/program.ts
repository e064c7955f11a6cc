/** A tape as straight-line programs: the derivative, and which of the decisions taken come out otherwise. */
import { Builder } from "../../../src/program/builder.ts";
import { eliminate } from "../../../src/program/eliminate.ts";
import type { Program, Value } from "../../../src/program/ir.ts";
import { CONSTANT, INPUT, nameOf, operationOf } from "./codes.ts";
import type { Recording } from "./recording.ts";
import { Traced } from "./tape.ts";

export interface Sizes {
  readonly n: number;
  readonly np: number;
}

/** (output du[n], input u[n], input p[np], scalar t): the derivative, as long as no decision changes. */
export function derivativeProgram(recording: Recording, sizes: Sizes): Program {
  const b = new Builder("tape");
  const du = b.arrayParameter("du", sizes.n, "output");
  const entries = build(b, recording, sizes);
  recording.outputs.forEach((output, i) =>
    b.store(du, b.i32(i), output instanceof Traced ? entries[output.index] : b.f64(output)),
  );
  return eliminate(b.finish());
}

/**
 * (input u[n], input p[np], scalar t) -> the number, counted from 1, of the first decision that comes out otherwise; 0 where
 * none does. Undefined for a recording without decisions.
 */
export function guardProgram(recording: Recording, sizes: Sizes): Program | undefined {
  const { tape } = recording;
  const b = new Builder("guards");
  const entries = build(b, recording, sizes);
  const decisions = entries.flatMap((entry, k) => (entry.type === "bool" ? [{ entry, outcome: tape.value[k] !== 0 }] : []));
  if (decisions.length === 0) return undefined;
  const changed = decisions.reduceRight((later, { entry, outcome }, k) => {
    const here = b.i32(k + 1);
    return outcome ? b.operation("i32.select", entry, later, here) : b.operation("i32.select", entry, here, later);
  }, b.i32(0));
  return eliminate(b.finish(changed));
}

/** The values of a tape's entries; those of integer operations as f64. */
function build(b: Builder, { tape }: Recording, { n, np }: Sizes): Value[] {
  const u = b.arrayParameter("u", n, "input");
  const p = b.arrayParameter("p", np, "input");
  const t = b.scalarParameter("t");
  const input = (k: number): Value => (k < n ? b.load(u, b.i32(k)) : k < n + np ? b.load(p, b.i32(k - n)) : t);
  const entries: Value[] = [];
  for (let k = 0; k < tape.count; k++) {
    const code = tape.code[k];
    if (code === INPUT) entries.push(input(k));
    else if (code === CONSTANT) entries.push(b.f64(tape.value[k]));
    else {
      const { args, result } = operationOf(code);
      const operands = args.map((type, argument) => {
        const operand = entries[argument === 0 ? tape.left[k] : tape.right[k]];
        return type === "i32" ? b.operation("i32.wrap_f64", operand) : operand;
      });
      const value = b.operation(nameOf(code), ...operands);
      entries.push(result === "i32" ? b.toF64(value) : value);
    }
  }
  return entries;
}
