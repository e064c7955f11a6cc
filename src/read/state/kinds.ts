/**
 * Remembers which numbers of the program are not always numbers in JavaScript: to arithmetic that makes no difference, to
 * comparisons it does.
 */
import type { ScalarType, Value } from "../../ir/ir.ts";

export class Kinds {
  /** NaN where JavaScript has undefined, with the condition under which they are numbers, where that is at hand. */
  private readonly undefineds = new Map<Value, Value | undefined>();
  /** 0 and 1 where it may have false and true. */
  private readonly truths = new Set<Value>();

  mayBeUndefined(value: Value): boolean {
    return this.undefineds.has(value);
  }

  mayBeBoolean(value: Value): boolean {
    return this.truths.has(value);
  }

  /** When it is a number; undefined where that is not known. */
  presenceOf(value: Value): Value | undefined {
    return this.undefineds.get(value);
  }

  noteUndefined(value: Value, present?: Value): void {
    if (value.constant !== undefined) return;
    const isOther = this.undefineds.has(value) && this.undefineds.get(value) !== present;
    this.undefineds.set(value, isOther ? undefined : present);
  }

  /** Is a value that becomes one of this type of a kind that none of the known ones is of? */
  isNew(value: Value, type: ScalarType, noted: readonly Value[]): boolean {
    const isTruth = (each: Value): boolean => this.truths.has(each) || (each.type === "bool") !== (type === "bool");
    const isFirst = (test: (each: Value) => boolean): boolean => test(value) && !noted.some(test);
    return isFirst((each) => this.undefineds.has(each)) || isFirst(isTruth);
  }

  /** A value that is one of these. */
  join(value: Value, ...from: readonly Value[]): void {
    if (value.constant !== undefined) return;
    if (from.some((each) => this.undefineds.has(each))) this.undefineds.set(value, undefined);
    if (from.some((each) => this.truths.has(each) || (each.type === "bool") !== (value.type === "bool"))) this.truths.add(value);
  }
}
