/** A cluster as a model: one Redis and one program that do one thing at a time, and workers that die now and then. */
import { uniforms } from "../../src/core/random.ts";
import { EventQueue } from "./event-queue.ts";

/** Seconds that parts of a job take, each where it is done. */
export interface JobCosts {
  /** Of Redis, from the job's adding to its result's taking. */
  readonly redis: number;
  /** Of the program: adding, taking, merging. */
  readonly program: number;
  /** Of the worker's process, beside the work. */
  readonly worker: number;
  readonly compute: number;
}

export interface SimulatedCluster extends JobCosts {
  readonly workers: number;
  readonly jobs: number;
  /** Jobs added and not yet merged, at most. */
  readonly inFlight: number;
  /** How far the times of computing are from each other: they lie within 1 ± this. */
  readonly spread: number;
  /** Seconds that a worker lives, on average; Infinity where none dies. */
  readonly life: number;
  /** Seconds until a worker that died is replaced. */
  readonly restart: number;
  /** Seconds until its job is given to another one, at least and at most. */
  readonly recovery: readonly [number, number];
  readonly seed: number;
}

export interface Simulated {
  readonly seconds: number;
  /** The part of the workers' time that went into computing what was needed. */
  readonly efficiency: number;
  readonly deaths: number;
  /** Each job's results that were merged: one, if none is lost or counted twice. */
  readonly merged: number;
  /** Parts of the time that Redis and the program were busy. */
  readonly redis: number;
  readonly program: number;
}

/** Of the costs of Redis and the program, this part comes before the work. */
const BEFORE = 0.5;

/** What does one thing at a time, in the order that it is asked. */
class Server {
  private free = 0;
  busy = 0;

  /** When it has done something that takes so long, if it is asked at `t`. */
  at(t: number, seconds: number): number {
    this.free = Math.max(t, this.free) + seconds;
    this.busy += seconds;
    return this.free;
  }
}

/** Event by event. The same numbers give the same run. */
export function simulated(cluster: SimulatedCluster): Simulated {
  const { workers, jobs, inFlight, spread, life, restart, recovery, compute } = cluster;
  const uniform = uniforms(cluster.seed);
  const [redis, program] = [new Server(), new Server()];
  const events = new EventQueue();
  const waiting: number[] = [];
  const idle = Array.from({ length: workers }, (_, worker) => worker);
  const lives = Float64Array.from({ length: workers }, () => lifetime());
  const done = new Uint8Array(jobs);
  let [added, merged, deaths, end] = [0, 0, 0, 0];

  function lifetime(): number {
    return life === Infinity ? Infinity : -life * Math.log(1 - uniform());
  }

  function add(t: number): void {
    while (added < jobs && added < merged + inFlight) {
      const job = added++;
      const sent = program.at(t, cluster.program * BEFORE);
      events.push(sent, () => {
        waiting.push(job);
        give(redis.at(sent, (cluster.redis * BEFORE) / 2));
      });
    }
  }

  function give(t: number): void {
    while (waiting.length > 0 && idle.length > 0) begin(waiting.shift()!, idle.pop()!, t);
  }

  function begin(job: number, worker: number, t: number): void {
    const given = redis.at(t, (cluster.redis * BEFORE) / 2);
    const ends = given + cluster.worker + compute * (1 + spread * (2 * uniform() - 1));
    if (ends > lives[worker]) return die(job, worker, Math.max(given, lives[worker]));
    events.push(ends, () => {
      const at = redis.at(ends, cluster.redis * (1 - BEFORE));
      events.push(at, () => finish(job, worker, at));
    });
  }

  function finish(job: number, worker: number, t: number): void {
    idle.push(worker);
    give(t);
    const taken = program.at(t, cluster.program * (1 - BEFORE));
    events.push(taken, () => take(job, taken));
  }

  function die(job: number, worker: number, t: number): void {
    deaths++;
    const found = t + recovery[0] + (recovery[1] - recovery[0]) * uniform();
    events.push(found, () => (waiting.unshift(job), give(found)));
    lives[worker] = t + restart + lifetime();
    events.push(t + restart, () => (idle.push(worker), give(t + restart)));
  }

  function take(job: number, t: number): void {
    done[job]++;
    while (merged < jobs && done[merged] > 0) merged++;
    end = t;
    add(t);
  }

  add(0);
  while (merged < jobs) events.next();
  return {
    seconds: end,
    efficiency: (jobs * compute) / (workers * end),
    deaths,
    merged: done.reduce((sum, count) => sum + count, 0),
    redis: redis.busy / end,
    program: program.busy / end,
  };
}

/** How many workers one Redis, and one program, keep busy. */
export function mostWorkers({ redis, program, worker, compute }: JobCosts): number {
  return (worker + compute) / Math.max(redis, program);
}

/** Trajectories of a chunk for which all that is not computing takes this part of computing; `each`: seconds that one trajectory takes. */
export function smallestChunk({ redis, program, worker }: JobCosts, each: number, part: number): number {
  return Math.ceil((redis + program + worker) / (part * each));
}
