import { expect, it } from "vitest";
import { ensembleBars } from "../../bench/ensemble.ts";
import { gradientBatches } from "../../bench/ensemble/gradients.ts";
import { lorenzEnsembles, SOLVES } from "../../bench/ensemble/lorenz.ts";
import { memoryOf } from "../../bench/ensemble/memory.ts";
import { robertsonEnsembles } from "../../bench/ensemble/robertson.ts";
import { timesOfEach } from "../../bench/shared/alternating.ts";
import { barsTable } from "../../bench/shared/bars.ts";
import "../devices/webgpu/adapter.ts";

it("all ways end at the same states, to the digits that they have", async () => {
  const { table, notes } = await lorenzEnsembles(70, 300, 1);
  const rows = new Map(table.rows.map((row) => [row.what, row]));
  expect([...rows.keys()].slice(0, 5)).toEqual(["loop", "cpu", "threads", "cpu, tsit5", SOLVES]);
  // The others need an adapter and a C compiler; each that is missing has a note.
  expect(rows.size).toBe(
    8 - notes.filter((note) => note.includes("GPU")).length - 2 * notes.filter((note) => note.includes("C:")).length,
  );
  const bounds: Record<string, number> = {
    loop: 0,
    cpu: 1e-13,
    threads: 1e-13,
    "cpu, tsit5": 1e-5,
    [SOLVES]: 1e-5,
    webgpu: 1e-4,
    "C f64": 1e-13,
    "C f32": 1e-4,
  };
  for (const [what, row] of rows) expect(row.error, String(what)).toBeLessThanOrEqual(bounds[what]);
});

it("gradients of a batch are those of a loop", async () => {
  const { difference, table } = await gradientBatches(7, 1);
  expect(difference).toBeLessThan(1e-9);
  expect(difference).toBeGreaterThan(0);
  expect(table.rows.map(({ what }) => what)).toEqual(["loop", "gradientBatch"]);
});

it("works take turns; the first is not counted, and a work may tell its own times", async () => {
  const order: string[] = [];
  const own = [9, 1, 5, 3];
  const times = await timesOfEach(
    { a: () => void order.push("a"), b: () => (order.push("b"), { wall: own.shift()!, processor: 2 }) },
    3,
  );
  expect(order.join("")).toBe("abababab");
  expect(times.b).toEqual({ wall: 3, processor: 2 });
});

it("holds ratios of one run against the bars", () => {
  const at = (seconds: number) => ({ wall: seconds, processor: seconds });
  const lorenz = {
    loop: at(6),
    cpu: at(1),
    "C f64": at(0.1),
    webgpu: at(7),
    threads: at(1),
    "cpu, tsit5": at(1),
    [SOLVES]: at(6),
  };
  const stiff = { "loop of solve": at(2), ensemble: at(1) };
  const gradients = { times: { loop: at(3), gradientBatch: at(1) }, difference: 1e-8 };
  const { rows } = barsTable(ensembleBars({ lorenz, stiff, gradients, memory: 1.05 }));
  expect(rows.map(({ verdict }) => verdict)).toEqual([
    "met",
    "missed",
    "missed",
    "met",
    "missed",
    "missed",
    "met",
    "missed",
    "met",
  ]);
});

it("stiff ends are those of single solves, to the tolerances", async () => {
  const { table, notes } = await robertsonEnsembles(6, 3, 1);
  const [loop, ensemble] = table.rows;
  expect([loop.trajectories, ensemble.trajectories]).toEqual([3, 6]);
  expect(ensemble.error).toBeLessThan(100);
  expect(notes).toHaveLength(1);
});

it("memory is told of fresh processes", () => {
  const { table, ratio } = memoryOf([10_000, 50_000]);
  expect(table.rows.map(({ trajectories }) => trajectories)).toEqual([10_000, 50_000]);
  // Five deviations of the mean of so many.
  for (const { error } of table.rows) expect(error).toBeLessThan(0.02);
  expect(ratio).toBeLessThan(1.5);
});
