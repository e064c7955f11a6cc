/** How far an ensemble is, as a bar with the time left. */
import type { EnsembleProgress } from "../../ensemble/options.ts";
import { formatSeconds } from "../messages/text.ts";

const WIDTH = 30;

export function progressBar({ done, of, secondsLeft }: EnsembleProgress): string {
  const full = Math.floor((done / of) * WIDTH);
  const left = Number.isFinite(secondsLeft) ? `, ${formatSeconds(secondsLeft)} left` : "";
  return `[${"#".repeat(full)}${"-".repeat(WIDTH - full)}] ${done} of ${of} trajectories${left}`;
}
