/** Redis and workers for a measurement, and what they took of processors. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connected } from "../../cluster/redis/connect.ts";
import { packageRoot } from "../../node/package-root.ts";

export const hasRedis = (): boolean => spawnSync("redis-server", ["--version"]).status === 0;

/** Of each process that takes part. */
export interface ProcessorSeconds {
  readonly redis: number;
  readonly program: number;
  readonly workers: number;
}

export interface RunningCluster {
  readonly url: string;
  /** Since it was started. */
  readonly spent: () => Promise<ProcessorSeconds>;
  readonly end: () => Promise<void>;
}

/** With an append-only file, as clusters are to have. Workers have one thread each. */
export async function startedCluster(workers: number): Promise<RunningCluster> {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-cluster-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const options = ["--bind", "127.0.0.1", "--port", `${port}`, "--dir", folder, "--save", "", "--appendonly", "yes"];
  const server = spawn("redis-server", options, { stdio: ["ignore", "pipe", "inherit"] });
  await heard(server, "stdout", "Ready to accept connections");
  const command = [join(packageRoot(), "dist", "cli", "odegrad.js"), "worker", "--redis", url, "--concurrency", "1"];
  const processes = Array.from({ length: workers }, () =>
    spawn(process.execPath, [...command, "--modules", packageRoot()], { stdio: ["ignore", "inherit", "pipe"] }),
  );
  await Promise.all(processes.map((worker) => heard(worker, "stderr", "waits for jobs")));
  const redis = await connected(url);
  return {
    url,
    async spent() {
      const { user, system } = process.cpuUsage();
      return {
        redis: sumOf(await redis.info("cpu"), /used_cpu_(?:sys|user):([\d.]+)/g),
        program: (user + system) / 1e6,
        workers: processes.reduce((sum, { pid }) => sum + ofProcess(pid!), 0),
      };
    },
    async end() {
      redis.disconnect();
      for (const one of [...processes, server]) {
        one.kill("SIGKILL");
        await once(one, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function sumOf(text: string, pattern: RegExp): number {
  return Array.from(text.matchAll(pattern), ([, value]) => Number(value)).reduce((sum, value) => sum + value, 0);
}

/** What Linux counts, in hundredths of a second: the 14th and 15th field (proc(5)). */
function ofProcess(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function heard(child: ChildProcess, stream: "stdout" | "stderr", words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child[stream]!.on("data", (data: Buffer) => data.toString().includes(words) && resolve());
    child.once("exit", (code) => reject(new Error(`It ended with the code ${code} before it said "${words}".`)));
  });
}
