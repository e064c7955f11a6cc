/**
 * Numbers that a program computes of the time, the parameters and constants alone, as they are just after a moment: value and
 * slope by the time, and the operations they were made by.
 */
import { Builder } from "../../ir/builder.ts";
import { scalarOperations, type ScalarOperationName } from "../../ir/scalar-operations.ts";

export interface Term {
  readonly value: number;
  /** By the time. */
  readonly slope: number;
  /** The slope holds until the program takes another course. */
  readonly affine: boolean;
  /** Absent: of constants. */
  readonly made?: Made | { readonly parameter: number } | "t";
}

interface Made {
  readonly operation: ScalarOperationName;
  readonly args: readonly Term[];
}

export function constantTerm(value: number): Term {
  return { value, slope: 0, affine: true };
}

export function varies({ slope, affine }: Term): boolean {
  return slope !== 0 || !affine;
}

/** Of an operation that is smooth where it is. */
export function termOf(operation: ScalarOperationName, args: readonly Term[]): Term {
  const values = args.map((arg) => arg.value);
  const value = scalarOperations[operation].value(...values);
  if (args.every((arg) => arg.made === undefined)) return constantTerm(value);
  const made = { operation, args };
  if (!args.some(varies)) return { value, slope: 0, affine: true, made };
  const partials = partialsOf(operation, values, value);
  const slope = args.reduce((sum, arg, k) => (arg.slope === 0 ? sum : sum + partials[k] * arg.slope), 0);
  return { value, slope, affine: args.every((arg) => arg.affine) && keepsLines(operation, args), made };
}

/** Does the operation make affine numbers of affine numbers? */
function keepsLines(operation: ScalarOperationName, args: readonly Term[]): boolean {
  switch (operation) {
    case "add":
    case "sub":
    case "neg":
      return true;
    case "mul":
      return !varies(args[0]) || !varies(args[1]);
    case "div":
      return !varies(args[1]);
    default:
      return false;
  }
}

/** The term's number at another time, as the same operations compute it. */
export function valueAt(term: Term, t: number, cache = new Map<Term, number>()): number {
  const { made } = term;
  if (made === "t") return t;
  if (!varies(term) || made === undefined || "parameter" in made) return term.value;
  let value = cache.get(term);
  if (value === undefined) {
    value = scalarOperations[made.operation].value(...made.args.map((arg) => valueAt(arg, t, cache)));
    cache.set(term, value);
  }
  return value;
}

export interface Slopes {
  readonly t: number;
  /** By parameters, those that it does not depend on left out. */
  readonly p: ReadonlyMap<number, number>;
}

/** The term's derivatives at a time. */
export function slopesAt(term: Term, t: number): Slopes {
  const [values, cache] = [new Map<Term, number>(), new Map<Term, Slopes>()];
  const none: Slopes = { t: 0, p: new Map() };
  const slopes = (of: Term): Slopes => {
    const { made } = of;
    if (made === undefined) return none;
    if (made === "t") return { t: 1, p: none.p };
    if ("parameter" in made) return { t: 0, p: new Map([[made.parameter, 1]]) };
    let found = cache.get(of);
    if (found) return found;
    const args = made.args.map((arg) => valueAt(arg, t, values));
    const partials = partialsOf(made.operation, args, valueAt(of, t, values));
    const p = new Map<number, number>();
    let byTime = 0;
    made.args.forEach((arg, k) => {
      if (partials[k] === 0) return;
      const inner = slopes(arg);
      byTime += partials[k] * inner.t;
      for (const [j, slope] of inner.p) p.set(j, (p.get(j) ?? 0) + partials[k] * slope);
    });
    cache.set(of, (found = { t: byTime, p }));
    return found;
  };
  return slopes(term);
}

function partialsOf(operation: ScalarOperationName, args: readonly number[], result: number): number[] {
  if (operation === "add") return [1, 1];
  if (operation === "sub") return [1, -1];
  if (operation === "mul") return [args[1], args[0]];
  const { partials, args: types } = scalarOperations[operation];
  if (!partials) return args.map(() => 0);
  const b = new Builder(operation);
  const constants = args.map((x, k) => (types[k] === "bool" ? b.bool(x !== 0) : types[k] === "i32" ? b.i32(x) : b.f64(x)));
  return partials(b, constants, b.f64(result)).map((partial) => partial?.constant ?? 0);
}
