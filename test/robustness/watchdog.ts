/**
 * Sees calls that do not come back. Nothing in a thread that is busy can tell of it, so another one looks on: after a time that no
 * call needs it says which one it was, and ends the process.
 */
import { Worker } from "node:worker_threads";

/** Milliseconds without a sign of life. */
const PATIENCE = 60_000;

const LOOKER_ON = `
  const { workerData, parentPort } = require("node:worker_threads");
  const { writeSync } = require("node:fs");
  let what = "", since = Date.now();
  parentPort.on("message", (next) => { what = next; since = Date.now(); });
  setInterval(() => {
    if (!what || Date.now() - since < workerData.patience) return;
    writeSync(2, "This call did not come back: " + what + "\\n");
    process.kill(process.pid, "SIGKILL");
  }, 1000);
`;

export interface Watchdog {
  /** Milliseconds of the processor that a call took; `what` names it. */
  timed<T>(what: string, call: () => T | Promise<T>): Promise<{ readonly value: T; readonly milliseconds: number }>;
  end(): Promise<unknown>;
}

export function watchdog(): Watchdog {
  const worker = new Worker(LOOKER_ON, { eval: true, workerData: { patience: PATIENCE } });
  worker.unref();
  return {
    async timed(what, call) {
      worker.postMessage(what);
      const start = process.cpuUsage();
      const value = await call();
      const { user, system } = process.cpuUsage(start);
      worker.postMessage("");
      return { value, milliseconds: (user + system) / 1000 };
    },
    end: () => worker.terminate(),
  };
}
