/** The step of backward differentiation formulas, of the order that its memory says. */
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../../src/ir/ir.ts";
import { NewtonMatrix, patient } from "../../newton/matrix.ts";
import { newtonMemory, newtonMemorySize } from "../../newton/memory.ts";
import { linearizationOf } from "../../newton/krylov.ts";
import { newtonStage } from "../../newton/stage.ts";
import { StepBuilder, stepParameters, type AnySlice, type Slice, type StepPrograms, type StepSizes } from "../../step/builder.ts";
import { slopeProgram, type MassSystem } from "../../step/algebraic.ts";
import type { Linearization } from "../../step/factorized-system.ts";
import type { System } from "../../step/system.ts";
import { chooseNext } from "../multistep/order.ts";
import { historyOf, memorySizeOf, pastIn, type Past } from "../multistep/past.ts";
import { beginAnew, downwards, measure } from "../multistep/spans.ts";
import { say, status, verdict as numberOf } from "../../step/verdict.ts";
import { denseProgram, recordSizeOf } from "./dense.ts";
import { errorOf } from "./error.ts";
import { bdfPast } from "./memory.ts";
import { leadingCoefficients, type BdfMethod } from "./tableau.ts";

/** For the memory see memory.ts; `cache` is what Newton's iterations keep. f is the derivative of the state, also with a mass matrix. */
export function bdfStep(method: BdfMethod, system: System): StepPrograms {
  const { n } = system;
  const jacobian = linearizationOf(method, system);
  const sizes = { memorySize: memorySizeOf(bdfPast, n), workSize: 1, cacheSize: newtonMemorySize(jacobian) };
  return {
    step: new BdfStep(method, system, jacobian, sizes).program(),
    dense: denseProgram(method, system, sizes.workSize),
    ...sizes,
    history: historyOf(bdfPast),
    factors: { offset: 0, size: 0 },
    stages: 0,
    recordSize: recordSizeOf(system),
    fsal: true,
    slope: system.mass && slopeProgram(system as MassSystem),
    evaluations: { perStep: 1, perDense: 0 },
    firstOrder: 1,
  };
}

class BdfStep {
  private readonly b: StepBuilder;
  private readonly given: ReturnType<typeof stepParameters>;
  private readonly past: Past;
  private readonly next: Past;
  /** What the differences add to the predictor, φ*ⱼ = βⱼ φⱼ, of h times its slope, and h/ψⱼ: by j. */
  private readonly growth: ArrayDeclaration;
  private readonly sums: ArrayDeclaration;
  private readonly parts: ArrayDeclaration;
  private readonly correction: Slice;

  constructor(
    private readonly method: BdfMethod,
    private readonly system: System,
    private readonly jacobian: Linearization,
    sizes: StepSizes,
  ) {
    const b = (this.b = new StepBuilder(`${method.name}_step`, system, false));
    this.given = stepParameters(b, system, sizes);
    this.past = pastIn(b, bdfPast, this.given.memory, system.n);
    this.next = pastIn(b, bdfPast, this.given.memoryNext, system.n);
    [this.growth, this.sums, this.parts] = ["growth", "sums", "parts"].map((name) => b.localArray(name, bdfPast.differences + 2));
    this.correction = b.vector("correction");
  }

  program(): Program {
    const { b, past, next, growth, sums, parts, correction, given } = this;
    this.beginAnew();
    const order = past.order("order");
    this.measure();
    const d = b.operation("div", b.load(b.constantArray("leading", leadingCoefficients), order), given.h);
    const isSound = this.solve(d, order);
    const corrected = { ...given, correction, past, order, growth, sums, parts };
    const { largestOrder, strictness } = this.method.tableau;
    const errors = (by: -1 | 0 | 1): Value => errorOf(b, corrected, strictness, by);
    const [error] = b.if(
      isSound,
      () => {
        const judged = chooseNext(b, {
          verdict: given.verdict,
          past,
          next,
          order,
          largestOrder,
          restrainedFrom: largestOrder,
          errorOf: errors,
        });
        this.moveOn(order);
        return [judged];
      },
      () => [b.f64(Infinity)],
    );
    return eliminate(b.finish(error));
  }

  /** A step without a past has its beginning twice, as a state and as a slope. */
  private beginAnew(): void {
    const { b, past, given } = this;
    beginAnew(b, past, given.h, () =>
      b.each((at) => {
        b.set(at(past.difference(2)), b.times(given.h, b.get(at(given.f))));
        b.set(at(past.difference(3)), b.f64(0));
      }),
    );
  }

  /** The weights that follow from where the states lie. */
  private measure(): void {
    const { b, past, next, growth, sums, parts, given } = this;
    const put = (into: ArrayDeclaration, j: number, value: Value): void => b.store(into, b.i32(j), value);
    let sum: Value = b.f64(0);
    measure(b, past, next, given.h, (j, span, factor) => {
      put(growth, j + 1, factor);
      const part = b.operation("div", given.h, span);
      sum = b.plus(sum, part);
      put(parts, j, part);
      put(sums, j, sum);
    });
  }

  /** Finds the state at the end and its derivative, by the equation; returns whether it did. */
  private solve(d: Value, order: Value): Value {
    const { b, given, jacobian, correction } = this;
    const { u, uNext, fNext, cache, p, atol, verdict, t, h, rtol } = given;
    const [base, guess, z] = [b.vector("base"), b.vector("guess"), b.vector("z")];
    this.predict(base, guess, b.times(d, h), order);
    const number = (name: string, value: Value): ArrayArgument => {
      const slice = b.slice({ array: b.localArray(name, 1), offset: 0 });
      b.set(slice, value);
      return slice;
    };
    const matrix = new NewtonMatrix(b, jacobian, newtonMemory(cache, jacobian), p, verdict, patient);
    say(b, verdict, "status", b.f64(status.judged));
    matrix.prepare(u, t, d);
    const vectors = (...some: readonly Slice[]): ArrayArgument[] => some.map((x) => b.slice(x));
    const numbers = [number("time", b.plus(t, h)), number("d", d)];
    const rest = [...vectors(guess, u, atol), number("tolerance", rtol), b.slice(cache), verdict, b.slice(z)];
    b.call(newtonStage(this.system, jacobian, patient), [...vectors(base, p), ...numbers, ...rest]);
    b.each((at) => {
      b.set(at(uNext), b.plus(b.get(at(base)), b.get(at(z))));
      b.set(at(fNext), b.times(d, b.get(at(z))));
      b.set(at(correction), b.operation("sub", b.get(at(z)), b.get(at(guess))));
    });
    return b.operation("eq", b.load(verdict.array, b.i32(numberOf.status)), b.f64(status.judged));
  }

  /** With P the predictor, d guess = P′ and base + guess = P at the step's end. `leading` is d h. */
  private predict(base: Slice, guess: Slice, leading: Value, order: Value): void {
    const { b, past, growth, sums, given } = this;
    const inverse = b.operation("div", b.f64(1), leading);
    const change = b.vector("change");
    b.each((at) => {
      b.set(at(change), b.f64(0));
      b.set(at(guess), b.f64(0));
    });
    const added = (j: Value, difference: AnySlice, to: (at: At, change: Value, slope: Value) => void): void => {
      const weight = b.load(growth, j);
      const ofSlope = b.times(b.load(sums, b.operation("i32.sub", j, b.i32(1))), inverse);
      b.each((at) => {
        const more = b.times(weight, b.get(at(difference)));
        to(at, b.plus(b.get(at(change)), more), b.plus(b.get(at(guess)), b.times(ofSlope, more)));
      });
    };
    // The smallest first, and the state last.
    downwards(b, b.operation("i32.add", order, b.i32(1)), 3, (j) =>
      added(j, past.difference(j), (at, sum, slope) => {
        b.set(at(change), sum);
        b.set(at(guess), slope);
      }),
    );
    added(b.i32(2), past.difference(2), (at, sum, slope) => {
      b.set(at(guess), slope);
      b.set(at(base), b.operation("sub", b.plus(b.get(at(given.u)), sum), slope));
    });
  }

  /** The differences at the end: each is what was expected and the one above it, the highest the correction. */
  private moveOn(order: Value): void {
    const { b, past, next, growth, correction } = this;
    const highest = next.difference(b.operation("i32.add", order, b.i32(2)));
    b.each((at) => b.set(at(highest), b.get(at(correction))));
    downwards(b, b.operation("i32.add", order, b.i32(1)), 2, (j) => {
      const weight = b.load(growth, j);
      const [before, here, above] = [
        past.difference(j),
        next.difference(j),
        next.difference(b.operation("i32.add", j, b.i32(1))),
      ];
      b.each((at) => b.set(at(here), b.plus(b.times(weight, b.get(at(before))), b.get(at(above)))));
    });
  }
}

type At = (vector: AnySlice) => ArrayArgument;
