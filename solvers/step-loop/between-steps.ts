/**
 * How long steps may be for what is seen of the solution between their ends (see step/between.ts). A step within which states are saved or
 * events looked for, or whose record is kept, is left where its dense output errs too much. Another one is tried, as long as dense output allows by what it
 * erred by; or one that ends where the next state is saved, where that is further.
 */
import type { Value } from "../../src/ir/ir.ts";
import type { StepBuilder } from "../step/builder.ts";
import type { Bounds, Proposal } from "./control.ts";

/** Of the length that would err by as much as is allowed, what is asked for; and the least and the most, of the length that was seen. */
const SAFETY = 0.9;
const LEAST = 0.2;
const MOST = 8;
/**
 * Tries that may be left, and how much of one each good step makes up for. Where it takes more the solution jumps, or is known to rounding: it
 * is not better known between steps however short they are.
 */
const MOST_LEFT = 10;
const FORGIVEN = 1 / 4;

/** What is known of the steps' length: the longest that dense output allows, infinite at first, and the tries that were left. */
export type Reach = Record<"reach" | "left", Value>;

/** A loop over steps, and where it keeps what is known of them; of one state or of many at once. */
export interface SeenSteps {
  readonly b: StepBuilder;
  /** A bool: is it looked between the ends of all steps? */
  readonly all: Value;
  /** A bool: steps are of one length, and not judged. */
  readonly fixed: Value;
  /** The power of h that the error shrinks with. */
  readonly power: number;
  /** Steps are no shorter. */
  readonly least: Value;
  /** The next time that is saved; and how far it is from another one, in the direction of the steps: infinitely far where there is none. */
  nextSave(): Value;
  toNextSave(t: Value): Value;
  get(name: keyof Reach): Value;
  set(name: keyof Reach, value: Value): void;
  /** Of the dense output of the step just tried, of this length. */
  error(length: Value): Value;
}

export class BetweenSteps {
  constructor(private readonly steps: SeenSteps) {}

  /** What bounds the step from t, where one of length h is asked for. */
  bounds(given: Bounds, t: Value, h: Value): Bounds & { readonly lands: Value } {
    const { b, all } = this.steps;
    const { stop, longest, direction } = given;
    const [reach, length] = [this.steps.get("reach"), b.operation("abs", h)];
    const both = (...conditions: Value[]): Value => conditions.reduce((x, y) => b.operation("bool.and", x, y));
    const isLonger = b.operation("gt", length, reach);
    const [toSave, toStop] = [this.steps.toNextSave(t), b.times(direction, b.operation("sub", stop, t))];
    const sees = b.operation("bool.or", all, b.operation("lt", toSave, length));
    const isFurther = both(b.operation("ge", toSave, reach), b.operation("lt", toSave, toStop));
    const lands = both(isLonger, b.operation("lt", toSave, length), b.operation("bool.not", all), isFurther);
    const isCut = both(isLonger, sees, b.operation("bool.not", lands));
    return {
      ...given,
      lands,
      stop: b.operation("select", lands, this.steps.nextSave(), stop),
      longest: b.operation("select", isCut, b.operation("min", reach, longest), longest),
    };
  }

  /** Looks at the step that was tried, where something is seen within it, or it ends for what is seen. A bool: is it to be left? */
  leaves({ length, tNext }: Proposal, lands: Value): Value {
    const { b, all, fixed } = this.steps;
    const isWithin = b.operation("lt", this.steps.toNextSave(tNext), b.f64(0));
    const sees = b.operation("bool.or", all, isWithin);
    const looks = b.operation("bool.and", b.operation("bool.or", sees, lands), b.operation("bool.not", fixed));
    return b.if(
      looks,
      () => {
        const error = this.steps.error(length);
        const isGood = b.operation("le", error, b.f64(1));
        const isBad = b.operation("bool.and", sees, b.operation("bool.not", isGood));
        const isVain = this.isVain(isGood, isBad);
        this.learn(error, length, isVain);
        return [b.operation("bool.and", isBad, b.operation("bool.not", isVain))];
      },
      () => [b.bool(false)],
    )[0];
  }

  /** A bool: is another try one too many? Each that is left is to be made up for by some that are good; after one too many all is forgotten. */
  private isVain(isGood: Value, isBad: Value): Value {
    const { b } = this.steps;
    const forgiven = b.operation("select", isGood, b.f64(-FORGIVEN), b.f64(0));
    const left = b.plus(this.steps.get("left"), b.operation("select", isBad, b.f64(1), forgiven));
    const isVain = b.operation("gt", left, b.f64(MOST_LEFT));
    this.steps.set("left", b.operation("select", isVain, b.f64(0), b.operation("max", left, b.f64(0))));
    return isVain;
  }

  /** What is no number is much. Of what is in vain nothing is learned: other steps may be as long as they are. */
  private learn(error: Value, length: Value, isVain: Value): void {
    const { b, power, least } = this.steps;
    const factor = b.times(b.operation("exp", b.times(b.operation("log", error), -1 / power)), SAFETY);
    const atMost = b.operation("select", b.operation("le", factor, b.f64(MOST)), factor, b.f64(MOST));
    const clamped = b.operation("select", b.operation("ge", atMost, b.f64(LEAST)), atMost, b.f64(LEAST));
    const known = b.operation("select", b.operation("eq", error, error), clamped, b.f64(LEAST));
    const reach = b.operation("max", b.times(b.operation("abs", length), known), b.times(least, 2));
    this.steps.set("reach", b.operation("select", isVain, b.f64(Infinity), reach));
  }
}
