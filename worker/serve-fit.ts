/** The worker's side of fits and chains. */
import { requireProblem, type OdeProblem } from "../src/problem/problem.ts";
import type { Observations } from "../training/data/observations.ts";
import { experimentsOf } from "../training/objective/experiment.ts";
import { agreementOf, requireAgreement } from "../training/threads/agreement.ts";
import { chainJob } from "../training/threads/chain-job.ts";
import { startJob } from "../training/threads/start-job.ts";
import { received } from "./methods.ts";
import type { Request } from "./protocol.ts";
import { answer, served } from "./serve.ts";

/**
 * Makes a module one that runs in workers for `multiStart` and `sample`, and for `inWorker` as `serve` does: problem and data are stated there,
 * and imported from there by the program. Returns the problem, and does nothing else where this is no worker.
 *
 * @throws BadProblem and BadData.
 * @example
 * export const data = observations({ t, values: { prey } });
 * export const model = serveFit(odeProblem({ … }), data);
 */
export function serveFit<U, P, C>(
  problem: OdeProblem<U, P, C>,
  data: Observations | readonly Observations[],
): OdeProblem<U, P, C> {
  requireProblem(problem, "serveFit");
  const plain = problem as OdeProblem;
  experimentsOf("serveFit", plain, data);
  served(async (request, tell) => {
    if (isCall(request, "start")) {
      const job = agreed(plain, data, request.options);
      return startJob(plain, data, job);
    }
    if (isCall(request, "chain")) return chainJob(plain, data, agreed(plain, data, request.options), tell);
    return answer(plain, undefined, request, tell);
  });
  return problem;
}

function isCall<Name extends Request["call"]>(request: Request, name: Name): request is Request<Name> {
  return request.call === name;
}

/** The job with methods as they were. Throws BadData where it is about another problem or other data. */
function agreed<Job extends Request<"start" | "chain">["options"]>(
  problem: OdeProblem,
  data: Observations | readonly Observations[],
  job: Job,
): Job {
  const model = received(job.model);
  if (job.agreement) requireAgreement(agreementOf(problem, data, model), job.agreement);
  return { ...job, model };
}
