/** How many threads wait for jobs, or are at one. */
import type { Queue } from "bullmq";
import { threadsOf } from "../redis/names.ts";

export async function threadsAtWork(queue: Queue): Promise<number> {
  const workers = await queue.getWorkers();
  return workers.reduce((sum, { rawname, name }) => sum + threadsOf(rawname ?? name), 0);
}
