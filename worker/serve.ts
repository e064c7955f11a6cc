/** The worker's side. */
import { pack, unpack } from "../src/arrays/pack.ts";
import { BadData } from "../training/data/errors.ts";
import { BadLoss } from "../sensitivity/losses/errors.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { anything } from "../src/core/options/kinds.ts";
import { remake, requireProblem, type Loss, type OdeProblem } from "../src/problem/problem.ts";
import { gradient } from "../sensitivity/gradient.ts";
import { checkLoss } from "../sensitivity/losses/loss.ts";
import { solve } from "../solvers/solve/solve.ts";
import { received } from "./methods.ts";
import { lockOfWorker, parentPort, type Port } from "../src/workers/platform.ts";
import { opened, type Envelope, type Reply } from "../src/workers/protocol.ts";
import type { CallName, Calls, Request } from "./protocol.ts";

/** Milliseconds between two messages of progress. */
const PROGRESS_INTERVAL = 30;

export interface ServeOptions<U = unknown, P = unknown, L = unknown> {
  /** Of what `gradient` is the gradient. */
  readonly loss?: Loss<U, P, L>;
}

const checks: Checks<ServeOptions> = { loss: anything };

/**
 * Makes a module one that runs in a worker: there, it answers the calls of `inWorker` with this problem, and its loss, which
 * `gradient` needs. Returns the problem, and does nothing else where this is no worker, so the module can be imported as any other,
 * also by one that serves another problem: that which was served last is the worker's.
 */
export function serve<U, P, C, L = unknown>(
  problem: OdeProblem<U, P, C>,
  options: ServeOptions<NoInfer<U>, NoInfer<P>, L> = {},
): OdeProblem<U, P, C> {
  requireProblem(problem, "serve");
  checkOptions(options, checks, "serve");
  const { loss } = options;
  if (loss !== undefined) checkLoss(loss as Loss);
  served((request, tell) => answer(problem as OdeProblem, loss as Loss | undefined, request, tell));
  return problem;
}

type Result = Calls[CallName]["result"];
type Answering = (request: Request, tell: (progress: unknown) => void) => Result | Promise<Result>;

/** Answers requests from now on, where this is a worker. */
export function served(answering: Answering): void {
  const port = parentPort();
  if (!port) return;
  const scope = globalThis as { [SERVED]?: Answering };
  const isFirst = scope[SERVED] === undefined;
  scope[SERVED] = answering;
  if (isFirst) listen(port, (request, tell) => scope[SERVED]!(request, tell));
}

/**
 * What the worker answers by: that which was served last, since a module runs after those that it imports. One for all copies of the
 * library in it.
 */
const SERVED = Symbol.for("odegrad.served");

function listen(port: Port, answering: Answering): void {
  const locked = lockOfWorker();
  const respond = async (request: Request): Promise<void> => {
    const { id } = request;
    const lock = await locked;
    const post = (reply: Reply): void => port.postMessage({ odegrad: reply } satisfies Envelope<Reply>);
    post({ id, kind: "taken", lock });
    const { tell, finish } = teller((progress) => post({ id, kind: "progress", progress }));
    try {
      const result = await answering(request, tell);
      finish();
      post({ id, kind: "result", result });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
      post({ id, kind: "error", name, message });
    }
  };
  port.addEventListener("message", ({ data }) => {
    const request = opened<Request>(data);
    if (request) void respond(request);
  });
}

/** Tells of progress, not more often than anybody can see, and of the last. */
function teller(post: (progress: unknown) => void): { tell: (progress: unknown) => void; finish: () => void } {
  let last = -Infinity;
  let untold: unknown;
  return {
    tell(progress) {
      untold = progress;
      const now = performance.now();
      if (now - last < PROGRESS_INTERVAL) return;
      last = now;
      untold = undefined;
      post(progress);
    },
    finish() {
      if (untold !== undefined) post(untold);
    },
  };
}

/** What a worker that serves a problem and its loss does with a request. */
export function answer(
  served: OdeProblem,
  loss: Loss | undefined,
  request: Request,
  tell: (progress: unknown) => void,
): Calls[CallName]["result"] {
  const { layout } = served;
  const { u0, p, tspan } = request.values;
  const problem = remake(served, {
    ...(u0 && { u0: unpack(layout.u, u0) }),
    ...(p && { p: unpack(layout.p, p) }),
    ...(tspan !== undefined && { tspan }),
  });
  const onProgress = request.watched ? tell : undefined;
  switch (request.call) {
    case "layouts":
      return layout;
    case "solve": {
      const { t, states, names, stats, result, solver, seconds, warnings, events } = solve(problem, {
        ...received(request.options as Calls["solve"]["options"]),
        onProgress,
      });
      const flat = (state: unknown): Float64Array => pack(layout.u, state, "u");
      const ofP = (parameters: unknown): Float64Array => pack(layout.p, parameters, "p");
      const happened = events.map(({ before, after, parameters, ...rest }) => ({
        ...rest,
        before: flat(before),
        after: flat(after),
        ...(parameters && { parameters: { before: ofP(parameters.before), after: ofP(parameters.after) } }),
      }));
      return { t, states, names, stats, result, solver, seconds, warnings, events: happened };
    }
    case "gradient": {
      if (!loss) throw new BadLoss("loss: the module of the worker serves none. Give it there: serve(problem, { loss }).");
      const options = received(request.options as Calls["gradient"]["options"]);
      const { gradient: shaped, ...rest } = gradient(problem, { ...options, loss, onProgress });
      return { ...rest, t0: shaped.t0, t1: shaped.t1 };
    }
    case "start":
    case "chain":
    case "chunk":
      throw new BadData("The module of the worker serves a problem without data. Let it call serveFit(problem, data).");
  }
}
