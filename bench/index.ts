/** The benchmarks, by name. */
import { adjointsBenchmark } from "./adjoints.ts";
import { ensembleBenchmark } from "./ensemble.ts";
import { brusselatorBenchmark } from "./brusselator.ts";
import { clusterBenchmark } from "./cluster.ts";
import { defaultsBenchmark } from "./defaults.ts";
import { fitsBenchmark } from "./fits.ts";
import { firstGradient } from "./first-gradient.ts";
import { lotkaVolterraGradientBenchmark } from "./lotka-volterra-gradient.ts";
import { lotkaVolterraBenchmark } from "./lotka-volterra.ts";
import { neuralOdeBenchmark } from "./neural-ode.ts";
import { preparationBenchmark } from "./preparation.ts";
import type { Benchmark } from "./shared/report.ts";
import { vjpBenchmark } from "./vjp.ts";
import { workPrecisionBenchmark } from "./work-precision.ts";

export const benchmarks: Readonly<Record<string, Benchmark>> = {
  adjoints: adjointsBenchmark,
  ensemble: ensembleBenchmark,
  brusselator: brusselatorBenchmark,
  cluster: clusterBenchmark,
  defaults: defaultsBenchmark,
  "lotka-volterra": lotkaVolterraBenchmark,
  "lotka-volterra-gradient": lotkaVolterraGradientBenchmark,
  "first-gradient": firstGradient,
  fits: fitsBenchmark,
  "neural-ode": neuralOdeBenchmark,
  preparation: preparationBenchmark,
  vjp: vjpBenchmark,
  "work-precision": workPrecisionBenchmark,
};
