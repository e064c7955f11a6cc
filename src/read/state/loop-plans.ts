/** Remembers what was learnt about a loop while reading it, for when it has to be read again. */
import { memo } from "../../core/memo.ts";
import type { ScalarType, Value } from "../../ir/ir.ts";
import type { ArrayItem, HostItem } from "./items.ts";
import type { Cell } from "./cells.ts";
import type { Scope } from "./scope.ts";
import type { ElementName } from "./elements.ts";

/** What an item looks like apart from its numbers. */
export type Form =
  | { readonly kind: "scalar"; readonly type: ScalarType }
  | {
      readonly kind: "array";
      readonly shape: readonly number[];
      readonly container: ArrayItem["container"];
      readonly element: ElementName;
    }
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, Form> }
  | { readonly kind: "list"; readonly elements: readonly Form[] };

/** Every set only grows, which bounds how often a loop is read. */
export interface LoopPlan {
  /** Cells that are written in the loop beside those that its text shows. */
  readonly extra: Set<Cell>;
  /** Cells that hold an array or object, another one after each iteration: kept in one slot of this form. */
  readonly forms: Map<Cell, Form>;
  /** Cells that hold nothing in some iteration, with what that is: `undefined` or `null`. */
  readonly optional: Map<Cell, HostItem>;
  /** What scalars are that start as nothing, or as something else than they become. */
  readonly types: Map<Cell | string, ScalarType>;
  /** Numbers that a cell may hold which are not always numbers in JavaScript. */
  readonly kinds: Map<Cell | string, readonly Value[]>;
  /** Cells whose integer may be any. */
  readonly unbounded: Set<Cell | string>;
  /** Cells whose content an iteration cannot hand on. */
  readonly opaque: Set<Cell>;
  /** What starts as nothing is read as nothing, to find out what it becomes. */
  startsAsNothing: boolean;
  /** Each iteration has to be read by itself. */
  unrolled: boolean;
  /** The index changes within the body. */
  general: boolean;
  /** The condition writes, so it is read once before the loop and once at the end of each iteration. */
  rotated: boolean;
}

export class Plans {
  /** The plan of a loop, met in a scope: read into several callers, it has several. */
  readonly of = memo((_scope: Scope, _loop: object): LoopPlan => ({
    extra: new Set(),
    forms: new Map(),
    optional: new Map(),
    types: new Map(),
    kinds: new Map(),
    unbounded: new Set(),
    opaque: new Set(),
    startsAsNothing: false,
    unrolled: false,
    general: false,
    rotated: false,
  }));
}
