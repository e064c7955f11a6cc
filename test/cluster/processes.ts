/** A real Redis on a free port, and real workers from the built command. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { onTestFinished, test } from "vitest";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const command = join(root, "dist", "cli", "odegrad.js");

const isThere = spawnSync("redis-server", ["--version"]).status === 0;
const missing = isThere ? "" : "The tests of clusters are skipped: they need redis-server, apt-get install redis-server";
if (missing && process.env.CI) throw new Error(missing);
if (missing) console.warn(missing);

/** A test that is skipped, and says why, on a machine without Redis. */
export const clusterTest = missing ? test.skip : test;

/** On loopback, free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export interface RunningRedis {
  readonly url: string;
  readonly client: Redis;
  /** Kills it as a power cut does, and starts it again from what it wrote after so many milliseconds. */
  readonly restart: (pause?: number) => Promise<void>;
  readonly kill: () => Promise<void>;
}

/** Ends with the test. */
export async function startRedis(...options: string[]): Promise<RunningRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "odegrad-redis-"));
  const fixed = ["--bind", "127.0.0.1", "--port", `${port}`, "--dir", folder, "--save", "", "--appendonly", "yes"];
  let server: ChildProcess;
  const begin = async (): Promise<void> => {
    server = spawn("redis-server", [...fixed, ...options], { stdio: ["ignore", "pipe", "inherit"] });
    await said(server, "stdout", /Ready to accept connections/);
  };
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  };
  await begin();
  const password = options[options.indexOf("--requirepass") + 1];
  const client = new Redis(port, "127.0.0.1", {
    ...(options.includes("--requirepass") && { password }),
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  client.on("error", () => {});
  onTestFinished(async () => {
    client.disconnect();
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    client,
    async restart(pause = 500) {
      await kill();
      await new Promise((resolve) => setTimeout(resolve, pause));
      await begin();
    },
    kill,
  };
}

export interface RunningWorker {
  readonly process: ChildProcess;
  /** What it said on standard error. */
  readonly said: () => string;
}

/** Waits for jobs when it is returned; ends with the test. */
export async function startWorker(url: string, ...options: string[]): Promise<RunningWorker> {
  const worker = spawn(process.execPath, [command, "worker", "--redis", url, "--concurrency", "1", ...options], {
    cwd: root,
    stdio: ["ignore", "inherit", "pipe"],
  });
  onTestFinished(() => void worker.kill("SIGKILL"));
  let text = "";
  worker.stderr.on("data", (data: Buffer) => (text += data.toString()));
  await said(worker, "stderr", /waits for jobs/);
  return { process: worker, said: () => text };
}

/** Until a process says something. */
export async function said(child: ChildProcess, stream: "stdout" | "stderr", pattern: RegExp): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    child[stream]!.on("data", (data: Buffer) => {
      text += data.toString();
      if (pattern.test(text)) resolve(text);
    });
    child.once("exit", (code, signal) => reject(new Error(`ended with ${code ?? signal} before it said ${pattern}: ${text}`)));
  });
}
