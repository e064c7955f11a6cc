/** A worker of another version refuses by name. */
import { expect, vi } from "vitest";
import { cluster, OtherVersion } from "../../cluster/index.ts";
import type * as names from "../../cluster/redis/names.ts";
import { onCluster, reference } from "./ensemble.ts";
import { clusterTest, startRedis, startWorker } from "./processes.ts";

vi.mock("../../cluster/redis/names.ts", async (original) => ({
  ...(await original<typeof names>()),
  ownVersion: () => "99.0.0",
}));

clusterTest("a worker of another version", async () => {
  const { url } = await startRedis();
  await startWorker(url);
  const error = await onCluster(cluster({ redis: url, problem: reference }), 100, 100).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OtherVersion);
  expect((error as Error).message).toMatch(
    /^The worker on \S+ runs odegrad \d+\.\d+\.\d+, the program 99\.0\.0\. Install the same version/,
  );
});
