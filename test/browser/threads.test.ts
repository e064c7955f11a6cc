/** Batches in worker threads of pages: with the worker's file, or with its text where the library is one file. */
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { bundled } from "./bundle.ts";
import { browserTest, reportOf } from "./chromium.ts";
import type { Site } from "./server.ts";

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const oneFile: Site = {
  folders: { "/page/": folder("page/"), "/odegrad.js": folder("../../dist/odegrad.js") },
  script: "/page/threads.js",
  importMap: { odegrad: "/odegrad.js" },
};

async function resultOf(site: Site): Promise<Record<string, unknown>> {
  const report = await reportOf(site);
  expect(report).toMatchObject({ result: expect.anything() });
  return (report as { result: Record<string, unknown> }).result;
}

const right = { isSame: [true, true], count: 602, aborted: "TimeoutError" };

for (const isIsolated of [true, false]) {
  browserTest(
    `bundled and minified, ${isIsolated ? "with shared memory" : "without shared memory"}: the numbers of one thread`,
    async () => {
      const { site } = await bundled("threads.js");
      const { files, ...result } = await resultOf({ ...site, isIsolated });
      expect(result).toEqual({ ...right, isIsolated });
      expect((files as string[]).some((name) => /\/lane-worker-[\w-]+\.js$/.test(name))).toBe(true);
    },
  );
}

browserTest("of one file, where the page allows workers of texts", async () => {
  expect(await resultOf({ ...oneFile, workers: "blob:" })).toMatchObject({ ...right, isIsolated: false });
});

browserTest("of one file, where it does not: the error says what to allow", async () => {
  const { name, message } = await resultOf(oneFile);
  expect(name).toBe("NoThreads");
  expect(message).toMatch(/worker-src.*blob:.*device: "cpu"/);
});
