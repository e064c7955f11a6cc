/**
 * What the free names of functions stand for. A text does not tell, and a name proves nothing: the user may have a `sum` of his
 * own. So the function is called, and the library's own functions note that they were; then its text is run again, with
 * stand-ins for the free names, each of which must make the very call that was noted next: of the same arguments, and from the
 * same depth of the stack, so that a function of the user's that calls the library is not taken for what it calls.
 */
import type { AnyNode } from "acorn";
import { arrayOperationOf } from "../../operations/index.ts";
import { listening, type Callee, type Listener } from "../../operations/listen.ts";
import { isNdArrayFunction, ndarray } from "../../arrays/ndarray.ts";
import { isNdArray, isPlainObject, isTypedArray } from "../../core/array-values.ts";
import { define, definitionOf, type PlainCall } from "../../operations/definitions.ts";
import { freeNames } from "../syntax/free-names.ts";
import { isCounter, isNameKeeper, originalName } from "../syntax/injected.ts";
import { hasText, sourceOf } from "../syntax/source.ts";
import { requireExits } from "../syntax/endless-loops.ts";

/** Arguments to call a function with, the constants among them; made anew for each call, which may write to them. */
export type Samples = readonly ((constants: unknown) => readonly unknown[])[];

interface Bound {
  /** By name: `matmul`, or `odegrad.matmul`. */
  readonly names: Map<string, Callee>;
  /** A name that is known to stand for none of the library's functions, with its function. */
  culprit?: Name;
}

interface Name {
  readonly fn: object;
  readonly name: string;
}

const bindings = new WeakMap<object, Bound>();

/** The function of the library that a free name in a function stands for. */
export function boundTo(fn: object, name: string): Callee | undefined {
  return bindings.get(fn)?.names.get(name);
}

/** The free names with what they stand for; undefined where that is not known of all. */
export function namesBound(fn: object): readonly (readonly [string, Callee])[] | undefined {
  if (!isText(fn) || [...freeNames(fn).keys()].some((name) => !isBound(fn, name))) return undefined;
  return [...(bindings.get(fn)?.names ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The name in a function that the blame lies with, where a free name could not be bound, and its node in the text. */
export function culpritOf(fn: object): (Name & { readonly node: AnyNode }) | undefined {
  const culprit = bindings.get(fn)?.culprit;
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
  return [...freeNames(fn).keys()].some((name) => !isKnownByName(name));
}

/** What tools put there; and `ndarray`, which is another package's too. */
function isKnownByName(name: string): boolean {
  return isNameKeeper(name) || isCounter(name) || originalName(name) === "ndarray";
}

function isBound(fn: object, name: string): boolean {
  const names = bindings.get(fn)?.names;
  return isKnownByName(name) || [...(names?.keys() ?? [])].some((key) => key.split(".")[0] === name);
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
    let bound = bindings.get(each);
    if (!bound) bindings.set(each, (bound = { names: new Map() }));
    bound.culprit = culprit;
    if (!culprit) for (const [name, callee] of replay.names.get(each) ?? []) bound.names.set(name, callee);
  }
  // Functions made by `differentiable` that are reached by a free name have free names of their own.
  for (const { callee, args } of noted.calls)
    if (definitionOf(callee) && !definitionOf(callee)!.operator) bind(callee, undefined, [() => args]);
}

/** Where pages forbid code made from strings: by the names that the library's operations have, of those that were called. */
function bindByName(calls: readonly Call[], functions: readonly object[]): void {
  for (const fn of functions) {
    const names = new Map<string, Callee>();
    for (const name of freeNames(fn).keys()) {
      for (const { callee } of calls) {
        const operation = arrayOperationOf(callee)?.name;
        if (operation === originalName(name)) names.set(name, callee);
        else if (operation !== undefined) names.set(`${name}.${operation}`, callee);
      }
    }
    bindings.set(fn, { names });
  }
}

/** Calls a function, in one place, so that both runs have stacks of one depth; gives what it threw, as both should. */
function run(listener: Listener, fn: PlainCall, args: readonly unknown[]): unknown {
  try {
    listening(listener, () => fn(...args));
    return undefined;
  } catch (reason) {
    return reason;
  }
}

interface Call {
  readonly callee: Callee;
  readonly args: readonly unknown[];
  readonly depth: number;
  /** The number of the call that comes after it and those made within. */
  next: number;
}

class Noted implements Listener {
  readonly calls: Call[] = [];

  heard(callee: Callee, args: readonly unknown[], call: () => unknown): unknown {
    const noted: Call = { callee, args: args.map(copyOf), depth: depthOfStack(), next: this.calls.length + 1 };
    this.calls.push(noted);
    const result = call();
    noted.next = this.calls.length;
    return result;
  }
}

/** Thrown where the text does not make the calls that the function made. */
class Unlike extends Error {
  static override readonly name = "Unlike";

  constructor(readonly culprit: Name | undefined) {
    super("another function");
  }
}

class Replay implements Listener {
  readonly names = new Map<object, Map<string, Callee>>();
  /** What copies of functions are copies of. */
  readonly originals = new Map<object, object>();
  private position = 0;

  constructor(private readonly calls: readonly Call[]) {}

  get isComplete(): boolean {
    return this.position === this.calls.length;
  }

  heard(callee: Callee, args: readonly unknown[], call: () => unknown): unknown {
    const depth = depthOfStack();
    const found = this.next(args, depth);
    if (found?.callee !== (this.originals.get(callee) ?? callee)) throw new Unlike(undefined);
    this.position++;
    return call();
  }

  /** A free name was called. */
  called(by: Name, args: readonly unknown[]): unknown {
    const depth = depthOfStack();
    const found = this.next(args, depth);
    const names = this.names.get(by.fn) ?? new Map<string, Callee>();
    if (!found || (names.get(by.name) ?? found.callee) !== found.callee) throw new Unlike(by);
    this.names.set(by.fn, names.set(by.name, found.callee));
    this.position = found.next;
    return listening(undefined, () => (found.callee as PlainCall)(...args));
  }

  private next(args: readonly unknown[], depth: number): Call | undefined {
    const call = this.calls[this.position];
    return call && call.depth === depth && isAlike(call.args, args) ? call : undefined;
  }
}

/** Functions by their texts, with stand-ins for their free names. */
class StandIns {
  private readonly copies = new Map<object, unknown>();

  constructor(
    private readonly replay: Replay,
    private readonly functions: ReadonlySet<object>,
  ) {}

  /** A copy of constants in which functions are replaced; what holds none is itself. */
  of(value: unknown): unknown {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
    if (!this.copies.has(value)) this.copies.set(value, this.copy(value));
    return this.copies.get(value);
  }

  private copy(value: object): unknown {
    if (typeof value === "function") return this.ofFunction(value);
    if (Array.isArray(value)) return value.some((element) => typeof element !== "number") ? value.map((x) => this.of(x)) : value;
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.of(part)]));
  }

  private ofFunction(fn: object): unknown {
    const definition = definitionOf(fn);
    if (!definition) return this.functions.has(fn) ? this.again(fn) : fn;
    if (definition.operator) return fn;
    const copy = define({
      ...definition,
      fn: this.of(definition.fn) as PlainCall,
      constants: this.of(definition.constants) as typeof definition.constants,
    });
    this.replay.originals.set(copy, fn);
    return copy;
  }

  private again(fn: object): unknown {
    const { source } = sourceOf(fn, "function");
    const names = [...freeNames(fn).keys()];
    const make = new Function(...names, `"use strict"; return ${source.expression};`) as PlainCall;
    return make(...names.map((name) => this.forName({ fn, name })));
  }

  private forName(by: Name): unknown {
    if (isNameKeeper(by.name)) return (fn: unknown) => fn;
    if (isCounter(by.name)) return () => counters;
    if (originalName(by.name) === "ndarray") return ndarray;
    const called = (...args: unknown[]): unknown => this.replay.called(by, args);
    return new Proxy(called, {
      get: (_, key) => {
        // Made a number or a text: it is no function.
        if (typeof key === "symbol") throw new Unlike(by);
        if (by.name.includes(".")) throw new Unlike(by);
        return key === "ndarray" || key === "default" ? ndarray : this.forName({ fn: by.fn, name: `${by.name}.${key}` });
      },
    });
  }
}

/** Of coverage: anything may be read of them, and counted up. */
const counters: unknown = new Proxy(() => {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => 0 : counters),
  set: () => true,
});

/** Every function with a text among the values, within plain objects, arrays and definitions. */
function* functionsIn(values: readonly unknown[], met = new Set<object>()): Generator<object> {
  for (const value of values) {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || met.has(value)) continue;
    met.add(value);
    if (typeof value === "function") {
      const definition = definitionOf(value);
      if (definition && !definition.operator) yield* functionsIn([definition.fn, definition.constants], met);
      else if (!definition && isText(value)) yield value;
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

function depthOfStack(): number {
  const engine = Error as { stackTraceLimit?: number };
  const before = engine.stackTraceLimit;
  engine.stackTraceLimit = Infinity;
  const { stack } = new Error();
  engine.stackTraceLimit = before;
  return typeof stack === "string" ? stack.split("\n").length : 0;
}

/** What an argument is now. */
function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isTypedArray(value)) return value.slice();
  if (Array.isArray(value)) return value.map(copyOf);
  if (isNdArray(value)) return { ...value, data: copyOf(value.data) };
  return isPlainObject(value) ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyOf(part)])) : value;
}

function isAlike(noted: unknown, value: unknown): boolean {
  if (Object.is(noted, value) || (typeof noted === "function" && typeof value === "function")) return true;
  if (typeof noted !== "object" || typeof value !== "object" || noted === null || value === null) return false;
  const [a, b] = [noted, value].map((each) => Object.entries(each).filter(([, part]) => typeof part !== "function"));
  return a.length === b.length && a.every(([key, part], i) => key === b[i][0] && isAlike(part, b[i][1]));
}
