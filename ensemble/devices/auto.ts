/** The device that takes the least time, measured on a few trajectories. */
import { MissingPackage } from "../../src/core/errors.ts";
import { NoGpu } from "../../src/devices/errors.ts";
import { requestAdapter } from "../../src/devices/webgpu/provider.ts";
import { DEFAULT_TOLERANCE } from "../../solvers/step-loop/tolerances.ts";
import type { Where } from "../chunks/solved.ts";
import { ofKernels, type EnsembleDevice, type Work } from "./device.ts";

/** Relative errors that the rounding of f32 leaves in a solve. */
const FINEST_IN_SINGLE = 1e-4;
/** Trajectories that are tried at first; and milliseconds that a measurement takes at least. */
const FIRST = 64;
const ENOUGH = 20;
/** Milliseconds of an ensemble that no other device is looked for. */
const SHORT = 200;

type Name = NonNullable<Where["device"]>;

/** Devices of this process beside the processor's lanes in one thread, each with what speaks against it, if something does. */
const others: Readonly<Partial<Record<Name, (work: Work) => Promise<string | undefined>>>> = {
  threads: () => Promise.resolve(undefined),
  webgpu: againstGpu,
};

export async function auto(work: Work): Promise<EnsembleDevice> {
  const { trajectories } = work.task.members;
  const largest = Math.min(trajectories, 4096);
  const first = Math.min(FIRST, largest);
  // The first call compiles.
  await measured(work, "cpu", first);
  const rough = await measured(work, "cpu", first);
  const whole = (rough / first) * trajectories;
  const opened = async (name: Name, why: string): Promise<EnsembleDevice> => ({ ...(await ofKernels(name)(work)), why });
  if (whole < SHORT) return opened("cpu", `"cpu", as all of it takes ${inSeconds(whole)} there by a measurement.`);
  const count = Math.min(largest, Math.ceil((first * ENOUGH) / Math.max(rough, 1e-3)));
  const times: { readonly name: Name; readonly each: number }[] = [
    { name: "cpu", each: (await measured(work, "cpu", count)) / count },
  ];
  const said: string[] = [];
  for (const [name, against] of Object.entries(others) as [Name, (work: Work) => Promise<string | undefined>][]) {
    const why = await against(work);
    if (why !== undefined) said.push(`"${name}" is left out: ${why}.`);
    else {
      await measured(work, name, first);
      times.push({ name, each: (await measured(work, name, count)) / count });
    }
  }
  const best = times.reduce((a, b) => (b.each < a.each ? b : a));
  const figures = times.map(({ name, each }) => `${Number((1e3 * each).toPrecision(2))} µs on "${name}"`).join(", ");
  return opened(best.name, [`"${best.name}", by ${count} trajectories: each takes ${figures}.`, ...said].join(" "));
}

/** Milliseconds. */
async function measured({ job, sample }: Work, device: Name, count: number): Promise<number> {
  const start = performance.now();
  await job(sample(count), { device });
  return performance.now() - start;
}

function inSeconds(milliseconds: number): string {
  return `${Number((milliseconds / 1e3).toPrecision(2))} s`;
}

/** A software adapter does not count: it is this same processor, with fewer digits and more work. */
async function againstGpu({ task }: Work): Promise<string | undefined> {
  const { precision, rtol = DEFAULT_TOLERANCE } = task.settings;
  if (precision === "f64") return "f64 is asked for, and GPUs compute in f32";
  if (precision === undefined && rtol < FINEST_IN_SINGLE)
    return `rtol ${rtol} asks for more than the f32 of a GPU gives, about ${FINEST_IN_SINGLE}`;
  try {
    const { info } = await requestAdapter();
    return info.isFallbackAdapter ? "the only GPU is software" : undefined;
  } catch (error) {
    if (!(error instanceof NoGpu || error instanceof MissingPackage)) throw error;
    return `no GPU can be used (${error.message})`;
  }
}
