/** What Node runs: a floor of the library is one file, as every file more takes half a millisecond where it is imported. */
import { defineConfig } from "rolldown";

/** What is exported, what the command and the benchmarks run, and what they run in processes of their own. */
const entries = [
  "index",
  "src/read/constants/captured",
  "solvers/index",
  "sensitivity/index",
  "problems/index",
  "training/index",
  "plot/index",
  "worker/index",
  "cli/odegrad",
  "cli/problem/resolve-hook",
  "cli/doctor/gpu-probe",
  "bench/first-gradient/process",
  "bench/preparation/process",
];

const floors = {
  // But for what is imported where there is a GPU only, and what build plugins import alone.
  odegrad: /^src\/(?!devices\/webgpu\/|read\/constants\/captured)/,
  solvers: /^solvers\//,
  sensitivity: /^(sensitivity|worker)\//,
};

const root = `${import.meta.dirname}/`;

export default defineConfig({
  input: Object.fromEntries(entries.map((name) => [name, `${name}.ts`])),
  platform: "node",
  // Packages stay what is installed.
  external: /^[^./]/,
  output: {
    dir: "dist",
    chunkFileNames: "chunk-[hash].js",
    comments: false,
    topLevelVar: true,
    codeSplitting: {
      groups: Object.entries(floors).map(([name, within]) => ({
        name,
        test: (id: string) => id.startsWith(root) && within.test(id.slice(root.length)),
      })),
    },
  },
});
