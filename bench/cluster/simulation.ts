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
  return new Simulation(cluster).run();
}

class Simulation {
  private readonly redis = new Server();
  private readonly program = new Server();
  private readonly events = new EventQueue();
  private readonly uniform: () => number;
  private readonly waiting: number[] = [];
  private readonly idle: number[];
  /** When each worker dies. */
  private readonly lives: Float64Array;
  /** How often each job's result was taken. */
  private readonly done: Uint8Array;
  private added = 0;
  private merged = 0;
  private deaths = 0;
  private end = 0;

  constructor(private readonly cluster: SimulatedCluster) {
    const { workers, jobs, seed } = cluster;
    this.uniform = uniforms(seed);
    this.idle = Array.from({ length: workers }, (_, worker) => worker);
    this.lives = Float64Array.from({ length: workers }, () => this.lifetime());
    this.done = new Uint8Array(jobs);
  }

  run(): Simulated {
    const { jobs, compute, workers } = this.cluster;
    this.add(0);
    while (this.merged < jobs) this.events.next();
    return {
      seconds: this.end,
      efficiency: (jobs * compute) / (workers * this.end),
      deaths: this.deaths,
      merged: this.done.reduce((sum, count) => sum + count, 0),
      redis: this.redis.busy / this.end,
      program: this.program.busy / this.end,
    };
  }

  private lifetime(): number {
    const { life } = this.cluster;
    return life === Infinity ? Infinity : -life * Math.log(1 - this.uniform());
  }

  private add(t: number): void {
    const { jobs, inFlight } = this.cluster;
    while (this.added < jobs && this.added < this.merged + inFlight) {
      const job = this.added++;
      const sent = this.program.at(t, this.cluster.program * BEFORE);
      this.events.push(sent, () => {
        this.waiting.push(job);
        this.give(this.redis.at(sent, (this.cluster.redis * BEFORE) / 2));
      });
    }
  }

  private give(t: number): void {
    while (this.waiting.length > 0 && this.idle.length > 0) this.begin(this.waiting.shift()!, this.idle.pop()!, t);
  }

  private begin(job: number, worker: number, t: number): void {
    const { redis, compute, spread } = this.cluster;
    const given = this.redis.at(t, (redis * BEFORE) / 2);
    const ends = given + this.cluster.worker + compute * (1 + spread * (2 * this.uniform() - 1));
    if (ends > this.lives[worker]) return this.die(job, worker, Math.max(given, this.lives[worker]));
    this.events.push(ends, () => {
      const at = this.redis.at(ends, redis * (1 - BEFORE));
      this.events.push(at, () => this.finish(job, worker, at));
    });
  }

  private finish(job: number, worker: number, t: number): void {
    this.idle.push(worker);
    this.give(t);
    const taken = this.program.at(t, this.cluster.program * (1 - BEFORE));
    this.events.push(taken, () => this.take(job, taken));
  }

  private die(job: number, worker: number, t: number): void {
    const { recovery, restart } = this.cluster;
    this.deaths++;
    const found = t + recovery[0] + (recovery[1] - recovery[0]) * this.uniform();
    this.events.push(found, () => (this.waiting.unshift(job), this.give(found)));
    const back = t + restart;
    this.lives[worker] = back + this.lifetime();
    this.events.push(back, () => (this.idle.push(worker), this.give(back)));
  }

  private take(job: number, t: number): void {
    this.done[job]++;
    while (this.merged < this.cluster.jobs && this.done[this.merged] > 0) this.merged++;
    this.end = t;
    this.add(t);
  }
}

/** How many workers one Redis, and one program, keep busy. */
export function mostWorkers({ redis, program, worker, compute }: JobCosts): number {
  return (worker + compute) / Math.max(redis, program);
}

/** Trajectories of a chunk for which all that is not computing takes this part of computing; `each`: seconds that one trajectory takes. */
export function smallestChunk({ redis, program, worker }: JobCosts, each: number, part: number): number {
  return Math.ceil((redis + program + worker) / (part * each));
}
