import { expect, it } from "vitest";
import { batchBars } from "../../bench/batch.ts";
import { gradientBatches } from "../../bench/batch/gradients.ts";
import { lorenzBatches } from "../../bench/batch/lorenz.ts";
import { timesOfEach } from "../../bench/shared/alternating.ts";
import { barsTable } from "../../bench/shared/bars.ts";
import "../devices/webgpu/adapter.ts";

it("all ways end at the same states, to the digits that they have", async () => {
  const { table, notes } = await lorenzBatches(70, 300, 1);
  const rows = new Map(table.rows.map((row) => [row.what, row]));
  expect([...rows.keys()].slice(0, 3)).toEqual(["loop", "cpu", "cpu, tsit5"]);
  // The others need an adapter and a C compiler; each that is missing has a note.
  expect(rows.size).toBe(
    6 - notes.filter((note) => note.includes("GPU")).length - 2 * notes.filter((note) => note.includes("C:")).length,
  );
  const bounds: Record<string, number> = { loop: 0, cpu: 1e-13, "cpu, tsit5": 1e-5, webgpu: 1e-4, "C f64": 1e-13, "C f32": 1e-4 };
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
  const lorenz = { loop: at(6), cpu: at(1), "C f64": at(0.1), webgpu: at(7) };
  const { rows } = barsTable(batchBars(lorenz, { times: { loop: at(3), gradientBatch: at(1) }, difference: 1e-8 }));
  expect(rows.map(({ verdict }) => verdict)).toEqual(["met", "missed", "missed", "met", "missed"]);
});
