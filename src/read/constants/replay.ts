/**
 * Calls of the library that a function makes, noted, and made again by its text with stand-ins for its free names: each of these must
 * make the very call that was noted next, of the same arguments, and from the same depth of the stack.
 */
import { ndarray } from "../../arrays/ndarray.ts";
import { isNdArray, isPlainObject, isTypedArray } from "../../core/array-values.ts";
import { define, definitionOf, type PlainCall } from "../../operations/definitions.ts";
import { listening, type Callee, type Listener } from "../../operations/listen.ts";
import { freeNames } from "../syntax/free-names.ts";
import { isCounter, isNameKeeper, originalName } from "../syntax/injected.ts";
import { scopeOf } from "./scopes.ts";
import { sourceOf } from "../syntax/source.ts";

/** A free name in a function. */
export interface Name {
  readonly fn: object;
  readonly name: string;
}

/** Calls a function, in one place, so that both runs have stacks of one depth; gives what it threw, as both should. */
export function run(listener: Listener, fn: PlainCall, args: readonly unknown[]): unknown {
  try {
    listening(listener, () => fn(...args));
    return undefined;
  } catch (reason) {
    return reason;
  }
}

export interface Call {
  readonly callee: Callee;
  readonly args: readonly unknown[];
  readonly depth: number;
  /** The number of the call that comes after it and those made within. */
  next: number;
}

export class Noted implements Listener {
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
export class Unlike extends Error {
  static override readonly name = "Unlike";

  constructor(readonly culprit: Name | undefined) {
    super("another function");
  }
}

export class Replay implements Listener {
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
export class StandIns {
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
    const scope = scopeOf(fn) ?? {};
    return make(...names.map((name) => (Object.hasOwn(scope, name) ? this.of(scope[name]) : this.forName({ fn, name }))));
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

/** Stands for the counters of coverage: anything may be read of it, and counted up. */
const counters: unknown = new Proxy(() => {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => 0 : counters),
  set: () => true,
});

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
