/** Of a program what decides its course over time: conditions on the time, and what they are computed from. */
import { eliminate } from "../../passes/eliminate.ts";
import { inlineCalls } from "../../passes/inline-calls.ts";
import {
  blocksOf,
  walk,
  type Accumulate,
  type ArrayDeclaration,
  type Block,
  type Instruction,
  type Let,
  type Program,
  type Store,
  type Value,
} from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { dependence } from "../dependence.ts";

/** Operations whose result jumps, or has a kink, where numbers cross. */
export const decisions: ReadonlySet<ScalarOperationName> = new Set([
  "lt",
  "le",
  "gt",
  "ge",
  "min",
  "max",
  "abs",
  "sign",
  "floor",
  "ceil",
  "trunc",
  "round",
  "rem",
  "atan2",
  "i32.from_f64",
  "i32.wrap_f64",
]);

export interface Slice {
  /** (input u[n], input p[np], scalar t, …): writes nothing that matters. */
  readonly program: Program;
  /** The decisions, each where it was taken. */
  readonly decided: ReadonlyMap<Instruction, Let>;
  /** Those whose outcome leads to no other decision. */
  readonly isLast: (decision: Let) => boolean;
}

/** Undefined where nothing is decided by the time without the state. */
export function sliceOf(whole: Program): Slice | undefined {
  const program = inlineCalls(whole, (callee) => callee.rules !== undefined);
  const byTime = dependence(program, ["t"]);
  if (byTime.values.size === 0) return undefined;
  const byState = dependence(program, ["u"]);
  const isDecision = (i: Instruction): i is Let =>
    i.kind === "let" &&
    decisions.has(i.operation) &&
    i.args.some((arg) => byTime.values.has(arg)) &&
    !i.args.some((arg) => byState.values.has(arg));
  if (!walk(program.body).some(isDecision)) return undefined;
  const decided = new Map<Instruction, Let>();
  const lean = withStores(program, (i, keep) => {
    if (!isDecision(i)) return {};
    const before = i.args.map(keep);
    decided.set(before[0], i);
    return { before: before.toReversed() };
  });
  const kept = new Set<Instruction>(walk(lean.body));
  return { program: lean, decided, isLast: (decision) => !kept.has(decision) };
}

/** Stored, before and behind an instruction. */
interface Stores {
  readonly before?: readonly (Store | Accumulate)[];
  readonly after?: readonly (Store | Accumulate)[];
}

/** The array that stores around instructions write. */
export const SINK = "decided";

/** What a program's stores around its instructions need of it; they write to an array of `size` numbers behind its inputs. */
export function withStores(
  program: Program,
  around: (i: Instruction, keep: (value: Value) => Store) => Stores,
  size = 1,
): Program {
  const sink: ArrayDeclaration = { id: -1, name: SINK, element: "f64", size, role: "inout" };
  const index = zero();
  const keep = (value: Value): Store => ({ kind: "store", array: sink, index, value });
  const noted = (i: Instruction): Instruction[] => {
    const { before = [], after = [] } = around(i, keep);
    return [...before, blocksOf(i).length > 0 ? inside(i, block) : i, ...after];
  };
  const block = ({ instructions, yields }: Block): Block => ({ instructions: instructions.flatMap(noted), yields });
  const inputs = program.parameters.filter((parameter) => parameter.kind === "scalar" || parameter.array.role === "input");
  return eliminate({
    ...program,
    parameters: [...inputs, { kind: "array", array: sink }],
    arrays: [...program.arrays, sink],
    result: undefined,
    body: block(program.body),
  });
}

/** The instruction with its blocks changed. */
export function inside(i: Instruction, change: (block: Block) => Block): Instruction {
  switch (i.kind) {
    case "if":
      return { ...i, then: change(i.then), else: change(i.else) };
    case "for":
      return { ...i, body: change(i.body) };
    case "while":
      return { ...i, condition: change(i.condition), body: change(i.body) };
    default:
      return i;
  }
}

function zero(): Value {
  return { id: -1, type: "i32", constant: 0, min: 0, max: 0 };
}
