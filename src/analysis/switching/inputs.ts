/** Inputs: what a program computes from the time, and not from the state, by formulas that may act for a short time. */
import { inlineCalls } from "../../passes/inline-calls.ts";
import { blocksOf, walk, type Block, type Instruction, type Program, type Value } from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { rootsOf, varied } from "../activity.ts";
import { dependence, type Dependence } from "../dependence.ts";
import { inside, withStores } from "./slice.ts";

/** What is made by these alone changes about as fast everywhere: polynomials, and sines, of which the periods are known. */
const smooth: ReadonlySet<ScalarOperationName> = new Set(["add", "sub", "mul", "neg", "sin", "cos", "tan"]);

/** Numbers that inputs are kept as; some of more inputs are added up. */
const MOST = 16;

/**
 * Of a program (…, input u[n], input p[np], scalar t) its inputs, each the largest formula that is free of the state, without
 * the terms and factors around it: `A * Math.exp(-t * t) + B` acts where its exponential does, also where A is zero. The program adds
 * them to the elements of {@link SINK}, those of all turns of a loop to one. Undefined where there are none.
 */
export function inputsOf(whole: Program): Program | undefined {
  const program = inlineCalls(whole, (callee) => callee.rules !== undefined);
  const byTime = varied(program, rootsOf(program, ["t"]));
  const byState = dependence(program, statesOf(program));
  const isInput = (value: Value): boolean => byTime.values.has(value) && !byState.values.has(value);
  const times = new Set<unknown>(rootsOf(program, ["t"]));
  const inputs = new Set<Value>();
  const take = (value: Value): void => {
    if (isInput(value)) factorsOf(value, isInput).forEach((factor) => isSharp(factor, isInput, times) && inputs.add(factor));
  };
  for (const value of usedByOthers(program, byState)) take(value);
  if (inputs.size === 0) return undefined;
  const slots = new Map([...inputs].map((value, k) => [value, k % MOST]));
  const anyState = { ...program, body: opened(program.body, byState) };
  return withStores(
    anyState,
    (i, keep) => {
      const found = resultsOf(i).filter((value) => inputs.has(value));
      return { after: found.map((value) => ({ ...keep(value), kind: "accumulate", index: number(slots.get(value)!) })) };
    },
    Math.min(MOST, inputs.size),
  );
}

/** The state, and of a residual its derivative. */
function statesOf({ parameters }: Program): string[] {
  return parameters.flatMap((parameter) =>
    parameter.kind === "array" && parameter.array.role === "input" && parameter.array.name !== "p" ? [parameter.array.name] : [],
  );
}

/** The values that what depends on the state, or is given out, is made of. */
function usedByOthers(program: Program, byState: Dependence): Value[] {
  const outputs = new Set(program.parameters.flatMap((p) => (p.kind === "array" && p.array.role !== "input" ? [p.array] : [])));
  const used: Value[] = program.result ? [program.result] : [];
  for (const i of walk(program.body)) {
    switch (i.kind) {
      case "let":
        if (byState.values.has(i.result)) used.push(...i.args);
        break;
      case "store":
      case "accumulate":
      case "fill":
        if (outputs.has(i.array) || byState.arrays.has(i.array)) used.push(i.value);
        break;
      case "if":
      case "for":
      case "while":
        if (i.results.some((result) => byState.values.has(result))) used.push(...blocksOf(i).flatMap(({ yields }) => yields));
        break;
      case "call":
        used.push(...i.args.flatMap((arg) => ("array" in arg ? [] : [arg])));
    }
  }
  return used;
}

/** What a sum or product changes with the time by. */
function factorsOf(value: Value, isInput: (value: Value) => boolean): Value[] {
  const made = value.definition;
  if (made?.kind !== "let") return [value];
  const { operation, args } = made;
  const changing = args.filter(isInput);
  const isLinear =
    operation === "add" ||
    operation === "sub" ||
    operation === "neg" ||
    (operation === "mul" && changing.length === 1) ||
    (operation === "div" && !isInput(args[1]));
  return isLinear ? changing.flatMap((arg) => factorsOf(arg, isInput)) : [value];
}

/**
 * Is it made otherwise than by what is as smooth everywhere? What is carried, loaded or chosen may be. An exponential of the time alone
 * is steepest at one end of the span, where steps see it.
 */
function isSharp(value: Value, isInput: (value: Value) => boolean, times: ReadonlySet<unknown>): boolean {
  const seen = new Set<unknown>(times);
  const look = (one: Value): boolean => {
    if (seen.has(one)) return false;
    seen.add(one);
    const made = one.definition;
    if (made?.kind !== "let") return true;
    return !smooth.has(made.operation) || made.args.some((arg) => isInput(arg) && look(arg));
  };
  const made = value.definition;
  const isExponential = made?.kind === "let" && made.operation === "exp";
  return look(value) && !(isExponential && factorsOf(made.args[0], isInput).every((factor) => times.has(factor)));
}

/** Whatever the state chooses: both branches, one after the other; how often a loop turns that it counts is not known. */
function opened(block: Block, byState: Dependence): Block {
  const instructions = block.instructions.flatMap((i): Instruction[] => {
    if (i.kind === "if" && byState.values.has(i.condition)) {
      return [i.then, i.else].flatMap((branch) => opened(branch, byState).instructions);
    }
    const counts = i.kind === "for" ? [i.from, i.to] : i.kind === "while" ? i.condition.yields : [];
    if (counts.some((count) => byState.values.has(count))) return [];
    return blocksOf(i).length > 0 ? [inside(i, (inner) => opened(inner, byState))] : [i];
  });
  return { ...block, instructions };
}

function resultsOf(i: Instruction): readonly Value[] {
  switch (i.kind) {
    case "let":
    case "load":
      return [i.result];
    case "if":
    case "for":
    case "while":
      return i.results;
    default:
      return [];
  }
}

function number(constant: number): Value {
  return { id: -1, type: "i32", constant, min: constant, max: constant };
}
