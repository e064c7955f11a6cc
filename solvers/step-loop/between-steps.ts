/**
 * How long steps may be for what is seen of the solution between their ends (see step/between.ts). A step within which states are saved or
 * events looked for, or whose record is kept, is left where its dense output errs too much. Another one is tried, as long as dense output allows by what it
 * erred by; or one that ends where the next state is saved, where that is further.
 */
import type { Value } from "../../src/ir/ir.ts";
import type { StepPrograms } from "../step/builder.ts";
import type { StepLoopBuilder } from "./builder.ts";
import type { Bounds, Proposal } from "./control.ts";
import { makeRecord } from "./save.ts";

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

export class BetweenSteps {
  /** A bool: is it looked between the ends of all steps? */
  private readonly all: Value;
  /** The power of h that the error shrinks with. */
  private readonly power: number;

  constructor(
    private readonly b: StepLoopBuilder,
    private readonly programs: StepPrograms & Required<Pick<StepPrograms, "between">>,
    order: number,
    /** A bool: steps are of one length, and not judged. */
    private readonly fixed: Value,
  ) {
    this.all = b.operation("bool.or", b.integers.isSet("records"), b.integers.isSet("events"));
    this.power = order;
  }

  /** What bounds the step from t, where one of length h is asked for. */
  bounds(given: Bounds, t: Value, h: Value): Bounds & { readonly lands: Value } {
    const { b, all } = this;
    const { stop, longest, direction } = given;
    const [reach, length] = [b.reals.get("reach"), b.operation("abs", h)];
    const both = (...conditions: Value[]): Value => conditions.reduce((x, y) => b.operation("bool.and", x, y));
    const isLonger = b.operation("gt", length, reach);
    const [toSave, toStop] = [this.nextSave, stop].map((time) => b.times(direction, b.operation("sub", time, t)));
    const sees = b.operation("bool.or", all, b.operation("lt", toSave, length));
    const isFurther = both(b.operation("ge", toSave, reach), b.operation("lt", toSave, toStop));
    const lands = both(isLonger, b.operation("lt", toSave, length), b.operation("bool.not", all), isFurther);
    const isCut = both(isLonger, sees, b.operation("bool.not", lands));
    return {
      ...given,
      lands,
      stop: b.operation("select", lands, this.nextSave, stop),
      longest: b.operation("select", isCut, b.operation("min", reach, longest), longest),
    };
  }

  private get nextSave(): Value {
    const { b } = this;
    return b.load(b.saveTimes, b.integers.get("nextSave"));
  }

  /**
   * Looks at a step that was tried from the slot of this index, where something is seen within it, or it ends for what is seen. A bool: is it
   * to be left?
   */
  leaves(index: Value, { length, tNext }: Proposal, lands: Value): Value {
    const { b, all, fixed } = this;
    const ahead = b.operation("sub", tNext, this.nextSave);
    const isWithin = b.operation("gt", b.times(b.reals.get("direction"), ahead), b.f64(0));
    const sees = b.operation("bool.or", all, isWithin);
    const looks = b.operation("bool.and", b.operation("bool.or", sees, lands), b.operation("bool.not", fixed));
    return b.if(
      looks,
      () => {
        const error = this.error(index, length);
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
    const { b } = this;
    const forgiven = b.operation("select", isGood, b.f64(-FORGIVEN), b.f64(0));
    const left = b.plus(b.reals.get("left"), b.operation("select", isBad, b.f64(1), forgiven));
    const isVain = b.operation("gt", left, b.f64(MOST_LEFT));
    b.reals.set("left", b.operation("select", isVain, b.f64(0), b.operation("max", left, b.f64(0))));
    return isVain;
  }

  private error(index: Value, length: Value): Value {
    const { b, programs } = this;
    const { program, linearSolves } = programs.between;
    makeRecord(b, programs, index);
    b.count("rhsCalls", 1);
    if (linearSolves > 0) b.count("linearSolves", linearSolves);
    const [here, there] = [b.slot(index), b.slot(b.next(index))];
    const shared = [b.cache, b.p, b.atol].map((array) => b.whole(array));
    const arrays = [here.u, there.u, here.memory, here.work, ...shared, b.record(index)];
    return b.call(program, [...arrays, b.end(index), length, b.reals.get("rtol")])!;
  }

  /** What is no number is much. Of what is in vain nothing is learned: other steps may be as long as they are. */
  private learn(error: Value, length: Value, isVain: Value): void {
    const { b, power } = this;
    const factor = b.times(b.operation("exp", b.times(b.operation("log", error), -1 / power)), SAFETY);
    const atMost = b.operation("select", b.operation("le", factor, b.f64(MOST)), factor, b.f64(MOST));
    const clamped = b.operation("select", b.operation("ge", atMost, b.f64(LEAST)), atMost, b.f64(LEAST));
    const known = b.operation("select", b.operation("eq", error, error), clamped, b.f64(LEAST));
    const reach = b.operation("max", b.times(b.operation("abs", length), known), b.times(b.reals.get("least"), 2));
    b.reals.set("reach", b.operation("select", isVain, b.f64(Infinity), reach));
  }
}
