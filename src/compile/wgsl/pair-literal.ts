import { singleLiteral } from "./numbers.ts";

/** The smallest number that f32 has all digits of. */
const SMALLEST = 2 ** -126;

/** A constant as a pair: rounded to f32, and what that leaves. */
export function pairLiteral(x: number): string {
  const first = Math.fround(x);
  const rest = Number.isFinite(first) ? Math.fround(x - first) : 0;
  return `Pair(${singleLiteral(x)}, ${singleLiteral(Math.abs(rest) < SMALLEST ? 0 : rest)})`;
}
