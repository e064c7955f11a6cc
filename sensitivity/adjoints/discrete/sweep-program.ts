/**
 * The reverse sweep over a block of recorded steps as a program, which runs where the adjoint steps run. For each step, the last first, it
 * takes in the losses within the step, and then takes the cotangents back over it.
 */
import { interpolate } from "../../../solvers/step-loop/interpolant.ts";
import { noHistory, StepBuilder } from "../../../solvers/step/builder.ts";
import { sizeOfState } from "../../../solvers/step-loop/kept-states.ts";
import type { ArrayArgument, Program, Value } from "../../../src/ir/ir.ts";
import { RULE } from "../integral/step-quadrature.ts";
import type { LossPart } from "../../losses/part.ts";
import type { GradientTask } from "../../task/task.ts";
import { lossAdjoint } from "./loss-adjoint.ts";
import { declare, outcome, recordStride, type SweepSizes } from "./sweep-memory.ts";
import { startAdjoint, type AdjointParts } from "../../../solvers/step/adjoint.ts";

/** The adjoints of a step without, and where the loss reaches within steps with, cotangents in its record. */
export interface StepAdjoints {
  readonly step: Program;
  readonly interpolatedStep: Program | undefined;
}

/**
 * The program (inout records, input stepTimes, input lossTimes, input lossIndices, input states, input p, input atol, inout lambda,
 * inout slope, inout past, inout bar, inout gradient, inout factors, inout reals, inout integers).
 *
 * A record is what is kept of the state where a step begins (see solvers/step-loop/kept-states.ts), and its stages; behind the last one lies
 * the state at its end. The loss's times, their indices in the user's list, and the states there begin at 1: at 0 stands a time that never
 * comes. `factors` has room for those of each step (see
 * solvers/step/adjoint.ts).
 */
export function sweepProgram(
  parts: AdjointParts,
  adjoints: StepAdjoints,
  loss: GradientTask["loss"],
  sizes: SweepSizes,
): Program {
  return new SweepProgram(parts, adjoints, loss, sizes).build();
}

/** The step that the program is at. */
interface PresentStep {
  /** Its index in the block. */
  readonly start: Value;
  readonly t0: Value;
  readonly t1: Value;
  readonly h: Value;
  /** u, uNext, f and fNext. */
  readonly ends: readonly ArrayArgument[];
  /** The vectors of the history, and its numbers, at its beginning and at its end. */
  readonly history: readonly ArrayArgument[];
  readonly historyNext: readonly ArrayArgument[];
  readonly stages: ArrayArgument;
  /** Room for the stages, and those that dense output takes besides. */
  readonly work: ArrayArgument;
}

class SweepProgram {
  private readonly b: StepBuilder;
  private readonly memory: ReturnType<typeof declare>;

  constructor(
    private readonly parts: AdjointParts,
    private readonly adjoints: StepAdjoints,
    private readonly loss: GradientTask["loss"],
    sizes: SweepSizes,
  ) {
    this.b = new StepBuilder(`${adjoints.step.name}_sweep`, parts.system, false);
    this.memory = declare(this.b, parts, sizes);
  }

  build(): Program {
    const { b } = this;
    const { integers } = this.memory;
    b.while(
      [],
      () => b.operation("bool.and", this.goesOn(), b.operation("i32.gt", integers.get("steps"), b.i32(0))),
      () => {
        const step = this.presentStep();
        if (this.loss.sum) this.addSamples(this.loss.sum, step);
        b.when(this.goesOn(), () => {
          if (this.loss.integral) this.addIntegral(this.loss.integral, step);
          else if (this.adjoints.interpolatedStep && this.hasExtraStages)
            b.when(integers.isSet("touched"), () => this.makeRecord(step));
          this.overStep(step);
        });
        return [];
      },
    );
    b.when(b.operation("bool.and", this.goesOn(), integers.isSet("first")), () => this.overStart());
    return b.finish();
  }

  /** Takes the cotangent of the derivative where the method begins back. */
  private overStart(): void {
    const { b } = this;
    const { records, stepTimes, p, lambda, slope, gradient } = this.memory;
    const u = { array: records, offset: b.i32(0) };
    const arrays = [p, lambda, slope, gradient].map((slice) => b.slice(slice));
    b.call(startAdjoint(this.parts), [u, ...arrays, b.load(stepTimes, b.i32(0))]);
  }

  private goesOn(): Value {
    return this.b.operation("i32.eq", this.memory.integers.get("outcome"), this.b.i32(outcome.done));
  }

  /** Whether dense output makes more stages, which it writes behind those of the step. */
  private get hasExtraStages(): boolean {
    return this.parts.programs.evaluations.perDense > 0;
  }

  /** The number of vectors of n in the record of dense output. */
  private get vectors(): number {
    return this.parts.programs.recordSize / this.parts.system.n;
  }

  private presentStep(): PresentStep {
    const { b, parts } = this;
    const { n } = parts.system;
    const { records, stepTimes, integers, stretched } = this.memory;
    const stride = recordStride(parts);
    const at = (i: Value, offset: number): ArrayArgument => ({
      array: records,
      offset: b.operation("i32.add", b.operation("i32.mul", i, b.i32(stride)), b.i32(offset)),
    });
    const end = integers.get("steps");
    const start = b.operation("i32.sub", end, b.i32(1));
    const [t0, t1] = [b.load(stepTimes, start), b.load(stepTimes, end)];
    const h = b.operation("sub", t1, t0);
    const ends = [at(start, 0), at(end, 0), at(start, n), at(end, n)];
    const { vectors } = parts.programs.history ?? noHistory;
    const [history, historyNext] = [start, end].map((i) => [at(i, 2 * n), at(i, (2 + vectors) * n)]);
    const stages = at(start, sizeOfState(parts.programs, n));
    const work = this.hasExtraStages ? { array: stretched, offset: b.i32(0) } : stages;
    return { start, t0, t1, h, ends, history, historyNext, stages, work };
  }

  /** Makes the step's record of dense output. */
  private makeRecord({ ends, historyNext, stages, work, t0, h }: PresentStep): void {
    const { b } = this;
    const { programs, system } = this.parts;
    const { stretched, record, integers, p } = this.memory;
    if (this.hasExtraStages) {
      b.for(b.i32(0), b.i32(programs.stages * system.n), 1, [], (i) => {
        b.store(stretched, i, b.load(stages.array, b.operation("i32.add", stages.offset, i)));
        return [];
      });
    }
    b.call(programs.dense, [...ends, ...historyNext, work, b.slice(p), record, t0, h]);
    integers.increment("recorded");
  }

  /** Adds a part of the loss, and notes where it is not finite. */
  private add(value: Value, t: Value, bad: number): void {
    const { b } = this;
    const { reals, integers } = this.memory;
    reals.set("value", b.plus(reals.get("value"), value));
    b.when(
      b.operation("lt", b.operation("abs", value), b.f64(Infinity)),
      () => {},
      () => {
        reals.set("badTime", t);
        reals.set("badValue", value);
        integers.set("outcome", bad);
      },
    );
  }

  /** Adds the summands at the loss's times within the step, the last first. It pauses where those in memory are used up. */
  private addSamples(sum: LossPart, { t0, t1, h }: PresentStep): void {
    const { b } = this;
    const { n, np } = this.parts.system;
    const { lossTimes, lossIndices, states, reals, integers, p, lambda, bar, gradient } = this.memory;
    const within = lossAdjoint(sum, n, np, this.vectors);
    const atEnd = lossAdjoint(sum, n, np, 1);
    const isWithin = (): Value => {
      const distance = b.operation("sub", b.load(lossTimes, integers.get("times")), t0);
      return b.operation("gt", b.times(distance, reals.get("direction")), b.f64(0));
    };
    b.while(
      [],
      () => b.operation("bool.and", this.goesOn(), isWithin()),
      () => {
        const k = integers.get("times");
        const t = b.load(lossTimes, k);
        const given = [{ array: states, offset: b.operation("i32.mul", k, b.i32(n)) }, b.slice(p), t, b.load(lossIndices, k)];
        const [value] = b.if(
          b.operation("eq", t, t1),
          () => [b.call(atEnd, [...given, b.f64(1), b.f64(1), b.slice(lambda), b.slice(gradient)])!],
          () => {
            const theta = b.operation("div", b.operation("sub", t, t0), h);
            integers.set("touched", 1);
            return [b.call(within, [...given, b.f64(1), theta, b.slice(bar), b.slice(gradient)])!];
          },
        );
        integers.set("times", b.operation("i32.sub", k, b.i32(1)));
        this.add(value, t, outcome.badSummand);
        return [];
      },
    );
    const usedUp = b.operation("i32.eq", integers.get("times"), b.i32(0));
    b.when(b.operation("bool.and", b.operation("bool.and", usedUp, integers.isSet("more")), this.goesOn()), () =>
      integers.set("outcome", outcome.paused),
    );
  }

  /** Adds the integral of the loss over the step. */
  private addIntegral(integral: LossPart, step: PresentStep): void {
    const { b, vectors } = this;
    const { n, np } = this.parts.system;
    const { record, node, integers, p, bar, gradient } = this.memory;
    const { t0, h } = step;
    const integrand = lossAdjoint(integral, n, np, vectors);
    this.makeRecord(step);
    integers.set("touched", 1);
    RULE.nodes.forEach((x, k) => {
      const theta = b.f64(x);
      const t = b.plus(t0, b.times(theta, h));
      interpolate(b, node, record, theta, n, vectors);
      const scale = b.times(h, RULE.weights[k]);
      const given = [node, b.slice(p), t, scale, theta];
      this.add(b.call(integrand, [...given, b.slice(bar), b.slice(gradient)])!, t, outcome.badIntegrand);
    });
  }

  /** Takes the cotangents back over the step. */
  private overStep({ start, ends, history, stages, work, t0, h }: PresentStep): void {
    const { b } = this;
    const { step, interpolatedStep } = this.adjoints;
    const { factors, reals, integers, p, atol, lambda, slope, past, bar, gradient } = this.memory;
    const ofStep = { array: factors, offset: b.operation("i32.mul", start, b.i32(this.parts.programs.factors.size)) };
    const kept = b.operation("i32.from_bool", b.operation("i32.lt", start, integers.get("kept")));
    const arrays = [p, atol, lambda, slope, past, bar, gradient].map((slice) => b.slice(slice));
    const cotangents = [...arrays, ofStep, t0, h, reals.get("rtol"), kept];
    const over = (): void => void b.call(step, [...ends, ...history, stages, ...cotangents]);
    if (interpolatedStep) {
      const overAll = (): void => void b.call(interpolatedStep, [...ends, ...history, work, ...cotangents]);
      b.when(integers.isSet("touched"), overAll, over);
    } else over();
    integers.set("touched", 0);
    integers.set("steps", start);
  }
}
