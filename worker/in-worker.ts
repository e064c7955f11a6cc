/** The side of the page, or of the program, that a worker works for. */
import type { Layout } from "../src/arrays/layout.ts";
import { packFinite, unpack, type Shaped } from "../src/arrays/pack.ts";
import { isNdArray, isPlainObject } from "../src/core/array-values.ts";
import { isObject } from "../src/core/options/check.ts";
import { callable, signal as checkSignal } from "../src/core/options/kinds.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import type { Gradient, GradientOptions } from "../sensitivity/gradient.ts";
import { Plan } from "../sensitivity/planner/plan.ts";
import { shapedGradient, type Wrt } from "../sensitivity/task/shaped-gradient.ts";
import type { Solution } from "../solvers/solution/solution.ts";
import type { SolveOptions } from "../solvers/solve/solve.ts";
import { absoluteTolerance, type AbsoluteTolerance } from "../solvers/step-loop/tolerances.ts";
import { BadOption } from "../src/core/errors.ts";
import { shown } from "../src/core/options/shown.ts";
import { WorkerAborted, WorkerClosed } from "./errors.ts";
import { sendable } from "./methods.ts";
import { RemoteWorker } from "../src/workers/remote-worker.ts";
import type { WorkerConstructor, WorkerLike } from "../src/workers/worker-like.ts";
import type { Calls, Request } from "./protocol.ts";

export type WorkerSolveOptions<U, P> = Omit<SolveOptions<U, P>, "throwOnFailure" | "dense" | "save">;

/** The loss is the one that the module serves. */
export type WorkerGradientOptions<U, P, W extends Wrt = Wrt> = Omit<GradientOptions<U, P, unknown, W>, "loss">;

/** As `solve` gives it; what was kept for `at` stays in the worker. */
export type WorkerSolution<U, P = unknown> = Pick<
  Solution<U, U, P>,
  "t" | "u" | "states" | "names" | "stats" | "result" | "solver" | "seconds" | "warnings" | "events" | "terminated"
>;

/** As `gradient` gives it. */
export type WorkerGradient<U, P, W extends Wrt = Wrt> = Gradient<U, P, W>;

type Options<U, P> = WorkerSolveOptions<U, P> | WorkerGradientOptions<U, P>;

/**
 * A problem in a worker. Calls wait for each other. They reject with ThrownInWorker for what `solve` and `gradient` throw there;
 * WrongLength, UnknownComponent and UnsupportedValue for a u0 or p of another shape; BadOption for what cannot be sent; what
 * `onProgress` throws; {@link WorkerAborted}, also while they wait; WorkerLost, where the module does not load, serves nothing, or
 * the worker ended; {@link WorkerClosed}.
 */
export interface WorkerProblem<U, P> {
  solve(options?: WorkerSolveOptions<U, P>): Promise<WorkerSolution<U, P>>;
  gradient<const W extends Wrt = "p">(options?: WorkerGradientOptions<U, P, W>): Promise<WorkerGradient<U, P, W>>;
  /** Ends the worker, and calls that wait for it. A program in Node does not end before. */
  close(): void;
}

/**
 * Solves and differentiates in a worker, so that a page goes on answering meanwhile. The worker is a module that states a problem
 * and hands it to `serve`; `make` starts it with the class of workers it is given, which is the same to Node and browsers:
 *
 *     inWorker<typeof lorenz>((Worker) => new Worker(new URL("./lorenz.js", import.meta.url), { type: "module" }))
 *
 * Bundlers find the module by this expression. The worker is started with the first call, and again with the one after an abort,
 * which ends it at once.
 */
export function inWorker<Problem extends OdeProblem>(
  make: (Worker: WorkerConstructor) => WorkerLike,
): WorkerProblem<Problem["u0"], Problem["p"]> {
  callable(make, "inWorker: what makes the worker");
  return new RemoteProblem(make);
}

class RemoteProblem<U, P> implements WorkerProblem<U, P> {
  private readonly remote: RemoteWorker;
  private layouts: Calls["layouts"]["result"] | undefined;
  /** Settled when all calls before are. */
  private last: Promise<unknown> = Promise.resolve();
  /** Those that wait, and the one at work. */
  private readonly calls = new Set<{ stop(error: Error): void }>();
  private closed = false;

  constructor(make: (Worker: WorkerConstructor) => WorkerLike) {
    this.remote = new RemoteWorker(make);
  }

  async solve(options: WorkerSolveOptions<U, P> = {}): Promise<WorkerSolution<U, P>> {
    if (isObject(options) && "save" in options) throw new BadOption("save: a worker gives back whole states. Leave it out.");
    const solution = await this.queued("solve", options);
    const shaped = (state: Float64Array): Shaped<U> => unpack<U>(this.layouts!.u, state);
    const ofP = (parameters: Float64Array): Shaped<P> => unpack<P>(this.layouts!.p, parameters);
    const events = solution.events.map(({ before, after, parameters, ...rest }) => ({
      ...rest,
      before: shaped(before),
      after: shaped(after),
      ...(parameters && { parameters: { before: ofP(parameters.before), after: ofP(parameters.after) } }),
    }));
    const terminated = solution.stats.terminated ? events.at(-1) : undefined;
    return { ...solution, u: solution.states.map(shaped), events, terminated };
  }

  async gradient<const W extends Wrt = "p">(options: WorkerGradientOptions<U, P, W> = {}): Promise<WorkerGradient<U, P, W>> {
    const { t0, t1, plan, ...rest } = await this.queued("gradient", options);
    const { solver, adjoint, vjp, known, decisions, estimate, zeros, switches, warnings } = plan;
    const found: WorkerGradient<U, P> = {
      ...rest,
      gradient: shapedGradient<U, P>(this.layouts!, { ...rest.flat, t0, t1 }),
      plan: new Plan(solver, adjoint, vjp, known, decisions, estimate, zeros, switches, warnings),
    };
    return found as WorkerGradient<U, P, W>;
  }

  close(): void {
    this.closed = true;
    this.remote.end(new WorkerClosed());
    for (const call of this.calls) call.stop(new WorkerClosed());
  }

  /** When all calls before have ended. One that waits is stopped without disturbing the one at work, which is ended with its worker. */
  private async queued<Name extends "solve" | "gradient">(call: Name, options: Options<U, P>): Promise<Calls[Name]["result"]> {
    if (!isObject(options)) {
      throw new BadOption(`${call} in a worker: it is given ${shown(options)}, but takes an object.`);
    }
    const { onProgress, signal } = options;
    if (onProgress !== undefined) callable(onProgress, "onProgress");
    if (signal !== undefined) checkSignal(signal, "signal");
    if (this.closed) throw new WorkerClosed();
    if (signal?.aborted) throw new WorkerAborted(call);
    const entry = { stop: (_error: Error): void => {} };
    const stopped = new Promise<never>((_, reject) => (entry.stop = reject));
    const abort = (): void => entry.stop(new WorkerAborted(call));
    signal?.addEventListener("abort", abort);
    this.calls.add(entry);
    const before = this.last;
    const result = Promise.race([before, stopped]).then(() => {
      entry.stop = (error) => this.remote.end(error);
      return this.called(call, options);
    });
    // Without their values, which would all be kept.
    this.last = Promise.allSettled([before, result]).then(() => {});
    try {
      return await result;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.calls.delete(entry);
    }
  }

  private async called<Name extends "solve" | "gradient">(call: Name, options: Options<U, P>): Promise<Calls[Name]["result"]> {
    const { u0, p, tspan, atol, onProgress, signal, ...others } = options;
    const {
      layouts = await this.remote.ask<Calls["layouts"]["result"]>({
        call: "layouts",
        options: undefined,
        values: {},
        watched: false,
      }),
    } = this;
    this.layouts = layouts;
    if (this.closed) throw new WorkerClosed();
    if (signal?.aborted) throw new WorkerAborted(call);
    const values = {
      u0: u0 === undefined ? undefined : packFinite(layouts.u, u0, "u0"),
      p: p === undefined ? undefined : packFinite(layouts.p, p, "p"),
      tspan,
    };
    const posted = {
      ...sendable(others),
      ...(atol !== undefined && { atol: postedTolerance<U>(atol as AbsoluteTolerance<U>, layouts.u) }),
    };
    const request: Omit<Request, "id"> = {
      call,
      options: posted as Request["options"],
      values,
      watched: onProgress !== undefined,
    };
    return this.remote.ask<Calls[Name]["result"]>(request, onProgress);
  }
}

/** Flat where there are ndarrays in it, which do not survive the way; otherwise as it is, so that what is left out keeps its default. */
function postedTolerance<U>(atol: AbsoluteTolerance<U>, layout: Layout): unknown {
  const flat = absoluteTolerance<U>(atol, layout);
  const holdsNdArray = (value: unknown): boolean =>
    isNdArray(value) || (isPlainObject(value) && Object.values(value).some(holdsNdArray));
  return holdsNdArray(atol) ? flat : atol;
}
