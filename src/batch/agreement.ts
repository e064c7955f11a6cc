/** The agreement check of batches, which cannot run by themselves: what was misread is refused. */
import { comparedRhs } from "../agreement.ts";
import type { ProblemCode } from "../code.ts";
import { requireAgreement } from "../comparison.ts";
import { CannotBatch, MisreadFunction, type UnreadableFunction } from "../errors.ts";
import type { TriedPoint } from "../points.ts";

/** Trajectories that are looked at: two, and one in so many. */
const ONE_IN = 1000;
const MOST = 8;

/** Throws {@link CannotBatch} for MisreadFunction. */
export function refusingMisread<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MisreadFunction) throw cannotBatch(error);
    throw error;
  }
}

export function cannotBatch(error: UnreadableFunction): CannotBatch {
  const [what] = error.message.split("\n");
  return new CannotBatch(`${what} So it runs by itself, which batches cannot. Take the trajectories one by one.`, {
    cause: error,
  });
}

/** Compares at the points of some trajectories, of which `pointOf` gives undefined where there is none. Throws {@link CannotBatch}, Disagreement. */
export function requireBatchAgreement(code: ProblemCode, count: number, pointOf: (m: number) => TriedPoint | undefined): void {
  refusingMisread(() => {
    const compared = comparedRhs(code);
    for (const m of someOf(count)) {
      const point = pointOf(m);
      if (point) requireAgreement(compared, point, "wasm");
    }
  });
}

/** The first, the last, and some between. */
function someOf(count: number): Iterable<number> {
  const looks = Math.min(MOST, 2 + Math.floor(count / ONE_IN));
  return new Set(Array.from({ length: looks }, (_, k) => Math.round((k * (count - 1)) / (looks - 1))));
}
