/**
 * Figures of solutions, gradients and other numbers, drawn with Observable Plot (an optional peer dependency) as SVG.
 * @module odegrad/plot
 */
export { bandsFigure, type Bands } from "./bands.ts";
export { barsFigure, type Bar } from "./bars.ts";
export { curvesFigure, type Axis, type Curve, type Panel } from "./curves.ts";
export { fieldFigure } from "./field.ts";
export type { Field } from "./fields.ts";
export { Figure, type FigureParts, type LegendEntry } from "./figure.ts";
export { fitFigure, type FittedData, type FittedObservation, type PredictedBand, type PredictedCurves } from "./fit.ts";
export { lossFigure, type LossStep } from "./loss.ts";
export { pairsFigure, type Draws } from "./pairs.ts";
export { profilesFigure, type ParameterProfile, type ProfileCurves } from "./profiles.ts";
export { residualsFigure } from "./residuals.ts";
export { termsFigure, type TrainedTerm } from "./terms.ts";
export { waterfallFigure, type EndedStart } from "./waterfall.ts";
export {
  show,
  type Shown,
  type ShownDraws,
  type ShownFit,
  type ShownGradient,
  type ShownProfiles,
  type ShownSolution,
  type ShownStarts,
} from "./show.ts";
export { seriesFigure, type Moments, type Series } from "./series.ts";
