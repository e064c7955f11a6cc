/**
 * The Gauss adjoint: λ is integrated backward along the dense forward solution, alone, and dL/dp = ∫ λᵀ ∂f/∂p dt is summed
 * by Gauss–Legendre quadrature over each step of that solve (Norcliffe and Deisenroth 2023, "Faster training of neural ODEs
 * using Gauß–Legendre quadrature"). Parameters add nothing to the system that is solved, so it suits many of them.
 * Losses at saved times make λ jump there.
 */
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Compiled } from "../../src/compile/compile.ts";
import { AdjointFailed } from "../../src/errors.ts";
import type { DenseOutput } from "../../solvers/dense-output.ts";
import { integrate, prepare, type Prepared } from "../../solvers/integrate.ts";
import type { Method } from "../../solvers/method.ts";
import type { System } from "../../solvers/system.ts";
import type { Statistics, Trajectory } from "../../solvers/trajectory.ts";
import type { LossPrograms } from "../loss.ts";
import { gaussLegendre } from "../quadrature.ts";
import { adjointSystem, interpolantParameters, parameterIntegrand } from "./adjoint-system.ts";
import { CompiledLoss } from "./compiled-loss.ts";
import type { FlatGradient, GradientTask } from "./method.ts";
import { addStatistics, emptyStatistics } from "./statistics.ts";

/** The way back, compiled for one problem, loss and solver, and used for any parameters. */
class WayBack {
  private readonly arena = new Arena();
  private readonly prepared: Prepared;
  private readonly address: Record<"lambda" | "p" | "gradient", number>;
  private readonly link: () => Record<"parameters", Compiled>;
  private linked: Record<"parameters", Compiled> | undefined;
  readonly loss: CompiledLoss;
  private solution: DenseOutput | undefined;

  constructor(
    private readonly system: System,
    private readonly method: Method,
    { backend, code, loss, target }: GradientTask,
  ) {
    const vjp = backend.prepare({ code, arena: this.arena, target });
    const { n, np } = system;
    const views = new Map<number, Float64Array>();
    const interpolant = {
      name: "forward_solution",
      parameters: interpolantParameters(n),
      call: (address: number, t: number): void => {
        let out = views.get(address);
        if (!out) views.set(address, (out = this.arena.f64(address, n)));
        this.solution!.interpolate(t, out);
      },
    };
    this.prepared = prepare(adjointSystem(system, vjp, loss.integral, interpolant), method, { target, arena: this.arena });
    this.address = { lambda: this.arena.reserve(n), p: this.arena.reserve(np), gradient: this.arena.reserve(np) };
    const unit = compile({ parameters: parameterIntegrand(n, np, vjp, loss.integral, interpolant) }, this.arena, target);
    this.loss = new CompiledLoss(loss, this.arena, n, np, target);
    this.link = () => unit.link();
  }

  run(task: GradientTask, forward: Trajectory): { p: Float64Array; u0: Float64Array; value: number; statistics: Statistics } {
    this.linked ??= this.link();
    this.solution = forward.dense!;
    const { address, loss, arena, system } = this;
    const { n, np } = system;
    const [t0, t1] = task.problem.tspan;
    const lambda = new Float64Array(n);
    const parameterGradient = arena.f64(address.gradient, np).fill(0);
    arena.f64(address.p, np).set(task.p);
    const statistics = emptyStatistics();
    let value = loss.integral(forward, task.p, this.method.order) + loss.final(forward.final, task.p, lambda, parameterGradient);
    let t = t1;
    let firstStep: number | undefined;
    for (let k = task.loss.times.length - 1; k >= -1; k--) {
      const until = k >= 0 ? task.loss.times[k] : t0;
      if (until !== t) {
        const back = this.integrateBack(task, lambda, t, until, firstStep);
        addStatistics(statistics, back.statistics);
        firstStep = back.result.h;
        lambda.set(back.final);
        t = until;
      }
      if (k >= 0) value += loss.at(k, forward.savedStates.data.subarray(k * n, (k + 1) * n), task.p, lambda, parameterGradient);
    }
    return { value, p: parameterGradient.slice(), u0: lambda, statistics };
  }

  private integrateBack(task: GradientTask, lambda: Float64Array, from: number, to: number, firstStep: number | undefined): Trajectory {
    const { address, arena, linked, method, prepared } = this;
    const quadrature = gaussLegendre(Math.ceil((method.order + 1) / 2));
    const node = arena.f64(address.lambda, this.system.n);
    const trajectory = integrate(prepared, {
      u0: lambda,
      p: task.p,
      t0: from,
      t1: to,
      rtol: task.rtol,
      atol: task.atol,
      firstStep,
      maxSteps: task.maxSteps,
      onStep: task.wrt.p
        ? (step) => {
            const length = step.t0 - step.t1;
            quadrature.nodes.forEach((x, k) => {
              const t = step.t0 - x * length;
              step.interpolate(t, node);
              linked!.parameters(address.gradient, address.lambda, address.p, t, length * quadrature.weights[k]);
            });
          }
        : undefined,
    });
    const { kind, t } = trajectory.result;
    if (kind !== "success") {
      throw new AdjointFailed(
        `gauss adjoint: the solve back from t = ${from} stopped at t = ${t} (${kind}). ` +
          `Try another solver for it (rodas5P() if the problem is stiff), tighter tolerances, or adjoint: "dual".`,
      );
    }
    return trajectory;
  }
}

const waysBack = new WeakMap<System, { readonly key: string; readonly loss: LossPrograms; readonly wayBack: WayBack }[]>();

/** `forward` holds the whole solution, densely, and its states at the loss's times. */
export function gauss(task: GradientTask, system: System, method: Method, forward: Trajectory): Pick<FlatGradient, "value" | "p" | "u0"> & { statistics: Statistics } {
  const key = `${method.name}:${task.backend.name}:${task.target}`;
  let entries = waysBack.get(system);
  if (!entries) waysBack.set(system, (entries = []));
  const { sum, integral, final } = task.loss;
  let found = entries.find((e) => e.key === key && e.loss.sum === sum && e.loss.integral === integral && e.loss.final === final);
  if (!found) {
    const wayBack = new WayBack(system, method, task);
    entries.push((found = { key, loss: task.loss, wayBack }));
  }
  found.wayBack.loss.indices = task.loss.indices;
  found.wayBack.loss.times = task.loss.times;
  const { value, p, u0, statistics } = found.wayBack.run(task, forward);
  return { value, p: task.wrt.p ? p : undefined, u0: task.wrt.u0 ? u0 : undefined, statistics };
}
