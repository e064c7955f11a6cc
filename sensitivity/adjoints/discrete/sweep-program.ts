/**
 * The way back over a block of recorded steps as a program, which runs where the adjoint steps run: takes in the losses within
 * each step, the last first, and goes back over it.
 */
import { numbered, Registers } from "../../../src/ir/registers.ts";
import { interpolate } from "../../../solvers/step-loop/interpolant.ts";
import { StepBuilder } from "../../../solvers/step/builder.ts";
import type { ArrayArgument, Program, Value } from "../../../src/ir/ir.ts";
import { RULE } from "../integral/step-quadrature.ts";
import type { GradientTask } from "../../task/task.ts";
import { lossAdjoint } from "./loss-adjoint.ts";
import type { AdjointParts } from "../../../solvers/step/adjoint.ts";

export const real = numbered([
  /** 1 or -1; the relative tolerance; the loss so far. */
  "direction",
  "rtol",
  "value",
  /** Where a part of the loss is not finite, and what it is. */
  "badTime",
  "badValue",
]);

export const integer = numbered([
  /** Steps left to go back over; times of the loss left, and whether there are more before them. */
  "steps",
  "times",
  "more",
  /** Steps of the block whose factors are kept: the first ones. */
  "kept",
  /** Did losses within the present step touch its record? */
  "touched",
  "outcome",
  /** Records of steps made again. */
  "recorded",
]);

/** All steps are done; the loss's times are used up; a summand, or the integrand, is not finite. */
export const outcome = { done: 0, paused: 1, badSummand: 2, badIntegrand: 3 } as const;

export interface SweepPrograms {
  readonly step: Program;
  readonly interpolatedStep: Program;
}

export interface SweepSizes {
  /** Steps in a block, and times of the loss in memory at once. */
  readonly block: number;
  readonly times: number;
}

/**
 * (inout records, input stepTimes, input lossTimes, input lossIndices, input states, input p, input atol, inout lambda, inout bar,
 * inout gradient, inout factors, inout reals, inout integers)
 *
 * A record is u, f and the stages of a step; behind the last one lie u and f at its end. The loss's times, the places they have in
 * the user's list, and the states there begin at 1: at 0 stands a time that never comes. `factors` has room for those of each step
 * (see solvers/step/adjoint.ts).
 */
export function sweepProgram(
  parts: AdjointParts,
  { step, interpolatedStep }: SweepPrograms,
  loss: GradientTask["loss"],
  sizes: SweepSizes,
): Program {
  const { system, programs } = parts;
  const { n, np } = system;
  const { stages, workSize, recordSize, dense } = programs;
  const stride = (2 + stages) * n;
  const b = new StepBuilder(`${step.name}_sweep`, system, false);
  // Inout, for `dense` takes its stages as work.
  const records = b.arrayParameter("records", (sizes.block + 1) * stride, "inout");
  const stepTimes = b.arrayParameter("stepTimes", sizes.block + 1, "input");
  const lossTimes = b.arrayParameter("lossTimes", sizes.times + 1, "input");
  const lossIndices = b.arrayParameter("lossIndices", sizes.times + 1, "input", "i32");
  const states = b.arrayParameter("states", (sizes.times + 1) * n, "input");
  const p = b.vectorParameter("p", "input", np);
  const atol = b.vectorParameter("atol", "input");
  const lambda = b.vectorParameter("lambda", "inout");
  const bar = b.vectorParameter("bar", "inout", recordSize);
  const gradient = b.vectorParameter("gradient", "inout", np);
  const factors = b.arrayParameter("factors", sizes.block * programs.factors.size, "inout");
  const reals = new Registers(b, "reals", real, "f64");
  const integers = new Registers(b, "integers", integer, "i32");
  // What makes more stages for dense output writes them behind those of the step.
  const hasExtraStages = programs.evaluations.perDense > 0;
  const stretched = b.localArray("work", workSize);
  const record = { array: b.localArray("record", recordSize), offset: b.i32(0) };
  const node = { array: b.localArray("node", n), offset: b.i32(0) };

  const at = (i: Value, offset: number): ArrayArgument => ({
    array: records,
    offset: b.operation("i32.add", b.operation("i32.mul", i, b.i32(stride)), b.i32(offset)),
  });
  const take = (value: Value, t: Value, bad: number): void => {
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
  };

  const goOn = (): Value => b.operation("i32.eq", integers.get("outcome"), b.i32(outcome.done));
  b.while(
    [],
    () => b.operation("bool.and", goOn(), b.operation("i32.gt", integers.get("steps"), b.i32(0))),
    () => {
      const end = integers.get("steps");
      const start = b.operation("i32.sub", end, b.i32(1));
      const [t0, t1] = [b.load(stepTimes, start), b.load(stepTimes, end)];
      const h = b.operation("sub", t1, t0);
      const ends = [at(start, 0), at(end, 0), at(start, n), at(end, n)];
      const stagesHere = at(start, 2 * n);
      const work = hasExtraStages ? { array: stretched, offset: b.i32(0) } : stagesHere;
      const makeRecord = (): void => {
        if (hasExtraStages) {
          b.for(b.i32(0), b.i32(stages * n), 1, [], (i) => {
            b.store(stretched, i, b.load(records, b.operation("i32.add", stagesHere.offset, i)));
            return [];
          });
        }
        b.call(dense, [...ends, work, b.slice(p), record, t0, h]);
        integers.increment("recorded");
      };

      if (loss.sum) {
        const within = lossAdjoint(loss.sum, n, np, recordSize / n);
        const atEnd = lossAdjoint(loss.sum, n, np, 1);
        const isWithin = (): Value => {
          const distance = b.operation("sub", b.load(lossTimes, integers.get("times")), t0);
          return b.operation("gt", b.times(distance, reals.get("direction")), b.f64(0));
        };
        b.while(
          [],
          () => b.operation("bool.and", goOn(), isWithin()),
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
            take(value, t, outcome.badSummand);
            return [];
          },
        );
        const usedUp = b.operation("i32.eq", integers.get("times"), b.i32(0));
        b.when(b.operation("bool.and", b.operation("bool.and", usedUp, integers.isSet("more")), goOn()), () =>
          integers.set("outcome", outcome.paused),
        );
      }

      b.when(goOn(), () => {
        if (loss.integral) {
          const integrand = lossAdjoint(loss.integral, n, np, recordSize / n);
          makeRecord();
          integers.set("touched", 1);
          RULE.nodes.forEach((x, k) => {
            const theta = b.f64(x);
            const t = b.plus(t0, b.times(theta, h));
            interpolate(b, node, record, theta, n, recordSize / n);
            const scale = b.times(h, RULE.weights[k]);
            const given = [node, b.slice(p), t, scale, theta];
            take(b.call(integrand, [...given, b.slice(bar), b.slice(gradient)])!, t, outcome.badIntegrand);
          });
        } else if (hasExtraStages) b.when(integers.isSet("touched"), makeRecord);
        const ofStep = { array: factors, offset: b.operation("i32.mul", start, b.i32(programs.factors.size)) };
        const kept = b.operation("i32.from_bool", b.operation("i32.lt", start, integers.get("kept")));
        const arrays = [p, atol, lambda, bar, gradient].map((slice) => b.slice(slice));
        const cotangents = [...arrays, ofStep, t0, h, reals.get("rtol"), kept];
        b.when(
          integers.isSet("touched"),
          () => void b.call(interpolatedStep, [...ends, work, ...cotangents]),
          () => void b.call(step, [...ends, stagesHere, ...cotangents]),
        );
        integers.set("touched", 0);
        integers.set("steps", start);
      });
      return [];
    },
  );
  return b.finish();
}
