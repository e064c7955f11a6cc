/** Tells whether two items are the same, and of what type one is: when the function is read, or by computing it. */
import type { Value } from "../../ir/ir.ts";
import { partsOfMaybe } from "./branch.ts";
import { isNaNNumber } from "./not-a-number.ts";
import { describe, isNullish, isScalar, UNDEFINED, UNSET, type Item, type MaybeItem } from "../state/items.ts";
import { toNumber } from "../state/numbers.ts";
import { textOf, unreadable, type Site } from "../state/site.ts";

type Thing = Exclude<Item, Value>;

/** `a === b`; or, loosely, `a == b`. */
export function isEqual(at: Site, a: Item, b: Item, loosely = false): Value {
  const { builder, kinds } = at.r;
  const [x, y] = [asMaybe(a), asMaybe(b)];
  if (x || y) return areBothEqual(at, x ?? a, y ?? b, loosely);
  if (isScalar(a) && isScalar(b)) {
    const open = [a, b].filter((value) => kinds.mayBeUndefined(value));
    if (open.length === 2 || open[0]?.type === "bool") return unclear(at, "undefined");
    if (!loosely && [a, b].some((value) => kinds.mayBeBoolean(value))) return unclear(at, "a boolean");
    if (!loosely && (a.type === "bool") !== (b.type === "bool")) return builder.bool(false);
    const [m, n] = [toNumber(at, a), toNumber(at, b)];
    if (m.type === "i32" && n.type === "i32") return builder.operation("i32.eq", m, n);
    if (m === n) return builder.operation("bool.not", isNaNNumber(builder, m));
    return builder.operation("eq", builder.toF64(m), builder.toF64(n));
  }
  if (isScalar(a)) return isEqualToThing(at, a, b as Thing, loosely);
  if (isScalar(b)) return isEqualToThing(at, b, a, loosely);
  return builder.bool(areSameThings(at, a, b, loosely));
}

/** As `includes` compares: NaN is itself. */
export function isSame(at: Site, a: Item, b: Item): Value {
  const { builder, kinds } = at.r;
  const equal = isEqual(at, a, b);
  const bothFloats = isScalar(a) && isScalar(b) && a.type === "f64" && b.type === "f64";
  if (!bothFloats) return equal;
  if (kinds.mayBeUndefined(a) || kinds.mayBeUndefined(b)) return unclear(at, "undefined");
  const bothNaN = builder.operation("bool.and", builder.operation("ne", a, a), builder.operation("ne", b, b));
  return builder.operation("bool.or", equal, bothNaN);
}

/** `typeof item === name` */
export function isOfType(at: Site, item: Item, name: unknown): Value {
  const b = at.r.builder;
  const optional = asMaybe(item);
  if (!optional) return b.bool(typeOf(at, item) === name);
  const { present, absent, item: content } = optional;
  return b.operation(
    "bool.or",
    b.operation("bool.and", present, isOfType(at, content, name)),
    b.operation("bool.and", b.operation("bool.not", present), b.bool(typeof absent.value === name)),
  );
}

export function typeOf(at: Site, item: Item): string {
  if (isScalar(item)) {
    if (at.r.kinds.mayBeUndefined(item)) return unclear(at, "undefined");
    if (at.r.kinds.mayBeBoolean(item)) return unclear(at, "a boolean");
    return item.type === "bool" ? "boolean" : "number";
  }
  if (asMaybe(item)) return unclear(at, "undefined");
  if (item.kind === "host") return typeof item.value;
  return item.kind === "closure" || item.kind === "builtin" || item.kind === "operation" ? "function" : "object";
}

/** Throws where a number may stand for undefined: a program keeps both as NaN, and cannot tell them apart. */
export function requireDefined(at: Site, item: Item): void {
  if (isScalar(item) && at.r.kinds.mayBeUndefined(item)) unclear(at, "undefined");
}

/** Throws where a number may stand for undefined or a boolean. */
export function requireNumber(at: Site, item: Item): void {
  requireDefined(at, item);
  if (isScalar(item) && at.r.kinds.mayBeBoolean(item)) unclear(at, "a boolean");
}

function unclear(at: Site, what: string): never {
  return unreadable(
    at,
    what,
    `What \`${textOf(at)}\` gives depends on whether something is a number or ${what}, which is not kept`,
    what === "undefined"
      ? "Fill the array first, stay within it, or begin with NaN, `let m = NaN`, and ask Number.isNaN(m)."
      : "Let a variable hold numbers or booleans on every path, not both.",
  );
}

/** What may be nothing, as such; rows are undefined where there is none. */
function asMaybe(item: Item): MaybeItem | undefined {
  if (isScalar(item)) return undefined;
  if (item.kind === "maybe") return item;
  const { present, ...row } = item.kind === "row" ? item : { present: undefined };
  return present && { kind: "maybe", present, item: row as Item, absent: UNDEFINED };
}

function areBothEqual(at: Site, a: Item, b: Item, loosely: boolean): Value {
  const { builder } = at.r;
  const [x, y] = [partsOfMaybe(builder, a), partsOfMaybe(builder, b)];
  const both = builder.operation("bool.and", x.present, y.present);
  const neither = builder.operation(
    "bool.and",
    builder.operation("bool.not", x.present),
    builder.operation("bool.not", y.present),
  );
  const equal = x.item === UNSET || y.item === UNSET ? builder.bool(false) : isEqual(at, x.item, y.item, loosely);
  const nothing = [a, b].map((item) =>
    !isScalar(item) && item.kind === "maybe" ? item.absent.value : "value" in item && item.value,
  );
  return builder.operation(
    "bool.or",
    builder.operation("bool.and", both, equal),
    builder.operation("bool.and", neither, builder.bool(loosely || nothing[0] === nothing[1])),
  );
}

function isEqualToThing(at: Site, value: Value, thing: Thing, loosely: boolean): Value {
  const b = at.r.builder;
  if (thing.kind === "unknown") toNumber(at, thing);
  if (isNullish(thing)) {
    if (!loosely && thing.value !== undefined) return b.bool(false);
    const present = at.r.kinds.presenceOf(value);
    if (present) return b.operation("bool.not", present);
    requireDefined(at, value);
    return b.bool(false);
  }
  if (!loosely) return b.bool(false);
  if (thing.kind === "host" && typeof thing.value === "string")
    return b.operation("eq", b.toF64(toNumber(at, value)), b.f64(Number(thing.value)));
  return unreadable(at, "==", `\`${textOf(at)}\` compares a number with ${describe(thing)}`, "Compare numbers with numbers.");
}

function areSameThings(at: Site, a: Thing, b: Thing, loosely: boolean): boolean {
  if (a.kind === "unknown" || b.kind === "unknown") toNumber(at, a.kind === "unknown" ? a : b);
  const [x, y] = [a, b].map((item) => (item.kind === "host" ? item : undefined));
  // oxlint-disable-next-line eqeqeq
  if (x && y) return loosely ? x.value == y.value : x.value === y.value;
  if (a === b) return true;
  if (a.kind !== b.kind || a.kind === "builtin" || a.kind === "operation") return false;
  if (a.kind === "closure" && b.kind === "closure") return a.node === b.node && a.scope === b.scope;
  return unreadable(
    at,
    "identity",
    `Whether ${describe(a)} and ${describe(b)} are the same one is not known when the function is read`,
    "Compare numbers: a flag, an index, or what they hold.",
  );
}
