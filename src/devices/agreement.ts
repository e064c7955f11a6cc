/** The agreement check of batches, which cannot run by themselves: what was misread is refused. */
import { memo } from "../core/memo.ts";
import { comparedRhs } from "../problem/agreement.ts";
import type { ProblemCode } from "../problem/code.ts";
import { requireAgreement, type Compared } from "../problem/comparison.ts";
import { CannotBatch } from "../core/errors.ts";
import { MisreadFunction, type UnreadableFunction } from "../read/syntax/errors.ts";
import type { Program } from "../ir/ir.ts";
import type { TriedPoint } from "../problem/points.ts";
import { KnownPaths } from "../problem/known-paths.ts";

/** Trajectories that are looked at for their paths, and compared in the first batch: two, and one in so many. */
const ONE_IN = 1000;
const MOST = 8;
/** Of the trajectories of later batches one in so many is compared, and those that take a new path: less than a hundredth of their time. */
const COMPARED = 500;

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

/** Where batches are looked at. */
type Where = "start" | "end" | "points";

/** What is known of a program, from all batches. */
class ComparedBatches {
  private batches = 0;
  private credit = 0;
  private readonly knownPaths: KnownPaths | undefined;

  constructor(program: Program) {
    this.knownPaths = KnownPaths.of(program, "wasm");
  }

  look(compared: Compared, count: number, pointOf: (m: number) => TriedPoint | undefined): void {
    const isFirst = this.batches++ === 0;
    this.credit = Math.min(1, this.credit + count / COMPARED);
    const isDue = isFirst || this.credit === 1;
    if (!isDue && !this.knownPaths?.mayBeNewAt(undefined)) return;
    for (const m of someOf(count)) {
      const point = pointOf(m);
      if (point && (this.isNewPath(point) || isDue)) requireAgreement(compared, point, "wasm");
    }
    if (isDue) this.credit = 0;
  }

  private isNewPath({ u, p, t }: TriedPoint): boolean {
    return (
      this.knownPaths !== undefined && this.knownPaths.newAt([0], p, { count: 1, state: () => u, scalars: () => [t] }).length > 0
    );
  }
}

const comparedBatches = memo((program: Program, _where: Where) => new ComparedBatches(program));

/** Compares at the points of some trajectories, of which `pointOf` gives undefined where there is none. Throws {@link CannotBatch}, Disagreement. */
export function requireBatchAgreement(
  code: ProblemCode,
  where: Where,
  count: number,
  pointOf: (m: number) => TriedPoint | undefined,
): void {
  refusingMisread(() => {
    const compared = comparedRhs(code);
    comparedBatches(compared.program, where).look(compared, count, pointOf);
  });
}

/** The first, the last, and some between. */
function someOf(count: number): Iterable<number> {
  const looks = Math.min(MOST, 2 + Math.floor(count / ONE_IN));
  return new Set(Array.from({ length: looks }, (_, k) => Math.round((k * (count - 1)) / (looks - 1))));
}
