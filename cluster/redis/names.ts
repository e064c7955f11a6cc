/** What is called how in Redis. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../node/package-root.ts";

/** All jobs are in one queue, so that a worker serves every program. */
export const QUEUE = "jobs";

/** Of all keys. */
export const PREFIX = "odegrad";

export const DEFAULT_REDIS = "redis://127.0.0.1:6379";

/** Holds, as long as a program may resume the run, what it is of. */
export const runKey = (run: string): string => `${PREFIX}:runs:${run}`;

/** Is there while the program lives, or died a moment ago. */
export const aliveKey = (run: string): string => `${PREFIX}:alive:${run}`;

/** What a job gave. */
export const resultKey = (job: string): string => `${PREFIX}:results:${job}`;

/** Seconds that results and what a run is of are kept for a program that died. */
export const KEPT = 86_400;

/** Seconds that a run lives on without a sign of its program: it may be busy with merging, and its machine asleep. */
export const ALIVE = 120;

/** That of this package. */
export function ownVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string }).version;
}

/** What a worker says of itself in the names of its connections: where it is, and how many threads it has. */
export function workerName(threads: number): string {
  return `${hostname().replaceAll(/[\s:]/g, "-")}:${process.pid}:${threads}`;
}

/** How many threads the worker has, by the name of its connection. */
export function threadsOf(connectionName: string): number {
  return Number(/:(\d+)$/.exec(connectionName)?.[1] ?? 1);
}
