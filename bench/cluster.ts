/** What a cluster costs beside computing, how far one Redis reaches, and whether the model of it holds. */
import { computing, costOf, lorenzEnsemble, onCluster, sleepingEnsemble } from "./cluster/costs.ts";
import { hasRedis, startedCluster } from "./cluster/processes.ts";
import { mostWorkers, simulated, smallestChunk, type JobCosts } from "./cluster/simulation.ts";
import { barsTable, type Bar } from "./shared/bars.ts";
import type { Benchmark, Report, Row, Table } from "./shared/report.ts";

/** Trajectories of a chunk, by default. */
const CHUNK = 4096;

/** Chunks whose states are large, and little to compute. */
const KEPT = { size: 64, times: 2000 };

export const clusterBenchmark: Benchmark = {
  description:
    "what a chunk costs on a cluster beside computing, and a model of 1,000 workers that die, next to runs with 2, 4 and 8",
  async run({ onProgress = () => {} }) {
    if (!hasRedis()) return without;
    onProgress("chunks of one trajectory");
    const empty = await costOf(lorenzEnsemble(400, 1, 0.01));
    onProgress("chunks with their states");
    const large = lorenzEnsemble(100 * KEPT.size, KEPT.size, 0.01, { times: KEPT.times });
    const moved = await costOf(large);
    onProgress("computing");
    const inProcess = await computing(large, 100);
    const usual = lorenzEnsemble(CHUNK, CHUNK, 10);
    const { processor: compute } = await computing(usual, 3);
    const megabytes = (KEPT.size * KEPT.times * 3 * 8) / 1e6;
    const queue = empty.redis + empty.program + empty.workers;
    const perMegabyte = (moved.redis + moved.program + moved.workers - inProcess.processor - queue) / megabytes;
    const costs = { redis: empty.redis, program: empty.program, worker: empty.workers, compute };
    const runs = await heldAgainstRuns(costs, onProgress);
    const parts: Row[] = [
      { part: "Redis", seconds: empty.redis, of: "a job" },
      { part: "program", seconds: empty.program, of: "a job" },
      { part: "worker, beside computing", seconds: empty.workers, of: "a job" },
      { part: "moving states", seconds: perMegabyte, of: "a megabyte, all three" },
      { part: "computing", seconds: compute, of: `${CHUNK} Lorenz to t = 10, tsit5, with their reduction` },
    ];
    const bars: Bar[] = [
      { what: "all but computing / computing", measured: queue / compute, most: 0.05 },
      ...runs.map(({ workers, ratio }) => ({ what: `run / model, ${workers} workers`, measured: ratio, least: 0.8, most: 1.25 })),
    ];
    return {
      title: "Cluster",
      tables: [partsTable(parts), runsTable(runs), thousandTable(costs), barsTable(bars)],
      notes: [
        `One Redis and one program keep ${Math.floor(mostWorkers(costs))} workers busy with such chunks; ` +
          `chunks of ${smallestChunk(costs, compute / CHUNK, 0.05)} such trajectories are the smallest of which 5 % goes elsewhere.`,
        "Seconds of processors, of each process. Redis writes its append-only file. Runs are of jobs that sleep, so that two processors do for eight workers.",
      ],
      pictures: [],
    };
  },
};

const without: Report = {
  title: "Cluster",
  tables: [],
  notes: ["Nothing was measured: it needs redis-server, apt-get install redis-server."],
  pictures: [],
};

interface Run {
  readonly workers: number;
  readonly seconds: number;
  readonly model: number;
  readonly ratio: number;
}

const none = { spread: 0, life: Infinity, restart: 0, recovery: [10, 20], seed: 1 } as const;

const JOBS = 240;

/** How long a job sleeps is what one worker takes for it; the others are held against the model. */
async function heldAgainstRuns(costs: JobCosts, onProgress: (line: string) => void): Promise<Run[]> {
  onProgress("1 worker");
  const few = JOBS / 4;
  const compute = (await sleptFor(1, few)) / few - costs.redis - costs.program - costs.worker;
  const found: Run[] = [];
  for (const workers of [2, 4, 8]) {
    onProgress(`${workers} workers`);
    const seconds = await sleptFor(workers, JOBS);
    const model = simulated({ ...costs, ...none, compute, workers, jobs: JOBS, inFlight: 32 * workers }).seconds;
    found.push({ workers, seconds, model, ratio: seconds / model });
  }
  return found;
}

/** Seconds that so many workers take for so many jobs that sleep. */
async function sleptFor(workers: number, jobs: number): Promise<number> {
  const running = await startedCluster(workers);
  try {
    // Threads start with their first job.
    await onCluster(running.url, await sleepingEnsemble(4 * workers));
    return await onCluster(running.url, await sleepingEnsemble(jobs));
  } finally {
    await running.end();
  }
}

/** A thousand workers that live an hour each, on average. */
function thousandTable(costs: JobCosts): Table {
  const rows = [1, 4, 16, 64].map((longer): Row => {
    const cluster = { ...none, ...costs, compute: costs.compute * longer, spread: 0.3, life: 3600, restart: 30 };
    const { efficiency, deaths, redis, program } = simulated({ ...cluster, workers: 1000, jobs: 50_000, inFlight: 32_000 });
    return { chunk: CHUNK * longer, compute: cluster.compute, efficiency, deaths, redis, program };
  });
  return {
    caption: "Simulated: 1,000 workers, each of which dies once an hour on average; 50,000 jobs",
    columns: [
      { key: "chunk", header: "chunk", kind: "count" },
      { key: "compute", header: "computing", kind: "seconds" },
      { key: "efficiency", header: "of the workers' time", kind: "ratio" },
      { key: "deaths", header: "died", kind: "count" },
      { key: "redis", header: "Redis busy", kind: "ratio" },
      { key: "program", header: "program busy", kind: "ratio" },
    ],
    rows,
  };
}

function partsTable(rows: readonly Row[]): Table {
  return {
    caption: "What a job costs",
    columns: [
      { key: "part", header: "part", kind: "text" },
      { key: "seconds", header: "processor", kind: "seconds" },
      { key: "of", header: "of", kind: "text" },
    ],
    rows,
  };
}

function runsTable(runs: readonly Run[]): Table {
  return {
    caption: `${JOBS} jobs that sleep`,
    columns: [
      { key: "workers", header: "workers", kind: "count" },
      { key: "seconds", header: "run", kind: "seconds" },
      { key: "model", header: "model", kind: "seconds" },
      { key: "ratio", header: "run / model", kind: "ratio" },
    ],
    rows: runs.map((run) => ({ ...run })),
  };
}
