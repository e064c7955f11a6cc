/**
 * The worker threads of this thread's batches. An own pool, as it is one source for Node and pages, and the worker's file has to be named by
 * the literal below, else bundlers leave it out: of the pools that were tried piscina and tinypool are for Node alone, and of workerpool no
 * worker is emitted by Vite.
 */
import { parentPort, workerOfText } from "../../workers/platform.ts";
import { WorkerPool } from "../../workers/worker-pool.ts";
import type { WorkerConstructor, WorkerLike } from "../../workers/worker-like.ts";
import { RANGE, rangesOf } from "../device.ts";
import { laneCalls } from "../lane-calls.ts";
import { HOST_CALL, laneLoader, serveLanes } from "./serve-lanes.ts";

/** Whether no file can be loaded: it is not there in single-file bundles and among sources, nor may it come from another site. */
let isFromText = false;

export const laneWorkers = /* @__PURE__ */ new WorkerPool(start);

/** From now on, workers are made of the text of what the file does. */
export function startFromText(): void {
  isFromText = true;
}

function start(Worker: WorkerConstructor): WorkerLike {
  if (!isFromText) {
    try {
      return new Worker(new URL("./lane-worker.js", import.meta.url), { type: "module" });
    } catch {
      startFromText();
    }
  }
  const [range, hostCall] = [RANGE, HOST_CALL].map((text) => JSON.stringify(text));
  const calls = `(${laneCalls})(${rangesOf}, ${range})`;
  // What tsx puts around functions needs something.
  return workerOfText(`const __name = (f) => f; (${serveLanes})((${parentPort})(), ${calls}, (${laneLoader})(${hostCall}));`);
}
