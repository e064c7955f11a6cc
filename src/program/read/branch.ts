/** Reading two branches side by side and joining what they leave. */
import { sameShape } from "../../arrays/shape.ts";
import type { Builder, Continue } from "../builder.ts";
import type { Value } from "../ir.ts";
import { copyArray, newArray } from "./arrays.ts";
import { elementKinds } from "./elements.ts";
import { isScalar, UNSET, type ArrayItem, type Item } from "./items.ts";
import type { Cell } from "./journal.ts";
import type { Site } from "./reader.ts";

type Results = readonly Value[];

/** An item made from the branches' results, once they are there. */
type Joined = (results: Results) => Item;

/** Reads both branches, or the one that a known condition picks. */
export function branch(at: Site, condition: Value, then: () => void, otherwise: () => void): void {
  if (condition.constant !== undefined) return condition.constant ? then() : otherwise();
  const { builder, journal } = at.r;
  let thenWrites = new Map<Cell, Item>();
  let elseWrites = new Map<Cell, Item>();
  const joined = new Map<Cell, Joined>();
  const results = builder.branch(
    condition,
    () => void (thenWrites = journal.isolate(then)),
    () => void (elseWrites = journal.isolate(otherwise)),
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
    if (a === b) return () => a;
    const [x, y] = [this.valueBeside(a, b), this.valueBeside(b, a)];
    if (x && y) return this.marking(this.scalars(x, y), this.isUndefined(a, x) || this.isUndefined(b, y));
    if (a === UNSET) return () => b;
    if (b === UNSET) return () => a;
    if (!isScalar(a) && !isScalar(b)) {
      if (a.kind === "array" && b.kind === "array" && sameShape(a.shape, b.shape)) return this.arrays(a, b, name);
      if (a.kind === "object" && b.kind === "object") return this.objects(a.fields, b.fields, name);
      if (a.kind === "list" && b.kind === "list" && a.elements.length === b.elements.length) {
        const elements = a.elements.map((cell, i) => this.items(cell.item, b.elements[i].item, cell.name));
        return (results) => ({
          kind: "list",
          elements: elements.map((make, i) => this.at.r.journal.cell(`${name}[${i}]`, make(results))),
        });
      }
      if (a.kind === "closure" && b.kind === "closure" && a.node === b.node && a.scope === b.scope) return () => a;
      if (a.kind === "host" && b.kind === "host" && a.value === b.value) return () => a;
    }
    return () => ({ kind: "unknown", reason: `\`${name}\` is one kind of thing on one path and another on the other` });
  }

  /** An item as a scalar, where it is one or stands beside one: what is never read counts as 0, `undefined` as NaN. */
  private valueBeside(item: Item, other: Item): Value | undefined {
    if (isScalar(item)) return item;
    if (!isScalar(other)) return undefined;
    if (item === UNSET) return other.type === "bool" ? this.b.bool(false) : other.type === "i32" ? this.b.i32(0) : this.b.f64(0);
    return item.kind === "host" && item.value === undefined ? this.b.f64(NaN) : undefined;
  }

  private isUndefined(item: Item, value: Value): boolean {
    return this.at.r.undefineds.has(value) || (!isScalar(item) && item.kind === "host");
  }

  private marking(joined: Joined, isUndefined: boolean): Joined {
    if (!isUndefined) return joined;
    return (results) => {
      const item = joined(results);
      this.at.r.undefineds.add(item as Value);
      return item;
    };
  }

  private scalars(a: Value, b: Value): Joined {
    const [x, y] = a.type === b.type ? [a, b] : [this.inThen(() => this.b.toF64(a)), this.inElse(() => this.b.toF64(b))];
    const position = this.pairs.push([x, y]) - 1;
    return (results) => results[position];
  }

  private arrays(a: ArrayItem, b: ArrayItem, name: string): Joined {
    // Parts of one array differ only in where they start.
    if (a.storage === b.storage && a.strides.every((stride, axis) => stride === b.strides[axis])) {
      const offset = this.scalars(a.offset, b.offset);
      return (results) => ({ ...a, offset: offset(results) as Value });
    }
    const integers = [a, b].every((array) => elementKinds[array.storage.element].type === "i32");
    const place = newArray(this.at, a.shape, a.container, integers ? "Int32Array" : "Float64Array", name);
    this.inThen(() => copyArray(this.at, place, a));
    this.inElse(() => copyArray(this.at, place, b));
    return () => place;
  }

  private objects(a: ReadonlyMap<string, Cell>, b: ReadonlyMap<string, Cell>, name: string): Joined {
    const keys = [...new Set([...a.keys(), ...b.keys()])];
    const fields = keys.map((key) => {
      const [x, y] = [a.get(key), b.get(key)];
      if (!x || !y)
        return [key, (): Item => ({ kind: "unknown", reason: `\`${name}.${key}\` exists on one path only` })] as const;
      return [key, this.items(x.item, y.item, `${name}.${key}`)] as const;
    });
    return (results) => ({
      kind: "object",
      fields: new Map(fields.map(([key, make]) => [key, this.at.r.journal.cell(`${name}.${key}`, make(results))])),
    });
  }
}
