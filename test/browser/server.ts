/** A static server on the loopback interface, as strict as a careful site: no code but its own, WebAssembly, no `eval`. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

export interface Site {
  /** Folders by the paths they are served under, which end in a slash. */
  readonly folders: Readonly<Record<string, string>>;
  /** Of the start page. */
  readonly script: string;
  /** Whether pages share memory with their workers. */
  readonly isIsolated?: boolean;
  /** Where workers may come from, beside the site. */
  readonly workers?: string;
  /** Of the start page, for scripts with bare imports. */
  readonly importMap?: Readonly<Record<string, string>>;
}

export interface Served {
  readonly url: string;
  /** What the page posts to /report. */
  readonly report: Promise<unknown>;
  close(): void;
}

const TYPES: Readonly<Record<string, string>> = { ".js": "text/javascript", ".mjs": "text/javascript", ".html": "text/html" };

export async function serve({ folders, script, importMap = {}, isIsolated, workers = "" }: Site): Promise<Served> {
  const map = JSON.stringify({ imports: importMap });
  const start = `<!doctype html><meta charset="utf-8"><script type="importmap">${map}</script><script type="module" src="${script}"></script>`;
  const hash = createHash("sha256").update(map).digest("base64");
  const policy = `default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'; worker-src 'self' ${workers}`;
  let take: (report: unknown) => void;
  const report = new Promise<unknown>((resolve) => (take = resolve));

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url!, "http://localhost").pathname;
    response.setHeader("Content-Security-Policy", policy);
    if (isIsolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    if (path === "/report") {
      take(JSON.parse((await request.toArray()).join("")));
      response.end();
    } else if (path === "/") {
      response.setHeader("Content-Type", "text/html").end(start);
    } else {
      const [prefix, folder] = Object.entries(folders).find(([under]) => path.startsWith(under))!;
      const body = await readFile(join(folder, path.slice(prefix.length)));
      response.setHeader("Content-Type", TYPES[extname(path)] ?? "application/octet-stream").end(body);
    }
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, report, close };
}
