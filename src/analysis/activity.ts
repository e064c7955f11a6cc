/**
 * Activity: which values and arrays depend on given inputs (*varied*), and which influence given outputs (*useful*), through
 * differentiable operations. Both are fixpoints over the whole program, conservative over branches, blind to indices.
 */
import { InternalError } from "../core/errors.ts";
import type { ArrayDeclaration, Block, Instruction, Program, Value } from "../ir/ir.ts";
import { scalarOperations } from "../ir/scalar-operations.ts";
import { passing, scalarsOf } from "../ir/calls.ts";

/** A parameter by what the program's body calls it: an array, or a scalar's value. */
export type Root = ArrayDeclaration | Value;

export interface Activity {
  readonly values: ReadonlySet<Value>;
  readonly arrays: ReadonlySet<ArrayDeclaration>;
}

/** What depends on `roots`. */
export function varied(program: Program, roots: Iterable<Root>): Activity {
  const sets = new ActivitySets(roots);
  do {
    sets.changed = false;
    flowForward(program.body, sets);
  } while (sets.changed);
  return sets;
}

/** What influences `roots`. */
export function useful(program: Program, roots: Iterable<Root>): Activity {
  const sets = new ActivitySets(roots);
  do {
    sets.changed = false;
    flowBackward(program.body, sets);
  } while (sets.changed);
  return sets;
}

class ActivitySets implements Activity {
  readonly values = new Set<Value>();
  readonly arrays = new Set<ArrayDeclaration>();
  changed = false;

  constructor(roots: Iterable<Root>) {
    for (const root of roots) {
      if ("role" in root) this.arrays.add(root);
      else this.values.add(root);
    }
  }

  has(value: Value): boolean {
    return this.values.has(value);
  }

  value(value: Value, active: boolean): void {
    if (!active || value.type !== "f64" || value.constant !== undefined || this.values.has(value)) return;
    this.values.add(value);
    this.changed = true;
  }

  array(array: ArrayDeclaration, active: boolean): void {
    if (!active || array.element !== "f64" || this.arrays.has(array)) return;
    this.arrays.add(array);
    this.changed = true;
  }
}

/** Does an operation pass derivatives from its f64 arguments to its result? */
function differentiable(instruction: Instruction & { kind: "let" }): boolean {
  return scalarOperations[instruction.operation].partials !== undefined;
}

function flowForward(block: Block, sets: ActivitySets): void {
  for (const i of block.instructions) {
    switch (i.kind) {
      case "let":
        sets.value(i.result, differentiable(i) && i.args.some((arg) => sets.has(arg)));
        break;
      case "load":
        sets.value(i.result, sets.arrays.has(i.array));
        break;
      case "store":
      case "accumulate":
      case "fill":
        sets.array(i.array, sets.has(i.value));
        break;
      case "if":
        flowForward(i.then, sets);
        flowForward(i.else, sets);
        i.results.forEach((result, k) => sets.value(result, sets.has(i.then.yields[k]) || sets.has(i.else.yields[k])));
        break;
      case "for":
      case "while":
        i.carried.forEach((c) => sets.value(c.phi, sets.has(c.initial)));
        if (i.kind === "while") flowForward(i.condition, sets);
        flowForward(i.body, sets);
        i.carried.forEach((c, k) => {
          sets.value(c.phi, sets.has(i.body.yields[k]));
          sets.value(i.results[k], sets.has(c.phi));
        });
        break;
      case "call": {
        const { inputs, outputs } = passing(i);
        const active = inputs.some((a) => sets.arrays.has(a.at.array)) || scalarsOf(i).some((value) => sets.has(value));
        outputs.forEach((a) => sets.array(a.at.array, active));
        if (i.result) sets.value(i.result, active);
      }
    }
  }
}

function flowBackward(block: Block, sets: ActivitySets): void {
  for (let at = block.instructions.length - 1; at >= 0; at--) {
    const i = block.instructions[at];
    switch (i.kind) {
      case "let":
        if (differentiable(i)) i.args.forEach((arg) => sets.value(arg, sets.has(i.result)));
        break;
      case "load":
        sets.array(i.array, sets.has(i.result));
        break;
      case "store":
      case "accumulate":
      case "fill":
        sets.value(i.value, sets.arrays.has(i.array));
        break;
      case "if":
        i.results.forEach((result, k) => {
          sets.value(i.then.yields[k], sets.has(result));
          sets.value(i.else.yields[k], sets.has(result));
        });
        flowBackward(i.then, sets);
        flowBackward(i.else, sets);
        break;
      case "for":
      case "while":
        i.carried.forEach((c, k) => {
          const used = sets.has(i.results[k]) || sets.has(c.phi);
          sets.value(i.body.yields[k], used);
          sets.value(c.phi, used);
        });
        flowBackward(i.body, sets);
        if (i.kind === "while") flowBackward(i.condition, sets);
        i.carried.forEach((c, k) => {
          sets.value(c.initial, sets.has(c.phi) || sets.has(i.results[k]));
        });
        break;
      case "call": {
        const { inputs, outputs } = passing(i);
        const active = outputs.some((a) => sets.arrays.has(a.at.array)) || (i.result !== undefined && sets.has(i.result));
        inputs.forEach((a) => sets.array(a.at.array, active));
        scalarsOf(i).forEach((value) => sets.value(value, active));
      }
    }
  }
}

/** The roots that parameters of these names are. */
export function rootsOf(program: Program, names: readonly string[]): Root[] {
  return names.map((name) => {
    for (const parameter of program.parameters) {
      if (parameter.kind === "array" && parameter.array.name === name) return parameter.array;
      if (parameter.kind === "scalar" && parameter.name === name) return parameter.value;
    }
    throw new InternalError(`program ${program.name} has no parameter ${name}`);
  });
}

/** What the program gives back: its output arrays and its result. */
export function outputsOf(program: Program): Root[] {
  const roots: Root[] = [];
  for (const parameter of program.parameters) {
    if (parameter.kind === "array" && parameter.array.role !== "input") roots.push(parameter.array);
  }
  if (program.result) roots.push(program.result);
  return roots;
}
