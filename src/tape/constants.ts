/** The user's constants, as they are for functions that run on traced numbers. */
import { isNdArrayFunction, ndarray } from "../arrays/ndarray.ts";
import { isNdArray, isPlainObject } from "../core/array-values.ts";
import { definitionOf, hasOwnDerivative, type Definition } from "../operations/definitions.ts";
import { CapturedVariable } from "../read/syntax/errors.ts";
import { ReadError } from "../core/errors.ts";
import { whyNoConstant } from "../read/constants/hidden-state.ts";
import { capturedByConstant } from "../read/syntax/captured.ts";
import { hasText, isClass } from "../read/syntax/source.ts";
import { hasPrivateNames, rewrite, rewriteClass, type Callable } from "./functions.ts";
import { refuse, refuseWith } from "./numbers/refusal.ts";
import { copyCapturedBy } from "./runtime/captured.ts";
import { KeyedMap, ValueSet } from "./runtime/collections.ts";
import { tracedDefinition } from "./runtime/definitions.ts";
import { standInFor } from "./runtime/globals.ts";
import { Vector } from "./runtime/vector.ts";
import { Traced } from "./numbers/tape.ts";
import { copiesOfMemory, type SharedMemory } from "./shared-memory.ts";

/**
 * Copies that may hold traced numbers, made for every recording: a work buffer holds nothing of an earlier one. So are copies of what
 * functions capture from now on. `memory`: what several arrays among all that are views of.
 */
export function traceable(value: unknown, name: string, memory: SharedMemory = []): unknown {
  const copies = new Copies(copiesOfMemory(memory));
  copyCapturedBy((captured, of) => copies.of(captured, of));
  return copies.of(value, name);
}

class Copies {
  /** Copies already made, for objects that are met twice. */
  private readonly known = new Map<object, unknown>();

  constructor(private readonly memory: ReturnType<typeof copiesOfMemory>) {}

  of(value: unknown, name: string): unknown {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
    const standIn = standInFor(value);
    if (standIn !== undefined) return standIn;
    if (!this.known.has(value)) {
      const copy = typeof value === "function" ? this.ofFunction(value as Callable, name) : this.ofObject(value, name);
      this.known.set(value, copy);
    }
    return this.known.get(value);
  }

  private ofObject(value: object, name: string): unknown {
    const why = whyNoConstant(value, name);
    if (why) return whenUsed(new why.Class({ name, ...why.complaint }));
    const keep = <T>(copy: T): T => (this.known.set(value, copy), copy);
    const inner = (part: unknown, key: unknown): unknown => this.of(part, `${name}.${String(key)}`);
    if (value instanceof Float64Array) return this.memory(value) ?? new Vector(value);
    if (isNdArray(value)) return ndarray(inner(value.data, "data") as number[], value.shape, value.stride, value.offset);
    if (Array.isArray(value)) {
      const list = keep(new Array<unknown>(value.length));
      value.forEach((element, i) => (list[i] = inner(element, i)));
      return list;
    }
    if (value instanceof Map) {
      const map = keep(new KeyedMap());
      for (const [key, element] of value as Map<unknown, unknown>) map.set(this.of(key, name), inner(element, key));
      return map;
    }
    if (value instanceof Set) {
      const set = keep(new ValueSet());
      for (const element of value as Set<unknown>) set.add(inner(element, "element"));
      return set;
    }
    if (isPlainObject(value)) return this.fill(keep({}), value, name);
    return this.instance(value, name, keep);
  }

  private instance(value: object, name: string, keep: <T>(copy: T) => T): unknown {
    const { constructor } = value;
    if (isClass(constructor)) {
      if (hasPrivateNames(constructor)) return this.asItIs(value, name);
      const made = this.of(constructor, constructor.name) as Callable;
      return this.fill(keep(Object.create(made.prototype as object) as object), value, name);
    }
    // What is of the engine's own making, such as dates, refuses traced numbers by itself.
    const isOfEngine = typeof constructor === "function" && !hasText(constructor);
    return isOfEngine && constructor !== Object ? value : this.asItIs(value, name);
  }

  /** An object that cannot be copied, because of private fields, or because its methods are no class's: nothing traced goes into it. */
  private asItIs(object: object, name: string): unknown {
    const part = (key: PropertyKey): unknown => {
      const value: unknown = Reflect.get(object, key);
      const what = `${name}.${String(key)}`;
      return typeof value === "function" ? untraced(value.bind(object) as Callable, what) : this.of(value, what);
    };
    return new Proxy(object, {
      get: (_, key) => part(key),
      set: () =>
        refuse(`${name} is written, of which no copy can be made: it is no plain object, and no class without private fields.`),
    });
  }

  private fill<T extends object>(copy: T, from: object, name: string): T {
    for (const [key, { get, set, value }] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
      const part = (what: unknown): unknown => this.of(what, `${name}.${key}`);
      const isOfObject = Boolean(set) || (get !== undefined && /\bthis\b/.test(Function.prototype.toString.call(get)));
      const given = isOfObject ? (part(get) as () => unknown) : get && ((): unknown => part(get.call(from)));
      const accessors = { get: given, set: part(set) as (value: unknown) => void };
      const property = get || set ? accessors : { value: part(value), writable: true };
      Object.defineProperty(copy, key, { ...property, enumerable: true, configurable: true });
    }
    return copy;
  }

  /** What free names of a function stand for is known once it was called; one that never is need not be traced. */
  private ofFunction(fn: Callable, name: string): unknown {
    const definition = definitionOf(fn);
    if (definition) return tracedCall(definition, name);
    if (isNdArrayFunction(fn)) return fn;
    if (!hasText(fn)) return untraced(fn, name);
    if (isClass(fn)) return this.ofClass(fn, name);
    const traced = function (this: unknown, ...args: unknown[]): unknown {
      if (new.target) refuse(`${name} is called with \`new\`, but is no class. Write it as a class.`);
      return refusing(() => rewrite(fn, name)).apply(this, args);
    };
    return Object.keys(fn).length ? this.fill(traced, Object.fromEntries(Object.entries(fn)), name) : traced;
  }

  private ofClass(fn: Callable, name: string): unknown {
    const parent = Object.getPrototypeOf(fn) as object;
    try {
      return rewriteClass(fn, name, parent === Function.prototype ? undefined : this.of(parent, name));
    } catch (error) {
      if (error instanceof ReadError) return whenUsed(error);
      throw error;
    }
  }
}

/** What is thrown is no matter for a `catch` of the user's. */
function refusing<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    return refuseWith(error instanceof CapturedVariable ? capturedByConstant(error) : (error as Error));
  }
}

/** A function made by `differentiable` or `implicit`. */
function tracedCall(definition: Definition, name: string): Callable {
  if (hasOwnDerivative(definition)) return tracedDefinition(definition);
  const { fn, constants } = definition;
  return (...args) =>
    refusing(() => rewrite(fn, name))(
      ...args,
      ...(constants === undefined ? [] : [new Copies(copiesOfMemory([])).of(constants, `${name}.constants`)]),
    );
}

/** A function that runs as it is: what it makes of traced numbers is not recorded. */
function untraced(fn: Callable, name: string): Callable {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (args.some((arg) => holdsTraced(arg))) {
      refuse(
        `${name} cannot be traced (it is native, bound, or of an object with private fields), and is called with a number that depends ` +
          "on the inputs. Pass a plain function.",
      );
    }
    return fn.apply(this, args);
  };
}

function holdsTraced(value: unknown, met = new Set<unknown>()): boolean {
  if (value instanceof Traced) return true;
  if (typeof value !== "object" || value === null || met.has(value)) return false;
  met.add(value);
  return Object.values(value).some((part) => holdsTraced(part, met));
}

/** Stands for what cannot be rewritten, which need not be where it is not used. */
function whenUsed(error: ReadError): unknown {
  const refused = (): never => refuseWith(error);
  return new Proxy(function () {}, {
    get: (_, name) => (typeof name === "symbol" ? undefined : refused()),
    set: refused,
    has: refused,
    ownKeys: refused,
    getOwnPropertyDescriptor: refused,
    apply: refused,
    construct: refused,
  });
}
