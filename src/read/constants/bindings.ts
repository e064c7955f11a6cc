/**
 * What the free names of functions stand for. A text does not tell, and a name proves nothing: the user may have a `sum` of his
 * own. So the function is called, and the library's own functions note that they were; then its text is run again, with
 * stand-ins for the free names, each of which must make the very call that was noted next: of the same arguments, and from the
 * same depth of the stack, so that a function of the user's that calls the library is not taken for what it calls.
 */
import { memo } from "../../core/memo.ts";
import type { AnyNode } from "acorn";
import { arrayOperationOf } from "../../operations/override.ts";
import type { Callee } from "../../operations/listen.ts";
import { isNdArrayFunction } from "../../arrays/ndarray.ts";
import { isPlainObject } from "../../core/array-values.ts";
import { definitionOf, type PlainCall } from "../../operations/definitions.ts";
import { freeNames } from "../syntax/free-names.ts";
import { isKnownByName, originalName } from "../syntax/injected.ts";
import { hasText, sourceOf } from "../syntax/source.ts";
import { Noted, Replay, run, StandIns, Unlike, type Call, type Name } from "./replay.ts";
import { isCaptured, scopeOf } from "./scopes.ts";
import { requireExits } from "../syntax/endless-loops.ts";

/** Arguments to call a function with, the constants among them; made anew for each call, which may write to them. */
export type Samples = readonly ((constants: unknown) => readonly unknown[])[];

interface Bound {
  /** By name: `matmul`, or `odegrad.matmul`. */
  readonly names: Map<string, Callee>;
  /** A name that is known to stand for none of the library's functions, with its function. */
  culprit?: Name;
}

/** What was found out so far. */
const boundIn = memo((_fn: object): Bound => ({ names: new Map() }));

/** The function of the library that a free name in a function stands for. */
export function boundTo(fn: object, name: string): Callee | undefined {
  return boundIn(fn).names.get(name);
}

/** The free names with what they stand for; undefined where that is not known of all. */
export function namesBound(fn: object): readonly (readonly [string, Callee])[] | undefined {
  if (!isText(fn)) return undefined;
  const free = freeNames(fn);
  // Nothing is kept of functions without any, as those written in place mostly are.
  if (free.size === 0) return [];
  if ([...free.keys()].some((name) => !isBound(fn, name))) return undefined;
  return [...boundIn(fn).names].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The name in a function that the blame lies with, where a free name could not be bound, and its node in the text. */
export function culpritOf(fn: object): (Name & { readonly node: AnyNode }) | undefined {
  const { culprit } = boundIn(fn);
  const node = culprit && freeNames(culprit.fn).get(culprit.name.split(".")[0]);
  return node && { ...culprit!, node };
}

/** Binds the free names of a function, and of those among the constants, as far as the samples show what they stand for. */
export function bind(fn: object, constants: unknown, samples: Samples): void {
  const definition = definitionOf(fn);
  const functions = [...functionsIn([definition?.fn ?? fn, definition?.constants, constants])].filter(needsBinding);
  functions.forEach(requireExits);
  const open = (): boolean => functions.some((each) => [...freeNames(each).keys()].some((name) => !isBound(each, name)));
  for (const sample of samples) if (open()) bindBy(fn as PlainCall, constants, sample, functions);
}

function needsBinding(fn: object): boolean {
  return [...freeNames(fn).keys()].some((name) => !isKnown(fn, name));
}

function isKnown(fn: object, name: string): boolean {
  return isKnownByName(name) || isCaptured(fn, name);
}

function isBound(fn: object, name: string): boolean {
  return isKnown(fn, name) || [...boundIn(fn).names.keys()].some((key) => key.split(".")[0] === name);
}

function bindBy(fn: PlainCall, constants: unknown, sample: Samples[number], functions: readonly object[]): void {
  const noted = new Noted();
  run(noted, fn, sample(constants));
  const replay = new Replay(noted.calls);
  let culprit: Name | undefined;
  try {
    const standIn = new StandIns(replay, new Set(functions));
    const thrown = run(replay, standIn.of(fn) as PlainCall, sample(standIn.of(constants)));
    if (thrown instanceof Unlike) culprit = thrown.culprit;
    else if (!replay.isComplete) return;
  } catch (reason) {
    if (!(reason instanceof EvalError)) throw reason;
    return bindByName(noted.calls, functions);
  }
  for (const each of functions) {
    const bound = boundIn(each);
    bound.culprit = culprit;
    if (!culprit) for (const [name, callee] of replay.names.get(each) ?? []) bound.names.set(name, callee);
  }
  // Functions made by `differentiable` that are reached by a free name have free names of their own. One that is bound hears its own call.
  for (const { callee, args } of noted.calls)
    if (callee !== fn && definitionOf(callee) && !definitionOf(callee)!.operator) bind(callee, undefined, [() => args]);
}

/** Where pages forbid code made from strings: by the names that the library's operations have, of those that were called. */
function bindByName(calls: readonly Call[], functions: readonly object[]): void {
  for (const fn of functions) {
    const { names } = boundIn(fn);
    for (const name of freeNames(fn).keys()) {
      for (const { callee } of calls) {
        const operation = arrayOperationOf(callee)?.name;
        if (operation === originalName(name)) names.set(name, callee);
        else if (operation !== undefined) names.set(`${name}.${operation}`, callee);
      }
    }
  }
}

/** Who captures more is not read. */
const MOST_FUNCTIONS = 1000;

/** Every function with a text among the values, within plain objects, arrays and definitions. */
function* functionsIn(values: readonly unknown[], met = new Set<object>()): Generator<object> {
  for (const value of values) {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || met.has(value)) continue;
    met.add(value);
    if (typeof value === "function") {
      const definition = definitionOf(value);
      if (definition && !definition.operator) yield* functionsIn([definition.fn, definition.constants], met);
      else if (!definition && isText(value)) {
        yield value;
        if (met.size < MOST_FUNCTIONS) yield* functionsIn([scopeOf(value)], met);
      }
    } else if (Array.isArray(value) || isPlainObject(value)) yield* functionsIn(Object.values(value), met);
  }
}

/** Is it the user's, and can it be parsed? */
function isText(fn: object): boolean {
  if (isNdArrayFunction(fn) || arrayOperationOf(fn) || !hasText(fn)) return false;
  try {
    return Boolean(sourceOf(fn, "function"));
  } catch {
    return false;
  }
}
