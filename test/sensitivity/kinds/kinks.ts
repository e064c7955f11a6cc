/** Right-hand sides that are continuous with a kink: max, min, abs, contact. */
import fc from "fast-check";
import { between, decades, type Part, type PartMaker } from "./part.ts";

const rectified: PartMaker = (end) =>
  fc.tuple(between(0.5 / end, 3 / end), between(0.5, 2), between(0.15, 0.8)).map(([a, b, when]): Part => ({
    kind: "kink",
    name: "growth above a threshold",
    u0: [0],
    p: [a, b, b * when * end],
    text: ([x], [a, b, c]) => ({ derivatives: [`${b} + ${a} * Math.max(0, ${x} - ${c})`] }),
    solution([x], [a, b, c], t) {
      const cross = (c - x) / b;
      return [t < cross ? x + b * t : c + (b / a) * Math.expm1(a * (t - cross))];
    },
  }));

const absolute: PartMaker = (end) =>
  fc.tuple(between(1 / end, 6 / end), between(0.5, 2), between(0.2, 0.9)).map(([k, b, below]): Part => ({
    kind: "kink",
    name: "decay by the absolute value",
    u0: [(-below * b) / k],
    p: [k, b],
    text: ([x], [k, b]) => ({ derivatives: [`${b} - ${k} * Math.abs(${x})`] }),
    solution([x], [k, b], t) {
      const level = b / k;
      const cross = Math.log(level / (x + level)) / k;
      return [t < cross ? -level + (x + level) * Math.exp(k * t) : level * -Math.expm1(-k * (t - cross))];
    },
  }));

const saturated: PartMaker = (end) =>
  fc.tuple(between(2 / end, 6 / end), between(1.5, 5)).map(([r, cap]): Part => ({
    kind: "kink",
    name: "growth that saturates",
    u0: [1],
    p: [r, cap],
    text: ([x], [r, c]) => ({ derivatives: [`${r} * Math.min(${x}, ${c})`] }),
    solution([x], [r, c], t) {
      const cross = Math.log(c / x) / r;
      return [t < cross ? x * Math.exp(r * t) : c + r * c * (t - cross)];
    },
  }));

/** x'' = -k(side of x) x, half an oscillation after the other. */
function bilinear(x: number, v: number, above: number, below: number, t: number): [number, number] {
  let left = t;
  for (;;) {
    const side = x > 0 || (x === 0 && v > 0) ? 1 : -1;
    const w = Math.sqrt(side > 0 ? above : below);
    const amplitude = Math.hypot(x, v / w);
    const phase = Math.atan2((side * v) / w, side * x);
    const cross = (Math.PI / 2 + phase) / w;
    if (left <= cross) {
      const angle = w * left - phase;
      return [side * amplitude * Math.cos(angle), -side * amplitude * w * Math.sin(angle)];
    }
    left -= cross;
    x = 0;
    v = -side * amplitude * w;
  }
}

const springs: PartMaker = () =>
  fc.tuple(between(0.5, 4), decades(2, 200)).map(([above, below]): Part => ({
    kind: "kink",
    name: "spring soft on one side and hard on the other",
    u0: [1, 0],
    p: [above, below],
    text: ([x, v], [a, b]) => ({ derivatives: [v, `-${a} * Math.max(${x}, 0) - ${b} * Math.min(${x}, 0)`] }),
    solution: ([x, v], [a, b], t) => bilinear(x, v, a, b, t),
  }));

/** Height and speed of a mass that falls, and bounces on a floor that gives way as a spring. */
function bounced(h: number, v: number, g: number, k: number, t: number): [number, number] {
  const w = Math.sqrt(k);
  let left = t;
  for (;;) {
    const fall = (v + Math.sqrt(v * v + 2 * g * h)) / g;
    if (left <= fall) return [h + v * left - (g * left * left) / 2, v - g * left];
    left -= fall;
    const down = v - g * fall;
    // On the floor h = -g/k + a cos(w s + phase), from h = 0 on.
    const centre = -g / k;
    const amplitude = Math.hypot(centre, down / w);
    const phase = Math.atan2(-down / w, -centre);
    const contact = (2 * Math.PI - 2 * phase) / w;
    if (left <= contact) {
      const angle = w * left + phase;
      return [centre + amplitude * Math.cos(angle), -amplitude * w * Math.sin(angle)];
    }
    left -= contact;
    h = 0;
    v = -down;
  }
}

const contact: PartMaker = (end) =>
  fc.tuple(decades(100, 1e4), between(0.25, 0.8)).map(([k, hit]): Part => ({
    kind: "kink",
    name: "bounce on a stiff floor",
    u0: [((hit * end) ** 2 * 9.81) / end ** 2 / 2, 0],
    p: [9.81 / end ** 2, k / end ** 2],
    text: ([h, v], [g, k]) => ({ derivatives: [v, `-${g} + (${h} < 0 ? -${k} * ${h} : 0)`] }),
    solution: ([h, v], [g, k], t) => bounced(h, v, g, k, t),
  }));

const ramp: PartMaker = (end) =>
  fc.tuple(between(0.5, 2), between(0.137, 0.83)).map(([a, when]): Part => ({
    kind: "kink",
    name: "ramp from a time on",
    u0: [0.3],
    p: [a / end, when * end],
    text: (_x, [a, c], t) => ({ derivatives: [`${a} * Math.max(0, ${t} - ${c})`] }),
    solution: ([x], [a, c], t) => [x + (a / 2) * Math.max(0, t - c) ** 2],
  }));

const rectifiedSine: PartMaker = (end) =>
  fc.tuple(between(0.5, 2), between(4, 31)).map(([a, turns]): Part => ({
    kind: "kink",
    name: "rectified sine",
    u0: [0.3],
    p: [a, turns / end],
    text: (_x, [a, w], t) => ({ derivatives: [`${a} * Math.max(0, Math.sin(${w} * ${t}))`] }),
    solution([x], [a, w], t) {
      const whole = Math.floor((w * t) / (2 * Math.PI));
      const angle = w * t - 2 * Math.PI * whole;
      return [x + (a / w) * (2 * whole + (angle < Math.PI ? 1 - Math.cos(angle) : 2))];
    },
  }));

export const kinks: readonly PartMaker[] = [rectified, absolute, saturated, springs, contact, ramp, rectifiedSine];
