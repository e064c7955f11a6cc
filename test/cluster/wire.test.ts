/** What goes through Redis comes out as it went in, or is refused by name. */
import { expect, it } from "vitest";
import { BadResult } from "../../cluster/index.ts";
import { arrivedResult } from "../../cluster/producer/result.ts";
import { hashOf, sealed, unsealed } from "../../cluster/redis/wire.ts";

const value = { numbers: Float64Array.of(0.1, -0, NaN, Infinity, 5e-324), nothing: undefined, list: [{ t: -Infinity }] };

it("keeps every bit of numbers, and what is undefined", () => {
  const found = unsealed(sealed(value), "It") as typeof value;
  expect(new Uint8Array(found.numbers.buffer, found.numbers.byteOffset, 40)).toEqual(new Uint8Array(value.numbers.buffer));
  expect(found).toEqual(value);
  expect("nothing" in found).toBe(true);
  // Eight bytes a number, and little beside.
  expect(sealed(new Float64Array(1000)).length).toBeLessThan(8200);
});

it("has another hash for other bits", () => {
  expect(hashOf(sealed(value))).toBe(hashOf(sealed(value)));
  expect(hashOf(sealed({ x: 0 }))).not.toBe(hashOf(sealed({ x: -0 })));
});

it("refuses what was changed on its way, byte by byte", () => {
  const bytes = sealed({ x: 1 });
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] ^= 1;
    expect(() => unsealed(changed, "The result of job 3")).toThrow(BadResult);
  }
  expect(() => unsealed(bytes.subarray(0, -1), "The result of job 3")).toThrow(
    "The result of job 3 does not have the hash that it bears",
  );
});

it("refuses a result of another job, or of another number of trajectories", () => {
  const result = sealed({ index: 3, count: 10, seconds: 1, result: "it" });
  expect(arrivedResult(result, { index: 3, own: undefined, size: 10 })).toBe("it");
  expect(() => arrivedResult(result, { index: 4, own: undefined, size: 10 })).toThrow("is that of job 3");
  expect(() => arrivedResult(result, { index: 3, own: undefined, size: 9 })).toThrow("is of 10 trajectories; asked for were 9");
});
