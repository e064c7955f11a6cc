import { expect, it } from "vitest";
import { barsTable } from "../../../bench/shared/bars.ts";

it.each([
  [{ measured: 6, least: 6 }, "at least 6", "met"],
  [{ measured: 5.9, least: 6 }, "at least 6", "missed"],
  [{ measured: 0.85, least: 0.85, most: 0.95 }, "0.85 to 0.95", "met"],
  [{ measured: 0.96, least: 0.85, most: 0.95 }, "0.85 to 0.95", "missed"],
  [{ measured: 1e-8, most: 1e-9 }, "at most 1e-9", "missed"],
  [{ measured: NaN, most: 1e-9 }, "at most 1e-9", "missed"],
])("%o", (bar, words, verdict) => {
  expect(barsTable([{ what: "a ratio", ...bar }]).rows).toEqual([
    expect.objectContaining({ what: "a ratio", bar: words, verdict }),
  ]);
});
