/** `odegrad explain PROBLEM` */
import { Command } from "commander";
import { explain } from "../../sensitivity/explain.ts";
import { NoLoss } from "../errors.ts";
import { print } from "../output/print.ts";
import { toJson } from "../output/json.ts";
import { derivativeOptions, problemArgument, stepOptions, taskOf, type DerivativeOptions, type SharedOptions } from "./shared.ts";
import type { StepOptions } from "../../solvers/step-options.ts";

interface ExplainOptions extends SharedOptions, DerivativeOptions, StepOptions {}

export function explainCommand(): Command {
  const command = new Command("explain").description("says how the gradient of a problem's loss would be computed, and why so");
  return stepOptions(derivativeOptions(problemArgument(command))).action(run);
}

async function run(name: string, options: ExplainOptions): Promise<void> {
  const { problem, loss, solver } = await taskOf(name, options);
  if (!loss) throw new NoLoss(problem.name);
  const { rtol, atol, wrt, adjoint, vjp, maxStep, firstStep, stops, maxTime, maxSteps } = options;
  const limits = { maxStep, firstStep, stops, maxTime, maxSteps };
  const plan = explain(problem, { loss, wrt, solver, rtol, atol, adjoint, vjp, ...limits });
  print(options.json ? toJson(plan) : plan.toString());
}
