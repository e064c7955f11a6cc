/** What the located solve of a task holds: the decisions of the right-hand side, and those of the loss's integrand where that may jump. */
import { memo } from "../../src/core/memo.ts";
import { branchesOf, decisionsNotHeld, surveyOf, type Branches } from "../../src/analysis/switching/branches.ts";
import { outcomesOf } from "../../src/analysis/switching/outcomes.ts";
import { fillSchedule, scheduleOf } from "../../src/analysis/switching/schedule.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { Builder } from "../../src/ir/builder.ts";
import { inline, parametersOf } from "../../src/ir/clone.ts";
import type { Program } from "../../src/ir/ir.ts";
import { codeThrough } from "../../src/problem/code.ts";
import type { BranchModes, BranchSwitch } from "../../solvers/step-loop/trajectory.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import type { LossPart } from "../losses/part.ts";
import type { EventMet, GradientTask, UnplannedTask } from "../task/task.ts";

export interface Deciding {
  /** (output du, input u, input p, scalar t): what decides. */
  readonly program: Program;
  readonly branches: Branches;
  /** Of so many of them the first, the rest being the integrand's. */
  readonly ofRhs: number;
}

/** What a solve that held them found. */
export interface Held {
  readonly deciding: Deciding;
  /** How the decisions turn out from the start on, and from when on otherwise. */
  readonly changes: readonly BranchModes[];
  /** When they turned out otherwise by themselves. */
  readonly switches: readonly BranchSwitch[];
  /** The events of the state that took place, but for one that ended the solve. */
  readonly eventsMet: readonly EventMet[];
}

export const outcomesKept = memo(outcomesOf);

/** Undefined where not all decisions of the right-hand side can be held; without those of the integrand where not all of these can. */
export function decidingOf({ code, loss }: UnplannedTask): Deciding | undefined {
  if (!systemOf(code)) return undefined;
  const rhs = code.rhsProgram();
  const integrand = loss.integral?.value;
  return (integrand && outcomesKept(integrand) && decidingBoth(rhs, integrand)) ?? decidingAlone(rhs);
}

function decidingAlone(program: Program): Deciding | undefined {
  const branches = decisionsNotHeld(program).length === 0 ? branchesOf(program) : undefined;
  return branches && { program, branches, ofRhs: branches.held.length };
}

const decidingBoth = memo((rhs: Program, integrand: Program): Deciding | undefined => {
  const b = new Builder(`${rhs.name}_with_integrand`);
  const args = parametersOf(b, rhs);
  inline(b, rhs, args);
  inline(b, integrand, args.slice(1));
  const deciding = decidingAlone(b.finish());
  const [ofRhs, others] = [rhs, integrand].map((program) => surveyOf(program).held.length);
  return deciding?.ofRhs === ofRhs + others ? { ...deciding, ofRhs } : undefined;
});

/** The task whose decisions turn out by the time, as a solve that held them found. */
export function scheduled(task: GradientTask, { deciding: { branches, ofRhs }, changes, eventsMet }: Held): GradientTask {
  const { code, loss, problem } = task;
  const direction = Math.sign(problem.tspan[1] - problem.tspan[0]);
  const fills: (() => void)[] = [];
  const schedule = (program: Program, first: number, end: number): Program => {
    const made = scheduleOf(program, changes.length);
    const own = changes.map(({ t, modes }) => ({ t, modes: modes.subarray(first, end) }));
    fills.push(() => fillSchedule(made, direction, own));
    return made.program;
  };
  // Products by the function itself, as on tapes, are made where its decisions are the state's: so are its steps then.
  const isRhs = ofRhs > 0 && task.backend.capabilities.programs;
  const isIntegrand = ofRhs < branches.held.length;
  if (!isRhs && !isIntegrand) return task;
  const through = isRhs ? codeThrough(code, schedule(code.rhsProgram(), 0, ofRhs)) : code;
  const integral = isIntegrand
    ? partThrough(loss.integral!, schedule(loss.integral!.value, ofRhs, branches.held.length))
    : loss.integral;
  const fill = (): void => fills.forEach((one) => one());
  fill();
  const { onProgress } = task;
  return {
    ...task,
    code: through,
    loss: isIntegrand ? { ...loss, integral, plain: { ...loss.plain, integral: undefined } } : loss,
    eventsMet,
    fillSchedule: fill,
    // What the caller does meanwhile may be a gradient of the same function.
    onProgress: onProgress && ((progress) => (onProgress(progress), fill())),
  };
}

const partThrough = memo((part: LossPart, program: Program): LossPart => {
  return { ...part, value: program, gradient: derivativesOf(program).vjp(["u", "p"]), asRead: part };
});
