import { expect, it } from "vitest";
import { formatNumber, formatTick } from "../../plot/numbers.ts";

it.each([
  [0, "0"],
  [1234567, "1234570"],
  [-0.1234567891, "-0.123457"],
  [4.427134567e-6, "4.42713e-6"],
  [1e8, "1e+8"],
  [NaN, "NaN"],
  [-Infinity, "-Infinity"],
])("%d", (value, text) => expect(formatNumber(value)).toBe(text));

it("ticks tell close values apart", () => expect(formatTick(1.021095)).toBe("1.021095"));
