/**
 * Work on many machines: ensembles, fits from many starts and chains of draws, through Redis and BullMQ. Node only.
 * @module odegrad/cluster
 */
export { cluster, type ClusterOptions } from "./producer/cluster.ts";
export type { GivenProblem } from "./problem/reference.ts";
export type { ClusterJob, ClusterLike, ClusterSession, ClusterWork } from "../src/devices/cluster-like.ts";
export {
  BadResult,
  BadResume,
  CannotTravel,
  JobFailed,
  NoRedis,
  NoWorkers,
  OtherModule,
  OtherProblem,
  OtherVersion,
  RedisFull,
  RedisLost,
  RedisNeedsPassword,
} from "./redis/errors.ts";
