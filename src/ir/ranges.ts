/** Interval arithmetic on i32 values: what an operation's result lies between. */
import { memo } from "../core/memo.ts";
import { affine, combine } from "./affine.ts";
import type { ArrayDeclaration, Value } from "./ir.ts";
import type { ScalarOperationName } from "./scalar-operations.ts";
import { fixedNumbers } from "./tables.ts";

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;
export type Interval = readonly [min: number, max: number];
const ALL: Interval = [INT_MIN, INT_MAX];

/** The interval if it fits an i32; otherwise the operation may wrap, and nothing is known. */
function within(min: number, max: number): Interval {
  return min >= INT_MIN && max <= INT_MAX ? [min, max] : ALL;
}

export function rangeOf(name: ScalarOperationName, args: readonly Value[]): Interval {
  const [a, b, c] = args;
  switch (name) {
    case "i32.add":
      return within(a.min + b.min, a.max + b.max);
    case "i32.sub":
      return within(a.min - b.max, a.max - b.min);
    case "i32.mul": {
      const corners = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max];
      return within(Math.min(...corners), Math.max(...corners));
    }
    case "i32.div": {
      if (b.constant === undefined || b.constant <= 0) return ALL;
      return [Math.trunc(a.min / b.constant), Math.trunc(a.max / b.constant)];
    }
    case "i32.rem": {
      const largest = Math.max(Math.abs(b.min), Math.abs(b.max)) - 1;
      return [a.min >= 0 ? 0 : Math.max(a.min, -largest), a.max <= 0 ? 0 : Math.min(a.max, largest)];
    }
    case "i32.and":
      if (b.min >= 0) return [0, b.max];
      if (a.min >= 0) return [0, a.max];
      return ALL;
    case "i32.shr":
      return b.constant === undefined ? ALL : [a.min >> b.constant, a.max >> b.constant];
    case "i32.shl": {
      if (b.constant === undefined) return ALL;
      const factor = 2 ** (b.constant & 31);
      return within(a.min * factor, a.max * factor);
    }
    case "i32.select": {
      const [then, otherwise] = [assuming(a, true, b), assuming(a, false, c)];
      return [Math.min(then[0], otherwise[0]), Math.max(then[1], otherwise[1])];
    }
    case "i32.from_bool":
      return [0, 1];
    case "i32.clz":
      return [0, 32];
    default:
      return ALL;
  }
}

/** What values less than, at most, ... a number lie between, and which comparison holds where one does not. */
const comparisons: Partial<
  Record<ScalarOperationName, { readonly not: ScalarOperationName; readonly narrow: (x: Value, y: number) => Interval }>
> = {
  "i32.lt": { not: "i32.ge", narrow: (x, y) => [x.min, Math.min(x.max, y - 1)] },
  "i32.le": { not: "i32.gt", narrow: (x, y) => [x.min, Math.min(x.max, y)] },
  "i32.gt": { not: "i32.le", narrow: (x, y) => [Math.max(x.min, y + 1), x.max] },
  "i32.ge": { not: "i32.lt", narrow: (x, y) => [Math.max(x.min, y), x.max] },
  "i32.eq": { not: "i32.ne", narrow: (_x, y) => [y, y] },
  "i32.ne": { not: "i32.eq", narrow: (x, y) => [x.min === y ? y + 1 : x.min, x.max === y ? y - 1 : x.max] },
};

/** The interval of a value where a comparison with a constant holds, or does not: `i - 1` is not negative where `i > 0`. */
function assuming(condition: Value, holds: boolean, value: Value): Interval {
  const definition = condition.definition;
  if (definition?.kind !== "let") return [value.min, value.max];
  const comparison = comparisons[definition.operation];
  const [x, y] = definition.args;
  if (!comparison || y.constant === undefined) return [value.min, value.max];
  const shift = combine(affine(value), affine(x), -1);
  if (shift.terms.size > 0) return [value.min, value.max];
  const [min, max] = (holds ? comparison : comparisons[comparison.not]!).narrow(x, y.constant);
  // Empty where the comparison never comes out this way; then any interval will do.
  return min <= max ? within(min + shift.constant, max + shift.constant) : [value.min, value.max];
}

/** What the elements of an i32 array lie between. */
export function intervalOf(array: ArrayDeclaration): Interval {
  const data = fixedNumbers(array);
  if (!(data instanceof Int32Array) || data.length === 0) return ALL;
  return intervalOfNumbers(data);
}

const intervalOfNumbers = memo((data: Int32Array) =>
  data.reduce<Interval>(([min, max], x) => [Math.min(min, x), Math.max(max, x)], [data[0], data[0]]),
);
