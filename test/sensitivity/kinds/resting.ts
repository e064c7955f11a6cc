/** States at rest, whose derivatives are not: equilibria, modes that nothing excites, symmetric states. */
import fc from "fast-check";
import { between, relaxed, type Part, type PartMaker } from "./part.ts";

const turnover: PartMaker = () =>
  fc.tuple(between(0.3, 2), between(0.5, 3)).map(([k, c]): Part => ({
    kind: "resting",
    name: "turnover at its baseline",
    u0: [c / k],
    p: [k, c],
    text: ([x], [k, c]) => ({ derivatives: [`${c} - ${k} * ${x}`] }),
    solution: ([x], [k, c], t) => [relaxed(x, c / k, k, t)],
  }));

const growth: PartMaker = (end) =>
  between(2 / end, 9 / end).map((a): Part => ({
    kind: "resting",
    name: "growth from nothing",
    u0: [0],
    p: [a],
    text: ([x], [a]) => ({ derivatives: [`${a} * ${x}`] }),
    solution: ([x], [a], t) => [x * Math.exp(a * t)],
  }));

const oscillator: PartMaker = () =>
  fc.tuple(between(1, 9), between(0.5, 2), between(0.05, 0.5)).map(([stiffness, centre, damping]): Part => ({
    kind: "resting",
    name: "spring at rest",
    u0: [centre, 0],
    p: [stiffness, centre, damping],
    text: ([x, v], [s, c, d]) => ({ derivatives: [v, `-${s} * (${x} - ${c}) - ${d} * ${v}`] }),
    solution([x, v], [s, c, d], t) {
      const w = Math.sqrt(s - (d * d) / 4);
      const y = x - c;
      const decay = Math.exp((-d * t) / 2);
      const [cos, sin] = [Math.cos(w * t), Math.sin(w * t)];
      return [c + decay * (y * cos + ((v + (d * y) / 2) / w) * sin), decay * (v * cos - ((s * y + (d * v) / 2) / w) * sin)];
    },
  }));

const logistic: PartMaker = (end) =>
  fc.tuple(between(2 / end, 8 / end), between(1, 5), fc.boolean()).map(([r, capacity, full]): Part => ({
    kind: "resting",
    name: full ? "population at its capacity" : "population of none",
    u0: [full ? capacity : 0],
    p: [r, capacity],
    text: ([x], [r, k]) => ({ derivatives: [`${r} * ${x} * (1 - ${x} / ${k})`] }),
    solution([x], [r, k], t) {
      const e = Math.exp(r * t);
      return [(x * e) / (1 + (x / k) * (e - 1))];
    },
  }));

const symmetric: PartMaker = (end) =>
  fc.tuple(between(-1 / end, 1 / end), between(1 / end, 4 / end)).map(([g, a]): Part => ({
    kind: "resting",
    name: "two alike that drive each other apart",
    u0: [1, 1],
    p: [g, a],
    text: ([x, y], [g, a]) => ({
      derivatives: [`${g} * ${x} + ${a} * (${x} - ${y})`, `${g} * ${y} + ${a} * (${y} - ${x})`],
    }),
    solution([x, y], [g, a], t) {
      const sum = (x + y) * Math.exp(g * t);
      const difference = (x - y) * Math.exp((g + 2 * a) * t);
      return [(sum + difference) / 2, (sum - difference) / 2];
    },
  }));

export const resting: readonly PartMaker[] = [turnover, growth, oscillator, logistic, symmetric];
