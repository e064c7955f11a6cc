/** Elements of arrays whose present content is known, while a program is built. */
import { mayAlias } from "./affine.ts";
import type { ArrayDeclaration, Value } from "./ir.ts";

/**
 * The available elements of one array: those at constant indices apart, since a write at one of them leaves the others as they
 * are.
 */
interface Elements {
  readonly constant: Map<number, Value>;
  readonly varying: Map<Value, Value>;
}

export class AvailableElements {
  private readonly arrays: Map<ArrayDeclaration, Elements>;
  /** The arrays whose elements nobody else looks at: those of others are copied before they are changed. */
  private readonly own = new Set<ArrayDeclaration>();

  /** What is known to begin with. */
  constructor(other?: AvailableElements) {
    this.arrays = new Map(other?.arrays);
    other?.own.clear();
  }

  get(array: ArrayDeclaration, index: Value): Value | undefined {
    const elements = this.arrays.get(array);
    return index.constant === undefined ? elements?.varying.get(index) : elements?.constant.get(index.constant);
  }

  set(array: ArrayDeclaration, index: Value, value: Value): void {
    const elements = this.changing(array);
    if (index.constant === undefined) elements.varying.set(index, value);
    else elements.constant.set(index.constant, value);
  }

  private changing(array: ArrayDeclaration): Elements {
    const elements = this.arrays.get(array);
    if (elements && this.own.has(array)) return elements;
    const copy = { constant: new Map(elements?.constant), varying: new Map(elements?.varying) };
    this.arrays.set(array, copy);
    this.own.add(array);
    return copy;
  }

  /** Drops what a write at `index` may change. */
  touch(array: ArrayDeclaration, index: Value): void {
    if (!this.arrays.has(array)) return;
    const elements = this.changing(array);
    for (const other of elements.varying.keys()) if (mayAlias(other, index)) elements.varying.delete(other);
    if (index.constant !== undefined) elements.constant.delete(index.constant);
    else for (const at of elements.constant.keys()) if (mayBe(index, at)) elements.constant.delete(at);
  }

  forget(array: ArrayDeclaration): void {
    this.arrays.delete(array);
    this.own.delete(array);
  }
}

function mayBe(index: Value, at: number): boolean {
  return index.min <= at && at <= index.max;
}
