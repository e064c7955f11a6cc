/** The playground as `npm run playground:build` writes it, served, in headless Chromium. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
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
  /** An address outside of the playground, at the same machine, and what was asked of it. */
  readonly outside: { readonly url: string; readonly requests: readonly string[] };
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
  const requests: string[] = [];
  const other = createServer(({ url }, response) => {
    requests.push(url!);
    response.setHeader("Access-Control-Allow-Origin", "*").setHeader("Content-Type", "text/javascript").end();
  });
  for (const one of [server, other]) await new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve));
  const browser = new Browser();
  const origin = (of: Server): string => `http://127.0.0.1:${(of.address() as AddressInfo).port}`;
  return {
    url: `${origin(server)}/playground/`,
    browser,
    outside: { url: origin(other), requests },
    async close() {
      await browser.close();
      for (const one of [server, other]) {
        one.closeAllConnections();
        one.close();
      }
      rmSync(folder, { recursive: true });
    },
  };
}
