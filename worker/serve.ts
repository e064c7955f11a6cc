/** The worker's side. */
import { unpack } from "../src/arrays/pack.ts";
import { BadLoss } from "../src/errors.ts";
import { checkOptions, type Checks } from "../src/options/check.ts";
import { anything } from "../src/options/kinds.ts";
import { remake, requireProblem, type Loss, type OdeProblem } from "../src/problem.ts";
import { gradient } from "../sensitivity/gradient.ts";
import { checkLoss } from "../sensitivity/loss.ts";
import { solve } from "../solvers/solve.ts";
import { parentPort } from "./platform.ts";
import { opened, type CallName, type Calls, type Envelope, type Reply, type Request } from "./protocol.ts";

/** Milliseconds between two messages of progress. */
const PROGRESS_INTERVAL = 30;

export interface ServeOptions<U = unknown, P = unknown, L = unknown> {
  /** Of what `gradient` is the gradient. */
  readonly loss?: Loss<U, P, L>;
}

const checks: Checks<ServeOptions> = { loss: anything };

/**
 * Makes a module one that runs in a worker: there, it answers the calls of `inWorker` with this problem, and its loss, which
 * `gradient` needs. Returns the problem, and does nothing else where this is no worker, so the module can be imported as any other.
 */
export function serve<U, P, C, L = unknown>(
  problem: OdeProblem<U, P, C>,
  options: ServeOptions<NoInfer<U>, NoInfer<P>, L> = {},
): OdeProblem<U, P, C> {
  requireProblem(problem, "serve");
  checkOptions(options, checks, "serve");
  const { loss } = options;
  if (loss !== undefined) checkLoss(loss as Loss);
  const port = parentPort();
  if (!port) return problem;
  const post = (reply: Reply): void => port.postMessage({ odegrad: reply } satisfies Envelope<Reply>);
  port.addEventListener("message", ({ data }) => {
    const request = opened<Request>(data);
    if (!request) return;
    try {
      post({ kind: "result", result: answer(problem as OdeProblem, loss as Loss | undefined, request, teller(post)) });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
      post({ kind: "error", name, message });
    }
  });
  return problem;
}

/** Tells of progress, not more often than anybody can see. */
function teller(post: (reply: Reply) => void): (progress: unknown) => void {
  let last = -Infinity;
  return (progress) => {
    const now = performance.now();
    if (now - last < PROGRESS_INTERVAL) return;
    last = now;
    post({ kind: "progress", progress });
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
      const { t, states, names, stats, result, solver, seconds } = solve(problem, { ...request.options, onProgress });
      return { t, states, names, stats, result, solver, seconds };
    }
    case "gradient": {
      if (!loss) throw new BadLoss("loss: the module of the worker serves none. Give it there: serve(problem, { loss }).");
      const options = request.options as Calls["gradient"]["options"];
      const { gradient: shaped, ...rest } = gradient(problem, { ...options, loss, onProgress });
      return { ...rest, t0: shaped.t0, t1: shaped.t1 };
    }
  }
}
