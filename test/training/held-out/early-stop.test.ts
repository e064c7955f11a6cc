/** A fit with held-out data returns where those were met best, whatever the optimiser, and says so. */
import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { normals } from "../../../src/core/random.ts";
import {
  adam,
  BadData,
  BadParameter,
  BadTrainingOption,
  fit,
  inTurn,
  lbfgs,
  levenbergMarquardt,
  observations,
  trustRegion,
  type Checkpoint,
  type FitProgress,
} from "../../../training/index.ts";

const t = [1, 2, 3, 4];
/** Of the mean alone: what is fitted lies at 5, what is held out at 3, and the way to 5 from 0 leads past it. */
const still = odeProblem({ rhs: () => ({ x: 0 }), u0: { x: 0 }, tspan: [0, 4], p: {} });
const fitted = observations({ t, values: { x: [4.9, 5.1, 5, 5] }, sigma: 1 });
const heldOut = observations({ t, values: { x: [3, 3, 3, 3] }, sigma: 0.5 });
const initial = { x: true } as const;

/** For each observation. */
const misfitAt = (x: number): number => (x - 3) ** 2 / 0.5 ** 2 / 2;

describe("held-out data", () => {
  it.each([
    ["adam", adam({ learningRate: 0.2 })],
    ["one after the other", inTurn([adam({ learningRate: 0.2 }), 3], [adam({ learningRate: 0.3 })])],
  ])("end a fit behind where they are met best, which is returned: %s", async (_, optimiser) => {
    const told: FitProgress[] = [];
    const found = await fit(still, fitted, {
      initial,
      optimiser,
      heldOut,
      patience: 4,
      onProgress: (progress) => told.push(progress),
    });
    expect(found.heldOut).toBeCloseTo(misfitAt(found.u0.x), 12);
    const seen = told.map((one) => one.heldOut!);
    const best = seen.indexOf(Math.min(...seen));
    expect(found.heldOut).toBe(seen[best]);
    expect(seen).toHaveLength(best + 1 + 4);
    expect(Math.abs(found.u0.x - 3)).toBeLessThan(0.3);
    expect(found.value).toBe(told[best].value);
    expect(found.converged).toBe(false);
    const ended = `held-out data were met no better in 4 iterations; what is returned is where held-out data were met best, after ${best + 1} iterations`;
    expect(found.course.ended).toBe(ended);
    expect(found.warnings).toEqual([`It did not come to a minimum: ${ended}.`]);
    expect(String(found)).toContain(`misfit of held-out data: ${found.heldOut!.toPrecision(4)} for each observation`);
  });

  it.each([
    ["levenbergMarquardt", levenbergMarquardt()],
    ["trustRegion", trustRegion()],
    ["lbfgs", lbfgs()],
  ])("that are met best where the fit ends leave it as it is: %s", async (_, optimiser) => {
    const more = observations({ t, values: { x: [5, 5, 5, 5] }, sigma: 0.5 });
    const { heldOut: misfit, ...found } = await fit(still, fitted, { initial, optimiser, heldOut: more });
    const { heldOut: none, ...alone } = await fit(still, fitted, { initial, optimiser });
    expect(found).toEqual(alone);
    expect(none).toBeUndefined();
    expect(misfit).toBeCloseTo((found.u0.x - 5) ** 2 / 0.5, 12);
  });

  it("that were met best before the minimum was reached are why that is not returned", async () => {
    const { u0, course, converged } = await fit(still, fitted, {
      initial,
      heldOut: observations({ t: [1], values: { x: [-1] }, sigma: 1 }),
    });
    expect(u0.x).toBe(0);
    expect(converged).toBe(false);
    expect(course.ended).toMatch(/; what is returned is where held-out data were met best, after 0 iterations$/);
  });

  it("know nothing of priors, and where they cannot be met are passed over", async () => {
    const prior = { normal: [0, 1] } as const;
    const positive = observations({ t, values: { x: [3, 3, 3, 3] }, noise: "lognormal", sigma: 0.5 });
    const told: FitProgress[] = [];
    const found = await fit(still, fitted, {
      initial: { x: { prior } },
      optimiser: adam({ learningRate: 0.2 }),
      heldOut: positive,
      onProgress: (progress) => told.push(progress),
    });
    expect(Math.log(found.u0.x / 3) ** 2 / 0.5 ** 2 / 2).toBeCloseTo(found.heldOut!, 12);
    expect(Math.abs(found.u0.x - 3)).toBeLessThan(0.3);
  });

  it("go on from a checkpoint with the same numbers, and are told apart", async () => {
    const normal = normals(3);
    const noisy = observations({ t, values: { x: t.map(() => 5 + normal()) }, sigma: 1 });
    const kept: string[] = [];
    const options = { initial, optimiser: adam({ learningRate: 0.2 }), heldOut, patience: 4 } as const;
    const whole = await fit(still, noisy, { ...options, every: 3, onCheckpoint: (one) => kept.push(JSON.stringify(one)) });
    expect(kept.length).toBeGreaterThan(3);
    for (const text of [kept[0], kept[2], kept.at(-1)!]) {
      expect(await fit(still, noisy, { ...options, resume: JSON.parse(text) as Checkpoint })).toEqual(
        expect.objectContaining({ u0: whole.u0, value: whole.value, heldOut: whole.heldOut, course: whole.course }),
      );
    }
    const resume = JSON.parse(kept[0]) as Checkpoint;
    for (const other of [{ patience: 5 }, { heldOut: fitted }, { heldOut: undefined }]) {
      const refused = fit(still, noisy, { ...options, ...other, resume });
      await expect(refused).rejects.toThrow(BadTrainingOption);
      await expect(refused).rejects.toThrow("There, held-out data: 4 observations of 1 experiments, number");
    }
  });

  it("are refused where they are of something else, or have values of their own of what is fitted", async () => {
    const other = observations({ t, values: { y: t } });
    await expect(fit(still, fitted, { initial, heldOut: other })).rejects.toThrow(BadData);
    const own = observations({ t, values: { x: t }, u0: { x: 2 } });
    const refused = fit(still, fitted, { initial, heldOut: own });
    await expect(refused).rejects.toThrow(BadParameter);
    await expect(refused).rejects.toThrow(
      "fit: heldOut: x of u0 is fitted, one value for all experiments, but in the fitted data it is 0",
    );
  });
});
