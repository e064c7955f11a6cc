/** The built package in a page: its modules as they are, and bundled and minified. */
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { browserTest, reportOf } from "./chromium.ts";
import { bundled } from "./bundle.ts";
import type { Site } from "./server.ts";

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** As of a page that names the one file alone. */
const oneFile: Site = {
  folders: { "/page/": folder("page/"), "/odegrad.js": folder("../../dist/odegrad.js") },
  script: "/page/oscillators.js",
  importMap: { odegrad: "/odegrad.js" },
};

const unbundled: Site = {
  folders: {
    "/page/": folder("page/"),
    "/odegrad/": folder("../../dist/"),
  },
  script: "/page/oscillators.js",
  importMap: { odegrad: "/odegrad/index.js" },
};

interface Report {
  readonly compiled: boolean;
  readonly x: readonly number[];
  readonly gradients: Readonly<Record<string, number>>;
  readonly batch: { readonly precision: string; readonly outcomes: readonly string[]; readonly u: readonly number[] };
  readonly evaluated: readonly number[];
  readonly javascript: { readonly name: string; readonly message: string };
}

function expectOscillations(report: unknown): void {
  expect(report).toMatchObject({ result: expect.anything() });
  const { result, violations } = report as { result: Report; violations: readonly string[] };
  const k = [1, 2, 3];
  const position = (w: number): number[] => k.map((i) => Math.cos(i * w));
  const velocity = (w: number): number[] => k.map((i) => -i * w * Math.sin(i * w));
  expect(result.compiled).toBe(true);
  result.x.forEach((x, i) => expect(x).toBeCloseTo(position(2)[i], 8));
  const slope = k.reduce((sum, i) => sum - i * Math.sin(2 * i), 0);
  expect(Object.keys(result.gradients)).toEqual(["discrete", "gauss", "dual"]);
  for (const [name, value] of Object.entries(result.gradients)) expect(value, name).toBeCloseTo(slope, 7);
  expect(result.batch).toMatchObject({ precision: "f32", outcomes: ["success", "success"] });
  const states = [1, 2].flatMap((w) => [...position(w), ...velocity(w)]);
  result.batch.u.forEach((u, i) => expect(u, `batch ${i}`).toBeCloseTo(states[i], 3));
  expect(result.evaluated).toEqual([0, 0, 0, -4, -16, -36, 5, 6, 7, 0, 0, 0]);
  expect(result.javascript.name).toBe("CodeGenerationForbidden");
  expect(result.javascript.message).toContain("'wasm-unsafe-eval'");
  // The JavaScript target's attempt, and nothing else.
  expect(new Set(violations)).toEqual(new Set(["script-src eval"]));
}

browserTest("reads, compiles, solves, differentiates and computes on the GPU in a page without a bundler", async () => {
  expectOscillations(await reportOf(unbundled));
});

browserTest("and so from the one file that is made for such pages", async () => {
  expectOscillations(await reportOf(oneFile));
});

browserTest("and so bundled and minified", async () => {
  expectOscillations(await reportOf((await bundled("oscillators.js")).site));
});

browserTest("differentiates by what is handed in, without what else there is", async () => {
  const { result } = (await reportOf((await bundled("core.js")).site)) as { result: Record<string, number> };
  expect(result.value).toBeCloseTo(Math.exp(-1), 6);
  expect(result.slope).toBeCloseTo(-Math.exp(-1), 6);
});

browserTest("leaves long work to a worker, which is ended by an abort", async () => {
  const { result } = (await reportOf((await bundled("remote.js")).site)) as { result: Record<string, unknown> };
  expect(result).toMatchObject({ aborted: "WorkerAborted", plan: expect.stringContaining("adjoint ") });
  (result.x as number[]).forEach((x, i) => expect(x).toBeCloseTo(2 * Math.cos(i), 8));
  expect(result.value).toBeCloseTo(3 * Math.cos(3), 8);
  for (const slope of [result.slope, result.slopeAgain]) expect(slope).toBeCloseTo(-3 * Math.sin(3), 7);
});

browserTest("hears of workers that close themselves, do not load, or serve nothing", async () => {
  const { result } = (await reportOf((await bundled("hardships.js")).site)) as { result: Record<string, unknown> };
  expect(result).toMatchObject({
    t: [1],
    closed: { name: "WorkerLost" },
    absent: { name: "WorkerLost" },
    silent: { name: "WorkerLost" },
  });
  // A lock tells of the first, so nobody waits until nothing was heard for too long.
  expect((result.closed as { seconds: number }).seconds).toBeLessThan(10);
  expect(result.value).toBeCloseTo(3 * Math.cos(2), 6);
});

browserTest("fits from many starts, and draws, in workers with the same numbers as in the page", async () => {
  const { result } = (await reportOf((await bundled("fits.js")).site)) as { result: Record<string, unknown> };
  expect(result.w).toBeCloseTo(2, 1);
  expect(result.there).toEqual(result.here);
  expect(result.chainsThere).toEqual(result.chains);
  expect(result.chains).toHaveLength(2 * 10 * 2);
});
