/** Calls methods of text and of numbers, where all that they compute with is known when the function is read. */
import { describe, host, isScalar, isUndefined, type Item } from "../state/items.ts";
import { constant } from "../state/numbers.ts";
import { unrollFor } from "../state/open-loops.ts";
import { unreadable, type Site } from "../state/site.ts";
import { staticOf } from "../values/static.ts";

/** The text or number whose methods are called, where it is one; with the object that it has them from. */
function primitiveOf(item: Item): { readonly value: unknown; readonly prototype: object } | undefined {
  if (isScalar(item)) {
    const value = staticOf(item);
    return { value, prototype: item.type === "bool" ? Boolean.prototype : Number.prototype };
  }
  return item.kind === "host" && typeof item.value === "string" ? { value: item.value, prototype: String.prototype } : undefined;
}

/** Has it a method of this name, of which an item is the owner? */
export function isPrimitiveMethod(item: Item, name: string): boolean {
  const { prototype } = primitiveOf(item) ?? {};
  return prototype !== undefined && typeof (prototype as Readonly<Record<string, unknown>>)[name] === "function";
}

/** Calls it: for what is known when the function is read. */
export function callPrimitive(at: Site, self: Item, name: string, args: readonly Item[]): Item {
  const { value, prototype } = primitiveOf(self)!;
  if (isScalar(self) && name === "valueOf") return self;
  const given = args.map((arg) => (isScalar(arg) && arg.constant === undefined ? unrolled(at, arg) : staticOf(arg)));
  const isKnown = value !== undefined && given.every((arg, i) => arg !== undefined || isUndefined(args[i]));
  if (!isKnown) return refuse(at, self, name, false);
  const method = (prototype as Readonly<Record<string, (...given: unknown[]) => unknown>>)[name];
  return itemOf(at, method.apply(value, given)) ?? refuse(at, self, name, true);
}

function unrolled(at: Site, item: Item): undefined {
  if (isScalar(item)) unrollFor(at.r, item);
}

/** A value as an item, where it is one of text, numbers, or lists of those. */
function itemOf(at: Site, value: unknown): Item | undefined {
  if (typeof value === "number") return constant(at.r.builder, value);
  if (typeof value === "boolean") return at.r.builder.bool(value);
  if (value === undefined || value === null || typeof value === "string") return host(value);
  if (!Array.isArray(value)) return undefined;
  const elements = value.map((each) => itemOf(at, each));
  if (!elements.every((element) => element !== undefined)) return undefined;
  return at.r.journal.list(elements);
}

/** `owner`: whose method it is. */
function refuse(at: Site, owner: Item, name: string, isKnown: boolean): never {
  const what = isScalar(owner) ? describe(owner) : "text";
  return unreadable(
    at,
    name,
    `The method \`${name}\` of ${what} ${isKnown ? "gives what no program holds" : "cannot be read where anything of it is known only when the program runs"}`,
    "Programs compute with numbers: round with Math.round(10 * x) / 10, and show results after solving.",
  );
}
