/** A cluster as ensembles, fits and chains take it. */
import type { ClusterLike } from "../../src/devices/cluster-like.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything, callable, positive, text } from "../../src/core/options/kinds.ts";
import { DEFAULT_REDIS } from "../redis/names.ts";
import { moduleReference, referenceOf, type GivenProblem } from "../problem/reference.ts";
import { openSession } from "./open.ts";

export interface ClusterOptions {
  /** Where Redis is: redis://user:password@host:port, or rediss:// by TLS. "redis://127.0.0.1:6379" by default. */
  readonly redis?: string;
  /**
   * Where workers find the problem: a named one, { name: "lorenz", options: { tEnd: 5 } }, or a module below the folder that the program runs in,
   * { module: new URL("./model.js", import.meta.url) }, whose default export is the problem; of fits and chains, one that calls `serveFit`.
   */
  readonly problem: GivenProblem;
  /**
   * A module below the folder that the program runs in, whose exports are the losses of `gradientEnsemble`, and the reducers, norms and controllers of
   * your own, that go to workers: hand over the very export. Default: the problem's module.
   */
  readonly functions?: string | { readonly href: string };
  /** Goes on with the run of a program that died, by the ID that `onRun` told it: what is done and kept is not done again. */
  readonly resume?: string;
  /** Seconds that Redis, or all workers, may be away. 10 by default. */
  readonly patience?: number;
  /** Told the ID of a run as it begins. */
  readonly onRun?: (run: string) => void;
}

const checks: Checks<ClusterOptions> = {
  redis: text,
  problem: anything,
  functions: anything,
  resume: text,
  patience: positive,
  onRun: callable,
};

/** Seconds. */
const PATIENCE = 10;

/**
 * Machines that work together: jobs go through Redis to the processes of `odegrad worker`, and their results come back. Nothing is done before an
 * ensemble, a fit or a chain asks for it.
 *
 * @throws {@link BadOption} and UnknownOption. What it is handed to throws NoRedis, RedisNeedsPassword, RedisFull, RedisLost, NoWorkers,
 * OtherVersion, OtherModule, OtherProblem, CannotTravel, JobFailed, BadResult, BadResume, MissingPackage, and as ThrownInWorker what is thrown in a worker.
 * @example
 * const device = cluster({ redis: "redis://10.0.0.1:6379", problem: { module: new URL("./model.js", import.meta.url) } });
 */
export function cluster(options: ClusterOptions): ClusterLike {
  checkOptions(options, checks, "cluster");
  const { redis = DEFAULT_REDIS, problem, functions: exporting, patience = PATIENCE, resume, onRun } = options;
  const reference = referenceOf(problem);
  const ofProblem = "module" in reference ? reference : undefined;
  const functions = exporting === undefined ? ofProblem : moduleReference(exporting, "functions");
  return { name: "cluster", open: (work) => openSession({ url: redis, reference, functions, patience, resume, onRun }, work) };
}
