/** The side of the page, or of the program, that a worker works for. */
import { packFinite, unpack } from "../src/arrays/pack.ts";
import type { jupyterDisplay } from "../src/notebook.ts";
import { isObject } from "../src/options/check.ts";
import { callable, signal as checkSignal } from "../src/options/kinds.ts";
import type { OdeProblem } from "../src/problem.ts";
import type { Gradient, GradientOptions } from "../sensitivity/gradient.ts";
import { Plan } from "../sensitivity/plan.ts";
import { shapedGradient } from "../sensitivity/shaped-gradient.ts";
import type { Solution } from "../solvers/solution.ts";
import type { SolveOptions } from "../solvers/solve.ts";
import { absoluteTolerance } from "../solvers/tolerances.ts";
import { BadOption } from "../src/errors.ts";
import { shown } from "../src/options/shown.ts";
import { ThrownInWorker, WorkerAborted, WorkerClosed, WorkerLost } from "./errors.ts";
import { workerConstructor, type WorkerConstructor, type WorkerLike } from "./platform.ts";
import { opened, type CallName, type Calls, type Envelope, type Reply, type Request } from "./protocol.ts";

export type WorkerSolveOptions<U, P> = Omit<SolveOptions<U, P>, "throwOnFailure" | "dense">;

/** The loss is the one that the module serves. */
export type WorkerGradientOptions<U, P> = Omit<GradientOptions<U, P>, "loss">;

/** As `solve` gives it; what was kept for `at` stays in the worker. */
export type WorkerSolution<U> = Pick<Solution<U>, "t" | "u" | "states" | "names" | "stats" | "result" | "solver" | "seconds">;

/** As `gradient` gives it. */
export type WorkerGradient<U, P> = Omit<Gradient<U, P>, typeof jupyterDisplay>;

/**
 * A problem in a worker. Calls wait for each other. They reject with {@link ThrownInWorker} for what `solve` and `gradient` throw
 * there; WrongLength, UnknownComponent and UnsupportedValue for a u0 or p of another shape; {@link WorkerAborted};
 * {@link WorkerLost}; {@link WorkerClosed}.
 */
export interface WorkerProblem<U, P> {
  solve(options?: WorkerSolveOptions<U, P>): Promise<WorkerSolution<U>>;
  gradient(options?: WorkerGradientOptions<U, P>): Promise<WorkerGradient<U, P>>;
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

interface Watch {
  readonly onProgress?: (progress: never) => void;
  readonly signal?: AbortSignal;
}

/** What the worker is at. */
interface Pending {
  readonly take: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** Keys and values of the options are checked in the worker; what is no part of any cannot even go there. */
function send<Name extends CallName>(worker: WorkerLike, request: Request<Name>): void {
  try {
    worker.postMessage({ odegrad: request } satisfies Envelope<Request<Name>>);
  } catch (error) {
    throw new BadOption(`${request.call} in a worker: an option cannot be sent there. ${(error as Error).message}`, {
      cause: error,
    });
  }
}

class RemoteProblem<U, P> implements WorkerProblem<U, P> {
  private worker: WorkerLike | undefined;
  private pending: Pending | undefined;
  private layouts: Calls["layouts"]["result"] | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(private readonly make: (Worker: WorkerConstructor) => WorkerLike) {}

  async solve(options: WorkerSolveOptions<U, P> = {}): Promise<WorkerSolution<U>> {
    const solution = await this.queued("solve", options);
    const u = solution.states.map((state) => unpack<U>(this.layouts!.u, state));
    return { ...solution, u };
  }

  async gradient(options: WorkerGradientOptions<U, P> = {}): Promise<WorkerGradient<U, P>> {
    const { t0, t1, plan, ...rest } = await this.queued("gradient", options);
    const { solver, adjoint, vjp, known, decisions, estimate, zeros } = plan;
    return {
      ...rest,
      gradient: shapedGradient<U, P>(this.layouts!, { ...rest.flat, t0, t1 }),
      plan: new Plan(solver, adjoint, vjp, known, decisions, estimate, zeros),
    };
  }

  close(): void {
    this.closed = true;
    this.end(new WorkerClosed());
  }

  private queued<Name extends "solve" | "gradient">(
    call: Name,
    options: Name extends "solve" ? WorkerSolveOptions<U, P> : WorkerGradientOptions<U, P>,
  ): Promise<Calls[Name]["result"]> {
    const result = this.last.then(() => this.called(call, options));
    this.last = result.catch(() => {});
    return result;
  }

  private async called<Name extends "solve" | "gradient">(
    call: Name,
    options: WorkerSolveOptions<U, P> | WorkerGradientOptions<U, P>,
  ): Promise<Calls[Name]["result"]> {
    if (!isObject(options)) {
      throw new BadOption(`${call} in a worker: it is given ${shown(options)}, but takes an object.`);
    }
    const { u0, p, tspan, atol, onProgress, signal, ...others } = options;
    if (onProgress !== undefined) callable(onProgress, "onProgress");
    if (signal !== undefined) checkSignal(signal, "signal");
    const { layouts = await this.run({ call: "layouts", options: undefined, values: {}, watched: false }, { signal }) } = this;
    this.layouts = layouts;
    const values = {
      u0: u0 === undefined ? undefined : packFinite(layouts.u, u0, "u0"),
      p: p === undefined ? undefined : packFinite(layouts.p, p, "p"),
      tspan,
    };
    // Flat: classes do not survive the way.
    const posted = { ...others, ...(atol !== undefined && { atol: absoluteTolerance<U>(atol, layouts.u) }) };
    const request = { call, options: posted, values, watched: onProgress !== undefined };
    return this.run<Name>(request as Request<Name>, { onProgress, signal });
  }

  private async run<Name extends CallName>(
    request: Request<Name>,
    { onProgress, signal }: Watch,
  ): Promise<Calls[Name]["result"]> {
    if (this.closed) throw new WorkerClosed();
    if (signal?.aborted) throw new WorkerAborted(request.call);
    const abort = (): void => this.end(new WorkerAborted(request.call));
    signal?.addEventListener("abort", abort);
    try {
      return await new Promise<Calls[Name]["result"]>((resolve, reject) => {
        const take = (reply: Reply): void => {
          if (reply.kind === "progress") onProgress?.(reply.progress as never);
          else if (reply.kind === "result") resolve(reply.result);
          else reject(new ThrownInWorker(reply.name, reply.message));
        };
        this.pending = { take, reject };
        this.worker ??= this.start();
        send(this.worker, request);
      });
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  private start(): WorkerLike {
    const worker = this.make(workerConstructor());
    if (typeof worker?.postMessage !== "function" || typeof worker.addEventListener !== "function") {
      throw new BadOption(
        `inWorker: the function returned ${shown(worker)}, but must return a worker: (Worker) => new Worker(url, …).`,
      );
    }
    worker.addEventListener("message", ({ data }) => {
      const reply = opened<Reply>(data);
      if (reply && worker === this.worker) this.pending?.take(reply);
    });
    worker.addEventListener("error", ({ message }) => {
      if (worker === this.worker) this.end(new WorkerLost(message));
    });
    return worker;
  }

  private end(error: Error): void {
    void this.worker?.terminate();
    this.worker = undefined;
    this.pending?.reject(error);
  }
}
