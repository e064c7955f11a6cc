/** Inputs that switch in time: windows, tables, floors and remainders; and those that p moves. */
import fc from "fast-check";
import { between, driven, drivenPart, rounded, type Part, type PartMaker } from "./part.ts";

/** The ways in which people write a window. */
const windows: readonly ((t: string, from: string, to: string) => string)[] = [
  (t, from, to) => `${t} > ${from} && ${t} < ${to}`,
  (t, from, to) => `${from} <= ${t} && ${to} >= ${t}`,
  (t, from, to) => `!(${t} <= ${from} || ${t} >= ${to})`,
  (t, from, to) => `Math.abs(${t} - (${from} + ${to}) / 2) < (${to} - ${from}) / 2`,
  (t, from, to) => `(${t} - ${from}) * (${to} - ${t}) > 0`,
];

const rate = between(0.2, 1.5);

const openFor: PartMaker = (end) =>
  fc
    .tuple(rate, between(1, 3), between(0.137, 0.6), between(0.03, 0.3), fc.constantFrom(...windows))
    .map(([k, r, from, length, way]) => {
      const [a, b] = [rounded(from * end), rounded((from + length) * end)];
      return drivenPart(
        "switch",
        "open for a while",
        [k, r],
        ([, r], t) => `${way(t, String(a), String(b))} ? ${r} : 0`,
        () => [a, b],
        ([, r], t) => (t > a && t < b ? r : 0),
      );
    });

/** Nothing happens until the dose: at its baseline, explicit steps grow. */
const dosed: PartMaker = (end) =>
  fc.tuple(rate, between(1, 3), between(0.3, 0.8), between(0.02, 0.1)).map(([k, r, from, length]) => {
    const [a, b] = [rounded(from * end), rounded((from + length) * end)];
    return drivenPart(
      "switch",
      "turnover at its baseline, dosed for a while",
      [k, r, 5],
      ([, r, dose], t) => `${r} + (${t} > ${a} && ${t} < ${b} ? ${dose} : 0)`,
      () => [a, b],
      ([, r, dose], t) => r + (t > a && t < b ? dose : 0),
      r / k,
    );
  });

const lagged: PartMaker = (end) =>
  fc.tuple(rate, between(1, 3), between(0.137, 0.6), between(0.05, 0.3)).map(([k, r, lag, length]) =>
    drivenPart(
      "switch",
      "open for a while, by parameters",
      [k, r, lag * end, length * end],
      ([, r, lag, length], t) => `${t} > ${lag} && ${t} < ${lag} + ${length} ? ${r} : 0`,
      ([, , lag, length]) => [lag, lag + length],
      ([, r, lag, length], t) => (t > lag && t < lag + length ? r : 0),
    ),
  );

/** Eight values, one after the other, again from the first. */
const table: PartMaker = (end) =>
  fc
    .tuple(rate, between(1, 3), fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 3, maxLength: 8 }), between(0.06, 0.21))
    .map(([k, r, values, length]) => {
      const day = rounded(length * end);
      const at = (t: number): number => values[Math.floor(t / day) % values.length];
      return drivenPart(
        "switch",
        "table by the day",
        [k, r],
        ([, r], t) => `${r} * [${values.join(", ")}][Math.floor(${t} / ${day}) % ${values.length}]`,
        () => multiples(day, end),
        ([, r], t) => r * at(t),
      );
    });

function multiples(step: number, end: number): number[] {
  return Array.from({ length: Math.floor(end / step) }, (_, i) => (i + 1) * step);
}

const duty: PartMaker = (end) =>
  fc.tuple(rate, between(1, 3), between(0.11, 0.47), between(0.1, 0.7)).map(([k, r, length, on]) => {
    const period = rounded(length * end);
    const active = rounded(on * period);
    return drivenPart(
      "switch",
      "on for a part of every period",
      [k, r],
      ([, r], t) => `${t} % ${period} < ${active} ? ${r} : 0`,
      () => [active, ...multiples(period, end).flatMap((s) => [s, s + active])],
      ([, r], t) => (t % period < active ? r : 0),
    );
  });

const squareWave: PartMaker = (end) =>
  fc.tuple(rate, between(1, 3), between(7, 29)).map(([k, r, turns]) => {
    const w = rounded(turns / end);
    return drivenPart(
      "switch",
      "square wave by a sine",
      [k, r],
      ([, r], t) => `Math.sin(${w} * ${t}) > 0 ? ${r} : 0`,
      () => multiples(Math.PI / w, end),
      ([, r], t) => (Math.sin(w * t) > 0 ? r : 0),
    );
  });

const stairs: PartMaker = (end) =>
  fc
    .tuple(rate, between(0.1, 0.5), between(0.11, 0.37), fc.constantFrom("floor", "round", "ceil", "trunc"))
    .map(([k, r, length, way]) => {
      const step = rounded(length * end);
      const ways = { floor: Math.floor, round: Math.round, ceil: Math.ceil, trunc: Math.trunc };
      return drivenPart(
        "switch",
        "stairs",
        [k, r],
        ([, r], t) => `${r} * Math.${way}(${t} / ${step})`,
        () => multiples(step / 2, end + step),
        ([, r], t) => r * ways[way](t / step),
      );
    });

const phases: PartMaker = (end) =>
  fc.tuple(rate, between(0.137, 0.4), between(0.45, 0.8)).map(([k, first, second]): Part => {
    const [a, b] = [rounded(first * end), rounded(second * end)];
    return {
      kind: "switch",
      name: "three phases",
      u0: [1],
      p: [k, 2, 0.5, 1.5],
      text: ([x], [k, low, middle, high], t) => ({
        before: `let phase_${x}; if (${t} < ${a}) phase_${x} = ${low}; else if (${t} < ${b}) phase_${x} = ${middle}; else phase_${x} = ${high};`,
        derivatives: [`phase_${x} - ${k} * ${x}`],
      }),
      solution: ([x], [k, ...levels], t) => [driven(x, k, t, [a, b], (s) => levels[s < a ? 0 : s < b ? 1 : 2])],
    };
  });

/** The threshold is in the state. */
const weir: PartMaker = (end) =>
  fc.tuple(between(1 / end, 3 / end), between(0.25, 0.5), between(0.1, 0.4)).map(([k, level, spill]): Part => ({
    kind: "switch",
    name: "tank with a weir",
    u0: [0],
    p: [k, 1, rounded(level / k), spill],
    text: ([x], [k, inflow, weir, spill]) => ({
      derivatives: [`${inflow} - (${x} > ${weir} ? ${spill} * ${inflow} : 0) - ${k} * ${x}`],
    }),
    solution([x], [k, inflow, weir, spill], t) {
      const full = inflow / k;
      const cross = Math.log((full - x) / (full - weir)) / k;
      const spilt = (inflow * (1 - spill)) / k;
      if (t < cross) return [full + (x - full) * Math.exp(-k * t)];
      return [spilt + (weir - spilt) * Math.exp(-k * (t - cross))];
    },
  }));

export const switches: readonly PartMaker[] = [openFor, dosed, lagged, table, duty, squareWave, stairs, phases, weir];
