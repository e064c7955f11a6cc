import { expect, it } from "vitest";
import { secondsAt } from "../../../bench/shared/equal-error.ts";

const points = [
  { seconds: 1, error: 1e-2 },
  { seconds: 4, error: 1e-4 },
  // Slower than the one before, and no better.
  { seconds: 5, error: 1e-3 },
  { seconds: 16, error: 1e-8 },
];

it.each([
  [1e-4, 4],
  [1e-3, 2],
  [1e-6, 8],
  [1e-1, 1],
])("an error of %d takes %d s", (error, seconds) => expect(secondsAt(error, points)).toBeCloseTo(seconds, 12));

it("does not extrapolate to errors that were not reached", () => expect(secondsAt(1e-9, points)).toBeUndefined());
