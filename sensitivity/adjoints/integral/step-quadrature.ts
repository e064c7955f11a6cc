/**
 * Quadrature over a step, of the integrand of a loss and of its derivative along a random direction, from the step's dense output: as a
 * program, which runs in compiled code.
 */
import { memo } from "../../../src/core/memo.ts";
import { recordWeights } from "../../../solvers/step-loop/interpolant.ts";
import { isWrittenOut, StepBuilder } from "../../../solvers/step/builder.ts";
import type { TakenSteps } from "../../../solvers/step-loop/taken-steps.ts";
import { setTolerance } from "../../../solvers/step-loop/tolerances.ts";
import { Arena } from "../../../src/compile/arena.ts";
import { compile, type Target } from "../../../src/compile/compile.ts";
import { derivativesOf } from "../../../src/derive/program-derivatives.ts";
import { inline } from "../../../src/ir/clone.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../../src/ir/ir.ts";
import type { LossPart } from "../../losses/part.ts";
import { gaussLegendre } from "../../numerics/gauss-legendre.ts";
import { sizesOf, stateSizes } from "../../../src/problem/sizes.ts";
import { randomShares } from "../shared/directions.ts";
import type { UnplannedTask } from "../../task/task.ts";

/** The rule by which integrals over steps are taken. */
export const RULE = gaussLegendre(4);
/** The order to which steps that resolve the integrand (see resolved-solve.ts) make that rule exact. */
export const RESOLVED_ORDER = 7;

/** Integrals over a step: each holds that of the integrand, and that of its derivative. */
export interface StepIntegrals {
  /** By the rule over all of the step. */
  readonly whole: Float64Array;
  /** By the rule over panels of even length. */
  readonly panels: Float64Array;
  /** The integrals of the magnitudes, over the panels. */
  readonly sizes: Float64Array;
  /** As `whole`, where the state is off by its tolerances. */
  readonly off: Float64Array;
}

/** Where each of them begins in the program's output. */
const START = { whole: 0, panels: 2, sizes: 4, off: 6 } as const;
const INTEGRALS = 8;

/** Quadrature over the steps of a solve. */
export interface StepQuadrature {
  /** Integrates over step i, by so many panels. The result is valid until the next call. */
  readonly over: (i: number, panels: number) => StepIntegrals;
}

/** The sizes of a step's record: so many vectors of `stride` components, of which the first n are the state's. */
interface RecordSizes {
  readonly n: number;
  readonly np: number;
  readonly stride: number;
  readonly vectors: number;
}

/**
 * Builds the program (input record, input p, input u_dot, input p_dot, input atol, scalar rtol, scalar t, scalar h, scalar panels,
 * output integrals[8]), whose output is that of StepIntegrals one after the other.
 */
class QuadratureProgram {
  private readonly b: StepBuilder;
  /** The integrand with its derivative. Its parameters are u, p, t, u_dot, p_dot, result_dot. */
  private readonly along: Program;
  private readonly input: Readonly<Record<"record" | "p" | "uDot" | "pDot" | "atol", ArrayDeclaration>>;
  private readonly scalar: Readonly<Record<"rtol" | "t" | "h" | "panels", Value>>;
  private readonly integrals: ArrayDeclaration;
  private readonly rule: Readonly<Record<"nodes" | "weights", ArrayDeclaration>>;
  private readonly node: ArrayDeclaration;
  private readonly slope: ArrayDeclaration;

  constructor(
    { value }: LossPart,
    private readonly sizes: RecordSizes,
  ) {
    const { n, np, stride, vectors } = sizes;
    this.along = derivativesOf(value).jvp(["u", "p"]);
    const b = (this.b = new StepBuilder(`${value.name}_quadrature`, { n }, isWrittenOut(n, this.along, 1)));
    const input = (name: string, size: number): ArrayDeclaration => b.arrayParameter(name, size, "input");
    this.input = {
      record: input("record", stride * vectors),
      p: input("p", np),
      uDot: input("u_dot", n),
      pDot: input("p_dot", np),
      atol: input("atol", n),
    };
    const [rtol, t, h] = ["rtol", "t", "h"].map((name) => b.scalarParameter(name));
    this.scalar = { rtol, t, h, panels: b.scalarParameter("panels", "i32", 1, 2 ** 16) };
    this.integrals = b.arrayParameter("integrals", INTEGRALS, "output");
    this.rule = {
      nodes: b.constantArray("nodes", Float64Array.from(RULE.nodes)),
      weights: b.constantArray("weights", Float64Array.from(RULE.weights)),
    };
    [this.node, this.slope] = [b.localArray("node", n), b.localArray("slope", 1)];
  }

  build(): Program {
    const { b, integrals } = this;
    const { panels } = this.scalar;
    const [none, one] = [b.f64(0), b.f64(1)];
    b.fill(integrals, none);
    // First over the whole step with the state off, then as it is, then over each panel.
    b.for(b.i32(0), b.operation("i32.add", panels, b.i32(2)), 1, [], (i) => {
      const panel = b.operation("f64.from_i32", b.operation("i32.sub", i, b.i32(2)));
      const isWhole = b.operation("lt", panel, none);
      const width = b.operation("select", isWhole, one, b.operation("div", one, b.operation("f64.from_i32", panels)));
      const from = b.operation("select", isWhole, none, b.times(width, panel));
      const isOff = b.operation("i32.eq", i, b.i32(0));
      const sums = this.sumsOver(from, width, b.operation("select", isOff, one, none));
      b.when(
        isWhole,
        () =>
          b.when(
            isOff,
            () => this.add("off", sums.slice(0, 2)),
            () => this.add("whole", sums.slice(0, 2)),
          ),
        // Their sizes follow them.
        () => this.add("panels", sums),
      );
      return [];
    });
    return eliminate(b.finish());
  }

  private add(name: keyof typeof START, terms: readonly Value[]): void {
    terms.forEach((x, c) => this.b.accumulate(this.integrals, this.b.i32(START[name] + c), x));
  }

  /** Writes the state at theta to the node, moved by `off` times its tolerances. */
  private stateAt(theta: Value, off: Value): void {
    const { b, node } = this;
    const { record, atol } = this.input;
    const { stride, vectors } = this.sizes;
    const factors = recordWeights(b, theta, vectors);
    b.each((at) => {
      const terms = factors.map((factor, q) => b.times(factor, b.get(at({ array: record, offset: q * stride }))));
      const state = terms.reduce((x, y) => b.plus(x, y));
      const relative = b.times(this.scalar.rtol, b.operation("abs", state));
      const tolerance = b.plus(b.get(at({ array: atol, offset: 0 })), relative);
      b.set(at({ array: node, offset: 0 }), b.plus(state, b.times(off, tolerance)));
    });
  }

  /** The rule over a part of the step: the integrals of the integrand and of its derivative, and those of their magnitudes. */
  private sumsOver(from: Value, width: Value, off: Value): readonly Value[] {
    const { b, along, node, slope, rule } = this;
    const { p, uDot, pDot } = this.input;
    const { t, h } = this.scalar;
    const whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: b.i32(0) });
    const none = b.f64(0);
    return b.for(b.i32(0), b.i32(RULE.nodes.length), 1, [none, none, none, none], (k, sums) => {
      const theta = b.plus(from, b.times(width, b.load(rule.nodes, k)));
      const weight = b.times(b.times(h, width), b.load(rule.weights, k));
      this.stateAt(theta, off);
      const at = [whole(node), whole(p), b.plus(t, b.times(theta, h)), whole(uDot), whole(pDot), whole(slope)];
      const value = b.times(weight, inline(b, along, at)!);
      const terms = [value, b.times(weight, b.load(slope, b.i32(0)))];
      return [...terms, ...terms.map((x) => b.operation("abs", x))].map((x, i) => b.plus(sums[i], x));
    });
  }
}

/** Quadrature over steps of the task's forward solve, whose state comes first in what is solved for. */
export function stepQuadrature(task: UnplannedTask, steps: TakenSteps): StepQuadrature {
  const { loss, target, u0, p } = task;
  const stride = steps.components;
  const sizes = { n: u0.length, np: p.length, stride, vectors: steps.recordOf(0).length / stride };
  return compiledQuadrature(loss.integral!, sizes, target)(task, steps);
}

/** Compiled for an integrand, and records of some sizes. */
const compiledQuadrature = memo(compileQuadrature, {
  by: (integrand, { stride, vectors }, target) => [integrand, stride, vectors, target],
});

function compileQuadrature(
  part: LossPart,
  sizes: RecordSizes,
  target: Target,
): (task: UnplannedTask, steps: TakenSteps) => StepQuadrature {
  const { n, np, stride, vectors } = sizes;
  const arena = new Arena();
  const unit = compile({ quadrature: new QuadratureProgram(part, sizes).build() }, arena, target);
  const counts = [stride * vectors, np, n, np, n, INTEGRALS];
  const addresses = counts.map((count) => arena.reserve(count));
  const { quadrature } = unit.link();
  const [record, p, uDot, pDot, atol, integrals] = addresses.map((address, i) => arena.f64(address, counts[i]));
  const pair = (name: keyof typeof START): Float64Array => integrals.subarray(START[name], START[name] + 2);
  const result = { whole: pair("whole"), panels: pair("panels"), sizes: pair("sizes"), off: pair("off") };
  const [atRecord, atP, atUDot, atPDot, atAtol, into] = addresses;
  return (task, steps) => {
    // All inputs are written anew for each stretch of steps: solves within a solve share what is compiled.
    const shares = randomShares();
    p.set(task.p);
    uDot.set(stateSizes(task.u0).map(shares(n)));
    pDot.set(sizesOf(task.p).map(shares(np)));
    setTolerance(atol, task.atol);
    return {
      over(i, count) {
        record.set(steps.recordOf(i));
        const [t, h] = [steps.time(i), steps.time(i + 1) - steps.time(i)];
        quadrature(atRecord, atP, atUDot, atPDot, atAtol, task.rtol, t, h, count, into);
        return result;
      },
    };
  };
}
