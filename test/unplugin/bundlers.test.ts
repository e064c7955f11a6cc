/** Functions as people write them, closures and all, in minified bundles. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as vite, createServer, type Rolldown } from "vite";
import { expect, it, onTestFinished } from "vitest";
import { browserTest, reportOf } from "../browser/chromium.ts";
import { bundled } from "../browser/bundle.ts";
import { odegrad } from "../../unplugin/index.ts";
import { expectOutcomes, type Outcomes } from "./expected.ts";
import { bundlers, projectFolder } from "./bundlers.ts";

it("as vitest runs files", async () => {
  const server = await createServer({
    root: projectFolder(),
    configFile: false,
    logLevel: "error",
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    plugins: [odegrad.vite()],
  });
  onTestFinished(() => server.close());
  const { outcomes: run } = (await server.ssrLoadModule("/outcomes.ts")) as { outcomes: () => Outcomes };
  expectOutcomes(JSON.parse(JSON.stringify(run())) as Outcomes);
});

it.each(Object.entries(bundlers))("%s, minified", async (_, build) => {
  const root = projectFolder();
  const out = join(root, "dist", "out.js");
  await build(root, "node.ts", out);
  const printed = execFileSync(process.execPath, [out], { encoding: "utf8" });
  expectOutcomes(JSON.parse(printed) as Outcomes);
});

browserTest("vite, minified, in a page that forbids eval", async () => {
  const beside = fileURLToPath(new URL("project", import.meta.url));
  const results: Outcomes[] = [];
  for (const script of ["even.ts", "odd.ts"]) {
    const { site } = await bundled(script, { beside, plugins: [odegrad.vite()] });
    const report = await reportOf(site);
    expect(report).toMatchObject({ result: expect.anything(), violations: [] });
    results.push((report as { result: Outcomes }).result);
  }
  const [even, odd] = results;
  expectOutcomes({ models: { ...even.models, ...odd.models }, changed: odd.changed });
});

it("in workers of vite, which have plugins of their own", async () => {
  const built = (await vite({
    root: projectFolder(),
    configFile: false,
    logLevel: "error",
    worker: { format: "es", plugins: () => [odegrad.vite()] },
    build: { write: false, chunkSizeWarningLimit: 2000, rolldownOptions: { input: "starts-worker.ts" } },
  })) as Rolldown.RolldownOutput;
  const worker = built.output.find(({ fileName }) => fileName.includes("in-worker"))!;
  expect(worker.type === "asset" && String(worker.source)).toContain("[-rate * p[0] * u[0]]");
});
