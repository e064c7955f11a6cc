/** Redis, which clusters go through. */
import type { Redis } from "ioredis";
import { threadsAtWork } from "../../cluster/producer/threads-at-work.ts";
import { PREFIX, QUEUE } from "../../cluster/redis/names.ts";
import { connected, steadfast, withoutPassword } from "../../cluster/redis/connect.ts";
import { bullmq } from "../../cluster/redis/packages.ts";
import type { Finding } from "./finding.ts";

/** What is found at a URL, and how one is started where there is none. */
export async function redisFindings(url: string): Promise<Finding[]> {
  const name = withoutPassword(url);
  let redis: Redis;
  try {
    redis = await connected(url);
  } catch (error) {
    return [{ name, value: "none", remedy: (error as Error).message }];
  }
  try {
    return [{ name, value: `version ${await versionOf(redis)}` }, ...(await settingsOf(redis)), await workersAt(url)];
  } finally {
    redis.disconnect();
  }
}

async function versionOf(redis: Redis): Promise<string> {
  return /redis_version:(\S+)/.exec(await redis.info("server"))?.[1] ?? "unknown";
}

/** What it is to be set to, so that it loses nothing. */
const settings = {
  appendonly: { right: "yes", remedy: "results are lost when Redis ends: CONFIG SET appendonly yes" },
  "maxmemory-policy": {
    right: "noeviction",
    remedy: "jobs are thrown away when it is full: CONFIG SET maxmemory-policy noeviction",
  },
} as const;

async function settingsOf(redis: Redis): Promise<Finding[]> {
  return Promise.all(
    Object.entries(settings).map(async ([name, { right, remedy }]): Promise<Finding> => {
      // Services that are rented may not tell.
      const [, value = "unknown"] = (await redis.config("GET", name).catch(() => [])) as string[];
      return value === right || value === "unknown" ? { name, value } : { name, value, remedy };
    }),
  );
}

async function workersAt(url: string): Promise<Finding> {
  const { Queue } = await bullmq();
  const queue = new Queue(QUEUE, { connection: steadfast(url), prefix: PREFIX, skipVersionCheck: true });
  try {
    const threads = await threadsAtWork(queue);
    const remedy = `odegrad worker --redis ${withoutPassword(url)}, on any machine that reaches it`;
    return threads > 0 ? { name: "workers' threads", value: `${threads}` } : { name: "workers' threads", value: "none", remedy };
  } finally {
    await queue.close();
  }
}
