/** The dense output of diagonally implicit methods. */
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { ArrayArgument, Program, Value } from "../../../src/ir/ir.ts";
import { slopeAt, type MassSystem } from "../../step/algebraic.ts";
import { denseParameters, StepBuilder, type Slice } from "../../step/builder.ts";
import { timesMass } from "../../step/mass.ts";
import type { System } from "../../step/system.ts";
import type { SdirkMethod } from "./tableau.ts";

/** Σ dᵢ h kᵢ */
function correctionAt(
  b: StepBuilder,
  correction: readonly number[],
  { array }: Slice,
  n: number,
  at: (vector: Slice) => ArrayArgument,
): Value {
  return b.combination(correction, (i) => b.get(at({ array, offset: i * n })));
}

/**
 * Stages know the derivatives of algebraic components to their own order only. So those at the ends are taken from the equations, and the
 * correction counts for what M has, and through the equations for the others.
 */
function massiveDense(
  b: StepBuilder,
  system: MassSystem,
  correction: readonly number[] | undefined,
  { u, uNext, work, p }: Record<"u" | "uNext" | "work" | "p", Slice>,
  t: Value,
  h: Value,
): { slopes: readonly [Slice, Slice]; correction?: Slice } {
  const [slope, slopeNext] = [b.vector("slope"), b.vector("slope_next")];
  slopeAt(b, system, slope, u, p, t);
  const constraints = slopeAt(b, system, slopeNext, uNext, p, b.plus(t, h));
  if (!correction) return { slopes: [slope, slopeNext] };
  const [sum, massive, more] = [b.vector("sum"), b.vector("massive"), b.vector("more")];
  b.each((at) => b.set(at(sum), correctionAt(b, correction, work, system.n, at)));
  timesMass(b, system.mass, sum, massive);
  constraints.solve(more, massive);
  return { slopes: [slope, slopeNext], correction: more };
}

/**
 * h times the slopes at both ends of the cubic through a step's ends and two of its stages, where the right-hand side is taken in parts: a stiff
 * function's value at the end of a step, which no equation was solved for, magnifies its errors, and so do the kᵢ made of it, but not the stages.
 */
function slopesOfStages(
  { tableau: { a, c, explicit } }: SdirkMethod,
  b: StepBuilder,
  { u, uNext, work }: DenseSlices,
  n: number,
) {
  const nearest = (to: number, others: readonly number[]): number =>
    others.reduce((best, i) => (Math.abs(c[i] - to) < Math.abs(c[best] - to) ? i : best));
  const inner = c.flatMap((time, i) => (time > 0 && time < 1 ? [i] : []));
  const first = nearest(1 / 3, inner);
  const chosen = [first, nearest(2 / 3, inner.filter((i) => i !== first))]; // prettier-ignore
  const nodes = [0, ...chosen.map((i) => c[i]), 1];
  const slopes = [0, 1].map((x) => nodes.map((_, k) => lagrangeSlope(nodes, k, x)));
  const stages = c.length;
  return (at: (vector: Slice) => ArrayArgument): readonly [Value, Value] => {
    const K = (i: number): Value => b.get(at({ array: work.array, offset: i * n }));
    const states = chosen.map((i) => {
      const implicit = b.combination(a[i].slice(0, i + 1), K);
      return b.plus(
        b.get(at(u)),
        b.plus(
          implicit,
          b.combination(explicit!.a[i], (j) => K(stages + j)),
        ),
      );
    });
    const values = [b.get(at(u)), ...states, b.get(at(uNext))];
    const [rise, fall] = slopes.map((weights) => b.combination(weights, (k) => values[k]));
    return [rise, fall];
  };
}

type DenseSlices = Record<"u" | "uNext" | "work", Slice>;

/** The derivative at x of the polynomial that is 1 at node k and 0 at the others. */
function lagrangeSlope(nodes: readonly number[], k: number, x: number): number {
  const others = nodes.filter((_, j) => j !== k);
  const scale = others.reduce((product, node) => product * (nodes[k] - node), 1);
  return (
    others.reduce((sum, _, i) => sum + others.reduce((product, node, j) => (j === i ? product : product * (x - node)), 1), 0) /
    scale
  );
}

/** The cubic through both ends with the slopes there, and a correction to it. */
export function denseProgram(
  method: SdirkMethod,
  correction: readonly number[] | undefined,
  system: System,
  workSize: number,
  recordSize: number,
  isAdditive: boolean,
): Program {
  const { n } = system;
  const b = new StepBuilder(`${method.name}_dense`, system, false);
  const { u, uNext, f, fNext, work, p, record, t, h } = denseParameters(b, system, workSize, recordSize);
  const ofMass = system.mass && massiveDense(b, system as MassSystem, correction, { u, uNext, work, p }, t, h);
  const [slope, slopeNext] = ofMass?.slopes ?? [f, fNext];
  const part = (i: number): Slice => ({ array: record.array, offset: i * n });
  const ofStages = isAdditive ? slopesOfStages(method, b, { u, uNext, work }, n) : undefined;
  b.each((at) => {
    const [from, to] = [b.get(at(u)), b.get(at(uNext))];
    const chord = b.operation("sub", to, from);
    const [rise, fall] = ofStages?.(at) ?? [b.times(h, b.get(at(slope))), b.times(h, b.get(at(slopeNext)))];
    b.set(at(part(0)), from);
    b.set(at(part(1)), to);
    const bend = b.times(b.operation("sub", rise, fall), 1 / 2);
    b.set(at(part(3)), b.operation("sub", chord, b.times(b.plus(rise, fall), 1 / 2)));
    if (!correction) return b.set(at(part(2)), bend);
    const more = ofMass?.correction ? b.get(at(ofMass.correction)) : correctionAt(b, correction, work, n, at);
    const quarter = b.times(more, 1 / 4);
    b.set(at(part(2)), b.plus(bend, quarter));
    b.set(at(part(4)), b.times(quarter, -1));
  });
  return eliminate(b.finish());
}
