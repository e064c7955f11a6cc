/** The step of backward differentiation formulas, of the order that its memory says. */
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { ArrayArgument, Program, Value } from "../../../src/ir/ir.ts";
import { NewtonMatrix, patient } from "../../newton/matrix.ts";
import { newtonMemory, newtonMemorySize } from "../../newton/memory.ts";
import { linearizationOf } from "../../newton/krylov.ts";
import { newtonStage } from "../../newton/stage.ts";
import {
  denseParameters,
  StepBuilder,
  stepParameters,
  type Slice,
  type StepPrograms,
  type StepSizes,
} from "../../step/builder.ts";
import type { Linearization } from "../../step/factorized-system.ts";
import type { System } from "../../step/system.ts";
import { say, status, verdict as numberOf } from "../../step/verdict.ts";
import { bdfHistory, bdfMemorySize, DIFFERENCES, Past } from "./memory.ts";
import { chooseNext } from "./order.ts";
import { LARGEST_ORDER, leadingCoefficients, type BdfMethod } from "./tableau.ts";

/** qⱼ of the dense output: a polynomial of degree 5 has so many. */
const COEFFICIENTS = LARGEST_ORDER - 1;
/** A step so many times as long as the one before it is taken without the past: of that, it would magnify what iterations left. */
const LONGEST_STRETCH = 10;

/** `work` holds the coefficients of the dense output; for the memory see memory.ts. */
export function bdfStep(method: BdfMethod, system: System): StepPrograms {
  const { n } = system;
  const jacobian = linearizationOf(method, system);
  const sizes = { memorySize: bdfMemorySize(n), workSize: COEFFICIENTS * n, cacheSize: newtonMemorySize(jacobian) };
  const recordSize = (2 + COEFFICIENTS) * n;
  return {
    step: new BdfStep(method, system, jacobian, sizes).program(),
    dense: denseProgram(method, system, sizes.workSize, recordSize),
    ...sizes,
    history: bdfHistory,
    factors: { offset: 0, size: 0 },
    // Dense output reads them.
    stages: COEFFICIENTS,
    recordSize,
    fsal: true,
    evaluations: { perStep: 1, perDense: 0 },
    firstOrder: 1,
  };
}

class BdfStep {
  private readonly b: StepBuilder;
  private readonly given: ReturnType<typeof stepParameters>;
  private readonly past: Past;
  private readonly next: Past;
  private readonly predicted: Slice;
  private readonly correction: Slice;

  constructor(
    private readonly method: BdfMethod,
    private readonly system: System,
    private readonly jacobian: Linearization,
    sizes: StepSizes,
  ) {
    const b = (this.b = new StepBuilder(`${method.name}_step`, system, false));
    this.given = stepParameters(b, system, sizes);
    this.past = new Past(b, this.given.memory, system.n);
    this.next = new Past(b, this.given.memoryNext, system.n);
    [this.predicted, this.correction] = ["predicted", "correction"].map((name) => b.vector(name));
  }

  program(): Program {
    const { b, past, given } = this;
    const isNew = this.isNew();
    b.when(isNew, () => {
      past.set("steps", 0);
      past.set("order", 1);
      past.set("sameOrder", 0);
      past.set("settled", 0);
    });
    const order = b.operation("i32.from_f64", past.get("order"));
    const spans = this.extrapolate(isNew);
    // h/ψⱼ, and their sums.
    const parts = spans.map((span) => b.operation("div", given.h, span));
    const sums = parts.reduce<Value[]>((so, part) => [...so, so.length === 0 ? part : b.plus(so.at(-1)!, part)], []);
    const d = b.operation("div", b.load(b.constantArray("leading", leadingCoefficients), order), given.h);
    const isUsed = (j: number): Value => b.operation("select", b.operation("i32.le", b.i32(j - 1), order), b.f64(1), b.f64(0));
    const isSound = this.solve(d, isUsed, sums);
    return eliminate(
      b.finish(
        b.if(
          isSound,
          () => {
            const error = chooseNext(b, this.method.tableau, {
              ...given,
              correction: this.correction,
              past,
              next: this.next,
              order,
              parts,
              sums,
            });
            this.moveOn(spans, isUsed);
            this.interpolate(parts, isUsed);
            return [error];
          },
          () => [b.f64(Infinity)],
        )[0],
      ),
    );
  }

  /** Is there no past, or none that serves? */
  private isNew(): Value {
    const { b, past, given } = this;
    const longest = b.times(b.operation("abs", past.span(1)), LONGEST_STRETCH);
    const isStretched = b.operation("gt", b.operation("abs", given.h), longest);
    return b.operation("bool.or", b.operation("eq", past.get("steps"), b.f64(0)), isStretched);
  }

  /**
   * Leaves in the memory of the step's end what each difference adds to the predictor, φ*ⱼ = βⱼ φⱼ; returns ψ₁, …, ψ₆ there. A step
   * without a past has its beginning twice, as a state and as a slope.
   */
  private extrapolate(isNew: Value): Value[] {
    const { b, past, next, given } = this;
    const { f, h } = given;
    const spans = Array.from({ length: DIFFERENCES }, (_, i) =>
      i === 0 ? h : b.plus(h, b.operation("select", isNew, b.f64(0), past.span(i))),
    );
    b.when(
      isNew,
      () =>
        b.each((at) => {
          b.set(at(next.difference(2)), b.times(h, b.get(at(f))));
          for (let j = 3; j < 2 + DIFFERENCES; j++) b.set(at(next.difference(j)), b.f64(0));
        }),
      () => {
        const factors: Value[] = [];
        for (let j = 1; j <= DIFFERENCES; j++) {
          const factor = b.operation("div", spans[j - 1], past.span(j));
          factors.push(j === 1 ? factor : b.times(factors[j - 2], factor));
        }
        b.each((at) =>
          factors.forEach((factor, i) => b.set(at(next.difference(i + 2)), b.times(factor, b.get(at(past.difference(i + 2)))))),
        );
      },
    );
    return spans;
  }

  /** Finds the state at the end and its derivative, by the equation; returns whether it did. */
  private solve(d: Value, isUsed: (j: number) => Value, sums: readonly Value[]): Value {
    const { b, given, next, jacobian, predicted, correction } = this;
    const { u, uNext, fNext, cache, p, atol, verdict, t, h, rtol } = given;
    const [base, guess, z] = [b.vector("base"), b.vector("guess"), b.vector("z")];
    const leading = b.times(d, h);
    const used = Array.from({ length: LARGEST_ORDER }, (_, i) => isUsed(i + 2));
    const slopes = used.map((weight, i) => b.operation("div", b.times(weight, sums[i]), leading));
    const sum = (weights: readonly Value[], at: (vector: Slice) => ArrayArgument): Value =>
      weights.map((weight, i) => b.times(weight, b.get(at(next.difference(i + 2))))).reduceRight((so, term) => b.plus(term, so));
    b.each((at) => {
      const slope = sum(slopes, at);
      const there = b.plus(b.get(at(u)), sum(used, at));
      b.set(at(predicted), there);
      b.set(at(guess), slope);
      b.set(at(base), b.operation("sub", there, slope));
    });
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

  /** The memory at the end: the past with this step. */
  private moveOn(spans: readonly Value[], isUsed: (j: number) => Value): void {
    const { b, next, correction } = this;
    spans.forEach((span, i) => next.setSpan(i + 1, span));
    const used = Array.from({ length: LARGEST_ORDER }, (_, i) => isUsed(i + 2));
    b.each((at) => {
      // From u₁ − u₀ on, each is the one before it without what that was expected to be.
      let rest = used.reduceRight<Value>(
        (so, weight, i) => b.plus(so, b.times(weight, b.get(at(next.difference(i + 2))))),
        b.get(at(correction)),
      );
      for (let j = 2; j < 2 + DIFFERENCES; j++) {
        const expected = b.get(at(next.difference(j)));
        b.set(at(next.difference(j)), rest);
        rest = b.operation("sub", rest, expected);
      }
    });
  }

  /**
   * Leaves in `work` the qⱼ (see dense-form.ts) of the polynomial through the states that the formula has used:
   * q = −r₂ (φ₃ + (θ + a₁) r₃ (φ₄ + (θ + a₂) r₄ (φ₅ + (θ + a₃) r₅ φ₆))) with rⱼ = h/ψⱼ and aᵢ = 1/rᵢ₊₁ − 1.
   */
  private interpolate(parts: readonly Value[], isUsed: (j: number) => Value): void {
    const { b, next, given } = this;
    // weights[j][i]: of φ₃₊ᵢ in qⱼ.
    const weights = Array.from({ length: COEFFICIENTS }, () => new Array<Value>(COEFFICIENTS).fill(b.f64(0)));
    let polynomial: Value[] = [b.times(parts[1], -1)];
    for (let i = 0; i < COEFFICIENTS; i++) {
      polynomial.forEach((coefficient, j) => (weights[j][i] = b.times(coefficient, isUsed(i + 3))));
      if (i === COEFFICIENTS - 1) break;
      // θ + aᵢ₊₁ = σ/2 + 1/rᵢ₊₂ − 1/2
      const distance = b.operation("sub", b.operation("div", b.f64(1), parts[i + 1]), b.f64(1 / 2));
      const scaled = polynomial.map((coefficient) => b.times(coefficient, parts[i + 2]));
      polynomial = [...scaled, undefined].map((coefficient, j) => {
        const raised = j > 0 ? b.times(scaled[j - 1], 1 / 2) : b.f64(0);
        return coefficient ? b.plus(raised, b.times(distance, coefficient)) : raised;
      });
    }
    const { n } = this.system;
    b.each((at) =>
      weights.forEach((row, j) => {
        const terms = row.slice(j).map((weight, i) => b.times(weight, b.get(at(next.difference(j + i + 3)))));
        b.set(
          at({ array: given.work.array, offset: j * n }),
          terms.reduceRight((so, term) => b.plus(term, so)),
        );
      }),
    );
  }
}

/** The step has left it. */
function denseProgram({ name }: BdfMethod, system: System, workSize: number, recordSize: number): Program {
  const { n } = system;
  const b = new StepBuilder(`${name}_dense`, system, false);
  const { u, uNext, work, record } = denseParameters(b, system, workSize, recordSize);
  const part = (i: number): Slice => ({ array: record.array, offset: i * n });
  b.each((at) => {
    b.set(at(part(0)), b.get(at(u)));
    b.set(at(part(1)), b.get(at(uNext)));
    for (let i = 0; i < COEFFICIENTS; i++) b.set(at(part(2 + i)), b.get(at({ array: work.array, offset: i * n })));
  });
  return eliminate(b.finish());
}
