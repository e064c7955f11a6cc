/** Where a step that was tried in a kernel first meets a condition of an event: by the rules of single solves (step-loop/conditions.ts). */
import type { Value } from "../../src/ir/ir.ts";
import { AT_ONCE, DEEP, END, JUMP, SLOPE } from "../step-loop/condition-thresholds.ts";
import { ConditionLooks } from "./condition-looks.ts";
import { dipOf, rootBetween, type Place } from "./kernel-roots.ts";

/** Where the first of the conditions crosses zero within a step. */
export interface KernelCrossing {
  /** Bools; where a condition is not a number, nothing is found. */
  readonly isFound: Value;
  readonly isNotANumber: Value;
  readonly t: Value;
  readonly first: Value;
  readonly slope: Value;
  readonly beyond: Value;
}

export abstract class CrossingSearch extends ConditionLooks {
  /** Where the step that was tried from t first meets a condition. */
  over(t: Value, end: Value): KernelCrossing {
    const { b, numbers } = this;
    b.makeRecord(t, b.operation("sub", end, t));
    numbers.setAll({ isUnseen: b.f64(0), length: b.operation("abs", b.operation("sub", end, t)) });
    const count = this.sample(t, end);
    const isNotANumber = this.isSomeNotANumber(count);
    this.each((j) => {
      b.store(this.isFound, j, b.f64(0));
      const last = this.value(count, j);
      b.store(this.nextValues, j, last);
      b.store(this.nextSigns, j, b.load(this.signs, j));
      b.when(b.operation("bool.not", this.staysAway(j, count)), () => this.find(j, t, end, count));
    });
    return { isNotANumber, ...this.firstOf(t, end, isNotANumber) };
  }

  /** Has condition j one sign all along, and no dip that may reach zero? */
  private staysAway(j: Value, count: Value): Value {
    const { b, times, signs } = this;
    const sign = b.load(signs, j);
    const at = (place: Value): Value => b.times(sign, this.value(place, j));
    const [away] = b.for(b.i32(1), b.operation("i32.add", count, b.i32(1)), 1, [b.operation("abs", sign)], (k, [so]) => {
      const [two, one] = [
        b.operation("i32.select", b.operation("i32.lt", k, b.i32(2)), b.i32(0), this.before(k, 2)),
        this.before(k, 1),
      ];
      const [before, here, next] = [at(two), at(one), at(k)];
      const isInside = b.operation("i32.gt", k, b.i32(1));
      const isDip = b.operation("bool.and", b.operation("lt", here, before), b.operation("lt", here, next));
      const [t0, t1, t2] = [two, one, k].map((place) => b.load(times, place));
      const ratio = b.operation("div", b.operation("sub", t2, t1), b.operation("sub", t1, t0));
      const fall = b.plus(
        b.times(b.operation("sub", before, here), ratio),
        b.operation("div", b.operation("sub", next, here), ratio),
      );
      const isDeep = b.operation("gt", fall, b.times(here, DEEP));
      const dips = b.operation("bool.and", b.operation("bool.and", isInside, isDip), isDeep);
      const isAway = b.operation("bool.and", b.operation("gt", next, b.f64(0)), b.operation("bool.not", dips));
      return [b.operation("select", isAway, so, b.f64(0))];
    });
    const leaves = b.operation("gt", at(count), b.times(at(this.before(count, 1)), END));
    return b.operation("bool.and", b.operation("ne", away, b.f64(0)), leaves);
  }

  /** Looks more closely where condition j may reach zero. */
  private find(j: Value, t: Value, end: Value, count: Value): void {
    const { b } = this;
    const valueAt = this.within(t, end, j);
    this.findDips(j, count, valueAt);
    const bracket = this.firstBracket(j, t, count);
    const [isFound, at, value] = b.if(
      bracket.isFound,
      () => {
        const root = rootBetween(b, valueAt, bracket.first, bracket.last);
        return [b.f64(1), root.t, root.value];
      },
      () => [b.operation("select", this.isMetAtEnd(j, count), b.f64(1), b.f64(0)), end, this.value(count, j)],
    );
    b.store(this.isFound, j, isFound);
    b.store(this.foundT, j, at);
    b.store(this.foundV, j, value);
  }

  private findDips(j: Value, count: Value, valueAt: (t: Value) => Value): void {
    const { b, times, dipT, dipV, hasDip } = this;
    const place = (k: Value): Place => ({ t: b.load(times, k), value: this.value(k, j) });
    b.fill(hasDip, b.f64(0));
    b.for(b.i32(1), count, 1, [], (k) => {
      const dip = dipOf(b, place(this.before(k, 1)), place(k), place(b.operation("i32.add", k, b.i32(1))), valueAt);
      b.store(hasDip, k, b.operation("select", dip.isFound, b.f64(1), b.f64(0)));
      b.store(dipT, k, dip.t);
      b.store(dipV, k, dip.value);
      return [];
    });
  }

  /** Two neighbouring looks between which condition j is met; notes its sign at the last. */
  private firstBracket(j: Value, start: Value, count: Value): { isFound: Value; first: Place; last: Place } {
    const { b, signs, ways, residual, directions, dipT, dipV, hasDip, times, values, numbers, nextSigns } = this;
    const zero = b.f64(0);
    const [direction, way, startValue] = [b.load(directions, j), b.load(ways, j), b.load(values, j)];
    // Of each look: a dip behind the one before, a dip before it, and itself.
    const begin = [b.load(signs, j), start, startValue, zero, start, startValue, start, startValue];
    const last = b.operation("i32.mul", count, b.i32(3));
    const found = b.for(b.i32(0), last, 1, begin, (slot, carried) => {
      const [sign, beforeT, beforeV, isFound, firstT, firstV, lastT, lastV] = carried;
      const k = b.operation("i32.add", b.operation("i32.div", slot, b.i32(3)), b.i32(1));
      const kind = b.operation("i32.rem", slot, b.i32(3));
      const isLook = b.operation("i32.eq", kind, b.i32(2));
      const isFirst = b.operation("i32.eq", kind, b.i32(0));
      const dip = b.operation("i32.select", isFirst, this.before(k, 1), k);
      const side = b.operation("sub", b.load(dipT, dip), b.load(times, dip));
      const direct = b.times(b.setting("direction"), side);
      const isWithin = b.operation("select", isFirst, direct, b.operation("neg", direct));
      const isDip = b.operation("bool.and", b.operation("ne", b.load(hasDip, dip), zero), b.operation("gt", isWithin, zero));
      const isOpen = b.operation("eq", isFound, zero);
      const isVisited = b.operation("bool.and", isOpen, b.operation("bool.or", isLook, isDip));
      const t = b.operation("select", isLook, b.load(times, k), b.load(dipT, dip));
      const v = b.operation("select", isLook, this.value(k, j), b.load(dipV, dip));
      const isZero = b.operation("eq", sign, zero);
      // It did not leave zero yet.
      const leaves = b.operation("gt", b.operation("abs", v), b.load(residual, j));
      const left = b.operation("select", leaves, b.operation("sign", v), zero);
      const isBack = b.operation("bool.and", b.operation("lt", b.times(way, left), zero), b.operation("ne", direction, way));
      const isUnseen = b.operation("bool.and", isVisited, b.operation("bool.and", isZero, isBack));
      b.when(isUnseen, () => numbers.set("isUnseen", b.f64(1)));
      const crosses = b.operation("bool.and", b.operation("bool.not", isZero), b.operation("le", b.times(v, sign), zero));
      const isMet = b.operation("bool.and", isVisited, b.operation("bool.and", crosses, b.operation("ne", direction, sign)));
      const goneOn = b.operation("select", isZero, left, b.operation("select", crosses, b.operation("sign", v), sign));
      const choose = (is: Value, yes: Value, no: Value): Value => b.operation("select", is, yes, no);
      const isNew = b.operation("bool.or", isMet, isUnseen);
      return [
        choose(isVisited, goneOn, sign),
        choose(isVisited, t, beforeT),
        choose(isVisited, v, beforeV),
        choose(isNew, b.f64(1), isFound),
        choose(isMet, beforeT, firstT),
        choose(isMet, beforeV, firstV),
        choose(isMet, t, lastT),
        choose(isMet, v, lastV),
      ];
    });
    const isFound = b.operation("ne", found[3], zero);
    b.store(nextSigns, j, found[0]);
    return { isFound, first: { t: found[4], value: found[5] }, last: { t: found[6], value: found[7] } };
  }

  /** Is what is left of condition j at the end of a step rounding of the time? */
  private isMetAtEnd(j: Value, count: Value): Value {
    const { b, times, nextSigns, directions } = this;
    const [sign, direction] = [b.load(nextSigns, j), b.load(directions, j)];
    const one = this.before(count, 1);
    const [t0, t1] = [b.load(times, one), b.load(times, count)];
    const [before, end] = [this.value(one, j), this.value(count, j)];
    const length = b.operation("sub", t1, t0);
    const fall = b.operation("sub", before, end);
    const left = b.times(b.operation("div", end, fall), length);
    const near = b.times(b.operation("max", b.operation("abs", t1), b.operation("abs", length)), AT_ONCE);
    const isNear = b.operation("le", b.operation("abs", left), near);
    const falls = b.operation("gt", b.times(sign, fall), b.f64(0));
    const isAsked = b.operation("bool.and", b.operation("ne", sign, b.f64(0)), b.operation("ne", direction, sign));
    return b.operation("bool.and", isAsked, b.operation("bool.and", isNear, falls));
  }

  /** Of those found, the first. */
  private firstOf(t: Value, end: Value, isNotANumber: Value): Omit<KernelCrossing, "isNotANumber"> {
    const { b, isFound, foundT, foundV, sizes, n } = this;
    const zero = b.f64(0);
    const [first, at] = b.for(b.i32(0), b.i32(this.length), 1, [b.f64(-1), end], (j, [so, soT]) => {
      const own = b.load(foundT, j);
      const isEarlier = b.operation("lt", b.times(b.setting("direction"), b.operation("sub", own, soT)), zero);
      const isFirst = b.operation("bool.or", b.operation("lt", so, zero), isEarlier);
      const isIt = b.operation("bool.and", b.operation("ne", b.load(isFound, j), zero), isFirst);
      return [b.operation("select", isIt, b.toF64(j), so), b.operation("select", isIt, own, soT)];
    });
    const isAny = b.operation("bool.and", b.operation("ge", first, zero), b.operation("bool.not", isNotANumber));
    const [slope, beyond] = b.if(
      isAny,
      () => {
        const index = b.operation("i32.from_f64", first);
        const length = b.operation("sub", end, t);
        const distance = b.times(length, SLOPE);
        const value = b.load(foundV, index);
        const before = this.within(t, end, index)(b.operation("sub", at, distance));
        const size = (x: Value): Value => b.operation("abs", x);
        // Over less than the rounding of the time a slope does not show.
        const isSeen = b.operation("gt", size(distance), b.times(size(at), AT_ONCE));
        const jumps = b.operation("bool.and", isSeen, b.operation("gt", size(value), b.times(size(before), JUMP)));
        b.range(0, n, (i) => {
          const [left, right] = [b.here.u, b.there.u].map((u) => size(b.get(b.element(u, i))));
          b.store(
            sizes,
            i,
            [left, right].reduce((x, y) => b.operation("max", x, y), b.load(sizes, i)),
          );
        });
        const behind = b.operation("select", jumps, b.operation("neg", b.operation("sign", before)), zero);
        return [b.operation("div", b.operation("sub", value, before), distance), behind];
      },
      () => [zero, zero],
    );
    return { isFound: isAny, t: at, first, slope, beyond };
  }
}
