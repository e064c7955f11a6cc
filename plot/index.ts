/** Figures of solutions, gradients and other numbers, drawn with Observable Plot (an optional peer dependency) as SVG. */
export { bandsFigure, type Bands } from "./bands.ts";
export { barsFigure, type Bar } from "./bars.ts";
export { curvesFigure, type Axis, type Curve, type Panel } from "./curves.ts";
export { fieldFigure, type Field } from "./field.ts";
export { Figure, type FigureParts, type LegendEntry } from "./figure.ts";
export { show, type Shown, type ShownGradient, type ShownSolution } from "./show.ts";
export { seriesFigure, type Moments, type Series } from "./series.ts";
