/** Interval arithmetic on i32 values: what an operation's result lies between. */
import type { ArrayDeclaration, Value } from "./ir.ts";
import type { ScalarOperationName } from "./operations/scalar.ts";

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
    case "i32.select":
      return [Math.min(b.min, c.min), Math.max(b.max, c.max)];
    case "i32.from_bool":
      return [0, 1];
    case "i32.clz":
      return [0, 32];
    default:
      return ALL;
  }
}

const intervals = new WeakMap<Int32Array, Interval>();

/** What the elements of an i32 array lie between. */
export function intervalOf(array: ArrayDeclaration): Interval {
  const data = array.data;
  if (!(data instanceof Int32Array) || data.length === 0) return ALL;
  let interval = intervals.get(data);
  if (!interval) {
    interval = data.reduce<Interval>(([min, max], x) => [Math.min(min, x), Math.max(max, x)], [data[0], data[0]]);
    intervals.set(data, interval);
  }
  return interval;
}
