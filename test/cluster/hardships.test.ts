/** What can be wrong with Redis and workers, said by name. */
import { expect } from "vitest";
import { cluster, NoRedis, NoWorkers, RedisFull, RedisLost, RedisNeedsPassword, type ClusterLike } from "../../cluster/index.ts";
import { BadOption } from "../../src/core/errors.ts";
import { inThisProcess, onCluster, reference } from "./ensemble.ts";
import { clusterTest, freePort, startRedis, startWorker } from "./processes.ts";

const at = (redis: string, patience?: number): ClusterLike => cluster({ redis, problem: reference, patience });

async function thrown(device: ClusterLike, trajectories = 2000, size = 1000): Promise<Error> {
  return onCluster(device, trajectories, size).then(
    () => expect.unreachable("it ended well"),
    (error: Error) => error,
  );
}

clusterTest("a Redis that refuses", async () => {
  const url = `redis://127.0.0.1:${await freePort()}`;
  const error = await thrown(at(url));
  expect(error).toBeInstanceOf(NoRedis);
  expect(error.message).toMatch(
    /^There is no Redis at redis:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*redis-server --appendonly yes.*docker compose up/,
  );
});

clusterTest("what is no URL of Redis", async () => {
  await expect(thrown(at("http://127.0.0.1"))).resolves.toBeInstanceOf(BadOption);
  await expect(thrown(at("redis"))).resolves.toBeInstanceOf(BadOption);
});

clusterTest("a Redis that needs a password, and one that is given another", async () => {
  const { url } = await startRedis("--requirepass", "right");
  const none = await thrown(at(url));
  expect(none).toBeInstanceOf(RedisNeedsPassword);
  const wrong = await thrown(at(url.replace("//", "//:wrong@")));
  expect(wrong).toBeInstanceOf(RedisNeedsPassword);
  expect(wrong.message).toMatch(/does not let us in.*redis:\/\/user:password@host/);
  expect(wrong.message).not.toContain("wrong@");
  const right = url.replace("//", "//:right@");
  await startWorker(right);
  expect((await onCluster(at(right), 100, 100)).succeeded).toBe(100);
});

clusterTest("a Redis that is full, at the beginning and on the way", async () => {
  const redis = await startRedis("--maxmemory-policy", "noeviction");
  await startWorker(redis.url);
  await redis.client.config("SET", "maxmemory", "100kb");
  const error = await thrown(at(redis.url));
  expect(error).toBeInstanceOf(RedisFull);
  expect(error.message).toMatch(/is full.*CONFIG SET maxmemory/);
  await redis.client.config("SET", "maxmemory", "0");
  const onTheWay = onCluster(at(redis.url), 100_000, 1000, {
    onMerge: (index) => void (index === 3 && redis.client.config("SET", "maxmemory", "100kb")),
  });
  await expect(onTheWay).rejects.toThrow(RedisFull);
});

clusterTest("a Redis that goes away and comes back", async () => {
  const redis = await startRedis();
  await startWorker(redis.url);
  let restarted: Promise<void> | undefined;
  const found = await onCluster(at(redis.url, 60), 20_000, 1000, {
    onMerge(index) {
      if (index === 5) restarted = redis.restart(1500);
    },
  });
  await restarted;
  expect(found).toEqual(await inThisProcess(20_000, 1000));
});

clusterTest("a Redis that goes away for good", async () => {
  const redis = await startRedis();
  await startWorker(redis.url);
  const lost = onCluster(at(redis.url, 2), 100_000, 1000, { onMerge: (index) => void (index === 3 && redis.kill()) });
  const error = await lost.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RedisLost);
  const { message, run } = error as RedisLost;
  expect(message).toContain("did not come back within 2 s");
  expect(message).toContain(`--resume ${run}`);
});

clusterTest("nobody works", async () => {
  const { url } = await startRedis();
  const error = await thrown(at(url, 3));
  expect(error).toBeInstanceOf(NoWorkers);
  expect(error.message).toContain(`odegrad worker --redis ${url}`);
  expect(error.message).toContain(`--resume ${(error as NoWorkers).run}`);
});
