/** What a check of a gradient found, component by component, as data and as a table. */
import type { ExtrapolatedDifference } from "../numerics/extrapolated-difference.ts";
import type { Plan } from "../planner/plan.ts";

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
  /** Whether the differences came to rest as their distance shrank; they are compared only where they did. */
  readonly settled: boolean;
  /** Of the gradient and the farther of those it is compared with, over the larger of the two; NaN where there is nothing to compare with. */
  readonly relativeDifference: number;
  /** That it passed for being small beside what it is a sum of, or beside other components. */
  readonly small: boolean;
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
        Number.isNaN(row.relativeDifference) ? "" : row.relativeDifference.toExponential(1),
        remarkOn(row),
      ]),
    ];
    const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
    const lines = cells.map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join("  ")
        .trimEnd(),
    );
    return [...lines, ...this.verdict()].join("\n");
  }

  private verdict(): string[] {
    const { rows } = this;
    const namesOf = (which: (row: GradientCheckRow) => boolean): string[] => rows.filter(which).map(({ name }) => name);
    const within = String(Number(this.tolerance.toPrecision(8)));
    const unsettled = namesOf(({ settled }) => !settled);
    const undecided = namesOf(isUndecided);
    const wrong = namesOf((row) => !row.passed && !isUndecided(row));
    const small = namesOf(({ small }) => small);
    const ofScale = `; of the terms it is a sum of, or of a thousandth of the largest: ${small.join(", ")}`;
    return [
      ...(unsettled.length ? [`differences that did not settle are not compared: ${unsettled.join(", ")}`] : []),
      ...(undecided.length ? [`${undecided.length} of ${rows.length} compared with nothing: ${undecided.join(", ")}`] : []),
      ...(wrong.length
        ? [`${wrong.length} of ${rows.length} differ by more than ${within} (relative): ${wrong.join(", ")}`]
        : undecided.length < rows.length
          ? [`${rows.length - undecided.length} derivatives agree within ${within} (relative${small.length ? ofScale : ""})`]
          : []),
    ];
  }
}

function isUndecided({ relativeDifference }: GradientCheckRow): boolean {
  return Number.isNaN(relativeDifference);
}

function remarkOn(row: GradientCheckRow): string {
  if (isUndecided(row)) return "undecided";
  if (!row.passed) return "differs";
  if (row.small) return "small";
  return row.settled ? "" : "not settled";
}
