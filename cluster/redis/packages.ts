/** BullMQ and ioredis, which only clusters need: loaded when one is asked for. */
import type * as BullMQ from "bullmq";
import type * as Ioredis from "ioredis";
import { MissingPackage } from "../../src/core/errors.ts";

export async function bullmq(): Promise<typeof BullMQ> {
  try {
    return await import("bullmq");
  } catch (cause) {
    throw new MissingPackage("bullmq", "A cluster", { cause });
  }
}

export async function ioredis(): Promise<typeof Ioredis> {
  try {
    return await import("ioredis");
  } catch (cause) {
    throw new MissingPackage("ioredis", "A cluster", { cause });
  }
}
