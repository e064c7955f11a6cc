/** What a check of a gradient found, component by component, as data and as a table. */
import { counted } from "../../src/core/in-words.ts";
import type { ExtrapolatedDifference } from "../numerics/extrapolated-difference.ts";
import type { Plan } from "../planner/plan.ts";

/** What a check found of one component. Derivatives are in units of the loss by those of the component. */
export interface GradientCheckRow {
  /** The component's name: "p.a", "u0[3]", "t1". */
  readonly name: string;
  /** The derivative by the plan's method. */
  readonly gradient: number;
  /** The derivative by another method; NaN where the right-hand side cannot be read. */
  readonly other: number;
  /** Differences of the loss, and what they may be wrong by. */
  readonly differences: ExtrapolatedDifference;
  /** Whether the differences came to rest as their distance shrank; they are compared only where they did. */
  readonly settled: boolean;
  /**
   * The difference between the gradient and the farther of those it is compared with, over the larger of the two; NaN where there is
   * nothing to compare with.
   */
  readonly relativeDifference: number;
  /** Whether it passed for being small beside what it is a sum of, or beside other components. */
  readonly small: boolean;
  readonly passed: boolean;
}

/** What `checkGradient` found: a row for each component. */
export class GradientReport {
  constructor(
    readonly rows: readonly GradientCheckRow[],
    /** The gradient that was checked. */
    readonly plan: Plan,
    /** The name of the other method; undefined where there is none. */
    readonly other: string | undefined,
    /** The largest relative difference that passes. */
    readonly tolerance: number,
  ) {}

  /** Whether every component passed. */
  get passed(): boolean {
    return this.rows.every(({ passed }) => passed);
  }

  /** A table, followed by the verdict. */
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
    const agreeing = rows.length - undecided.length;
    const ofScale = `; of the terms it is a sum of, or of a thousandth of the largest: ${small.join(", ")}`;
    return [
      ...(unsettled.length ? [`differences that did not settle are not compared: ${unsettled.join(", ")}`] : []),
      ...(undecided.length ? [`${undecided.length} of ${rows.length} compared with nothing: ${undecided.join(", ")}`] : []),
      ...(wrong.length
        ? [`${wrong.length} of ${rows.length} differ by more than ${within} (relative): ${wrong.join(", ")}`]
        : undecided.length < rows.length
          ? [
              `${counted(agreeing, "derivative")} ${agreeing === 1 ? "agrees" : "agree"} within ${within} (relative${small.length ? ofScale : ""})`,
            ]
          : []),
    ];
  }
}

/** Whether the component was compared with nothing. */
function isUndecided({ relativeDifference }: GradientCheckRow): boolean {
  return Number.isNaN(relativeDifference);
}

function remarkOn(row: GradientCheckRow): string {
  if (isUndecided(row)) return "undecided";
  if (!row.passed) return "differs";
  if (row.small) return "small";
  return row.settled ? "" : "not settled";
}
