/** The way to Redis, and by which names it fails. */
import type { Redis } from "ioredis";
import { BadOption, type OdegradError } from "../../src/core/errors.ts";
import { shown } from "../../src/core/options/shown.ts";
import { NoRedis, RedisFull, RedisNeedsPassword } from "./errors.ts";
import { ioredis } from "./packages.ts";

/** Milliseconds to answer for a Redis that is there. */
const PATIENCE = 5000;

/** Milliseconds between tries to come back, at most. */
const LONGEST_PAUSE = 1000;

export interface Steadfast {
  readonly url: string;
  readonly maxRetriesPerRequest: null;
  readonly connectTimeout: number;
  readonly retryStrategy: (tries: number) => number;
}

/** How BullMQ and we hold on: commands wait until Redis is back. */
export function steadfast(url: string): Steadfast {
  return {
    url,
    maxRetriesPerRequest: null,
    connectTimeout: PATIENCE,
    retryStrategy: (tries) => Math.min(50 * tries, LONGEST_PAUSE),
  };
}

/**
 * A connection that answers, and comes back when it is lost. Throws {@link NoRedis}, {@link RedisNeedsPassword}, {@link BadOption} for
 * what is no URL of Redis, MissingPackage.
 */
export async function connected(url: string): Promise<Redis> {
  requireUrl(url);
  const { Redis } = await ioredis();
  let isOpen = false;
  const { retryStrategy, ...options } = steadfast(url);
  const redis = new Redis(url, {
    ...options,
    lazyConnect: true,
    retryStrategy: (tries) => (isOpen ? retryStrategy(tries) : null),
  });
  let heard: Error | undefined;
  redis.on("error", (error: Error) => (heard = error));
  try {
    await redis.connect();
    await redis.ping();
    isOpen = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    const reason = heard ?? (error as Error);
    const { message, code } = reason as NodeJS.ErrnoException;
    throw named(reason, url) ?? new NoRedis(withoutPassword(url), message || code || "it does not answer");
  }
}

/** What Redis refuses, by the name that it has here; undefined for what is something else. */
export function named(error: Error, url: string): OdegradError | undefined {
  const { message } = error;
  const where = withoutPassword(url);
  if (/^(NOAUTH|WRONGPASS|ERR AUTH|NOPERM)/.test(message)) return new RedisNeedsPassword(where, message);
  return isFull(error) ? new RedisFull(where, message) : undefined;
}

export function isFull({ message }: Pick<Error, "message">): boolean {
  return /\bOOM command not allowed/.test(message);
}

/** For messages and logs. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}

function requireUrl(url: string): void {
  if (typeof url === "string" && /^rediss?:\/\/./.test(url) && URL.canParse(url)) return;
  throw new BadOption(
    `redis is ${shown(url)}, but must be a URL such as redis://127.0.0.1:6379, or rediss://user:password@host:6380.`,
  );
}
