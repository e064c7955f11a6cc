/** Knows the functions of the engine by identity: they are the same under whatever name they are reached. */
import { memo } from "../../core/memo.ts";
import { typedArrays } from "../../core/array-values.ts";
import { isNdArrayFunction } from "../../arrays/ndarray.ts";
import { arrayOfHoles, fillArray, newArray } from "../values/arrays.ts";
import type { ElementName } from "../state/elements.ts";
import type { Value } from "../../ir/ir.ts";
import { requireNumber } from "../values/equality.ts";
import { host, isScalar, UNDEFINED, type ArrayItem, type BuiltinItem, type Item } from "../state/items.ts";
import { iterate } from "../values/iterate.ts";
import { arrayFrom } from "./array-from.ts";
import { arrayOf } from "../values/array-of.ts";
import { isIntegerNumber, mathFunctions, type NumberFunction } from "./math.ts";
import { isFiniteNumber, isNaNNumber } from "../values/not-a-number.ts";
import { ndarrayOver } from "./ndarray-methods.ts";
import { constant, toBool, toNumber } from "../state/numbers.ts";
import { getProperty } from "../values/properties.ts";
import { hasKey, keysOf } from "../values/keys.ts";
import { setProperty } from "../values/assignment.ts";
import { textOf, unreadable, type Site } from "../state/site.ts";
import { staticOf } from "../values/static.ts";
import { toText } from "../values/text.ts";

type Call = BuiltinItem["call"];

export const ndarrayBuiltin: BuiltinItem = { kind: "builtin", name: "ndarray", call: ndarrayOver };

/** The function of the engine, or of `ndarray`, that a value is. */
export function builtinOf(value: object): BuiltinItem | undefined {
  return builtins().get(value) ?? (isNdArrayFunction(value) ? ndarrayBuiltin : undefined);
}

const builtins = memo((): ReadonlyMap<unknown, BuiltinItem> => new Map(entries()));

type Entry = readonly [fn: unknown, builtin: BuiltinItem];

function builtin(fn: unknown, name: string, call: Call): Entry {
  return [fn, { kind: "builtin", name, call }];
}

function entries(): Entry[] {
  return [...ofMath(), ...ofNumbers(), ...ofObjects(), ...ofArrays()];
}

function ofMath(): Entry[] {
  const functions = Math as unknown as Readonly<Record<string, unknown>>;
  return [
    ...Object.entries(mathFunctions).map(([name, fn]) => builtin(functions[name], `Math.${name}`, onNumbers(fn))),
    builtin(Math.random, "Math.random", (at) =>
      unreadable(
        at,
        "Math.random",
        "`Math.random` has another value at every call, so it has no derivative",
        "Draw the random numbers before solving and pass them in `constants`.",
      ),
    ),
  ];
}

function ofNumbers(): Entry[] {
  const tests = [
    [Number.isFinite, isFiniteNumber],
    [Number.isNaN, isNaNNumber],
    [Number.isInteger, isIntegerNumber],
  ] as const;
  return [
    builtin(isFinite, "isFinite", onNumbers(isFiniteNumber)),
    builtin(isNaN, "isNaN", onNumbers(isNaNNumber)),
    // False of all that is no number.
    ...tests.map(([fn, test]) =>
      builtin(fn, `Number.${fn.name}`, (at, [x]) => ofNumber(at, x ?? UNDEFINED, (value) => test(at.r.builder, value))),
    ),
    builtin(Number, "Number", (at, [x]) => {
      const text = x && staticOf(x);
      if (typeof text === "string") return constant(at.r.builder, Number(text));
      return x ? toNumber(at, x) : at.r.builder.i32(0);
    }),
    builtin(String, "String", (at, [x]) => host(x ? toText(at, x) : "")),
    builtin(Boolean, "Boolean", (at, [x]) => toBool(at, x ?? UNDEFINED)),
  ];
}

function ofObjects(): Entry[] {
  const valueOf = (at: Site, object: Item, key: string): Item => getProperty(at, object, host(key));
  return [
    builtin(Object.keys, "Object.keys", (at, [x]) => at.r.journal.list(keysOf(at, x).map(host))),
    builtin(Object.values, "Object.values", (at, [x]) => {
      const values = keysOf(at, x).map((key) => valueOf(at, x, key));
      return arrayOf(at, values);
    }),
    builtin(Object.entries, "Object.entries", (at, [x]) => {
      const pairs = keysOf(at, x).map((key) => at.r.journal.list([host(key), valueOf(at, x, key)]));
      return at.r.journal.list(pairs);
    }),
    builtin(Object.assign, "Object.assign", (at, [target, ...sources]) => {
      for (const source of sources)
        for (const key of keysOf(at, source)) setProperty(at, target, host(key), valueOf(at, source, key));
      return target;
    }),
    builtin(Object.hasOwn, "Object.hasOwn", (at, [x, key]) => at.r.builder.bool(hasKey(at, x, toText(at, key ?? UNDEFINED)))),
    builtin(Object.freeze, "Object.freeze", (_at, [x]) => x),
  ];
}

function ofArrays(): Entry[] {
  const isArray = (x: Item): boolean => !isScalar(x) && (x.kind === "list" || (x.kind === "array" && x.container === "array"));
  return [
    builtin(Array.isArray, "Array.isArray", (at, [x]) => at.r.builder.bool(isArray(x))),
    builtin(Array.of, "Array.of", arrayOf),
    builtin(Array.from, "Array.from", (at, args) => from(at, args, "array", "Array")),
    builtin(Array, "Array", (at, args) =>
      args.length === 1 && isScalar(args[0]) ? empty(at, args[0], "array", "Array") : arrayOf(at, args),
    ),
    ...Object.entries(typedArrays).map(([name, constructor]) =>
      builtin(constructor, name, (at, [source]) => typedArray(at, name as ElementName, source)),
    ),
  ];
}

function typedArray(at: Site, name: ElementName, source: Item | undefined): Item {
  if (!source) return newArray(at, [0], "typed", name);
  if (!isScalar(source)) return from(at, [source], "typed", name);
  const array = empty(at, source, "typed", name);
  fillArray(at, array, at.r.builder.i32(0));
  return array;
}

/** Static methods of typed arrays, which they inherit and so share. */
export function typedArrayMethod(constructor: unknown, method: string): BuiltinItem | undefined {
  const name = Object.entries(typedArrays).find(([, each]) => each === constructor)?.[0] as ElementName | undefined;
  if (!name) return undefined;
  if (method === "from") return { kind: "builtin", name: `${name}.from`, call: (at, args) => from(at, args, "typed", name) };
  if (method === "of")
    return { kind: "builtin", name: `${name}.of`, call: (at, args) => from(at, [arrayOf(at, args)], "typed", name) };
  return undefined;
}

function ofNumber(at: Site, item: Item, test: (value: Value) => Value): Value {
  const b = at.r.builder;
  if (isScalar(item)) {
    if (item.type === "bool") return b.bool(false);
    const present = at.r.kinds.presenceOf(item);
    if (present) return b.operation("bool.and", present, test(item));
    requireNumber(at, item);
    return test(item);
  }
  return item.kind === "maybe" ? b.operation("bool.and", item.present, ofNumber(at, item.item, test)) : b.bool(false);
}

function onNumbers(fn: NumberFunction): Call {
  return (at, args) => {
    const numbers = args.map((arg) => toNumber(at, arg));
    while (numbers.length < fn.length - 1) numbers.push(at.r.builder.f64(NaN));
    return fn(at.r.builder, ...numbers);
  };
}

/** An array of a length known when the function is read. */
function empty(at: Site, length: Item, container: ArrayItem["container"], element: ElementName): ArrayItem {
  const size = staticOf(length);
  if (typeof size !== "number" || !Number.isInteger(size) || size < 0) {
    return unreadable(
      at,
      "array length",
      `The length in \`${textOf(at)}\` is not known when the function is read`,
      "Lengths must be constants: numbers in the text, from `constants`, or .length of an array.",
    );
  }
  return element === "Array" ? arrayOfHoles(at, size) : newArray(at, [size], container, element);
}

/** Array.from(source, map?), and of typed arrays. */
function from(at: Site, [source, map]: readonly Item[], container: ArrayItem["container"], element: ElementName): Item {
  const lengthOnly = !isScalar(source) && source.kind === "object";
  const length = lengthOnly
    ? empty(at, getProperty(at, source, host("length")), "array", "Array").shape[0]
    : iterate(at, source).length;
  const elementOf = lengthOnly ? (): Item => UNDEFINED : iterate(at, source).at;
  const uniform = lengthOnly || iterate(at, source).uniform;
  const nodes = map && !isScalar(map) && map.kind === "closure" ? [map.node] : [];
  const produce = (index: Parameters<typeof elementOf>[0]): Item => {
    const item = map ? at.r.call(at, map, [elementOf(index), index]) : elementOf(index);
    if (container !== "typed" || isScalar(item)) return item;
    // Typed arrays hold numbers alone: of an array, an object, a function they would make one, by way of text.
    return item.kind === "host" && item.value === undefined ? at.r.builder.f64(NaN) : toNumber(at, item);
  };
  if (uniform && (map || !lengthOnly)) return arrayFrom(at, length, container, element, nodes, produce);
  if (!map && lengthOnly) {
    if (container === "array") return arrayOfHoles(at, length);
    const array = newArray(at, [length], container, element);
    fillArray(at, array, at.r.builder.f64(NaN));
    return array;
  }
  const items = Array.from({ length }, (_, i) => produce(at.r.builder.i32(i)));
  return container === "array"
    ? arrayOf(at, items)
    : arrayFrom(at, length, container, element, nodes, (index) => items[index.constant!] ?? UNDEFINED);
}
