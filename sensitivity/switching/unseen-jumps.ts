/** Warnings of jumps that derivatives do not know of, as the text of functions alone tells: whether the state comes there is not looked at. */
import { jumpInRules, jumpOnState } from "../../src/analysis/switching/jumps.ts";
import { memo } from "../../src/core/memo.ts";
import type { Let, Program } from "../../src/ir/ir.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { written } from "../../solvers/events/switches.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import type { LossPrograms } from "../losses/loss.ts";
import { asRead } from "../losses/part.ts";

/** Of the right-hand side, and of the parts of a loss. */
export function unseenJumps({ code, name }: OdeProblem, loss: LossPrograms): string[] {
  const { integral } = loss;
  return [
    ...(systemOf(code) ? inRules(code.asRead.rhsProgram(), name) : []),
    ...(integral ? inRules(asRead(integral).value, "loss.integral") : []),
    ...jumpsOfLoss(loss),
  ];
}

/** Of what is made of states: all but an integral, whose jumps are found. */
export function jumpsOfLoss({ sum, final, steady, all }: LossPrograms): string[] {
  const parts = { of: sum, final, steady, all };
  return Object.entries(parts).flatMap(([key, part]) => (part ? inLoss(part.value, `loss.${key}`) : []));
}

const inRules = memo((program: Program, name: string): string[] => {
  const jump = jumpInRules(program, "u", "t");
  if (!jump) return [];
  return [
    `${placeOf(jump, name)} may jump, within a function that has derivatives of its own, where no solve stops at it: what moves the time of the ` +
      "jump is not in these derivatives. Write it as a comparison in the right-hand side itself, or in a function without rules.",
  ];
});

/** What a loss makes of a state is differentiated where that is, on one side of a jump. */
const inLoss = memo((program: Program, name: string): string[] => {
  const jump = jumpOnState(program) ?? jumpInRules(program, "u");
  if (!jump) return [];
  return [
    `${placeOf(jump, name)} may make the loss jump: these derivatives are those on the side where the state is, and know nothing of the other. ` +
      "Where the jump is to count, make it smooth, or take the time at which it is met.",
  ];
});

function placeOf({ source }: Let, name: string): string {
  const { function: of, line, text } = written(source, name);
  return `${of}, line ${line}: \`${text}\``;
}
