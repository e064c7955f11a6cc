/** Many trajectories at once. */
export {
  evaluateBatch,
  jvpBatch,
  vjpBatch,
  type BatchDerivative,
  type BatchJvp,
  type BatchPoint,
  type BatchVjp,
} from "./evaluate.ts";
export type { Computed, DeviceOptions } from "./devices.ts";
