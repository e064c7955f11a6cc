/** Where WebGPU comes from: the browser's and Deno's own, or, in Node, the npm package `webgpu`. */
import { MissingPackage } from "../../core/errors.ts";
import { NoGpu } from "../errors.ts";

/** A name in a variable: bundlers would else look for the package when they build a page. */
const PACKAGE = "webgpu";

/** Dawn for Node crashes when the object it gives is collected while a device lives, so the global scope keeps it. */
const KEPT = Symbol.for("odegrad.webgpu");

interface DawnForNode {
  readonly create: (flags: readonly string[]) => GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Throws {@link MissingPackage} in Node without the package, and {@link NoGpu} in browsers without WebGPU. */
async function gpuOf(): Promise<GPU> {
  const scope = globalThis as { [KEPT]?: GPU; process?: { versions?: { node?: string } } };
  const native = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (native) return native;
  if (scope[KEPT]) return scope[KEPT];
  if (!scope.process?.versions?.node) {
    throw new NoGpu('This browser has no WebGPU (navigator.gpu). Use device: "cpu", or a browser that has it, over https.');
  }
  let dawn: DawnForNode;
  try {
    dawn = (await import(/* @vite-ignore */ PACKAGE)) as DawnForNode;
  } catch (cause) {
    throw new MissingPackage(PACKAGE, "A GPU in Node", { cause });
  }
  Object.assign(globalThis, dawn.globals);
  return (scope[KEPT] = dawn.create([]));
}

/** Throws {@link NoGpu} where there is no adapter. */
export async function requestAdapter(): Promise<GPUAdapter> {
  const gpu = await gpuOf();
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) {
    throw new NoGpu(
      "WebGPU finds no graphics adapter. Install a Vulkan driver (a software one will do: Chromium's SwiftShader, with " +
        'VK_ICD_FILENAMES naming its vk_swiftshader_icd.json), or use device: "cpu".',
    );
  }
  return adapter;
}
