/** `--device`: which device a batch runs on, and why. */
import { UnknownDevice, NoGpu } from "../../src/devices/errors.ts";
import { MissingPackage } from "../../src/core/errors.ts";
import { requestAdapter } from "../../src/devices/webgpu/provider.ts";
import type { Precision } from "../../src/devices/device.ts";
import { naming } from "../messages/naming.ts";
import { formatTolerance } from "../messages/text.ts";

const devices = ["auto", "cpu", "threads", "webgpu"] as const;
export type DeviceName = (typeof devices)[number];

/** Throws {@link UnknownDevice}. */
export function deviceName(text: string): DeviceName {
  return naming("--device", text, () => {
    const known = devices.find((name) => name === text);
    if (!known) throw new UnknownDevice(text, devices);
    return known;
  });
}

export interface ChosenDevice {
  readonly device: Exclude<DeviceName, "auto">;
  readonly reason: string;
}

/** Relative errors that the rounding of f32 leaves in a solve. */
const FINEST_IN_SINGLE = 1e-4;

/**
 * `auto` takes a GPU where there is one and f32 is enough. `precision` is what the results must be computed in at least; where it is not
 * said, the tolerance tells. A software adapter does not count: it is this same processor, with fewer digits and more work.
 */
export async function chooseDevice(
  asked: DeviceName,
  rtol: number,
  precision: Precision | undefined,
  findAdapter: () => Promise<{ readonly info: GPUAdapterInfo }> = requestAdapter,
): Promise<ChosenDevice> {
  if (asked !== "auto") return { device: asked, reason: "as asked" };
  if (precision === "f64") return { device: "cpu", reason: "f64 is asked for, and GPUs compute in f32 and pairs of it" };
  if (precision === undefined && rtol < FINEST_IN_SINGLE) {
    const [wanted, reached] = [rtol, FINEST_IN_SINGLE].map(formatTolerance);
    return { device: "cpu", reason: `rtol ${wanted} asks for more than the f32 of a GPU gives, about ${reached}` };
  }
  try {
    const { info } = await findAdapter();
    if (info.isFallbackAdapter) return { device: "cpu", reason: `the only GPU is software: ${adapterName(info)}` };
    const why = precision === undefined ? `f32 is enough for rtol ${formatTolerance(rtol)}` : `${precision} is asked for`;
    return { device: "webgpu", reason: `${why}, and there is a GPU: ${adapterName(info)}` };
  } catch (error) {
    if (!(error instanceof NoGpu || error instanceof MissingPackage)) throw error;
    return { device: "cpu", reason: `no GPU can be used: ${error.message}` };
  }
}

function adapterName({ description, device, vendor }: GPUAdapterInfo): string {
  return description || device || vendor || "unnamed";
}
