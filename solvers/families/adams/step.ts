/** The step of Adams' methods, of the order that its memory says (Hairer, Nørsett, Wanner, Solving Ordinary Differential Equations I, III.5). */
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../../src/ir/ir.ts";
import { StepBuilder, stepParameters, type AnySlice, type Slice, type StepPrograms, type StepSizes } from "../../step/builder.ts";
import type { System } from "../../step/system.ts";
import { count } from "../../step/verdict.ts";
import { chooseNext } from "../multistep/order.ts";
import { historyOf, memorySizeOf, pastIn, type Past } from "../multistep/past.ts";
import { beginAnew, downwards, measure, upwards } from "../multistep/spans.ts";
import { denseProgram, recordSizeOf } from "./dense.ts";
import { adamsPast, LARGEST_ORDER, type AdamsMethod } from "./tableau.ts";

export function adamsStep(method: AdamsMethod, system: System): StepPrograms {
  const { n } = system;
  const sizes = { memorySize: memorySizeOf(adamsPast, n), workSize: 1 };
  return {
    step: new AdamsStep(method, system, sizes).program(),
    dense: denseProgram(method, system, sizes.workSize),
    ...sizes,
    history: historyOf(adamsPast),
    factors: { offset: 0, size: 0 },
    stages: 0,
    recordSize: recordSizeOf(system),
    fsal: true,
    evaluations: { perStep: 2, perDense: 0 },
    firstOrder: 1,
  };
}

type At = (vector: AnySlice) => ArrayArgument;

class AdamsStep {
  private readonly b: StepBuilder;
  private readonly given: ReturnType<typeof stepParameters>;
  private readonly past: Past;
  private readonly next: Past;
  /** By j: βⱼ, where Φ*ⱼ = βⱼ Φⱼ, h/ψⱼ, and gⱼ. */
  private readonly growth: ArrayDeclaration;
  private readonly parts: ArrayDeclaration;
  private readonly g: ArrayDeclaration;
  /** Φₖ at the step's end with the derivative where the predictor is. */
  private readonly change: Slice;

  constructor(
    private readonly method: AdamsMethod,
    private readonly system: System,
    sizes: StepSizes,
  ) {
    const b = (this.b = new StepBuilder(`${method.name}_step`, system, false));
    this.given = stepParameters(b, system, sizes);
    this.past = pastIn(b, adamsPast, this.given.memory, system.n);
    this.next = pastIn(b, adamsPast, this.given.memoryNext, system.n);
    const size = LARGEST_ORDER + 2;
    [this.growth, this.parts, this.g] = ["growth", "parts", "g"].map((name) => b.localArray(name, size));
    this.change = b.vector("change");
  }

  program(): Program {
    const { b, past, next, given, growth, parts } = this;
    beginAnew(b, past, given.h, () => b.each((at) => b.set(at(past.difference(1)), b.f64(0))));
    const order = past.order("order");
    b.store(growth, b.i32(0), b.f64(1));
    measure(b, past, next, given.h, (j, span, factor) => {
      b.store(growth, b.i32(j), factor);
      b.store(parts, b.i32(j), b.operation("div", given.h, span));
    });
    this.integrate(order);
    const corrected = this.correct(order);
    const { largestOrder, restrainedFrom, strictness } = this.method.tableau;
    const errorOf = (by: -1 | 0 | 1): Value => b.times(this.errorOf(order, by), strictness);
    const error = chooseNext(b, { verdict: given.verdict, past, next, order, largestOrder, restrainedFrom, errorOf });
    this.moveOn(order, corrected);
    return eliminate(b.finish(error));
  }

  /** gⱼ, the integrals of the basis over the step, to the order's and one beyond: (5.9) and (5.10). */
  private integrate(order: Value): void {
    const { b, parts, g } = this;
    const c = b.localArray("c", LARGEST_ORDER + 3);
    const last = b.operation("i32.add", order, b.i32(2));
    for (let q = 1; q < LARGEST_ORDER + 3; q++) b.store(c, b.i32(q), b.f64(1 / q));
    b.store(g, b.i32(0), b.f64(1));
    upwards(b, 1, last, (j) => {
      const part = b.load(parts, j);
      upwards(b, 1, b.operation("i32.sub", b.operation("i32.add", last, b.i32(1)), j), (q) => {
        const above = b.load(c, b.operation("i32.add", q, b.i32(1)));
        b.store(c, q, b.operation("sub", b.load(c, q), b.times(part, above)));
      });
      b.store(g, j, b.load(c, b.i32(1)));
    });
  }

  /** Predicts, evaluates, corrects and evaluates again; returns by how much the derivative changed at last. */
  private correct(order: Value): Slice {
    const { b, system, past, growth, g, given, change } = this;
    const { u, uNext, f, fNext, p, verdict, t, h } = given;
    const [predicted, slope, again] = [b.vector("predicted"), b.vector("slope"), b.vector("again")];
    b.each((at) => {
      b.set(at(predicted), b.f64(0));
      b.set(at(change), b.f64(0));
    });
    // The smallest first, and the state last.
    const add = (at: At, weight: Value, integral: Value, difference: AnySlice): readonly [Value, Value] => {
      const expected = b.times(weight, b.get(at(difference)));
      return [b.plus(b.get(at(predicted)), b.times(integral, expected)), b.plus(b.get(at(change)), expected)];
    };
    downwards(b, b.operation("i32.sub", order, b.i32(1)), 1, (j) => {
      const [weight, integral, difference] = [b.load(growth, j), b.load(g, j), past.difference(j)];
      b.each((at) => {
        const [sum, expected] = add(at, weight, integral, difference);
        b.set(at(predicted), sum);
        b.set(at(change), expected);
      });
    });
    b.each((at) => {
      const [sum, expected] = add(at, b.f64(1), b.f64(1), f);
      b.set(at(predicted), b.plus(b.get(at(u)), b.times(h, sum)));
      b.set(at(change), expected);
    });
    const tNext = b.plus(t, h);
    b.evaluate(system.rhs, slope, predicted, p, tNext);
    const weight = b.times(h, b.load(g, order));
    b.each((at) => {
      b.set(at(change), b.operation("sub", b.get(at(slope)), b.get(at(change))));
      b.set(at(uNext), b.plus(b.get(at(predicted)), b.times(weight, b.get(at(change)))));
    });
    b.evaluate(system.rhs, fNext, uNext, p, tNext);
    count(b, verdict, "rhsCalls", 2);
    b.each((at) => b.set(at(again), b.operation("sub", b.get(at(fNext)), b.get(at(slope)))));
    return again;
  }

  /** Of the order that is higher by so much: what that of the next order adds to it, h (gₖ − gₖ₋₁) Φₖ. */
  private errorOf(order: Value, by: -1 | 0 | 1): Value {
    const { b, past, growth, g, given, change } = this;
    const { u, uNext, atol, rtol, h } = given;
    const k = b.operation("i32.add", order, b.i32(by));
    const integral = b.operation("sub", b.load(g, k), b.load(g, b.operation("i32.sub", k, b.i32(1))));
    const beside = b.operation("i32.add", order, b.i32(by < 0 ? -1 : 0));
    const [weight, difference] = [b.load(growth, beside), past.difference(beside)];
    const scaled = b.times(h, integral);
    const term = (at: (vector: AnySlice) => Value): Value => {
      if (by === 0) return at(change);
      return b.operation(by < 0 ? "add" : "sub", at(change), b.times(weight, at(difference)));
    };
    return b.errorNorm((at) => b.times(scaled, term(at)), u, uNext, atol, rtol);
  }

  /** The differences at the end, with the derivative there: Φₖ₊₁ = Φₖ − Φ*ₖ, and below it Φⱼ = Φ*ⱼ + Φⱼ₊₁. */
  private moveOn(order: Value, corrected: Slice): void {
    const { b, past, next, growth, change } = this;
    const above = b.operation("i32.add", order, b.i32(1));
    const [highest, top, weight, before] = [
      next.difference(above),
      next.difference(order),
      b.load(growth, order),
      past.difference(order),
    ];
    b.each((at) => {
      const now = b.plus(b.get(at(change)), b.get(at(corrected)));
      b.set(at(top), now);
      b.set(at(highest), b.operation("sub", now, b.times(weight, b.get(at(before)))));
    });
    downwards(b, b.operation("i32.sub", order, b.i32(1)), 1, (j) => {
      const factor = b.load(growth, j);
      const [old, here, over] = [past.difference(j), next.difference(j), next.difference(b.operation("i32.add", j, b.i32(1)))];
      b.each((at) => b.set(at(here), b.plus(b.times(factor, b.get(at(old))), b.get(at(over)))));
    });
  }
}
