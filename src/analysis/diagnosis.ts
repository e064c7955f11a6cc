/** Where a program goes wrong: the first operation whose value or derivative is not finite, or the first index out of bounds. */
import { EndlessLoop, type Place } from "../core/errors.ts";
import { Builder } from "../ir/builder.ts";
import { unguarded } from "../passes/guard.ts";
import { interpret, type Observer } from "../ir/interpret.ts";
import { walk, type Accumulate, type Let, type Load, type Program, type Store, type Value } from "../ir/ir.ts";
import { scalarOperations } from "../ir/scalar-operations.ts";
import { placeOf } from "../core/source-location.ts";
import { outputsOf, rootsOf, useful, varied } from "./activity.ts";

export interface Diagnostic {
  readonly kind: "index" | "value" | "derivative";
  readonly place: Place;
  /** What happened there, in one sentence without a full stop. */
  readonly what: string;
  /** Of an index: is the array the function's own, and is it no whole number? */
  readonly isOfLocal?: boolean;
  readonly isFraction?: boolean;
}

/** Arrays and scalars by the names of the program's parameters; outputs need none. */
export type Inputs = Readonly<Record<string, Float64Array | number>>;

/** The first diagnostic of each kind for the program with these inputs, differentiated with respect to some of them. */
export function diagnose(guarded: Program, inputs: Inputs, wrt: readonly string[]): Diagnostic[] {
  const program = unguarded(guarded);
  const found = new Map<Diagnostic["kind"], Diagnostic>();
  const report = (kind: Diagnostic["kind"], instruction: Let | Load | Store | Accumulate, what: string, more = {}): void => {
    if (found.has(kind)) return;
    const isOfLocal = "array" in instruction && instruction.array.role === "local";
    found.set(kind, { kind, what, place: placeOf(instruction.source, program.name), isOfLocal, ...more });
  };
  const numbers = new IndexNumbers();
  const active = isActive(program, wrt);
  const shown = ({ operation }: Let, args: readonly number[]): string =>
    `\`${operation}\` at ${args.length === 1 ? args[0] : `(${args.join(", ")})`}`;
  const observer: Observer = {
    operation(instruction, args, result) {
      numbers.note(instruction, args);
      const isFinite = Number.isFinite(result);
      if ((isFinite && (wrt.length === 0 || found.has("derivative"))) || !args.every(Number.isFinite)) return;
      if (!isFinite) return report("value", instruction, `${shown(instruction, args)} is ${result}`);
      if (!active(instruction.result)) return;
      const slopes = partialsOf(instruction, args, result);
      const k = slopes.findIndex((slope, j) => active(instruction.args[j]) && !Number.isFinite(slope));
      if (k >= 0) report("derivative", instruction, `the derivative of ${shown(instruction, args)} is ${slopes[k]}`);
    },
    access(instruction, index) {
      const { array } = instruction;
      if (index >= 0 && index < array.size) return;
      // Outside a component of it, see `confined` in read/state/storage.ts.
      const isOfPart = index === -array.size;
      const number = numbers.behind(instruction.index);
      if (number !== undefined && !Number.isInteger(number)) {
        const what = `the index ${number} of \`${array.name}\` is not a whole number`;
        return report("index", instruction, what, { isFraction: Number.isFinite(number) });
      }
      const what = isOfPart
        ? `an index is outside a component of \`${array.name}\``
        : `index ${number ?? index} is outside \`${array.name}\``;
      report("index", instruction, isOfPart ? what : `${what}, which has ${array.size} elements`);
    },
  };
  try {
    interpret(program, argumentsOf(program, inputs), observer);
  } catch (error) {
    // What lies behind a loop that takes too long to look on is not seen.
    if (!(error instanceof EndlessLoop)) throw error;
  }
  return [...found.values()];
}

/** The numbers that the indices of elements were before what is no index became one of none, see `toElementIndex` in read/state/numbers.ts. */
class IndexNumbers {
  private readonly compared = new Map<Value, number>();
  private readonly none = new Map<Value, number>();

  note({ operation, result, args: [condition, , otherwise] }: Let, [first, second]: readonly number[]): void {
    if (operation === "eq") this.compared.set(result, second);
    if (operation !== "i32.select" || otherwise.constant !== -1) return;
    const number = this.compared.get(condition);
    if (first === 0 && number !== undefined) this.none.set(result, number);
    else this.none.delete(result);
  }

  /** Of an index, or of what it is computed from. */
  behind(index: Value): number | undefined {
    const made = index.definition;
    if (this.none.has(index) || made?.kind !== "let") return this.none.get(index);
    return made.args.map((arg) => this.behind(arg)).find((number) => number !== undefined);
  }
}

function argumentsOf(program: Program, inputs: Inputs): (Float64Array | number)[] {
  return program.parameters.map((parameter) => {
    const given = inputs[parameter.kind === "array" ? parameter.array.name : parameter.name];
    return given ?? new Float64Array(parameter.kind === "array" ? parameter.array.size : 0);
  });
}

/** Does a derivative pass through the value? In programs that are called, it may. */
function isActive(program: Program, wrt: readonly string[]): (value: Value) => boolean {
  const variedValues = varied(program, rootsOf(program, wrt)).values;
  const usefulValues = useful(program, outputsOf(program)).values;
  const own = new Set<Value>(program.parameters.flatMap((p) => (p.kind === "scalar" ? [p.value] : [])));
  for (const i of walk(program.body)) if ("result" in i && i.result) own.add(i.result);
  return (value) => value.constant === undefined && (!own.has(value) || (variedValues.has(value) && usefulValues.has(value)));
}

function partialsOf({ operation }: Let, args: readonly number[], result: number): number[] {
  const { partials } = scalarOperations[operation];
  if (!partials) return [];
  const b = new Builder(operation);
  const types = scalarOperations[operation].args;
  const constants = args.map((x, k) => (types[k] === "bool" ? b.bool(x !== 0) : b.f64(x)));
  return partials(b, constants, b.f64(result)).map((partial) => (partial === null ? 0 : (partial.constant ?? NaN)));
}
