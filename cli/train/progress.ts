/** What is told while a command trains: on a terminal one line that goes on, with the course of the loss; elsewhere a line now and then. */
import { formatNumber } from "../../plot/numbers.ts";
import { printProgress, showProgress } from "../output/progress.ts";

const LEVELS = "▁▂▃▄▅▆▇█";
/** So many bars show the course. */
const BARS = 24;
/** So many lines where there is no terminal. */
const LINES = 10;
/** Milliseconds between two changes of the line. */
const OFTEN = 50;

/** Returns what is to be called after each step, and at the end. */
export function tellProgress(steps: number): { step: (k: number, loss: number) => void; end: () => void } {
  const show = showProgress;
  if (!show) {
    const every = Math.max(1, Math.floor(steps / LINES));
    return {
      step(k, loss) {
        if (k % every === 0) printProgress(`step ${k} of ${steps}: loss ${formatNumber(loss)}`);
      },
      end() {},
    };
  }
  const losses: number[] = [];
  let shown = -Infinity;
  return {
    step(k, loss) {
      losses.push(loss);
      if (performance.now() - shown < OFTEN) return;
      shown = performance.now();
      show(`step ${k} of ${steps}  ${courseOf(losses)}  loss ${formatNumber(loss)}`);
    },
    end: () => show(""),
  };
}

/** Bars of the losses' logarithms, from the first to the latest. */
export function courseOf(losses: readonly number[]): string {
  const bars = Math.min(BARS, losses.length);
  const heights = Array.from({ length: bars }, (_, i) => Math.log(losses[Math.floor(((i + 1) * losses.length) / bars) - 1]));
  const finite = heights.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const level = (height: number): number => (high > low ? Math.round(((height - low) / (high - low)) * (LEVELS.length - 1)) : 0);
  return heights.map((height) => LEVELS[Number.isFinite(height) ? level(height) : 0]).join("");
}
