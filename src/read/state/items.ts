/**
 * Declares what an expression stands for while a function is read: a scalar of the program, or something known without running
 * it.
 */
import type { StructLayout } from "../../arrays/layout.ts";
import type { ArrayOperation } from "../../operations/index.ts";
import type { Value } from "../../ir/ir.ts";
import type { Cell } from "./cells.ts";
import type { Site } from "./site.ts";
import type { Moment } from "./sharing-check.ts";
import type { Scope } from "./scope.ts";
import type { FunctionNode } from "../syntax/source.ts";
import type { Storage } from "./storage.ts";

export type Item =
  | Value
  | ArrayItem
  | RecordItem
  | ObjectItem
  | ListItem
  | ClosureItem
  | BuiltinItem
  | OperationItem
  | HostItem
  | RowItem
  | MaybeItem
  | UnknownItem;

/** Numbers in memory: an array, typed array or ndarray, or a part of one. */
export interface ArrayItem {
  readonly kind: "array";
  readonly storage: Storage;
  /** i32: flat index of the element whose indices are all 0. */
  readonly offset: Value;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly container: "array" | "typed" | "ndarray";
  /** When a row was taken out of its array. */
  readonly taken?: Moment;
}

/** Named components of a parameter. */
export interface RecordItem {
  readonly kind: "record";
  readonly layout: StructLayout;
  /** Storages of the leaves, by their layouts. */
  readonly leaf: (layout: object) => Storage;
}

/** An object that the function made. */
export interface ObjectItem {
  readonly kind: "object";
  readonly fields: Map<string, Cell>;
  /** When it was made, and within how many branches and loops. */
  readonly birth: number;
  readonly level: number;
}

/** An array of things that are not numbers, of known length. */
export interface ListItem {
  readonly kind: "list";
  readonly elements: readonly Cell[];
  /** The user's own array, of objects. */
  readonly rows?: readonly unknown[];
}

export interface ClosureItem {
  readonly kind: "closure";
  readonly node: FunctionNode;
  readonly scope: Scope;
  readonly name: string;
}

export interface BuiltinItem {
  readonly kind: "builtin";
  readonly name: string;
  readonly call: (at: Site, args: readonly Item[]) => Item;
}

export interface OperationItem {
  readonly kind: "operation";
  readonly operation: ArrayOperation;
}

/** One of the objects in an array among the constants; which one is known when the program runs. */
export interface RowItem {
  readonly kind: "row";
  readonly rows: readonly unknown[];
  /** What is taken of each row. */
  readonly path: readonly string[];
  readonly index: Value;
  /** bool: false where it is none of them, but undefined. */
  readonly present?: Value;
}

/** An item or nothing, as is known when the program runs. */
export interface MaybeItem {
  readonly kind: "maybe";
  readonly present: Value;
  readonly item: Item;
  /** What it is where it is not present: `undefined` or `null`. */
  readonly absent: HostItem;
}

/** A value of JavaScript itself: a string, `undefined`, `Math`, an object among the constants. */
export interface HostItem {
  readonly kind: "host";
  readonly value: unknown;
}

/** Differs by the path taken in a way that no program can hold; an error only where it is used. */
export interface UnknownItem {
  readonly kind: "unknown";
  readonly reason: string;
}

export const UNDEFINED: HostItem = { kind: "host", value: undefined };

/** Not assigned yet, and never read before it is: a return value, say. */
export const UNSET: UnknownItem = { kind: "unknown", reason: "has no value yet" };

export function isNullish(item: Item): item is HostItem & { readonly value: undefined | null } {
  return !isScalar(item) && item.kind === "host" && (item.value === undefined || item.value === null);
}

export function isUndefined(item: Item): boolean {
  return isNullish(item) && item.value === undefined;
}

/** An item that is there where `present` holds. */
export function maybe(present: Value, item: Item, absent: HostItem = UNDEFINED): Item {
  if (present.constant !== undefined) return present.constant ? item : absent;
  return { kind: "maybe", present, item, absent };
}

export function isScalar(item: Item): item is Value {
  return "type" in item;
}

export function host(value: unknown): HostItem {
  return { kind: "host", value };
}

/** For messages. */
export function describe(item: Item): string {
  if (isScalar(item)) return item.type === "bool" ? "a boolean" : "a number";
  switch (item.kind) {
    case "array":
      return item.container === "ndarray"
        ? `an ndarray of shape [${item.shape.join(", ")}]`
        : `an array of ${item.shape[0]} elements`;
    case "record":
    case "object":
    case "row":
      return "an object";
    case "list":
      return "an array";
    case "closure":
    case "builtin":
    case "operation":
      return "a function";
    case "host":
      return item.value === null || item.value === undefined
        ? String(item.value)
        : typeof item.value === "string"
          ? `the string ${JSON.stringify(item.value)}`
          : `a constant ${typeof item.value}`;
    case "maybe":
      return `${describe(item.item)} or ${String(item.absent.value)}`;
    case "unknown":
      return "a value that differs by the path taken";
  }
}
