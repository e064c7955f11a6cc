/**
 * What Node runs: a floor of the library is one file, as every file more takes half a millisecond where it is imported. And the one file that
 * pages without a bundler load.
 */
import { dirname, join, relative } from "node:path";
import { defineConfig } from "rolldown";

/** What is exported, what the command and the benchmarks run, and what they run in processes of their own. */
const entries = [
  "index",
  "src/core/captured",
  "src/devices/threads/threads",
  "solvers/index",
  "sensitivity/index",
  "problems/index",
  "training/index",
  "plot/index",
  "worker/index",
  "cluster/index",
  "cli/odegrad",
  "cli/worker/thread",
  "cli/problem/resolve-hook",
  "cli/doctor/gpu-probe",
  "bench/first-gradient/process",
  "bench/preparation/process",
  "bench/ensemble/memory-process",
];

const floors = {
  // But for what is imported where there is a GPU only, or threads, and what build plugins import alone.
  odegrad: /^src\/(?!devices\/(?:webgpu|threads)\/|core\/captured)/,
  solvers: /^solvers\//,
  sensitivity: /^(sensitivity|ensemble|worker)\//,
};

const root = `${import.meta.dirname}/`;

const shared = {
  // Of pages too: what the bundler adds for Node would import modules of it.
  platform: "neutral",
  // Packages stay what is installed.
  external: /^[^./]/,
} as const;
const output = { dir: "dist", comments: false } as const;

/** In `odegrad/core` these stand in for what chooses among all methods, and for what few pages need. */
const standIns: Readonly<Record<string, string>> = {
  "solvers/solve/automatic.ts": "automatic",
  "solvers/solve/candidates.ts": "candidates",
  "sensitivity/adjoints/index.ts": "adjoints",
  "sensitivity/adjoints/continuous/backward-method.ts": "backward-method",
  "sensitivity/check/by-differences.ts": "checks",
  "sensitivity/check/through-solve.ts": "checks",
  "sensitivity/steady-gradient.ts": "steady-gradient",
  "sensitivity/vjp/backends/index.ts": "vjp-backends",
  "solvers/systems/algebraic-equations.ts": "mass",
  "solvers/systems/consistent-derivatives.ts": "mass",
  "solvers/step-loop/massive-initial-step.ts": "mass",
  "src/compile/link-javascript.ts": "link-javascript",
  "src/problem/mass-matrix.ts": "mass",
  "src/tape/crossings.ts": "crossings",
  "src/tape/traced-program.ts": "traced-program",
};

const standingIn = {
  name: "stand-ins",
  resolveId(source: string, importer: string | undefined): string | undefined {
    if (!importer || !source.startsWith(".")) return undefined;
    const path = join(dirname(importer), source);
    const name = standIns[relative(root, path)];
    return name === undefined ? undefined : join(root, "core", "stand-ins", `${name}.ts`);
  },
};

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
  // A worker thread of Node loads no more than it needs.
  { ...shared, input: { "src/devices/threads/lane-worker": "src/devices/threads/lane-worker.ts" }, output },
  // A file each, so that pages load what they name.
  {
    input: { index: "core/index.ts" },
    platform: "neutral",
    external: /^[^./]/,
    plugins: [standingIn],
    // What was inlined would still be imported, for nothing, of which bundlers warn.
    optimization: { inlineConst: false },
    output: { ...output, dir: "dist/core/modules", preserveModules: true, preserveModulesRoot: import.meta.dirname },
  },
  // With all that it imports, so that it needs no import map. What is optional stays what is installed.
  {
    input: { odegrad: "browser.ts" },
    platform: "browser",
    external: ["@observablehq/plot", "webgpu"],
    output: { ...output, minify: true, codeSplitting: false },
  },
]);
