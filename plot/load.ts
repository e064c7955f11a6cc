/** Observable Plot, an optional peer dependency. */
import type * as Plot from "@observablehq/plot";
import { MissingPackage } from "../src/core/errors.ts";

export type PlotModule = typeof Plot;

/** Throws {@link MissingPackage}. */
export async function loadPlot(): Promise<PlotModule> {
  try {
    return await import("@observablehq/plot");
  } catch (error) {
    throw new MissingPackage("@observablehq/plot", "Drawing a figure", { cause: error });
  }
}
