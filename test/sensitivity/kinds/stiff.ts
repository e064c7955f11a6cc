/** Fast parts, and parts that do nothing. */
import fc from "fast-check";
import { between, decades, relaxed, type Part, type PartMaker } from "./part.ts";

/** x' = -k (x - cos t), written as most people do. */
const follower: PartMaker = (end) =>
  fc.tuple(decades(300, 1e5), fc.constantFrom(0, 1)).map(([fast, x0]): Part => ({
    kind: "stiff",
    name: "follower of a cosine",
    u0: [x0],
    p: [fast / end],
    text: ([x], [k], t) => ({ derivatives: [`-${k} * (${x} - Math.cos(${t}))`] }),
    solution([x], [k], t) {
      const at = (s: number): number => (k * (k * Math.cos(s) + Math.sin(s))) / (k * k + 1);
      return [at(t) + (x - at(0)) * Math.exp(-k * t)];
    },
  }));

const chain: PartMaker = (end) =>
  fc.tuple(decades(300, 1e5), between(0.5, 3)).map(([fast, slow]): Part => ({
    kind: "stiff",
    name: "fast and slow decay",
    u0: [1, 0],
    p: [fast / end, slow / end],
    text: ([a, b], [k, q]) => ({ derivatives: [`-${k} * ${a}`, `${k} * ${a} - ${q} * ${b}`] }),
    solution([a, b], [k, q], t) {
      const [fast, slow] = [Math.exp(-k * t), Math.exp(-q * t)];
      return [a * fast, b * slow + ((a * k) / (k - q)) * (slow - fast)];
    },
  }));

const still: PartMaker = (end) =>
  fc.tuple(decades(300, 1e5), between(0.5, 3)).map(([fast, target]): Part => ({
    kind: "stiff",
    name: "fast, and at rest",
    u0: [target],
    p: [fast / end, target],
    text: ([x], [k, c]) => ({ derivatives: [`-${k} * (${x} - ${c})`] }),
    solution: ([x], [k, c], t) => [relaxed(x, c, k, t)],
  }));

/** A catalyst, a clock, a reservoir. */
const inert: PartMaker = (end) =>
  fc.tuple(between(0.5, 2), fc.constantFrom(0, 1e-9, 1)).map(([x0, slope]): Part => ({
    kind: "stiff",
    name: slope ? "constant slope" : "constant",
    u0: [x0],
    p: [slope / end],
    text: (_x, [s]) => ({ derivatives: [slope ? s : "0"] }),
    solution: ([x], [s], t) => [slope ? x + s * t : x],
  }));

export const stiff: readonly PartMaker[] = [follower, chain, still, inert];
