/** The one WebGPU device of the process: opened when first used, opened anew when it was lost. */
import { DeviceLost } from "../errors.ts";
import { requestAdapter } from "./provider.ts";

export interface OpenDevice {
  readonly device: GPUDevice;
  /** Bytes that a storage buffer may have. */
  readonly largestBuffer: number;
  /** Is it the processor that computes? */
  readonly isSoftware: boolean;
  /** Why it was lost, once it was. */
  lost?: GPUDeviceLostInfo;
}

const CLOCK = ["timestamp-query"] as const;

let opening: Promise<OpenDevice> | undefined;

export function openDevice(): Promise<OpenDevice> {
  opening ??= open().catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

async function open(): Promise<OpenDevice> {
  const adapter = await requestAdapter();
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
    requiredFeatures: CLOCK.filter((feature) => adapter.features.has(feature)),
  });
  const largestBuffer = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  // Deno 2.9 gives adapters no information.
  const opened: OpenDevice = { device, largestBuffer, isSoftware: adapter.info?.isFallbackAdapter ?? false };
  void device.lost.then((info) => {
    opened.lost = info;
    opening = undefined;
  });
  destroyAtExit(device);
  return opened;
}

/** Work in flight when the process ends can crash it. */
function destroyAtExit(device: GPUDevice): void {
  const { process } = globalThis as { process?: { once?: (event: "exit", listener: () => void) => void } };
  process?.once?.("exit", () => device.destroy());
}

/** Does the work again, once, on a new device where the first was lost in the middle of it. Throws {@link DeviceLost}. */
export async function withDevice<T>(work: (opened: OpenDevice) => Promise<T>): Promise<T> {
  const first = await openDevice();
  try {
    return await work(first);
  } catch (error) {
    if (!(await isLost(first))) throw error;
  }
  const second = await openDevice();
  try {
    return await work(second);
  } catch (cause) {
    if (!(await isLost(second))) throw cause;
    throw new DeviceLost(second.lost?.message ?? "", { cause });
  }
}

/** What fails because of a loss may fail before the loss is told. */
async function isLost(opened: OpenDevice): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  return opened.lost !== undefined;
}
