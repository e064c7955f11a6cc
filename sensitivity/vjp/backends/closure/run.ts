/** The vector-Jacobian product, by closures, of any function of one laid-out value. */
import { componentName, memberPath, type Layout } from "../../../../src/arrays/layout.ts";
import type { Target } from "../../../../src/compile/compile.ts";
import { describe, isPlainObject } from "../../../../src/core/array-values.ts";
import { Disagreement } from "../../../../src/problem/errors.ts";
import { UnknownComponent } from "../../../../src/core/errors.ts";
import { writableBuffer, type Buffer } from "./buffer.ts";
import { Recording } from "./recording.ts";
import { guarded, type Tracked } from "./tracked.ts";

/** What the function's result goes to: it is written in place, or assigned whole. */
export interface Result {
  readonly shown: unknown;
  assign(returned: unknown): void;
}

/** The function, and what is known of it. */
export interface ClosureRequest {
  /** Calls the user's function. */
  readonly call: (x: unknown, result: Result) => void;
  readonly input: Layout;
  readonly output: Layout;
  /** Their names in messages. */
  readonly names: { readonly input: string; readonly output: string };
  readonly target: Target;
  /** The value of the plain function at x, for comparison: a tracked array is no number, and never false, which no guard can see. */
  readonly plain: () => Float64Array;
}

/** The relative difference that is allowed; array operations in another order differ by less. */
const TOLERANCE = 1e-9;

/**
 * Writes (∂call/∂x)ᵀ v at x to `xBar`.
 *
 * @throws Disagreement where the function gives other values than the plain one.
 */
export function vjpByClosures(
  { call, input, output, names, target, plain }: ClosureRequest,
  x: Float64Array,
  v: Float64Array,
  xBar: Float64Array,
): void {
  const recording = new Recording(target);
  const inputs: { readonly tracked: Tracked; readonly offset: number }[] = [];
  const shown = byLeaf(input, names.input, (leaf, name) => {
    const container = leaf.kind === "array" && leaf.container === "ndarray" ? "ndarray" : "typed";
    const tracked = recording.input(name, shapeOf(leaf), x.slice(leaf.offset, leaf.offset + leaf.size), container);
    inputs.push({ tracked, offset: leaf.offset });
    return guarded(tracked);
  });
  const results: { readonly buffer: Buffer; readonly offset: number }[] = [];
  const root = byLeaf(output, names.output, (leaf, name) => {
    const buffer = recording.buffer(name, shapeOf(leaf));
    results.push({ buffer, offset: leaf.offset });
    return {
      buffer,
      shown: writableBuffer(buffer, leaf.kind === "array" && leaf.container === "ndarray" ? "ndarray" : "vector"),
    };
  });
  call(shown, { shown: writableView(output, root), assign: (returned) => assign(output, root, returned, names.output) });
  const expected = plain();
  for (const { buffer, offset } of results) {
    const last = recording.snapshot(buffer);
    last.value.forEach((value, e) => requireSame(value, expected, offset + e, output, names.output));
    last.gradient.set(v.subarray(offset, offset + last.value.length));
  }
  recording.sweepBack();
  xBar.fill(0);
  for (const { tracked, offset } of inputs) if (tracked.cotangent) xBar.set(tracked.cotangent, offset);
}

function requireSame(value: number, expected: Float64Array, i: number, output: Layout, name: string): void {
  if (Object.is(value, expected[i])) return;
  const size = expected.reduce((max, x) => (Number.isFinite(x) ? Math.max(max, Math.abs(x)) : max), 0);
  if (Math.abs(value - expected[i]) <= TOLERANCE * size) return;
  throw new Disagreement(
    `With tracked arrays the function gives ${value} in ${componentName(output, i, name)}, and with plain ones ${expected[i]}. ` +
      `It may ask whether a number is true, or equal to another: a tracked one is an object. Take another vjp backend, such as "tape".`,
  );
}

type Leaf = Exclude<Layout, { kind: "struct" | "extended" }>;
type ResultLeaf = { readonly buffer: Buffer; readonly shown: object };
/** A tree with something for each leaf of a layout, by name. */
type Tree<T> = T | { readonly [name: string]: Tree<T> };

function byLeaf<T>(layout: Layout, name: string, make: (leaf: Leaf, name: string) => T): Tree<T> {
  if (layout.kind === "extended") return byLeaf(layout.own, name, make);
  if (layout.kind !== "struct") return make(layout, name);
  return Object.freeze(
    Object.fromEntries(Object.entries(layout.fields).map(([key, field]) => [key, byLeaf(field, memberPath(name, key), make)])),
  );
}

function shapeOf(leaf: Leaf): readonly number[] {
  return leaf.kind === "scalar" ? [] : leaf.shape;
}

/** A view whose components are written by name, or in place. */
function writableView(layout: Layout, tree: Tree<ResultLeaf>): unknown {
  if (layout.kind !== "struct") return (tree as ResultLeaf).shown;
  const fields = tree as Readonly<Record<string, Tree<ResultLeaf>>>;
  const view = {};
  for (const [name, field] of Object.entries(layout.fields)) {
    const inner = writableView(field, fields[name]);
    Object.defineProperty(view, name, {
      enumerable: true,
      get: () => inner,
      set(value: unknown): void {
        assign(field, fields[name], value, name);
      },
    });
  }
  return Object.preventExtensions(view);
}

function assign(layout: Layout, tree: Tree<ResultLeaf>, value: unknown, name: string): void {
  if (layout.kind !== "struct") return (tree as ResultLeaf).buffer.assign(value);
  const fields = tree as Readonly<Record<string, Tree<ResultLeaf>>>;
  const names = Object.keys(layout.fields).join(", ");
  if (!isPlainObject(value)) throw new UnknownComponent(`${name} is ${describe(value)}, but must be an object with ${names}.`);
  const wrong = [...Object.keys(layout.fields), ...Object.keys(value)].find(
    (key) => !Object.hasOwn(value, key) || !Object.hasOwn(fields, key),
  );
  if (wrong !== undefined) throw new UnknownComponent(`${name}: ${wrong} is missing or unknown. Its components are ${names}.`);
  for (const [key, field] of Object.entries(layout.fields))
    assign(field, fields[key], (value as Record<string, unknown>)[key], memberPath(name, key));
}
