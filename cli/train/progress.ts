/** What is told while a command trains or fits: on a terminal one line that goes on, with the course of the loss; elsewhere a line now and then. */
import { formatNumber } from "../../plot/numbers.ts";
import { printProgress, showProgress } from "../output/progress.ts";

const LEVELS = "▁▂▃▄▅▆▇█";
/** So many bars show the course. */
const BARS = 24;
/** So many lines where there is no terminal. */
const LINES = 10;
/** Milliseconds between two changes of the line. */
const OFTEN = 50;

export interface Told {
  /** What the value is, where steps have one: "loss". */
  readonly value?: string;
  /** Of a step: "step 3 of 20". */
  readonly nameOf: (k: number) => string;
  /** Has the step a line where there is no terminal? */
  readonly isDue: (k: number) => boolean;
}

export interface Progress {
  step(k: number, value?: number): void;
  end(): void;
}

/** Of steps whose number is known, some ten. */
export function tenth(steps: number): (k: number) => boolean {
  const every = Math.max(1, Math.floor(steps / LINES));
  return (k) => k % every === 0;
}

/** Of others, those with one digit that is not zero: 1, 2, … 9, 10, 20, … */
export function oneDigit(k: number): boolean {
  return /^[1-9]0*$/.test(String(k));
}

/** Returns what is to be called after each step, and at the end. */
export function tellProgress({ value: what, nameOf, isDue }: Told): Progress {
  const show = showProgress;
  if (!show) {
    return {
      step(k, value) {
        if (isDue(k)) printProgress(value === undefined ? nameOf(k) : `${nameOf(k)}: ${what} ${formatNumber(value)}`);
      },
      end() {},
    };
  }
  const values: number[] = [];
  let shown = -Infinity;
  return {
    step(k, value) {
      if (value !== undefined) values.push(value);
      if (performance.now() - shown < OFTEN) return;
      shown = performance.now();
      show(value === undefined ? nameOf(k) : `${nameOf(k)}  ${courseOf(values)}  ${what} ${formatNumber(value)}`);
    },
    end: () => show(""),
  };
}

/** Bars of the losses, from the first to the latest: of their logarithms, where none is negative. */
export function courseOf(losses: readonly number[]): string {
  const bars = Math.min(BARS, losses.length);
  const height = losses.some((loss) => loss < 0) ? (loss: number) => loss : Math.log;
  const heights = Array.from({ length: bars }, (_, i) => height(losses[Math.floor(((i + 1) * losses.length) / bars) - 1]));
  const finite = heights.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const level = (height: number): number => (high > low ? Math.round(((height - low) / (high - low)) * (LEVELS.length - 1)) : 0);
  return heights.map((height) => LEVELS[Number.isFinite(height) ? level(height) : 0]).join("");
}
