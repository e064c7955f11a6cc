/** Numbers of the program that are not always numbers in JavaScript: arithmetic makes no difference of that, comparisons do. */
import type { ScalarType, Value } from "../ir.ts";

export class Kinds {
  /** NaN where JavaScript has undefined. */
  private readonly undefineds = new Set<Value>();
  /** 0 and 1 where it may have false and true. */
  private readonly truths = new Set<Value>();

  mayBeUndefined(value: Value): boolean {
    return this.undefineds.has(value);
  }

  mayBeBoolean(value: Value): boolean {
    return this.truths.has(value);
  }

  noteUndefined(value: Value): void {
    if (value.constant === undefined) this.undefineds.add(value);
  }

  /** Is a value that becomes one of this type of a kind that none of the known ones is of? */
  isNew(value: Value, type: ScalarType, known: readonly Value[]): boolean {
    const isTruth = (each: Value): boolean => this.truths.has(each) || (each.type === "bool") !== (type === "bool");
    const isFirst = (test: (each: Value) => boolean): boolean => test(value) && !known.some(test);
    return isFirst((each) => this.undefineds.has(each)) || isFirst(isTruth);
  }

  /** A value that is one of these. */
  join(value: Value, ...from: readonly Value[]): void {
    if (value.constant !== undefined) return;
    if (from.some((each) => this.undefineds.has(each))) this.undefineds.add(value);
    if (from.some((each) => this.truths.has(each) || (each.type === "bool") !== (value.type === "bool"))) this.truths.add(value);
  }
}
