/** Reads two branches side by side and joins what they leave. */
import { sameShape } from "../../arrays/shape.ts";
import type { Builder } from "../../ir/builder.ts";
import type { Continue } from "../../ir/open-blocks.ts";
import type { Value } from "../../ir/ir.ts";
import { mayBeMinusZero } from "../../ir/minus-zero.ts";
import { copyShared, newArray } from "./arrays.ts";
import { keepAlike } from "../state/elements.ts";
import { isNullish, isScalar, maybe, UNDEFINED, UNSET, type ArrayItem, type HostItem, type Item } from "../state/items.ts";
import type { Cell } from "../state/cells.ts";
import { zeroOf } from "../state/numbers.ts";
import { noteJoin } from "./reach.ts";
import type { Site } from "../state/site.ts";

type Results = readonly Value[];

/** An item made from the branches' results, once they are there. */
type Joined = (results: Results) => Item;

/** Reads both branches, or the one that a known condition picks. */
export function branch(at: Site, condition: Value, then: () => void, otherwise: () => void): void {
  const { builder, journal, assumptions } = at.r;
  const outcome = assumptions.of(condition);
  if (outcome !== undefined) return outcome ? then() : otherwise();
  let thenWrites = new Map<Cell, Item>();
  let elseWrites = new Map<Cell, Item>();
  const joined = new Map<Cell, Joined>();
  const results = builder.branch(
    condition,
    () => void (thenWrites = journal.isolate(() => assumptions.under(condition, true, then))),
    () => void (elseWrites = journal.isolate(() => assumptions.under(condition, false, otherwise))),
    (inThen, inElse) => {
      const join = new Join(at, inThen, inElse);
      for (const cell of new Set([...thenWrites.keys(), ...elseWrites.keys()])) {
        joined.set(cell, join.items(thenWrites.get(cell) ?? cell.item, elseWrites.get(cell) ?? cell.item, cell.name));
      }
      return join.pairs;
    },
  );
  for (const [cell, make] of joined) journal.write(cell, make(results));
}

function unknown(name: string): Joined {
  return () => ({ kind: "unknown", reason: `\`${name}\` is one kind of thing on one path and another on the other` });
}

/** What an item is where it is nothing: `undefined` or `null`; nothing for what always is something. */
export function absentOf(item: Item): HostItem | undefined {
  if (isNullish(item)) return item;
  return !isScalar(item) && item.kind === "maybe" ? item.absent : undefined;
}

/** Whether it is something, and what it is then. */
export function partsOfMaybe(b: Builder, item: Item): { readonly present: Value; readonly item: Item } {
  if (isNullish(item)) return { present: b.bool(false), item: UNSET };
  return !isScalar(item) && item.kind === "maybe" ? item : { present: b.bool(true), item };
}

/** What it is here, where the branches around tell whether it is something. */
export function asIsHere({ r }: Site, item: Item): Item {
  if (isScalar(item) || item.kind !== "maybe") return item;
  const isThere = r.assumptions.of(item.present);
  return isThere === undefined ? item : isThere ? item.item : item.absent;
}

class Join {
  readonly pairs: (readonly [Value, Value])[] = [];
  private readonly b: Builder;

  constructor(
    private readonly at: Site,
    private readonly inThen: Continue,
    private readonly inElse: Continue,
  ) {
    this.b = at.r.builder;
  }

  items(a: Item, b: Item, name: string): Joined {
    if (a === b || (isNullish(a) && isNullish(b) && a.value === b.value)) return () => a;
    if (absentOf(a) || absentOf(b)) return this.optional(a, b, name);
    const [x, y] = [this.valueBeside(a, b), this.valueBeside(b, a)];
    if (x && y) return this.numbers(x, y, name);
    if (a === UNSET) return this.alone(b, this.inElse);
    if (b === UNSET) return this.alone(a, this.inThen);
    if (!isScalar(a) && !isScalar(b)) {
      if (a.kind === "array" && b.kind === "array" && sameShape(a.shape, b.shape)) return this.arrays(a, b, name);
      if (a.kind === "object" && b.kind === "object") return this.objects(a.fields, b.fields, name);
      if (a.kind === "list" && b.kind === "list" && a.elements.length === b.elements.length) {
        const elements = a.elements.map((cell, i) => this.items(cell.item, b.elements[i].item, cell.name));
        return (results) => {
          const made = elements.map((make, i) => this.at.r.journal.cell(`${name}[${i}]`, make(results)));
          this.stands(made, a.elements, b.elements);
          return { kind: "list", elements: made };
        };
      }
      if (a.kind === "closure" && b.kind === "closure" && a.node === b.node && a.scope === b.scope) return () => a;
      if (a.kind === "host" && b.kind === "host" && a.value === b.value) return () => a;
    }
    return unknown(name);
  }

  /** Joins items of which one may be undefined or null. */
  private optional(a: Item, b: Item, name: string): Joined {
    const absent = absentOf(a) ?? absentOf(b)!;
    if ((absentOf(b) ?? absent).value !== absent.value) return unknown(name);
    const [x, y] = [a, b].map((item) => partsOfMaybe(this.b, item));
    const present = this.scalars(x.present, y.present);
    const item = this.items(x.item, y.item, name);
    return (results) => {
      const joined = item(results);
      return !isScalar(joined) && joined.kind === "unknown" ? joined : maybe(present(results), joined, absent);
    };
  }

  /** An item that only one path has: what is computed on that path is handed out of it. */
  private alone(item: Item, within: Continue): Joined {
    const handed = (value: Value): ((results: Results) => Value) => {
      if (this.b.isInScope(value)) return () => value;
      const zero = zeroOf(this.b, value.type);
      return within === this.inThen ? this.scalars(value, zero) : this.scalars(zero, value);
    };
    if (isScalar(item)) return handed(item);
    if (item.kind === "array") {
      const offset = handed(item.offset);
      return (results) => ({ ...item, offset: offset(results) });
    }
    if (item.kind === "row") {
      const [index, present] = [item.index, item.present].map((value) => value && handed(value));
      return (results) => ({ ...item, index: index!(results), present: present?.(results) });
    }
    if (item.kind !== "object" && item.kind !== "list") return () => item;
    const cells = item.kind === "list" ? item.elements : [...item.fields.values()];
    const parts = cells.map((cell) => this.alone(cell.item, within));
    const before = cells.map((cell) => cell.item);
    return (results) => {
      cells.forEach((cell, i) => {
        const part = parts[i](results);
        if (part !== before[i]) this.at.r.journal.write(cell, part);
      });
      return item;
    };
  }

  /** An item as a scalar, where it is one or stands beside one: what is never read counts as 0. */
  private valueBeside(item: Item, other: Item): Value | undefined {
    if (isScalar(item)) return item;
    if (item !== UNSET || !isScalar(other)) return undefined;
    return zeroOf(this.b, other.type);
  }

  private numbers(a: Value, b: Value, name: string): Joined {
    const { kinds } = this.at.r;
    const joined = this.scalars(a, b);
    return (results) => {
      const value = joined(results);
      if (value.constant !== undefined && (a.type === "bool") !== (b.type === "bool")) return unknown(name)(results);
      kinds.join(value, a, b);
      noteJoin(value, a, b);
      return value;
    };
  }

  private scalars(a: Value, b: Value): (results: Results) => Value {
    const areAlike = a.type === b.type && !mayBeMinusZero(a) && !mayBeMinusZero(b);
    const [x, y] = areAlike ? [a, b] : [this.inThen(() => this.b.toF64(a)), this.inElse(() => this.b.toF64(b))];
    const position = this.pairs.push([x, y]) - 1;
    return (results) => results[position];
  }

  private arrays(a: ArrayItem, b: ArrayItem, name: string): Joined {
    // Parts of one array differ only in where they start.
    if (a.storage === b.storage && a.strides.every((stride, axis) => stride === b.strides[axis])) {
      const offset = this.scalars(a.offset, b.offset);
      return (results) => ({ ...a, offset: offset(results) });
    }
    const { element } = a.storage;
    if (!keepAlike(element, b.storage.element)) return unknown(name);
    const joined = newArray(this.at, a.shape, a.container, element, name);
    this.inThen(() => copyShared(this.at, joined, a));
    this.inElse(() => copyShared(this.at, joined, b));
    return () => joined;
  }

  /** What is made where paths join is what either was. */
  private stands(joined: object, a: object, b: object): void {
    const { sharing } = this.at.r;
    sharing.made(joined);
    sharing.link(joined, a);
    sharing.link(joined, b);
  }

  private objects(a: ReadonlyMap<string, Cell>, b: ReadonlyMap<string, Cell>, name: string): Joined {
    const keys = [...new Set([...a.keys(), ...b.keys()])];
    const fields = keys.map((key) => {
      const [x, y] = [a.get(key), b.get(key)];
      return [key, this.items(x?.item ?? UNDEFINED, y?.item ?? UNDEFINED, `${name}.${key}`)] as const;
    });
    const { journal, varying } = this.at.r;
    const isVarying = [a, b].some((each) => each.size < keys.length || varying.has(each));
    return (results) => {
      const joined = new Map(fields.map(([key, make]) => [key, journal.cell(`${name}.${key}`, make(results))]));
      if (isVarying) varying.add(joined);
      this.stands(joined, a, b);
      return journal.object(joined);
    };
  }
}
