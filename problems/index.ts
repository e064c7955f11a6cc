/** Named problems: each a definition, a loss, and known answers. */
export { brusselatorCells, type BrusselatorCellsParameters } from "./brusselator-cells.ts";
export { brusselator, type BrusselatorOptions, type BrusselatorParameters } from "./brusselator.ts";
export { heat, type HeatOptions, type HeatParameters } from "./heat.ts";
export {
  kuramotoSivashinsky,
  type KuramotoSivashinskyOptions,
  type KuramotoSivashinskyParameters,
} from "./kuramoto-sivashinsky.ts";
export { lotkaVolterra, type LotkaVolterraParameters, type LotkaVolterraState } from "./lotka-volterra.ts";
export type { NamedProblem, Reference } from "./named-problem.ts";
export { pkpd, type PkpdParameters, type PkpdState } from "./pkpd.ts";
export { pollution } from "./pollution.ts";
export { robertson, type RobertsonParameters } from "./robertson.ts";
export { spiralNeuralODE, type SpiralParameters } from "./spiral-neural-ode.ts";
export { problemTable, type ProblemEntry } from "./table.ts";
