/**
 * The reverse sweep over a tape. Its code is generated from the derivative rules of the operations table, so that each
 * operation has one rule, and the engine sees one loop around one switch.
 */
import { memo } from "../core/memo.ts";
import type { Value } from "../ir/ir.ts";
import { scalarOperations, type RuleBuilder, type ScalarOperationName } from "../ir/scalar-operations.ts";
import { codeOf, FIRST_TRACED, operationNames, SECOND_TRACED } from "./numbers/codes.ts";
import type { Entries, Recording } from "./recording.ts";

/** Adds to the adjoints of a tape's entries what their results' adjoints hand back, last entry first. */
type Sweep = (entries: Entries, inputs: number, adjoint: Float64Array, counts: Uint8Array) => void;

let adjoint = new Float64Array(0);
/** Which adjoints something was added to: what does not count may have an infinite derivative. */
let counts = new Uint8Array(0);

/** The adjoints of all entries, the inputs first, for a cotangent of the outputs; until the next call. */
export function adjointsOf({ entries, inputs, outputs }: Recording, v: Float64Array): Float64Array {
  if (adjoint.length < entries.count) {
    adjoint = new Float64Array(entries.code.length);
    counts = new Uint8Array(entries.code.length);
  }
  adjoint.fill(0, 0, entries.count);
  counts.fill(0, 0, entries.count);
  for (let i = 0; i < outputs.length; i++) {
    adjoint[outputs[i]] += v[i];
    if (v[i] !== 0) counts[outputs[i]] = 1;
  }
  sweep()(entries, inputs, adjoint, counts);
  return adjoint;
}

const sweep = memo((): Sweep => {
  const cases = operationNames.flatMap((name) => {
    const { args, partials } = scalarOperations[name];
    if (!partials || args.some((type) => type !== "f64")) return [];
    const variants = args.length === 1 ? [FIRST_TRACED] : [FIRST_TRACED, SECOND_TRACED, FIRST_TRACED + SECOND_TRACED];
    return variants.map((variant) => `case ${codeOf(name) + variant}: { ${handBack(name, variant)} break; }`);
  });
  const body = `
    const { count, code, left, right, value } = entries;
    for (let k = count - 1; k >= inputs; k--) {
      if (counts[k] === 0) continue;
      const w = adjoint[k], i = left[k], j = right[k];
      switch (code[k]) {
        ${cases.join("\n")}
      }
    }`;
  return new Function("entries", "inputs", "adjoint", "counts", body) as Sweep;
});

/** Expressions of JavaScript, as values that the rules compute with. */
class Expressions implements RuleBuilder {
  private readonly texts = new Map<Value, string>();

  value(text: string, constant?: number): Value {
    const value: Value = { id: this.texts.size, type: "f64", min: 0, max: 0, constant };
    this.texts.set(value, text);
    return value;
  }

  textOf(value: Value): string {
    return this.texts.get(value)!;
  }

  f64(constant: number): Value {
    return this.value(constant < 0 ? `(${constant})` : String(constant), constant);
  }

  operation(name: ScalarOperationName, ...args: Value[]): Value {
    return this.value(scalarOperations[name].javascript(...args.map((arg) => this.textOf(arg))));
  }
}

/** Statements that add to the adjoints of the traced arguments. */
function handBack(name: ScalarOperationName, variant: number): string {
  const b = new Expressions();
  // Rules ask only whether an argument is a constant, not which.
  const placeholder = (bit: number): number | undefined => (variant & bit ? undefined : NaN);
  const args = [b.value("value[i]", placeholder(FIRST_TRACED)), b.value("value[j]", placeholder(SECOND_TRACED))];
  const { choice, partials } = scalarOperations[name];
  const isTraced = (argument: number): boolean => (variant & (argument === 0 ? FIRST_TRACED : SECOND_TRACED)) !== 0;
  const add = (argument: number, amount: string): string => {
    const at = argument === 0 ? "i" : "j";
    return isTraced(argument) ? `adjoint[${at}] += ${amount}; counts[${at}] = 1;` : "";
  };
  if (choice) return `if (${b.textOf(choice(b, args))}) { ${add(0, "w")} } else { ${add(1, "w")} }`;
  return partials!(b, args, b.value("value[k]"))
    .map((partial, argument) => {
      if (!partial) return "";
      if (partial.constant === 1) return add(argument, "w");
      return add(argument, partial.constant === -1 ? "-w" : `w * ${b.textOf(partial)}`);
    })
    .join(" ");
}
