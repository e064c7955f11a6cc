/** What chunks tell of their trajectories, added up. */
import type { FailureReason } from "../../sensitivity/batch/failure-of.ts";
import { inWords, type Warning } from "../../solvers/batch/warning.ts";
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
  /** Of those that failed in kernels, how many came to the end by themselves. */
  solvedAgain = 0;

  /** In the order of the chunks. */
  add({
    succeeded,
    failures,
    steps,
    rejections,
    solvedAgain,
    endedEarly,
    warnings,
    oneByOne,
    device,
    precision,
  }: ChunkResult): void {
    this.succeeded += succeeded;
    this.steps += steps;
    this.rejections += rejections;
    this.solvedAgain += solvedAgain;
    for (const failure of failures) {
      this.reasons[failure.reason] = (this.reasons[failure.reason] ?? 0) + 1;
      if (this.failures.length < LISTED) this.failures.push(failure);
    }
    this.endedEarly += endedEarly;
    for (const warning of warnings) {
      const what = apartFromNumbers(warning.message);
      if (!this.warnings.has(what)) this.warnings.set(what, warning);
    }
    this.ran = { device, precision };
    this.oneByOne ??= oneByOne;
  }

  get of(): Counts {
    const { succeeded, failures, reasons, endedEarly, steps, rejections } = this;
    const told = Array.from(this.warnings.values(), (warning) => inWords(warning, this.trajectories));
    return { succeeded, failures, reasons, endedEarly, steps, rejections, warnings: told };
  }
}

/** Times and sizes differ between trajectories of which the same is to be said; indices of components do not. */
function apartFromNumbers(message: string): string {
  return message.replace(/\d[\d.]*(e[+-]?\d+)?(?![\d.]*\])/g, "…");
}
