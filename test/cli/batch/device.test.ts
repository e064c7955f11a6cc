import { expect, it } from "vitest";
import { chooseDevice, deviceName } from "../../../cli/batch/device.ts";
import { NoGpu, UnknownDevice } from "../../../index.ts";

const adapter = (isFallbackAdapter: boolean) => () =>
  Promise.resolve({ info: { description: "Card 7", isFallbackAdapter } as GPUAdapterInfo });
const none = () => Promise.reject(new NoGpu("none here"));

it.each([
  ["cpu", 1e-3, undefined, adapter(false), "cpu", /asked/],
  ["webgpu", 1e-9, undefined, none, "webgpu", /asked/],
  ["auto", 1e-3, undefined, adapter(false), "webgpu", /1e-3.*Card 7/],
  ["auto", 1e-6, undefined, adapter(false), "cpu", /1e-6/],
  ["auto", 1e-6, "f32", adapter(false), "webgpu", /f32.*Card 7/],
  ["auto", 1e-3, "f64", adapter(false), "cpu", /f64/],
  ["auto", 1e-3, undefined, adapter(true), "cpu", /software: Card 7/],
  ["auto", 1e-3, undefined, none, "cpu", /none here/],
] as const)("%s, rtol %d, precision %s", async (asked, rtol, precision, find, device, reason) => {
  const chosen = await chooseDevice(asked, rtol, precision, find);
  expect(chosen.device).toBe(device);
  expect(chosen.reason).toMatch(reason);
});

it("faults of other kinds are not taken for a missing GPU", async () => {
  await expect(chooseDevice("auto", 1e-3, undefined, () => Promise.reject(new TypeError("a fault")))).rejects.toThrow(TypeError);
});

it("knows the devices", () => {
  expect(deviceName("auto")).toBe("auto");
  expect(() => deviceName("gpu")).toThrow(UnknownDevice);
});
