/** Powers: whole, halves, others, and by a parameter. */
import fc from "fast-check";
import { between, type Part, type PartMaker } from "./part.ts";

/** x' = -k x^m, for m other than 1. */
function creep(x: number, k: number, m: number, t: number): number {
  return (x ** (1 - m) + (m - 1) * k * t) ** (1 / (1 - m));
}

const fixed: PartMaker = (end) =>
  fc.tuple(between(0.5, 3), fc.constantFrom(2, 3, 4, 5, 7, 1.5, 2.5, 3.3, 0.5, 1 / 3, -1)).map(([k, m]): Part => ({
    kind: "power",
    name: `power ${m}`,
    u0: [1.2],
    p: [(m > 1 ? k : k / 8) / end],
    text: ([x], [k]) => ({ derivatives: [`-${k} * ${x} ** ${m < 0 ? `(${m})` : m}`] }),
    solution: ([x], [k], t) => [creep(x, k, m, t)],
  }));

const byParameter: PartMaker = (end) =>
  fc.tuple(between(0.5, 3), between(1.5, 5)).map(([k, m]): Part => ({
    kind: "power",
    name: "power by a parameter",
    u0: [1.2],
    p: [k / end, m],
    text: ([x], [k, m]) => ({ derivatives: [`-${k} * Math.pow(${x}, ${m})`] }),
    solution: ([x], [k, m], t) => [creep(x, k, m, t)],
  }));

export const powers: readonly PartMaker[] = [fixed, byParameter];
