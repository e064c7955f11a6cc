/** A loss's programs, compiled, applied to flat states. */
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../src/compile/compile.ts";
import type { Program } from "../../src/ir/ir.ts";
import { lossNotFinite } from "./not-finite.ts";
import { MANY, memo } from "../../src/core/memo.ts";
import type { LossPart, PartName } from "./part.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { LossPrograms } from "./loss.ts";

/** A loss with the problem that it is of, and the parameters at which it is taken. */
export interface LossOfProblem {
  readonly code: ProblemCode;
  readonly loss: LossPrograms;
  readonly target: Target;
  /** Flat. */
  readonly u0: Float64Array;
  readonly p: Float64Array;
}

/** What an adjoint method needs to know of a loss. Gradients are added to the last two arguments. */
export interface AppliedLoss {
  /** The k-th summand. */
  summand(k: number, state: Float64Array, uBar: Float64Array, pBar: Float64Array): number;
  /** The terminal part, 0 without one. */
  final(state: Float64Array, uBar: Float64Array, pBar: Float64Array): number;
  /** Of a steady state, 0 without such a part. */
  steady(state: Float64Array, uBar: Float64Array, pBar: Float64Array): number;
  /** The integrand, 0 without one. */
  integrand(t: number, state: Float64Array): number;
  /** The integrand with its gradient, 0 without one. */
  integrandGradient(t: number, state: Float64Array, uBar: Float64Array, pBar: Float64Array): number;
}

/** A loss of which only the derivatives by the saved states are known, n each. */
export function outsideLoss(n: number, cotangents: Float64Array): AppliedLoss {
  return {
    summand: (k, _state, uBar) => {
      for (let i = 0; i < n; i++) uBar[i] += cotangents[k * n + i];
      return 0;
    },
    final: () => 0,
    steady: () => 0,
    integrand: () => 0,
    integrandGradient: () => 0,
  };
}

const PARTS: readonly PartName[] = ["sum", "integral", "final", "steady"];

type Arrays = "u" | "p" | "uBar" | "pBar";

class CompiledLoss {
  private readonly linked: Record<string, Compiled>;
  private readonly address: Record<Arrays, number>;
  private readonly view: Record<Arrays, Float64Array>;

  constructor(
    readonly parts: LossPrograms,
    readonly target: Target,
    n: number,
    np: number,
  ) {
    const programs = PARTS.flatMap((name): [string, Program][] => {
      const part: LossPart | undefined = parts[name];
      return part
        ? [
            [name, part.value],
            [`${name}Gradient`, part.gradient],
          ]
        : [];
    });
    const arena = new Arena();
    const unit = compile(Object.fromEntries(programs), arena, target);
    const [u, p, uBar, pBar] = [n, np, n, np].map((size) => arena.reserve(size));
    this.address = { u, p, uBar, pBar };
    this.linked = unit.link();
    this.view = { u: arena.f64(u, n), p: arena.f64(p, np), uBar: arena.f64(uBar, n), pBar: arena.f64(pBar, np) };
  }

  /** The loss at these parameters and times. */
  at(parameters: Float64Array, { times, indices }: LossPrograms): AppliedLoss {
    const { parts } = this;
    return {
      summand: (k, state, uBar, pBar) =>
        this.apply("sum", `at t = ${times[k]}`, state, parameters, [times[k], indices[k]], uBar, pBar),
      final: (state, uBar, pBar) => (parts.final ? this.apply("final", "at the end", state, parameters, [], uBar, pBar) : 0),
      steady: (state, uBar, pBar) =>
        parts.steady ? this.apply("steady", "at the steady state", state, parameters, [], uBar, pBar) : 0,
      integrand: (t, state) => this.integrand(t, state, parameters),
      integrandGradient: (t, state, uBar, pBar) =>
        parts.integral ? this.apply("integral", `(its integrand) at t = ${t}`, state, parameters, [t], uBar, pBar) : 0,
    };
  }

  private integrand(t: number, state: Float64Array, parameters: Float64Array): number {
    if (!this.parts.integral) return 0;
    const value = this.integrandAt(t, state, parameters);
    if (!Number.isFinite(value)) {
      throw lossNotFinite(this.parts.integral.value, { u: state, p: parameters, t }, value, `(its integrand) at t = ${t}`);
    }
    return value;
  }

  /** Of a loss that has one. */
  integrandAt(t: number, state: Float64Array, parameters: Float64Array): number {
    const { address, view } = this;
    view.u.set(state);
    view.p.set(parameters);
    return this.linked.integral(address.u, address.p, t);
  }

  private apply(
    name: PartName,
    where: string,
    state: Float64Array,
    parameters: Float64Array,
    scalars: number[],
    uBar: Float64Array,
    pBar: Float64Array,
  ): number {
    const { address, view, linked } = this;
    view.u.set(state);
    view.p.set(parameters);
    const value = linked[name](address.u, address.p, ...scalars);
    if (!Number.isFinite(value)) {
      const [t, i] = scalars;
      throw lossNotFinite(this.parts[name]!.value, { u: state, p: parameters, t, i }, value, where);
    }
    linked[`${name}Gradient`](address.u, address.p, ...scalars, 1, address.uBar, address.pBar);
    addTo(uBar, view.uBar);
    addTo(pBar, view.pBar);
    return value;
  }
}

/** The task's loss, compiled once for a problem and any values, parameters and times. */
export function appliedLoss(task: LossOfProblem): AppliedLoss {
  return compiledLoss(task).at(task.p, task.loss);
}

/** The integrand of a loss that has one, also where it is not finite. */
export function integrandOf(task: LossOfProblem): (t: number, u: Float64Array, p: Float64Array) => number {
  const loss = compiledLoss(task);
  return (t, u, p) => loss.integrandAt(t, u, p);
}

const compiledLoss = memo(
  ({ loss, target, u0, p }: LossOfProblem): CompiledLoss => new CompiledLoss(loss, target, u0.length, p.length),
  { by: ({ code, loss, target }) => [code.identity, target, loss.sum, loss.integral, loss.final, loss.steady], most: MANY },
);

export function addTo(sum: Float64Array, term: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += term[i];
}
