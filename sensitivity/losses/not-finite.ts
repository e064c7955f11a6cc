/** A loss that is not finite, and where in its function that happens. */
import { NonFiniteLoss } from "./errors.ts";
import { showPlace } from "../../src/core/errors.ts";
import { diagnose, type Inputs } from "../../src/analysis/diagnosis.ts";
import type { Program } from "../../src/ir/ir.ts";

/** The error that says so; `where`: at which time. */
export function lossNotFinite(loss: Program, inputs: Inputs, value: number, where: string): NonFiniteLoss {
  const [diagnostic] = diagnose(loss, inputs, []);
  const cause = diagnostic ? `\n${showPlace(diagnostic.place, diagnostic.what)}` : "";
  return new NonFiniteLoss(
    `loss: its value ${where} is ${value}. Check the domain of what it computes along the solution.${cause}`,
  );
}

/** Throws {@link NonFiniteLoss} where a function of the loss has an operation whose value is not finite. */
export function requireFiniteLoss(loss: Program, inputs: Inputs, t: number): void {
  const diagnostic = diagnose(loss, inputs, []).find(({ kind }) => kind === "value");
  if (diagnostic)
    throw new NonFiniteLoss(
      `${showPlace(diagnostic.place, `${diagnostic.what}, at t = ${t}`)}\nCheck its domain along the solution.`,
    );
}
