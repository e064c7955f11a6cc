/** How long a user waits for the first gradient: import, read, derive, compile and run, in a fresh process. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../node/package-root.ts";
import type { Benchmark } from "./shared/report.ts";
import { median } from "./shared/timing.ts";

const processes = 11;

export const firstGradient: Benchmark = {
  description: "import to first gradient of Lotka-Volterra, each time in a fresh process",
  isCold: true,
  async run() {
    const program = join(packageRoot(), "dist", "bench", "first-gradient", "process.js");
    const seconds = Array.from({ length: processes }, () =>
      Number(execFileSync(process.execPath, [program], { encoding: "utf8" })),
    );
    return {
      title: "First gradient of Lotka-Volterra at rtol = atol = 1e-6, from import on",
      tables: [
        {
          columns: [
            { key: "processes", header: "processes", kind: "count" },
            { key: "median", header: "median", kind: "seconds" },
            { key: "fastest", header: "fastest", kind: "seconds" },
            { key: "slowest", header: "slowest", kind: "seconds" },
          ],
          rows: [{ processes, median: median(seconds), fastest: Math.min(...seconds), slowest: Math.max(...seconds) }],
        },
      ],
      notes: [],
      pictures: [],
    };
  },
};
