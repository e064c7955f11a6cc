/** A loss's programs, compiled into an arena, applied to flat states. */
import type { Arena } from "../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../src/compile/compile.ts";
import { BadLoss } from "../../src/errors.ts";
import type { Program } from "../../src/program/ir.ts";
import type { Trajectory } from "../../solvers/trajectory.ts";
import type { LossPart, LossPrograms } from "../loss.ts";
import { gaussLegendre } from "../quadrature.ts";

type PartName = "sum" | "integral" | "final";

export class CompiledLoss {
  private readonly link: () => Record<string, Compiled>;
  private linked: Record<string, Compiled> | undefined;
  private readonly address: Record<"u" | "p" | "uBar" | "pBar", number>;
  times: Float64Array;
  indices: Int32Array;

  constructor(
    private readonly programs: LossPrograms,
    private readonly arena: Arena,
    private readonly n: number,
    private readonly np: number,
    target: Target,
  ) {
    this.times = programs.times;
    this.indices = programs.indices;
    const parts = (["sum", "integral", "final"] as const).flatMap((name): [string, Program][] => {
      const part: LossPart | undefined = programs[name];
      return part ? [[name, part.value], [`${name}Gradient`, part.gradient]] : [];
    });
    const unit = compile(Object.fromEntries(parts), arena, target);
    this.address = { u: arena.reserve(n), p: arena.reserve(np), uBar: arena.reserve(n), pBar: arena.reserve(np) };
    this.link = () => unit.link();
  }

  /** The k-th summand; its gradients are added to `u` and `p`. */
  at(k: number, state: Float64Array, parameters: Float64Array, u: Float64Array, p: Float64Array): number {
    return this.apply("sum", `at t = ${this.times[k]}`, state, parameters, [this.times[k], this.indices[k]], u, p);
  }

  /** The terminal part, 0 without one; its gradients are added. */
  final(state: Float64Array, parameters: Float64Array, u: Float64Array, p: Float64Array): number {
    return this.programs.final ? this.apply("final", "at the end", state, parameters, [], u, p) : 0;
  }

  /** The integral over a dense solution by Gauss–Legendre quadrature in each of its steps; 0 without one. */
  integral(solution: Trajectory, parameters: Float64Array, order: number): number {
    if (!this.programs.integral) return 0;
    this.linked ??= this.link();
    const { address, arena, linked } = this;
    const { nodes, weights } = gaussLegendre(Math.ceil((order + 1) / 2));
    const state = arena.f64(address.u, this.n);
    arena.f64(address.p, this.np).set(parameters);
    const times = solution.times;
    let sum = 0;
    for (let step = 0; step + 1 < solution.times.length; step++) {
      const length = times[step + 1] - times[step];
      nodes.forEach((x, k) => {
        const t = times[step] + x * length;
        solution.dense!.interpolate(t, state);
        sum += length * weights[k] * linked.integral(address.u, address.p, t);
      });
    }
    if (!Number.isFinite(sum)) throw new BadLoss(`loss: its integral is ${sum}. Check the integrand's domain along the solution.`);
    return sum;
  }

  private apply(name: PartName, where: string, state: Float64Array, parameters: Float64Array, scalars: number[], u: Float64Array, p: Float64Array): number {
    this.linked ??= this.link();
    const { address, arena, linked } = this;
    arena.f64(address.u, this.n).set(state);
    arena.f64(address.p, this.np).set(parameters);
    const value = linked[name](address.u, address.p, ...scalars);
    if (!Number.isFinite(value)) throw new BadLoss(`loss: its value ${where} is ${value}. Check the domain of what it computes.`);
    linked[`${name}Gradient`](address.u, address.p, ...scalars, 1, address.uBar, address.pBar);
    addTo(u, arena.f64(address.uBar, this.n));
    addTo(p, arena.f64(address.pBar, this.np));
    return value;
  }
}

function addTo(sum: Float64Array, term: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += term[i];
}
