/** Headless Chromium: shows a page and waits for what its script reports. Graphics are Chromium's own software adapter. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { serve, type Site } from "./server.ts";

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

export const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  // Without it a browser that has shown its page ends.
  "--remote-debugging-port=0",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
  "--no-first-run",
];

/** A page that has not reported by then never will. */
const PATIENCE = 90_000;

const missing = existsSync(CHROMIUM)
  ? undefined
  : `Tests in the browser need Chromium, which is not at ${CHROMIUM}. Install it (apt-get install chromium), or name another in CHROMIUM.`;
if (missing && process.env.CI) throw new Error(missing);
if (missing) console.warn(missing);

/** A test that is skipped, and says why, on a machine without Chromium. */
export const browserTest = missing ? test.skip : test;

/** Serves the site, opens its start page, and gives what the page posts to /report. */
export async function reportOf(site: Site): Promise<unknown> {
  const server = await serve(site);
  const profile = mkdtempSync(join(tmpdir(), "odegrad-chromium-"));
  // In a group of its own, so that its helpers end with it: they write to the profile.
  const chromium = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${profile}`, server.url], { stdio: "ignore", detached: true });
  const ended = new Promise<void>((resolve) => chromium.once("exit", () => resolve()));
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      server.report,
      ended.then(() => Promise.reject(new Error("Chromium ended before the page reported."))),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`The page reported nothing within ${PATIENCE} ms.`)), PATIENCE);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    if (chromium.exitCode === null && chromium.signalCode === null) process.kill(-chromium.pid!, "SIGKILL");
    await ended;
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
