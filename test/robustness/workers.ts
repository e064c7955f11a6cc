/** The verbs in workers: by the library's own way, and in threads that load the library themselves. */
import { Worker as Thread } from "node:worker_threads";
import { gradient, inWorker, rodas5P, solve, tsit5, type WorkerGradientOptions, type WorkerProblem } from "../../index.ts";
import { dosed, losses, smooth, verbs, type Problem, type Verb } from "./verbs.ts";

export interface WorkerVerb extends Verb {
  /** The same in this thread. */
  readonly here: Verb;
}

type Served = WorkerProblem<Problem["u0"], Problem["p"]>;

const problems = { smooth, dosed };
const served: readonly (readonly [keyof typeof problems, Served])[] = [
  ["smooth", inWorker<Problem>((Worker) => new Worker(new URL("./modules/smooth.js", import.meta.url), { type: "module" }))],
  ["dosed", inWorker<Problem>((Worker) => new Worker(new URL("./modules/dosed.js", import.meta.url), { type: "module" }))],
];

const other = { u0: { x: -0.3, y: 2 }, p: { a: 0.4, b: 1.9 } };
const solving = [{ saveat: 0.25 }, { saveat: [1, 2, 3], ...other }, { saveat: 0.5, solver: rodas5P() }];
const differentiating: readonly WorkerGradientOptions<Problem["u0"], Problem["p"]>[] = [
  { wrt: ["p", "u0"] },
  { wrt: ["p", "u0"], ...other, adjoint: "discrete" },
  { wrt: ["p"], adjoint: "backsolve", solver: tsit5() },
];

/** A call in a worker, and the same here. */
const pair = (what: string, run: Verb["run"], here: Verb["run"]): WorkerVerb => ({
  name: `${what} in a worker`,
  run,
  here: { name: `${what}, as in a worker`, run: here },
});

const numbersOf = ({ value, flat }: { value: number; flat: unknown }): unknown => ({ value, flat });

const inWorkers: readonly WorkerVerb[] = served.flatMap(([name, worker]) => [
  ...solving.map((options, k) =>
    pair(
      `solve ${k} of ${name}`,
      async (onProgress) => (await worker.solve({ ...options, onProgress })).u,
      () => solve(problems[name], options).u,
    ),
  ),
  ...differentiating.map((options, k) =>
    pair(
      `gradient ${k} of ${name}`,
      async (onProgress) => numbersOf(await worker.gradient({ ...options, onProgress })),
      () => numbersOf(gradient(problems[name], { ...options, loss: losses.final })),
    ),
  ),
]);

const threads: (Thread | undefined)[] = [undefined, undefined];
const waiting = new Map<number, (digest: string) => void>();
let asked = 0;

function threadOf(k: number): Thread {
  return (threads[k] ??= new Thread(new URL("./modules/thread.js", import.meta.url), { execArgv: [] })
    .on("message", ({ id, digest }: { id: number; digest: string }) => waiting.get(id)!(digest))
    .setMaxListeners(0));
}

/** Each verb in one of two threads, with what runs there at the time. */
const inThreads: readonly WorkerVerb[] = verbs.map((here) => ({
  name: `${here.name} in a thread`,
  here,
  run: () =>
    new Promise<string>((resolve, reject) => {
      const id = asked++;
      waiting.set(id, resolve);
      const thread = threadOf(id % threads.length);
      thread.once("error", reject);
      thread.postMessage({ id, name: here.name });
    }),
}));

export const workerVerbs: readonly WorkerVerb[] = [...inWorkers, ...inThreads];

export async function closeWorkers(): Promise<void> {
  for (const [, worker] of served) worker.close();
  await Promise.all(threads.flatMap((thread) => (thread ? [thread.terminate()] : [])));
}
