/** The integrand of a loss, and its derivative along a direction, over a step's dense output, as a program. */
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

/** What integrals over the steps are taken by, which it holds for, and the order of that. */
export const RULE = gaussLegendre(4);
export const RESOLVED_ORDER = 7;

/** Integrals over a step, of the integrand and of its derivative. */
export interface StepIntegrals {
  /** By the rule over all of it, and over panels of even length. */
  readonly whole: Float64Array;
  readonly panels: Float64Array;
  /** Of their magnitudes. */
  readonly sizes: Float64Array;
  /** As `whole`, where the state is off by its tolerances. */
  readonly off: Float64Array;
}

export interface IntegrandScan {
  /** Over step i, by so many panels. What it returns is valid until the next call. */
  readonly over: (i: number, panels: number) => StepIntegrals;
}

/** Of the state that a record begins with, one of n in `stride` components. */
interface RecordSizes {
  readonly n: number;
  readonly np: number;
  readonly stride: number;
  readonly vectors: number;
}

const INTEGRALS = 8;

/**
 * (input record, input p, input u_dot, input p_dot, input atol, scalar rtol, scalar t, scalar h, scalar panels,
 * output integrals[8]: `whole`, `panels`, `sizes` and `off`, see StepIntegrals)
 */
function scanProgram({ value }: LossPart, { n, np, stride, vectors }: RecordSizes): Program {
  // Parameters: u, p, t, u_dot, p_dot, result_dot.
  const along = derivativesOf(value).jvp(["u", "p"]);
  const b = new StepBuilder(`${value.name}_scan`, { n }, isWrittenOut(n, along, 1));
  const whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: b.i32(0) });
  const input = (name: string, size: number): ArrayDeclaration => b.arrayParameter(name, size, "input");
  const [record, p, uDot, pDot] = [input("record", stride * vectors), input("p", np), input("u_dot", n), input("p_dot", np)];
  const atol = input("atol", n);
  const [rtol, t, h] = ["rtol", "t", "h"].map((name) => b.scalarParameter(name));
  const panels = b.scalarParameter("panels", "i32", 1, 2 ** 16);
  const integrals = b.arrayParameter("integrals", INTEGRALS, "output");
  const nodes = b.constantArray("nodes", Float64Array.from(RULE.nodes));
  const weights = b.constantArray("weights", Float64Array.from(RULE.weights));
  const [node, slope] = [b.localArray("node", n), b.localArray("slope", 1)];
  const [none, one] = [b.f64(0), b.f64(1)];
  const stateAt = (theta: Value, off: Value): void => {
    const factors = recordWeights(b, theta, vectors);
    b.each((at) => {
      const terms = factors.map((factor, q) => b.times(factor, b.get(at({ array: record, offset: q * stride }))));
      const state = terms.reduce((x, y) => b.plus(x, y));
      const tolerance = b.plus(b.get(at({ array: atol, offset: 0 })), b.times(rtol, b.operation("abs", state)));
      b.set(at({ array: node, offset: 0 }), b.plus(state, b.times(off, tolerance)));
    });
  };
  /** The rule from a part of the step on, over a part of it: integral and size of the integrand, and of its derivative. */
  const rule = (from: Value, width: Value, off: Value): readonly Value[] =>
    b.for(b.i32(0), b.i32(RULE.nodes.length), 1, [none, none, none, none], (k, sums) => {
      const theta = b.plus(from, b.times(width, b.load(nodes, k)));
      const weight = b.times(b.times(h, width), b.load(weights, k));
      stateAt(theta, off);
      const at = [whole(node), whole(p), b.plus(t, b.times(theta, h)), whole(uDot), whole(pDot), whole(slope)];
      const term = b.times(weight, inline(b, along, at)!);
      const terms = [term, b.times(weight, b.load(slope, b.i32(0)))];
      return [...terms, ...terms.map((x) => b.operation("abs", x))].map((x, i) => b.plus(sums[i], x));
    });
  b.fill(integrals, none);
  // First over the whole step with the state off, then as it is, then over each panel.
  b.for(b.i32(0), b.operation("i32.add", panels, b.i32(2)), 1, [], (i) => {
    const panel = b.operation("f64.from_i32", b.operation("i32.sub", i, b.i32(2)));
    const isWhole = b.operation("lt", panel, none);
    const width = b.operation("select", isWhole, one, b.operation("div", one, b.operation("f64.from_i32", panels)));
    const from = b.operation("select", isWhole, none, b.times(width, panel));
    const isOff = b.operation("i32.eq", i, b.i32(0));
    const sums = rule(from, width, b.operation("select", isOff, one, none));
    const addFrom = (place: number, terms: readonly Value[]): void =>
      terms.forEach((x, c) => b.accumulate(integrals, b.i32(place + c), x));
    b.when(
      isWhole,
      () =>
        b.when(
          isOff,
          () => addFrom(6, sums.slice(0, 2)),
          () => addFrom(0, sums.slice(0, 2)),
        ),
      () => addFrom(2, sums),
    );
    return [];
  });
  return eliminate(b.finish());
}

interface Known {
  readonly target: Target;
  readonly sizes: RecordSizes;
  readonly at: (task: UnplannedTask, steps: TakenSteps) => IntegrandScan;
}

const known = new WeakMap<LossPart, Known[]>();

/** For the steps of a march of the task, whose state comes first in what is solved for. */
export function integrandScan(task: UnplannedTask, steps: TakenSteps): IntegrandScan {
  const { loss, target, u0, p } = task;
  const stride = steps.components;
  const sizes = { n: u0.length, np: p.length, stride, vectors: steps.recordOf(0).length / stride };
  const part = loss.integral!;
  let entries = known.get(part);
  if (!entries) known.set(part, (entries = []));
  let found = entries.find(
    (entry) => entry.target === target && entry.sizes.stride === stride && entry.sizes.vectors === sizes.vectors,
  );
  if (!found) entries.push((found = { target, sizes, at: makeScan(part, sizes, target) }));
  return found.at(task, steps);
}

function makeScan(part: LossPart, sizes: RecordSizes, target: Target): Known["at"] {
  const { n, np, stride, vectors } = sizes;
  const arena = new Arena();
  const unit = compile({ scan: scanProgram(part, sizes) }, arena, target);
  const counts = [stride * vectors, np, n, np, n, INTEGRALS];
  const addresses = counts.map((count) => arena.reserve(count));
  const { scan } = unit.link();
  const [record, p, uDot, pDot, atol, integrals] = addresses.map((address, i) => arena.f64(address, counts[i]));
  const [whole, panels, sizesOfAll, off] = [0, 2, 4, 6].map((start) => integrals.subarray(start, start + 2));
  const result = { whole, panels, sizes: sizesOfAll, off };
  const [atRecord, atP, atUDot, atPDot, atAtol, into] = addresses;
  return (task, steps) => {
    // All of it for each march: solves within a solve share what is compiled.
    const shares = randomShares();
    p.set(task.p);
    uDot.set(stateSizes(task.u0).map(shares(n)));
    pDot.set(sizesOf(task.p).map(shares(np)));
    setTolerance(atol, task.atol);
    return {
      over(i, count) {
        record.set(steps.recordOf(i));
        const [t, h] = [steps.time(i), steps.time(i + 1) - steps.time(i)];
        scan(atRecord, atP, atUDot, atPDot, atAtol, task.rtol, t, h, count, into);
        return result;
      },
    };
  };
}
