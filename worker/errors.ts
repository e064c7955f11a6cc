/** What goes wrong with problems in workers. */
import { OdegradError } from "../src/core/errors.ts";

/** The signal of the caller was aborted. */
export class WorkerAborted extends OdegradError {
  static override readonly name = "WorkerAborted";

  constructor(work: string) {
    super(`${work} in a worker: the signal was aborted. The next call begins in a new worker.`);
  }
}

/** A call of a worker that was closed. */
export class WorkerClosed extends OdegradError {
  static override readonly name = "WorkerClosed";

  constructor() {
    super("The worker was closed by `close`. Make another by `inWorker`.");
  }
}
