/** Deno brings a WebGPU of its own. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect } from "vitest";
import { gpuTest } from "./adapter.ts";

const DENO = "node_modules/.bin/deno";

gpuTest("a batch in Deno", ({ skip }) => {
  skip(!existsSync(DENO) && !process.env.CI, "Deno is missing: npm run notebooks:kernel");
  const { stdout, stderr } = spawnSync(DENO, ["run", "-A", "test/devices/webgpu/deno-batch.ts"], { encoding: "utf8" });
  expect(stdout, stderr).not.toBe("");
  const [first, second, precision] = JSON.parse(stdout) as [number, number, string];
  expect(first).toBeCloseTo(Math.exp(-1), 5);
  expect(second).toBeCloseTo(2 * Math.exp(-1), 5);
  expect(precision).toBe("f32");
});
