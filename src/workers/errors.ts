/** What goes wrong with workers. */
import { OdegradError } from "../core/errors.ts";

/** What was thrown in the worker: `name` and `message` are those of the error there. */
export class ThrownInWorker extends OdegradError {
  static override readonly name = "ThrownInWorker";

  constructor(
    private readonly thrown: string,
    message: string,
  ) {
    super(message);
  }

  override get name(): string {
    return this.thrown;
  }
}

/** The worker does not start, serves nothing, or ended in the middle of its work. */
export class WorkerLost extends OdegradError {
  static override readonly name = "WorkerLost";

  constructor(reason: string | undefined) {
    super(
      `The worker failed${reason ? `: ${reason}` : ""}. Look whether its module loads, with all that it imports (browsers apply ` +
        `no import maps in workers: bundle it), and calls \`serve\`.`,
    );
  }
}
