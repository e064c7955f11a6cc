/** What an integration keeps of the steps that a run of the step loop has taken. */
import { copyNumbers } from "../../src/core/growing-array.ts";
import type { ObservedSteps } from "./growth-below.ts";
import type { Code, Prepared } from "./prepare.ts";
import { integer } from "./registers.ts";
import type { IntegrationRequest } from "./request.ts";
import type { SaveChunks } from "./save-chunks.ts";
import { addCounts, type Statistics } from "./statistics.ts";
import type { Stop } from "./stops.ts";
import type { TakenSteps } from "./taken-steps.ts";
import type { Trajectory } from "./trajectory.ts";

/** Keeps what was asked for, and moves the end of the last step to where the next one begins; `stop`: the stop that is there. */
export function keepSteps(
  prepared: Prepared,
  trajectory: Trajectory,
  { saveat, onSteps, watch }: IntegrationRequest,
  chunks: SaveChunks,
  steps: TakenSteps,
  stop: Stop | undefined,
): void {
  const { code, programs, system } = prepared;
  const { n } = system;
  const { slots, records } = code.view;
  const { stride, recordSize, workSize, memorySize } = programs;
  const { count } = steps;
  if (count === 0) return account(code, trajectory.statistics, count);
  // A step to a stop ends there, whichever side of it that is.
  const endOf = (i: number): number => (stop && i === count ? stop.t : steps.time(i));
  for (let i = 1; i <= count; i++) trajectory.times.push(endOf(i));
  trajectory.sizes.observe(observed(prepared, steps), isUnjudged(prepared) ? 0 : (system.primal ?? system).n);
  if (saveat === "steps") for (let i = 1; i <= count; i++) trajectory.save(endOf(i), slots, i * stride);
  else if (saveat) chunks.take();
  account(code, trajectory.statistics, count);
  trajectory.dense?.append(steps, records, 0, recordSize);
  watch?.observe(steps);
  onSteps?.(steps);
  copyNumbers(slots, count * stride, 2 * n, slots, 0);
  const memory = 2 * n + workSize;
  if (memorySize > 0) copyNumbers(slots, count * stride + memory, memorySize, slots, memory);
}

/** Are steps taken whatever their error? Without equations to solve, no tolerance counts then. */
function isUnjudged({ method, code }: Prepared): boolean {
  return code.view.integers[integer.fixed] === 1 && !method.family.implicit;
}

function observed({ code, programs, system }: Prepared, steps: TakenSteps): ObservedSteps {
  const { slots: data, atol } = code.view;
  return {
    data,
    stride: programs.stride,
    size: system.n,
    count: steps.count,
    atol,
    time: (k) => steps.time(k),
    hasSlopes: system.mass === undefined,
    // Evaluated at the end of the first step, whose numbers are put back.
    slopeWithout: (k, components) => {
      const { state, slope, u, f } = code.there;
      const [at, before] = [state.slice(), slope.slice()];
      state.set(steps.state(k));
      for (const i of components) state[i] = 0;
      code.rhs(f, u, code.address.p, steps.time(k));
      const rest = slope.slice(0, system.n);
      state.set(at);
      slope.set(before);
      return rest;
    },
  };
}

/** Counts what a run took, of which so many steps were taken. */
export function account({ view }: Code, statistics: Statistics, count: number): void {
  const { integers, verdict } = view;
  statistics.steps += count;
  statistics.rejected += integers[integer.tries] - count;
  addCounts(statistics, verdict);
}
