/** Devices by their names. */
import { BadOption } from "../../src/core/errors.ts";
import { isObject, type Check } from "../../src/core/options/check.ts";
import { shown } from "../../src/core/options/shown.ts";
import type { ClusterLike } from "../../src/devices/cluster-like.ts";
import { UnknownDevice } from "../../src/devices/errors.ts";
import { auto } from "./auto.ts";
import { ofCluster } from "./cluster.ts";
import { ofKernels, type Opening } from "./device.ts";

const devices = {
  cpu: ofKernels("cpu"),
  threads: ofKernels("threads"),
  webgpu: ofKernels("webgpu"),
  auto,
} as const satisfies Readonly<Record<string, Opening>>;

export type EnsembleDeviceName = keyof typeof devices;

/** By its name; or other machines, as `cluster` of `odegrad/cluster` makes them. */
export type GivenDevice = EnsembleDeviceName | ClusterLike;

export const deviceCheck: Check = (value, what) => {
  if (value === "cluster") {
    throw new BadOption(
      `${what} is "cluster", and which one is not said: cluster({ redis, problem }) of odegrad/cluster, ` +
        `where problem is { name } of a named problem, or { module } of your own.`,
    );
  }
  if (typeof value === "string" || (isObject(value) && "open" in value && typeof value.open === "function")) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a name, or what \`cluster\` of odegrad/cluster makes.`);
};

/** Throws {@link UnknownDevice}. */
export function openingOf(device: GivenDevice): Opening {
  return typeof device === "object" ? ofCluster(device) : deviceNamed(device);
}

/** Throws {@link UnknownDevice}. */
export function deviceNamed(name: string): Opening {
  if (!Object.hasOwn(devices, name)) throw new UnknownDevice(name, Object.keys(devices));
  return devices[name as EnsembleDeviceName];
}

/** A GPU has room for more at once than the processor's caches have. */
export function largestChunk(device: GivenDevice): number | undefined {
  return device === "webgpu" ? 2 ** 18 : undefined;
}
