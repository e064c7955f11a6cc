/** `odegrad worker` */
import { availableParallelism, hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { DEFAULT_REDIS } from "../../cluster/redis/names.ts";
import { withoutPassword } from "../../cluster/redis/connect.ts";
import { startWorker } from "../../cluster/worker/cluster-worker.ts";
import { packageRoot } from "../../node/package-root.ts";
import { printable } from "../messages/text.ts";
import { wholeNumber } from "./options.ts";

interface WorkerOptions {
  readonly redis: string;
  readonly concurrency: number;
  readonly modules: string;
}

export function workerCommand(): Command {
  return new Command("worker")
    .description("does chunks of ensembles, fits and chains for programs elsewhere that reach the same Redis, until it is ended")
    .option("--redis <url>", "where Redis is, as redis://user:password@host:port", DEFAULT_REDIS)
    .option(
      "--concurrency <number>",
      "jobs at a time, each in a thread; by default one for each processor",
      wholeNumber("--concurrency", 1, 1024),
      availableParallelism(),
    )
    .option("--modules <folder>", "where modules are looked for, by the paths that they have from where the program runs", ".")
    .action(run);
}

/** Until a signal ends it, and the jobs at hand are done. */
async function run({ redis, concurrency, modules }: WorkerOptions): Promise<void> {
  const say = (text: string): void => console.error(printable(text));
  const worker = await startWorker({
    url: redis,
    concurrency,
    modules,
    thread: pathToFileURL(join(packageRoot(), "dist", "cli", "worker", "thread.js")),
    onTrouble: say,
  });
  const threads = concurrency === 1 ? "1 thread" : `${concurrency} threads`;
  say(
    `odegrad worker on ${hostname()}, process ${process.pid}: waits for jobs of ${withoutPassword(redis)}, ${threads}, modules in ${modules}`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, resolve);
  });
  say("Ends when the jobs at hand are done; a second signal ends it at once, and others do them.");
  await worker.close();
}
