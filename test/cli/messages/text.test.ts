import { describe, expect, it } from "vitest";
import { abbreviated, formatBytes, formatSeconds, formatTolerance, table } from "../../../cli/messages/text.ts";
import { toJson } from "../../../cli/messages/json.ts";
import { ndarray } from "../../../src/arrays/ndarray.ts";

describe("numbers", () => {
  it("tolerances", () => expect([1e-6, 2.5e-3].map(formatTolerance)).toEqual(["1e-6", "2.5e-3"]));

  it.each([
    [2.345, "2.35 s"],
    [0.0123456, "12.3 ms"],
    [4.5e-6, "4.5 µs"],
    [3e-10, "0.3 ns"],
  ])("%d seconds", (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  it.each([
    [640, "640 B"],
    [1_234_567, "1.23 MB"],
    [30_400, "30.4 kB"],
    [25_300_000_000, "25.3 GB"],
  ])("%d bytes", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

it("tables are aligned", () => {
  expect(
    table([
      ["name", "value"],
      ["a", "1"],
      ["longer", "22.5"],
    ]),
  ).toBe("name    value\na           1\nlonger   22.5");
  expect(
    table(
      [
        ["n", "why", "m"],
        ["10", "so", "2"],
      ],
      new Set([1]),
    ),
  ).toBe("n   why  m\n10  so   2");
});

it("abbreviates around the gap", () => {
  expect(abbreviated([1, 2, 3], 3, 0)).toEqual([1, 2, 3]);
  expect(abbreviated([1, 2, 3, 4, 5], 3, 0)).toEqual([1, 2, 0, 5]);
});

it("JSON has plain arrays", () => {
  const value = {
    typed: new Float64Array([1, 2]),
    nd: ndarray(new Float64Array([1, 2, 3, 4, 5, 6]), [3, 2]).transpose(1, 0),
  };
  expect(JSON.parse(toJson(value))).toEqual({
    typed: [1, 2],
    nd: [
      [1, 3, 5],
      [2, 4, 6],
    ],
  });
});
