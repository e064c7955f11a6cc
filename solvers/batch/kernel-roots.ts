/** Roots and dips of functions of one variable, in kernels: by the rules of src/core/root.ts and src/core/dips.ts. */
import { DIPS, NEAR } from "../../src/core/dips.ts";
import { MOST, SHORTEST, ULP } from "../../src/core/root.ts";
import type { Value } from "../../src/ir/ir.ts";
import type { StepBuilder } from "../step/builder.ts";

export interface Place {
  readonly t: Value;
  readonly value: Value;
}

/** The root between two places of different signs. */
export function rootBetween(b: StepBuilder, valueAt: (t: Value) => Value, first: Place, last: Place): Place {
  const size = (x: Value): Value => b.operation("abs", x);
  const shortest = b.times(size(b.operation("sub", last.t, first.t)), SHORTEST);
  // The latest place, the one on the other side of the root, and the one that was dropped; the part of the way from the first of them to the second.
  const begin = [last.t, last.value, first.t, first.value, last.t, last.value, b.f64(0.5), b.f64(0)];
  const [t, value] = b.while(
    begin,
    ([, , , , , , , tries]) => b.operation("lt", tries, b.f64(MOST)),
    ([aT, aV, bT, bV, , , part, tries]) => {
      const here = b.plus(aT, b.times(part, b.operation("sub", bT, aT)));
      const found = valueAt(here);
      const isSame = b.operation("eq", b.operation("sign", found), b.operation("sign", aV));
      const choose = (yes: Value, no: Value): Value => b.operation("select", isSame, yes, no);
      const other = { t: choose(bT, aT), value: choose(bV, aV) };
      const dropped = { t: choose(aT, bT), value: choose(aV, bV) };
      const isOtherBest = b.operation("lt", size(other.value), size(found));
      const best = b.operation("select", isOtherBest, other.value, found);
      const rounding = b.times(b.operation("max", size(here), size(other.t)), ULP);
      const least = b.operation("div", b.plus(rounding, shortest), size(b.operation("sub", other.t, here)));
      const isShort = b.operation("bool.not", b.operation("lt", least, b.f64(0.5)));
      const isDone = b.operation("bool.or", b.operation("eq", best, b.f64(0)), isShort);
      const next = interpolated(b, { t: here, value: found }, other, dropped);
      const within = b.operation("min", b.operation("sub", b.f64(1), least), b.operation("max", least, next));
      const isOther = b.operation("bool.and", isDone, isOtherBest);
      return [
        b.operation("select", isOther, other.t, here),
        b.operation("select", isOther, other.value, found),
        other.t,
        other.value,
        dropped.t,
        dropped.value,
        within,
        b.operation("select", isDone, b.f64(MOST), b.plus(tries, b.f64(1))),
      ];
    },
  );
  return { t, value };
}

/** The part of the way from the first place to the second. */
function interpolated(b: StepBuilder, first: Place, second: Place, third: Place): Value {
  const minus = (x: Value, y: Value): Value => b.operation("sub", x, y);
  const over = (x: Value, y: Value): Value => b.operation("div", x, y);
  const [one, half] = [b.f64(1), b.f64(0.5)];
  const xi = over(minus(first.t, second.t), minus(third.t, second.t));
  const phi = over(minus(first.value, second.value), minus(third.value, second.value));
  const rest = minus(one, phi);
  const isClose = b.operation(
    "bool.and",
    b.operation("lt", b.times(phi, phi), xi),
    b.operation("lt", b.times(rest, rest), minus(one, xi)),
  );
  const byB = b.times(over(first.value, minus(second.value, first.value)), over(third.value, minus(second.value, third.value)));
  const byC = b.times(
    over(minus(third.t, first.t), minus(second.t, first.t)),
    b.times(over(first.value, minus(third.value, first.value)), over(second.value, minus(third.value, second.value))),
  );
  const part = b.plus(byB, byC);
  return b.operation("select", b.operation("bool.and", isClose, b.operation("finite", part)), part, half);
}

/** The place beside the second of three, the one nearest to zero, where another sign is found. */
export function dipOf(
  b: StepBuilder,
  first: Place,
  second: Place,
  third: Place,
  valueAt: (t: Value) => Value,
): Place & { readonly isFound: Value } {
  const sign = b.operation("sign", second.value);
  const at = (x: Value): Value => b.times(sign, x);
  const begin = [first, second, third].flatMap(({ t, value }) => [t, value]);
  const ended = b.while(
    [...begin, b.f64(0), b.f64(0)],
    (carried) => b.operation("lt", carried[6], b.f64(DIPS)),
    ([aT, aV, bT, bV, cT, cV, tries]) => {
      const vertex = vertexOf(b, [aT, aV, bT, bV, cT, cV]);
      const isLowest = [aV, cV].map((x) => b.operation("gt", at(x), at(bV))).reduce((x, y) => b.operation("bool.and", x, y));
      const isSided = b.operation("bool.and", b.operation("gt", at(bV), b.f64(0)), isLowest);
      const isNear = b.operation("lt", at(vertex.value), b.times(at(bV), NEAR));
      const end = b.f64(DIPS);
      return b.if(
        b.operation("bool.and", isSided, isNear),
        () => {
          const value = valueAt(vertex.t);
          const isThere = b.operation("bool.not", b.operation("gt", at(value), b.f64(0)));
          const product = b.times(b.operation("sub", vertex.t, bT), b.operation("sub", aT, bT));
          const isBefore = b.operation("gt", product, b.f64(0));
          const isLower = b.operation("lt", at(value), at(bV));
          const choose = (is: Value, yes: Value, no: Value): Value => b.operation("select", is, yes, no);
          const [v, w] = [vertex.t, value];
          // Lower: it takes the middle's place, and the middle that of its neighbour; otherwise it takes the neighbour's place.
          const left = [
            choose(isBefore, aT, bT),
            choose(isBefore, aV, bV),
            v,
            w,
            choose(isBefore, bT, cT),
            choose(isBefore, bV, cV),
          ];
          const right = [
            choose(isBefore, v, aT),
            choose(isBefore, w, aV),
            bT,
            bV,
            choose(isBefore, cT, v),
            choose(isBefore, cV, w),
          ];
          const moved = left.map((x, i) => choose(isLower, x, right[i]));
          const kept = [aT, aV, v, w, cT, cV];
          return [
            ...moved.map((x, i) => choose(isThere, kept[i], x)),
            choose(isThere, end, b.plus(tries, b.f64(1))),
            choose(isThere, b.f64(1), b.f64(0)),
          ];
        },
        () => [aT, aV, bT, bV, cT, cV, end, b.f64(0)],
      );
    },
  );
  return { t: ended[2], value: ended[3], isFound: b.operation("ne", ended[7], b.f64(0)) };
}

function vertexOf(b: StepBuilder, [aT, aV, bT, bV, cT, cV]: readonly Value[]): Place {
  const slope = (t0: Value, v0: Value, t1: Value, v1: Value): Value =>
    b.operation("div", b.operation("sub", v1, v0), b.operation("sub", t1, t0));
  const [left, right] = [slope(aT, aV, bT, bV), slope(bT, bV, cT, cV)];
  const curvature = b.operation("div", b.operation("sub", right, left), b.operation("sub", cT, aT));
  const own = b.plus(left, b.times(curvature, b.operation("sub", bT, aT)));
  const distance = b.operation("div", b.operation("neg", own), b.times(curvature, 2));
  return { t: b.plus(bT, distance), value: b.plus(bV, b.times(b.times(own, 0.5), distance)) };
}
