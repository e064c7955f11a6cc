/** The user's functions and constants, as they run on traced numbers. */
import { parseExpressionAt, type AnyNode } from "acorn";
import { isNdArrayFunction, ndarray } from "../../../src/arrays/ndarray.ts";
import { isNdArray, isPlainObject } from "../../../src/arrays/values.ts";
import { definitionOf, hasOwnDerivative, type Definition } from "../../../src/definitions.ts";
import { CodeGenerationForbidden } from "../../../src/errors.ts";
import { namesBound } from "../../../src/program/read/bindings.ts";
import { checkPlain, hasText, Source, sourceOf } from "../../../src/program/read/source.ts";
import { tracedDefinition } from "./runtime/definitions.ts";
import { Names } from "../../../src/program/read/names.ts";
import { Rewriter, RUNTIME } from "./rewrite.ts";
import { KeyedMap, ValueSet } from "./runtime/collections.ts";
import { globals, keepName, library, standInFor } from "./runtime/globals.ts";
import { call } from "./runtime/methods.ts";
import * as operators from "./runtime/operators.ts";
import { Vector } from "./runtime/vector.ts";

export type Callable = (...args: unknown[]) => unknown;

const runtime = { ...operators, call, globals, library, keepName };

const rewritten = new WeakMap<object, Callable>();

/** The function, rewritten. Throws ReadError where its text cannot be traced, CodeGenerationForbidden where the page forbids it. */
export function rewrite(fn: object, name: string): Callable {
  let known = rewritten.get(fn);
  if (!known) rewritten.set(fn, (known = instantiate(fn, name)));
  return known;
}

function instantiate(fn: object, name: string): Callable {
  const { source, node } = isClass(fn) ? classSource(fn, name) : functionSource(fn, name);
  const text = new Rewriter(source, (fn as Callable).name).text(node, new Names(undefined, new Set()));
  // A method's node begins with its parameters.
  const expression = node.type === "FunctionExpression" && text.startsWith("(") ? `function ${text}` : text;
  try {
    const make = new Function(RUNTIME, `"use strict"; const ${RUNTIME}_self = ${expression}; return ${RUNTIME}_self;`) as (
      given: typeof runtime,
    ) => Callable;
    return make(runtime);
  } catch (error) {
    if (error instanceof EvalError) throw new CodeGenerationForbidden(name, { cause: error });
    throw error;
  }
}

function functionSource(fn: object, name: string): { source: Source; node: AnyNode } {
  const { source, node } = sourceOf(fn, name);
  checkPlain(node, source);
  return { source, node };
}

function isClass(fn: object): boolean {
  return typeof fn === "function" && /^class\b/.test(Function.prototype.toString.call(fn));
}

function classSource(fn: object, name: string): { source: Source; node: AnyNode } {
  const text = Function.prototype.toString.call(fn);
  return {
    source: new Source(fn, name, text, 1),
    node: parseExpressionAt(`(${text}\n)`, 0, { ecmaVersion: "latest", locations: true }),
  };
}

/**
 * Copies of the user's constants that may hold traced numbers, made for every recording: a work buffer holds nothing of an
 * earlier one. `known`: copies already made, for objects that are met twice.
 */
export function traceable(value: unknown, name: string, known = new Map<object, unknown>()): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  const standIn = standInFor(value);
  if (standIn !== undefined) return standIn;
  const definition = typeof value === "function" ? definitionOf(value) : undefined;
  if (definition) return tracedCall(definition, name);
  if (typeof value === "function") return hasText(value) && !isNdArrayFunction(value) ? whenCalled(value, name) : value;
  if (known.has(value)) return known.get(value);
  const inner = (part: unknown, key: unknown): unknown => traceable(part, `${name}.${String(key)}`, known);
  const keep = <T>(copy: T): T => (known.set(value, copy), copy);
  if (value instanceof Float64Array) return keep(new Vector(value));
  if (isNdArray(value)) return keep(ndarray(inner(value.data, "data") as number[], value.shape, value.stride, value.offset));
  if (Array.isArray(value)) {
    const list = keep<unknown[]>([]);
    value.forEach((element, i) => list.push(inner(element, i)));
    return list;
  }
  if (value instanceof Map) {
    const map = keep(new KeyedMap());
    for (const [key, element] of value as Map<unknown, unknown>) map.set(key, inner(element, key));
    return map;
  }
  if (value instanceof Set) return keep(new ValueSet(value as Set<unknown>));
  if (isPlainObject(value)) return fill(keep({}), value, inner);
  const { constructor } = value;
  return isClass(constructor)
    ? fill(keep(Object.create(rewrite(constructor, constructor.name).prototype as object) as object), value, inner)
    : value;
}

/** What free names of a function stand for is known once it was called; one that never is need not be traced. */
function whenCalled(fn: object, name: string): Callable {
  return isClass(fn) || namesBound(fn) ? rewrite(fn, name) : (...args) => rewrite(fn, name)(...args);
}

/** A function made by `differentiable` or `implicit`. */
function tracedCall(definition: Definition, name: string): Callable {
  if (hasOwnDerivative(definition)) return tracedDefinition(definition);
  const { fn, constants } = definition;
  const traced = rewrite(fn, name);
  return (...args) => (constants === undefined ? traced(...args) : traced(...args, traceable(constants, `${name}.constants`)));
}

function fill(copy: object, from: object, inner: (part: unknown, key: string) => unknown): object {
  return Object.assign(copy, Object.fromEntries(Object.entries(from).map(([key, part]) => [key, inner(part, key)])));
}
