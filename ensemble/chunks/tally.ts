/** What chunks tell of their trajectories, added up. */
import type { FailureReason } from "../../sensitivity/batch/failure-of.ts";
import { inWords, type Warning } from "../../sensitivity/batch/warnings.ts";
import type { ChunkResult, Failure } from "./chunk.ts";

/** Failures that are listed; of more there are the counts. */
const LISTED = 10_000;

export interface Counts {
  readonly succeeded: number;
  readonly failures: readonly Failure[];
  readonly reasons: Readonly<Partial<Record<FailureReason, number>>>;
  readonly endedEarly: number;
  readonly steps: number;
  readonly rejections: number;
  readonly warnings: readonly string[];
}

export class Tally {
  constructor(private readonly trajectories: number) {}

  private succeeded = 0;
  private readonly failures: Failure[] = [];
  private readonly reasons: Partial<Record<FailureReason, number>> = {};
  private steps = 0;
  private rejections = 0;
  /** Each as it was first met, by what it says of whichever trajectory. */
  private readonly warnings = new Map<string, Warning>();
  private endedEarly = 0;
  ran: Pick<ChunkResult, "device" | "precision"> = { device: "cpu", precision: "f64" };
  oneByOne: string | undefined;

  /** In the order of the chunks. */
  add({ succeeded, failures, steps, rejections, endedEarly, warnings, oneByOne, device, precision }: ChunkResult): void {
    this.succeeded += succeeded;
    this.steps += steps;
    this.rejections += rejections;
    for (const failure of failures) {
      this.reasons[failure.reason] = (this.reasons[failure.reason] ?? 0) + 1;
      if (this.failures.length < LISTED) this.failures.push(failure);
    }
    this.endedEarly += endedEarly;
    for (const warning of warnings) if (!this.warnings.has(warning.message)) this.warnings.set(warning.message, warning);
    this.ran = { device, precision };
    this.oneByOne ??= oneByOne;
  }

  get of(): Counts {
    const { succeeded, failures, reasons, endedEarly, steps, rejections } = this;
    const told = Array.from(this.warnings.values(), (warning) => inWords(warning, this.trajectories));
    return { succeeded, failures, reasons, endedEarly, steps, rejections, warnings: told };
  }
}
