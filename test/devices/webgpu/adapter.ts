/** For the tests that need a graphics adapter: Chromium's software one where the machine names no other. */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "vitest";
import { requestAdapter } from "../../../src/devices/webgpu/provider.ts";

const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

if (existsSync(SWIFTSHADER)) process.env.VK_ICD_FILENAMES ??= SWIFTSHADER;
process.env.XDG_RUNTIME_DIR ??= tmpdir();

/** Why there is none, in one line; undefined where there is one. In CI a missing adapter is a failure. */
const missingAdapter: string | undefined = await requestAdapter().then(
  () => undefined,
  (error: Error) => {
    if (process.env.CI) throw error;
    return error.message;
  },
);

/** A test that is skipped, and says why, on a machine without an adapter. */
export const gpuTest = missingAdapter === undefined ? test : test.skip;
if (missingAdapter !== undefined) console.warn(`Tests on the GPU are skipped. ${missingAdapter}`);
