/** What a check of a gradient found, component by component, as data and as a table. */
import type { ExtrapolatedDifference } from "./extrapolated-difference.ts";
import type { Plan } from "./plan.ts";

/** One component. Derivatives are in units of the loss by those of the component. */
export interface GradientCheckRow {
  /** "p.a", "u0[3]", "t1". */
  readonly name: string;
  /** By the plan's method. */
  readonly gradient: number;
  /** By another method; NaN where the right-hand side cannot be read. */
  readonly other: number;
  /** By differences of the loss, and what they may be wrong by. */
  readonly differences: ExtrapolatedDifference;
  /** Of the gradient and the farther of the two, over what it would be for the gradient of this size. */
  readonly relativeDifference: number;
  readonly passed: boolean;
}

export class GradientReport {
  constructor(
    readonly rows: readonly GradientCheckRow[],
    /** The gradient that was checked. */
    readonly plan: Plan,
    /** Name of the other method. */
    readonly other: string | undefined,
    /** Relative differences up to this pass. */
    readonly tolerance: number,
  ) {}

  get passed(): boolean {
    return this.rows.every(({ passed }) => passed);
  }

  /** A table, and the verdict. */
  toString(): string {
    const number = (x: number): string => (Number.isNaN(x) ? "" : String(Number(x.toPrecision(8))));
    const cells = [
      ["", this.plan.adjoint, this.other ?? "", "differences", "relative", ""],
      ...this.rows.map((row) => [
        row.name,
        number(row.gradient),
        number(row.other),
        number(row.differences.slope),
        row.relativeDifference.toExponential(1),
        row.passed ? "" : "differs",
      ]),
    ];
    const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
    const lines = cells.map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join("  ")
        .trimEnd(),
    );
    const wrong = this.rows.filter(({ passed }) => !passed).map(({ name }) => name);
    const verdict = wrong.length
      ? `${wrong.length} of ${this.rows.length} differ by more than ${number(this.tolerance)} (relative): ${wrong.join(", ")}`
      : `${this.rows.length} derivatives agree within ${number(this.tolerance)} (relative)`;
    return [...lines, verdict].join("\n");
  }
}
