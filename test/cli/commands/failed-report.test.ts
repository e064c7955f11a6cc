/** A report whose benchmark failed: the command says so, and fails. */
import { expect, it, vi } from "vitest";
import { benchCommand } from "../../../cli/commands/bench.ts";

const outcome = vi.hoisted(() => ({ current: {} as object }));
const printed: string[] = vi.hoisted(() => []);
vi.mock("../../../cli/bench/report.ts", () => ({
  writeReport: () => Promise.resolve({ path: "out/report.html", sections: [{ name: "vjp", outcome: outcome.current }] }),
}));
vi.mock("../../../cli/output/print.ts", () => ({ print: (text: string) => printed.push(text) }));

it("is written, told, and thrown", async () => {
  outcome.current = { failure: "no memory" };
  const run = benchCommand().parseAsync(["report", "vjp"], { from: "user" });
  await expect(run).rejects.toThrow(/^vjp: failed, as out\/report.html tells/);
  expect(printed.at(-1)).toBe("report: out/report.html\nfailed: vjp");
});

it("is not thrown where all was measured", async () => {
  outcome.current = { title: "Products" };
  await benchCommand().parseAsync(["report", "vjp"], { from: "user" });
  expect(printed.at(-1)).toBe("report: out/report.html");
});
