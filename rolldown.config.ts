/**
 * What Node runs: a floor of the library is one file, as every file more takes half a millisecond where it is imported. And the one file that
 * pages without a bundler load.
 */
import { defineConfig } from "rolldown";

/** What is exported, what the command and the benchmarks run, and what they run in processes of their own. */
const entries = [
  "index",
  "src/core/captured",
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
  odegrad: /^src\/(?!devices\/webgpu\/|core\/captured)/,
  solvers: /^solvers\//,
  sensitivity: /^(sensitivity|worker)\//,
};

const root = `${import.meta.dirname}/`;

const shared = {
  // Of pages too: what the bundler adds for Node would import modules of it.
  platform: "neutral",
  // Packages stay what is installed.
  external: /^[^./]/,
} as const;
const output = { dir: "dist", comments: false } as const;

export default defineConfig([
  {
    ...shared,
    input: Object.fromEntries(entries.map((name) => [name, `${name}.ts`])),
    output: {
      ...output,
      chunkFileNames: "chunk-[hash].js",
      topLevelVar: true,
      codeSplitting: {
        groups: Object.entries(floors).map(([name, within]) => ({
          name,
          test: (id: string) => id.startsWith(root) && within.test(id.slice(root.length)),
        })),
      },
    },
  },
  // It runs where pages are built, and shares nothing with what runs there.
  { ...shared, input: { "unplugin/index": "unplugin/index.ts" }, output },
  // With the parser, so that it needs no import map. What is optional stays what is installed.
  {
    input: { odegrad: "browser.ts" },
    platform: "browser",
    external: ["@observablehq/plot", "webgpu"],
    output: { ...output, minify: true, codeSplitting: false },
  },
]);
