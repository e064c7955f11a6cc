/** A process of its own that opens a GPU, and prints one line of JSON of it: drivers can crash, and can hang. */
import { requestAdapter } from "../../src/devices/webgpu/provider.ts";

export interface GpuReport {
  readonly adapter: string;
  readonly software: boolean;
  readonly limits: Readonly<Record<string, number>>;
}

const adapter = await requestAdapter();
const { info, limits } = adapter;
(await adapter.requestDevice()).destroy();
const report: GpuReport = {
  adapter: [info.description || info.device, info.vendor, info.architecture].filter(Boolean).join(", "),
  software: info.isFallbackAdapter,
  limits: {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
  },
};
console.log(JSON.stringify(report));
