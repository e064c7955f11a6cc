/** Arms that are not taken, and would not be finite, or whose derivatives would not be. */
import fc from "fast-check";
import { between, relaxed, type Part, type PartMaker } from "./part.ts";

const transit: PartMaker = (end) =>
  between(1 / end, 6 / end).map((k): Part => ({
    kind: "guard",
    name: "transit compartments",
    u0: [1, 0, 0],
    p: [k],
    text([a, b, c], [k]) {
      const [y, d] = [`y_${a}`, `d_${a}`];
      return {
        before: `const ${y} = [${a}, ${b}, ${c}], ${d} = [0, 0, 0]; for (let i = 0; i < 3; i++) ${d}[i] = (i > 0 ? ${k} * ${y}[i - 1] : 0) - ${k} * ${y}[i];`,
        derivatives: [`${d}[0]`, `${d}[1]`, `${d}[2]`],
      };
    },
    solution([a, b, c], [k], t) {
      const [e, s] = [Math.exp(-k * t), k * t];
      return [a * e, (b + a * s) * e, (c + b * s + (a * s * s) / 2) * e];
    },
  }));

/** x' = r - k x and an arm of zero: what the arm would be, by a parameter that is 0. */
const dead: readonly ((x: string, q: string) => string)[] = [
  (x, q) => `(${q} > 0 ? ${x} / ${q} : 0)`,
  (_x, q) => `(${q} > 0 ? Math.log(${q}) : 0)`,
  (_x, q) => `(${q} > 0 ? Math.sqrt(${q}) : 0)`,
  (x, q) => `(${q} === 0 ? 0 : ${x} * ${q} ** 0.5)`,
  (x, _q) => `(${x} < 0 ? Math.log(-${x}) : 0)`,
  (x, _q) => `Math.max(0, -${x}) ** 0.5`,
  (x, _q) => `Math.sqrt(Math.max(0, -${x}))`,
  (x, q) => `(${q} > 0 && ${x} / ${q} > 1 ? ${x} : 0)`,
];

const guarded: PartMaker = () =>
  fc.tuple(between(0.3, 2), between(0.5, 2), fc.constantFrom(...dead)).map(([k, r, arm]): Part => ({
    kind: "guard",
    name: "guarded arm",
    u0: [1],
    p: [k, r, 0],
    text: ([x], [k, r, q]) => ({ derivatives: [`${r} - ${k} * ${x} + ${arm(x, q)}`] }),
    solution: ([x], [k, r], t) => [relaxed(x, r / k, k, t)],
  }));

/** By Torricelli's law, until it is empty, and after. */
const tank: PartMaker = (end) =>
  between(0.3, 0.8).map((k): Part => ({
    kind: "guard",
    name: "tank that runs out",
    u0: [1],
    p: [k / end],
    text: ([x], [k]) => ({ derivatives: [`-${k} * Math.sqrt(Math.max(0, ${x}))`] }),
    solution: ([x], [k], t) => [(Math.sqrt(x) - (k * t) / 2) ** 2],
  }));

export const guards: readonly PartMaker[] = [transit, guarded, tank];
