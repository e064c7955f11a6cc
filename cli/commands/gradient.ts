/** `odegrad gradient PROBLEM` */
import { Command } from "commander";
import { gradient, type Gradient } from "../../sensitivity/gradient.ts";
import { componentNames } from "../../src/arrays/layout.ts";
import type { OdeProblem } from "../../src/problem.ts";
import { NoLoss } from "../errors.ts";
import { toJson } from "../output/json.ts";
import { abbreviated, formatNumber, formatSeconds, formatTolerance, table } from "../output/text.ts";
import { barsFigure, type Bar } from "../plot/bars.ts";
import { fieldFigure, fieldsOf } from "../plot/field.ts";
import { checkPicturePath, writeFigure, type Figure } from "../plot/figure.ts";
import { derivativeOptions, plotOption, problemArgument, taskOf, type DerivativeOptions, type SharedOptions } from "./shared.ts";

interface GradientOptions extends SharedOptions, DerivativeOptions {
  readonly plot?: string;
  readonly check?: boolean;
}

export function gradientCommand(): Command {
  const command = new Command("gradient").description("differentiates a problem's loss through the solve");
  return derivativeOptions(plotOption(problemArgument(command)))
    .option("--check", "check the gradient against forward mode in a random direction, however often it was checked before")
    .action(run);
}

async function run(name: string, options: GradientOptions): Promise<void> {
  if (options.plot) checkPicturePath(options.plot);
  const { problem, loss, solver } = await taskOf(name, options);
  if (!loss) throw new NoLoss(problem.name);
  const { rtol, atol, adjoint, vjp, check } = options;
  const result = gradient(problem, { loss, wrt: options.wrt, solver, rtol, atol, adjoint, vjp, check });
  if (options.plot) await writeFigure(await figureOf(problem, result), options.plot);
  console.log(options.json ? json(problem, result) : summary(problem, options, result));
}

function json(problem: OdeProblem, { value, gradient, plan, stats, seconds, check }: Gradient<unknown, unknown>): string {
  // Methods that carry derivatives along have no way back.
  const ways = { ...stats, backward: stats.backward ?? null };
  return toJson({ problem: problem.name, value, gradient, plan, stats: ways, seconds, check });
}

const shownComponents = 16;

function summary(problem: OdeProblem, { rtol, atol, plot }: GradientOptions, result: Gradient<unknown, unknown>): string {
  const { value, plan, seconds, check } = result;
  const rows = abbreviated(
    components(problem, result).map(({ name, value }) => [name, formatNumber(value)]),
    shownComponents,
    ["…", ""],
  );
  return [
    `${problem.name}: rtol ${formatTolerance(rtol)}, atol ${formatTolerance(atol)}`,
    plan.summary,
    "",
    table([["loss", formatNumber(value)], ["", ""], ["gradient by", ""], ...rows]),
    "",
    `reverse against forward mode: ${check.passed ? "passed" : "FAILED"}, relative difference ${formatNumber(check.relativeDifference)}`,
    `${formatSeconds(seconds.prepare)} to prepare, ${formatSeconds(seconds.solve)} to solve, ${formatSeconds(seconds.gradient)} for the gradient`,
    ...(plot ? [`picture: ${plot}`] : []),
  ].join("\n");
}

/** Every component of the gradient, those by the initial state named "u0.prey", "u0[3]". */
function components({ layout }: OdeProblem, { flat }: Gradient<unknown, unknown>): Bar[] {
  const named = (names: string[], values: Float64Array | undefined) =>
    values ? names.map((name, i) => ({ name, value: values[i] })) : [];
  const stateNames = componentNames(layout.u, "").map((name) => (layout.u.kind === "struct" ? `u0.${name}` : `u0${name}`));
  return [...named(componentNames(layout.p, "p"), flat.p), ...named(stateNames, flat.u0)];
}

/** A gradient by fields is drawn as fields, any other as bars. */
async function figureOf(problem: OdeProblem, result: Gradient<unknown, unknown>): Promise<Figure> {
  const title = `${problem.name}: gradient of the loss`;
  const { p, u0 } = result.flat;
  const fields = [...(u0 ? fieldsOf(problem.layout.u, u0) : []), ...(p ? fieldsOf(problem.layout.p, p) : [])];
  return fields.length ? fieldFigure(fields, title) : barsFigure(components(problem, result), title, "derivative of the loss");
}
