/** `--max-time` where the library cannot keep it: in functions of the user's module, and in the module itself. */
import { Worker } from "node:worker_threads";

/** Milliseconds beyond the limit, in which the library ends the work by itself and says where it was. */
const GRACE = 1000;

/** What a thread of its own does: nothing on this one runs while it is in a loop without an end, but what the inspector ends. */
const ENDS_THE_OTHER = `
const { Session } = require("node:inspector");
const { parentPort, workerData: { milliseconds, flag } } = require("node:worker_threads");
setTimeout(() => {
  flag[0] = 1;
  // Again and again: the first may be what is ended, where nothing else was running.
  setInterval(() => parentPort.postMessage("over"), 20);
  const session = new Session();
  session.connectToMainThread();
  session.post("Runtime.terminateExecution", () => session.disconnect());
}, milliseconds);
`;

/**
 * Ends whatever runs on this thread once the time is over, with `onOver` after that, if anything is still to run then. Returns whether
 * it was over, for when the process ends: nothing may be left to run.
 */
export function watch(maxTime: number, onOver: () => void): () => boolean {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  // What timers can wait for.
  const milliseconds = Math.min(maxTime + GRACE, 2 ** 31 - 1);
  const worker = new Worker(ENDS_THE_OTHER, { eval: true, workerData: { milliseconds, flag } });
  worker.on("message", onOver);
  worker.unref();
  return () => flag[0] === 1;
}
