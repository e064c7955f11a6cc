/**
 * What dense output errs by between a step's ends. At a place within the step, where u and u' are those of the record, the equations are left
 * with f − M u', and
 *
 *   (M/(γh) − J) δ = f − M u'
 *
 * is a step of Newton's to where components that the equations determine at once, algebraic ones and those of stiff equations, solve them;
 * of the others it is a part of h times the error of their derivative. Stages of stiffly accurate methods solve the equations at the ends of
 * steps, so that the error estimate tells nothing of what is between (the residual of interpolation is tested so in Rodas5Pr of
 * OrdinaryDiffEq.jl).
 */
import { eliminate } from "../../src/passes/eliminate.ts";
import type { Program, Value } from "../../src/ir/ir.ts";
import { StepBuilder, type Slice, type StepSizes } from "./builder.ts";
import { timesMass } from "./mass.ts";
import type { System } from "./system.ts";

/**
 * Where in the step: errors of dense output that are even or odd about its middle, and those that vanish at a collocation's nodes, are there not
 * far from as large as they become.
 */
const PLACE = 2 / 5;

/** What a step has left behind, and its record. */
export interface TakenStep {
  readonly b: StepBuilder;
  readonly u: Slice;
  readonly uNext: Slice;
  readonly memory: Slice;
  readonly work: Slice;
  readonly cache: Slice;
  readonly p: Slice;
  readonly atol: Slice;
  readonly h: Value;
  readonly rtol: Value;
}

/** The program, and how many systems it solves. */
export interface Between {
  readonly program: Program;
  readonly linearSolves: number;
}

/** Emits x of the step's matrix times x = right. */
export type MatrixOfStep = (step: TakenStep, x: Slice, right: Slice) => void;

/**
 * (input u, input uNext, input memory, input work, input cache, input p, input atol, input record, t, h, rtol) -> the norm of that
 * error; one is what the tolerances allow.
 */
export function betweenProgram(
  name: string,
  system: System,
  { memorySize, workSize, cacheSize = 0 }: StepSizes,
  recordSize: number,
  solve: MatrixOfStep,
  linearSolves = 1,
): Between {
  const { n, np } = system;
  const b = new StepBuilder(`${name}_between`, system, false);
  const input = (of: string, size = n): Slice => b.vectorParameter(of, "input", size);
  const [u, uNext] = [input("u"), input("uNext")];
  const [memory, work, cache] = [input("memory", memorySize), input("work", workSize), input("cache", cacheSize)];
  const [p, atol, record] = [input("p", np), input("atol"), input("record", recordSize)];
  const [t, h, rtol] = ["t", "h", "rtol"].map((of) => b.scalarParameter(of));
  const [inner, slope, right, error] = ["inner", "slope", "right", "error"].map((of) => b.vector(of));
  const inverse = b.operation("div", b.f64(1), h);
  const weights = weightsAt(PLACE, recordSize / n);
  b.each((at) => {
    const vectors = weights.map((_, q) => b.get(at({ array: record.array, offset: q * n })));
    const sum = (of: "state" | "slope"): Value =>
      b.combination(
        weights.map((weight) => weight[of]),
        (q) => vectors[q],
      );
    b.set(at(inner), sum("state"));
    b.set(at(slope), b.times(sum("slope"), inverse));
  });
  b.evaluate(system.rhs, right, inner, p, b.plus(t, b.times(h, PLACE)));
  const massive = timesMass(b, system.mass, slope, error);
  b.each((at) => b.set(at(right), b.operation("sub", b.get(at(right)), b.get(at(massive)))));
  solve({ b, u, uNext, memory, work, cache, p, atol, h, rtol }, error, right);
  return { program: eliminate(b.finish(b.errorNorm((at) => at(error), u, uNext, atol, rtol))), linearSolves };
}

/** What each of a record's vectors counts for at θ (see dense-form.ts): in u, and in h u'. */
function weightsAt(theta: number, vectors: number): { readonly state: number; readonly slope: number }[] {
  const [bubble, sigma] = [theta * (1 - theta), 2 * theta - 1];
  const ends = [
    { state: 1 - theta, slope: -1 },
    { state: theta, slope: 1 },
  ];
  const corrections = Array.from({ length: vectors - 2 }, (_, k) => ({
    state: bubble * sigma ** k,
    slope: -(sigma ** (k + 1)) + (k === 0 ? 0 : 2 * k * bubble * sigma ** (k - 1)),
  }));
  return [...ends, ...corrections];
}
