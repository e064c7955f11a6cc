/** The playground as `npm run playground:build` writes it, served, in headless Chromium. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { Browser } from "../browser/devtools.ts";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

export interface Site {
  readonly url: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Built, served under a folder as within the pages of docs, and a browser to look at it. */
export async function playgroundSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-playground-"));
  const configFile = fileURLToPath(new URL("../../playground/vite.config.ts", import.meta.url));
  await build({ configFile, logLevel: "error", build: { outDir: folder, emptyOutDir: true } });
  const server = createServer((request, response) => {
    const path = new URL(request.url!, "http://localhost").pathname.replace(/^\/playground\//, "");
    readFile(join(folder, path || "index.html")).then(
      (body) => response.setHeader("Content-Type", TYPES[extname(path) || ".html"]).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = new Browser();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/playground/`,
    browser,
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
