/** What was misread is refused by batches, which cannot run by themselves. */
import { describe, expect, it } from "vitest";
import {
  CannotBatch,
  evaluateBatch,
  gradientBatch,
  MisreadFunction,
  ndarray,
  odeProblem,
  solveBatch,
  type Loss,
  type NdArray,
  type OdeProblem,
} from "../../../index.ts";
import { withLoss } from "../../../sensitivity/losses/loss.ts";
import { markMisread } from "../../../src/read/misreading.ts";
import { misreadProblem } from "../../misread.ts";

type Rhs = (du: number[], u: number[], p: number[], t: number) => void;
type Problem = OdeProblem<number[], number[]>;

const misread = (rhs: Rhs, readAs: Rhs): Problem => misreadProblem({ rhs, u0: [1], p: [1], tspan: [0, 1] }, readAs);
const rows = (...values: number[]): NdArray => ndarray(Float64Array.from(values), [values.length, 1]);
const many = (count: number, last = 1): NdArray => rows(...Array.from({ length: count }, (_, m) => (m < count - 1 ? 1 : last)));
const loss = { final: (u: number[]) => u[0] };

const verbs = {
  solveBatch: (problem: Problem, p: NdArray): Promise<unknown> => solveBatch(problem, { p }),
  gradientBatch: (problem: Problem, p: NdArray): Promise<unknown> => gradientBatch(problem, { p, loss }),
};

const refused = async (work: Promise<unknown>): Promise<void> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CannotBatch);
  expect((error as Error).cause).toBeInstanceOf(MisreadFunction);
  expect((error as Error).message).toMatch(/its compiled form would give .* where the function gives .* one by one/);
};

describe.each(Object.entries(verbs))("%s refuses a right-hand side that was misread", (_, verb) => {
  it("in a window of time, now and later", async () => {
    const problem = misread(
      (du, u, p, t) => {
        du[0] = t > 0.3 && t < 0.4 ? -2 * p[0] * u[0] : -p[0] * u[0];
      },
      (du, u, p, t) => {
        du[0] = t > 0.3 && t < 0.4 ? -3 * p[0] * u[0] : -p[0] * u[0];
      },
    );
    for (let call = 0; call < 2; call++) await refused(verb(problem, many(3)));
  });

  it("where the parameters of one trajectory lead, in a later batch", async () => {
    const problem = misread(
      (du, u, p) => {
        du[0] = p[0] > 2 ? -3 * u[0] : -p[0] * u[0];
      },
      (du, u, p) => {
        du[0] = p[0] > 2 ? -4 * u[0] : -p[0] * u[0];
      },
    );
    await expect(verb(problem, many(5))).resolves.toBeDefined();
    await refused(verb(problem, many(5, 3)));
  });

  it("along trajectories of later batches, which are looked at for little", async () => {
    let calls = 0;
    const counted = (du: number[], u: number[], p: number[], t: number): void => {
      calls++;
      du[0] = p[0] > 2 && t > 0.5 ? -3 * u[0] : -p[0] * u[0];
    };
    const problem = misread(counted, (du, u, p, t) => {
      du[0] = p[0] > 2 && t > 0.5 ? -4 * u[0] : -p[0] * u[0];
    });
    const [count, stages, steps] = [1000, 6, 5];
    await verb(problem, many(count));
    calls = 0;
    for (let batch = 0; batch < 3; batch++) await verb(problem, many(count));
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThan(0.02 * 3 * count * stages * steps);
    await refused(verb(problem, ndarray(new Float64Array(count).fill(3), [count, 1])));
  });
});

it("solveBatch refuses what is found at the ends of trajectories alone", async () => {
  const problem = misread(
    (du, u, p) => {
      du[0] = u[0] < 0.1 ? -3 * u[0] : -p[0] * u[0];
    },
    (du, u, p) => {
      du[0] = u[0] < 0.1 ? -4 * u[0] : -p[0] * u[0];
    },
  );
  await expect(solveBatch(problem, { p: many(5) })).resolves.toBeDefined();
  await refused(solveBatch(problem, { p: many(5, 4) }));
});

it("evaluateBatch refuses it at the points given", async () => {
  const problem = misread(
    (du, u) => {
      du[0] = u[0] > 5 ? 1 : -u[0];
    },
    (du, u) => {
      du[0] = u[0] > 5 ? 2 : -u[0];
    },
  );
  await expect(evaluateBatch(problem, { u: rows(1, 2, 3) })).resolves.toBeDefined();
  await refused(evaluateBatch(problem, { u: rows(1, 2, 7) }));
});

describe("gradientBatch refuses a loss", () => {
  const problem = odeProblem({
    rhs: (du, u, p) => {
      du[0] = -p[0] * u[0];
    },
    u0: [1],
    p: [1],
    tspan: [0, 1],
  });
  const read = (part: Loss<number[], number[]>) =>
    withLoss(part as Loss, problem as unknown as OdeProblem, (programs) => programs);

  it("that turns out to be misread at states of its trajectories", async () => {
    const part: Loss<number[], number[]> = { at: [0.5, 1], of: (u, _p, t, i) => (i + 1) * t * u[0] };
    const plain = (u: Float64Array, _p: Float64Array, [t, i]: readonly number[]): number => (u[0] < 0.5 ? 7 : (i + 1) * t * u[0]);
    Object.assign(read(part).plain!, { sum: plain });
    await refused(gradientBatch(problem, { p: many(3), loss: part }));
  });

  it("that is known to be", async () => {
    const part: Loss<number[], number[]> = { final: (u) => 3 * u[0] ** 2 };
    const { value } = read(part).final!;
    markMisread(value, { name: value.name }, "its compiled form would give 1 where the function gives 2");
    await refused(gradientBatch(problem, { p: many(3), loss: part }));
  });
});
