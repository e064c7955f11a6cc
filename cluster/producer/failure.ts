/** What a worker threw, thrown here. */
import { ThrownInWorker } from "../../src/workers/errors.ts";
import { JobFailed, refusals } from "../redis/errors.ts";
import { named } from "../redis/connect.ts";
import { FINAL } from "../jobs/job.ts";

/** By what the queue says of a job that failed. */
export function failureOf(index: number, reason: string, url: string): Error {
  const [, name, message] = FINAL.exec(reason) ?? [];
  if (name === undefined) return named(new Error(reason), url) ?? new JobFailed(index, reason);
  const Refusal = refusals[name];
  return Refusal ? new Refusal(message) : new ThrownInWorker(name, message);
}
