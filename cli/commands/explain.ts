/** `odegrad explain PROBLEM` */
import { Command, Option } from "commander";
import { explain } from "../../sensitivity/explain.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { Program } from "../../src/ir/ir.ts";
import { print as printProgram } from "../../src/ir/print.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { NoLoss } from "../messages/errors.ts";
import { print } from "../output/print.ts";
import { toJson } from "../messages/json.ts";
import { derivativeOptions, problemArgument, stepOptions, taskOf, type DerivativeOptions, type SharedOptions } from "./shared.ts";
import type { StepOptions } from "../../solvers/solve/step-options.ts";

interface ExplainOptions extends SharedOptions, DerivativeOptions, StepOptions {
  readonly program?: "rhs" | "vjp";
}

export function explainCommand(): Command {
  const command = new Command("explain").description("says how the gradient of a problem's loss would be computed, and why so");
  const program = new Option("--program [which]", "print the program that the right-hand side is read as, or that of its vjp")
    .choices(["rhs", "vjp"])
    .preset("rhs");
  return stepOptions(derivativeOptions(problemArgument(command)))
    .addOption(program)
    .action(run);
}

async function run(name: string, options: ExplainOptions): Promise<void> {
  const { problem, loss, solver } = await taskOf(name, options);
  if (options.program) {
    const program = printProgram(programOf(problem, options.program));
    return print(options.json ? toJson({ program }) : program);
  }
  if (!loss) throw new NoLoss(problem.name);
  const { rtol, atol, wrt, adjoint, vjp, maxStep, firstStep, stops, maxTime, maxSteps } = options;
  const limits = { maxStep, firstStep, stops, maxTime, maxSteps };
  const plan = explain(problem, { loss, wrt, solver, rtol, atol, adjoint, vjp, ...limits });
  print(options.json ? toJson(plan) : plan.toString());
}

/** (output du[n], input u[n], input p[np], scalar t), or what reverse mode makes of it. Throws ReadError where it cannot be read. */
function programOf({ code }: OdeProblem, which: "rhs" | "vjp"): Program {
  const rhs = code.rhsProgram();
  return which === "rhs" ? rhs : derivativesOf(rhs).vjp(["u", "p"]);
}
