/** A tape as straight-line programs: the vjp, and which of the decisions taken come out otherwise. */
import { Builder } from "../ir/builder.ts";
import { eliminate } from "../passes/eliminate.ts";
import { given, pull, settled, sum, type Contribution } from "../derive/contribution.ts";
import type { Program, Value } from "../ir/ir.ts";
import { scalarOperations } from "../ir/scalar-operations.ts";
import { CONSTANT, INPUT, nameOf, operationOf } from "./numbers/codes.ts";
import type { Entries, Recording } from "./recording.ts";

export interface Input {
  readonly name: string;
  readonly size: number;
  /** A parameter of its own, no array of one. */
  readonly isScalar?: boolean;
}

/** The inputs of a recording, in the order of their entries, and its output. */
export interface Signature {
  readonly inputs: readonly Input[];
  readonly output: Input;
}

/** (the inputs, input <output>_bar, output <name>_bar for each name): the vjp, as long as no decision changes. */
export function vjpProgram(recording: Recording, signature: Signature, wrt: readonly string[]): Program {
  const b = new Builder("tape_vjp");
  handBack(b, recording, build(b, recording.entries, signature.inputs), signature, wrt);
  return eliminate(b.finish());
}

/** The same -> the number, counted from 1, of the first decision that comes out otherwise; 0 where none does. */
export function guardedVjpProgram(recording: Recording, signature: Signature, wrt: readonly string[]): Program {
  const b = new Builder("guarded_tape_vjp");
  const values = build(b, recording.entries, signature.inputs);
  handBack(b, recording, values, signature, wrt);
  return eliminate(b.finish(changedDecision(b, recording.entries, values)));
}

/** (the inputs, output): what was recorded, with all decisions in it, whatever becomes of them. */
export function valueProgram({ entries, outputs }: Recording, { inputs, output }: Signature): Program {
  const b = new Builder("tape");
  const values = build(b, entries, inputs);
  const into = b.arrayParameter(output.name, output.size, "output");
  outputs.forEach((entry, i) => b.store(into, b.i32(i), values[entry]));
  return b.finish();
}

/** Emits the reverse sweep. */
function handBack(
  b: Builder,
  { entries, outputs }: Recording,
  values: readonly Value[],
  { inputs, output }: Signature,
  wrt: readonly string[],
): void {
  const seeds = b.arrayParameter(`${output.name}_bar`, output.size, "input");
  const starts = startsOf(inputs);
  const asked = inputs.flatMap((input, k) => (wrt.includes(input.name) ? [{ ...input, start: starts[k] }] : []));
  const active = activity(entries, asked);
  const adjoints: (Contribution | undefined)[] = [];
  const hand = (entry: number, adjoint: Contribution): void => {
    const gathered = adjoints[entry];
    if (active[entry]) adjoints[entry] = gathered ? sum(b, gathered, adjoint) : adjoint;
  };
  outputs.forEach((entry, i) => hand(entry, given(b.load(seeds, b.i32(i)))));
  for (let k = entries.count - 1; k >= 0; k--) {
    const adjoint = adjoints[k];
    if (!adjoint || entries.code[k] === INPUT) continue;
    const positions = [entries.left[k], entries.right[k]];
    const { args, partials } = operationOf(entries.code[k]);
    if (!partials) continue;
    const operands = args.map((_, argument) => values[positions[argument]]);
    const applied = { operation: nameOf(entries.code[k]), args: operands };
    pull(b, applied, operands, values[k], adjoint).forEach((contribution, argument) => {
      if (contribution && active[positions[argument]]) hand(positions[argument], contribution);
    });
  }
  for (const { name, size, start } of asked) {
    const bar = b.arrayParameter(`${name}_bar`, size, "output");
    for (let i = 0; i < size; i++) {
      const adjoint = adjoints[start + i];
      b.store(bar, b.i32(i), adjoint ? settled(b, adjoint) : b.f64(0));
    }
  }
}

function startsOf(inputs: readonly Input[]): number[] {
  let next = 0;
  return inputs.map(({ size }) => (next += size) - size);
}

/** Which entries depend on the inputs that are asked for. */
function activity({ count, code, left, right }: Entries, asked: readonly { start: number; size: number }[]): boolean[] {
  const active: boolean[] = [];
  for (let k = 0; k < count; k++) {
    if (code[k] === INPUT) active.push(asked.some(({ start, size }) => k >= start && k < start + size));
    else if (code[k] === CONSTANT) active.push(false);
    else active.push(active[left[k]] || (operationOf(code[k]).args.length > 1 && active[right[k]]));
  }
  return active;
}

function changedDecision(b: Builder, { value }: Entries, values: readonly Value[]): Value {
  const decisions = values.flatMap((entry, k) => (entry.type === "bool" ? [{ entry, outcome: value[k] !== 0 }] : []));
  return decisions.reduceRight((later, { entry, outcome }, k) => {
    const here = b.i32(k + 1);
    return outcome ? b.operation("i32.select", entry, later, here) : b.operation("i32.select", entry, here, later);
  }, b.i32(0));
}

/** The values of a tape's entries; those of integer operations as f64. */
function build(b: Builder, { count, code, left, right, value }: Entries, inputs: readonly Input[]): Value[] {
  const values = inputs.flatMap(({ name, size, isScalar }): Value[] => {
    if (isScalar) return [b.scalarParameter(name)];
    const array = b.arrayParameter(name, size, "input");
    return Array.from({ length: size }, (_, i) => b.load(array, b.i32(i)));
  });
  for (let k = values.length; k < count; k++) {
    if (code[k] === CONSTANT) {
      values.push(b.f64(value[k]));
      continue;
    }
    const operands = operationOf(code[k]).args.map((type, argument) => {
      const operand = values[argument === 0 ? left[k] : right[k]];
      return type === "i32" ? b.operation("i32.wrap_f64", operand) : operand;
    });
    const name = nameOf(code[k]);
    const result = b.operation(name, ...operands);
    values.push(scalarOperations[name].result === "i32" ? b.toF64(result) : result);
  }
  return values;
}
