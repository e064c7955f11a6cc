/** Opens a way to the workers for jobs of one kind. */
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Redis } from "ioredis";
import type { Task } from "../../ensemble/chunks/task.ts";
import type { ClusterSession, ClusterWork } from "../../src/devices/cluster-like.ts";
import { BadResume } from "../redis/errors.ts";
import type { RunData } from "../jobs/job.ts";
import { KEPT, PREFIX, QUEUE, runKey } from "../redis/names.ts";
import { bullmq } from "../redis/packages.ts";
import { postedTask } from "../jobs/posted-task.ts";
import { Names } from "../problem/exports.ts";
import type { ModuleReference, ProblemReference } from "../problem/reference.ts";
import { signatureOf } from "../problem/signature.ts";
import { connected, named, steadfast } from "../redis/connect.ts";
import { sealed, unsealed } from "../redis/wire.ts";
import { Session } from "./session.ts";

export interface Opening {
  readonly url: string;
  readonly reference: ProblemReference;
  /** The module that exports functions. */
  readonly functions: ModuleReference | undefined;
  readonly patience: number;
  readonly resume?: string;
  readonly onRun?: (run: string) => void;
}

export async function openSession(
  { url, reference, functions, patience, resume, onRun }: Opening,
  work: ClusterWork,
): Promise<ClusterSession> {
  const { Queue, QueueEvents } = await bullmq();
  const data = await dataOf(work, reference, functions);
  const redis = await connected(url);
  let session: Session | undefined;
  try {
    const run = await begun(redis, data, resume);
    const options = { connection: steadfast(url), prefix: PREFIX };
    const place = { redis, url, run, patience, resumed: resume !== undefined, bytes: work.bytes ?? 1024 };
    session = new Session(place, new Queue(QUEUE, options), new QueueEvents(QUEUE, options));
    await session.begin();
    onRun?.(run);
    return session;
  } catch (error) {
    await session?.close();
    redis.disconnect();
    throw named(error as Error, url) ?? error;
  }
}

async function dataOf(
  { kind, problem, shared }: ClusterWork,
  reference: ProblemReference,
  functions: ModuleReference | undefined,
): Promise<RunData> {
  if (kind !== "chunk") return { kind, reference, signature: signatureOf(problem), shared };
  const task = shared as Task;
  const names = new Names(functions);
  const posted = await postedTask(task, names);
  const { used } = names;
  return {
    kind,
    reference,
    signature: signatureOf(problem, task.members.base),
    ...(used && { functions: used }),
    shared: posted,
  };
}

/** Lays down what the run is of, or finds the same of the one that is resumed. Throws {@link BadResume}. */
async function begun(redis: Redis, data: RunData, resume: string | undefined): Promise<string> {
  const run = resume ?? randomUUID().slice(0, 13);
  if (resume === undefined) {
    await redis.set(runKey(run), sealed(data), "EX", KEPT);
    return run;
  }
  const found = await redis.getBuffer(runKey(run));
  if (!found) {
    throw new BadResume(
      `resume: Redis has no run "${run}": it ended, or its program died more than ${KEPT / 3600} hours ago. Leave resume out.`,
    );
  }
  // Bytes may differ where numbers do not: engines have more than one way to write one.
  const asked = unsealed(sealed(data), "What is asked for");
  if (!isDeepStrictEqual(unsealed(found, `The run "${run}"`), asked)) {
    throw new BadResume(
      `resume: the run "${run}" is of another problem, or asks for something else. Call it as it was called, or leave resume out.`,
    );
  }
  return run;
}
