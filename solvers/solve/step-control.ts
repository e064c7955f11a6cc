/** How steps are judged and chosen, as users ask for it: functions of theirs are read and compiled into the steps. */
import { componentPath, type Layout } from "../../src/arrays/layout.ts";
import { BadOption } from "../../src/core/errors.ts";
import type { Check } from "../../src/core/options/check.ts";
import { callable, listOf, shown, text } from "../../src/core/options/kinds.ts";
import type { Program } from "../../src/ir/ir.ts";
import { interpret } from "../../src/ir/interpret.ts";
import { Operator } from "../../src/problem/operator.ts";
import { operators } from "../../src/problem/operators.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Inputs, PlainFunction } from "../../src/problem/plain-operator.ts";
import { markMisread } from "../../src/read/misreading.ts";
import { componentsNamed } from "../solution/components.ts";
import type { StepControl } from "../step/controller.ts";
import { isController, type StepController } from "../step/controllers.ts";
import type { Method } from "../step/method.ts";

/** See {@link StepOptions}. */
export type ControllerOption = StepController | ((error: number, previous: number, ratio: number, order: number) => number);

/** Written as a method, so that options for states of one type are options for states of any. */
type NormOfErrors<U> = { bivariant(errors: U): number }["bivariant"];

/** See {@link StepOptions}. */
export type NormOption<U> = "rms" | "max" | NormOfErrors<U>;

/** See {@link StepOptions}. */
export type PositiveOption = true | readonly string[];

export const positiveCheck: Check = (value, what) => {
  if (value === true) return;
  listOf(text)(value, what);
};

export const controllerCheck: Check = (value, what) => {
  if (isController(value)) return;
  if (typeof value === "function") return callable(value, what);
  throw new BadOption(
    `${what} is ${shown(value)}. Give integral(), pi(), pid("H211b") or predictive(), or a function of the error: ` +
      "(error, previous, ratio, order) => 0.9 * error ** (-1 / order).",
  );
};

export const normCheck: Check = (value, what) => {
  if (value === "rms" || value === "max") return;
  if (typeof value === "function") return callable(value, what);
  throw new BadOption(
    `${what} is ${shown(value)}. It may be "rms", "max", or a function of the scaled errors in the state's shape.`,
  );
};

interface ControlOptions {
  readonly controller?: ControllerOption;
  readonly norm?: NormOption<never>;
  readonly positive?: PositiveOption;
  readonly solver?: Method;
}

/**
 * What a method's steps are to be judged and chosen by; undefined where nothing is asked for. Throws ReadError for functions that cannot be read, and {@link BadOption} for
 * what the method cannot follow.
 */
export function stepControl({ controller, norm, positive, solver }: ControlOptions, code: ProblemCode): StepControl | undefined {
  const named = positive === true || positive?.length ? positive : undefined;
  const hasNorm = norm !== undefined && norm !== "rms";
  if (controller === undefined && !hasNorm && named === undefined) return undefined;
  if (solver?.dt !== undefined) {
    const name = controller !== undefined ? "controller" : hasNorm ? "norm" : "positive";
    throw new BadOption(
      `${name}: the steps of ${solver.name} are of one length, dt, and are not judged. Leave it out, or take tsit5().`,
    );
  }
  if (controller !== undefined && solver && choosesItself(solver)) {
    throw new BadOption(
      `controller: ${solver.name} chooses order and length of its steps together, and takes none. Leave it out, or take rodas5P() or trbdf2().`,
    );
  }
  return {
    controller: typeof controller === "function" ? ruleOf(controller as PlainFunction, code) : controller,
    norm: typeof norm === "function" ? normOf(norm as PlainFunction, code) : norm === "max" ? norm : undefined,
    positive: named && componentsOf(named, code.layout.u),
  };
}

/** Indices of the components of these names, or of all. */
function componentsOf(named: PositiveOption, layout: Layout): readonly number[] {
  if (named === true) return Array.from({ length: layout.size }, (_, i) => i);
  return [...new Set(named.flatMap((name) => componentsNamed(layout, name, "positive")))].sort((a, b) => a - b);
}

/** A method with such a control; where a rule for lengths is none of its, only the norm. */
export function controlled(method: Method, control: StepControl | undefined): Method {
  return control === undefined || method.dt !== undefined ? method : { ...method, control };
}

function choosesItself(method: Method): boolean {
  return method.family.controller(method).order === undefined;
}

/** An error, the one before, the ratio of the lengths, and the order. */
const EXAMPLES: readonly Inputs[] = [
  [1e-3, 1, 1, 5],
  [0.5, 1e-3, 2, 5],
  [1, 0.5, 0.3, 2],
];

function ruleOf(fn: PlainFunction, { layout, constants }: ProblemCode): Program {
  const rule = new Operator(operators.controller, {
    fn,
    name: "controller",
    spaces: layout,
    constants,
    points: () => EXAMPLES,
  });
  for (const inputs of EXAMPLES) {
    const factor: unknown = rule.number(inputs);
    if (typeof factor === "number" && factor > 0 && factor < Infinity) continue;
    throw new BadOption(
      `controller: it gives ${shown(factor)} for (${inputs.join(", ")}), but must give a positive number, by which the length of the step is multiplied.`,
    );
  }
  return readLikewise(rule, EXAMPLES);
}

/** What the function is given. */
function shapeOf(u: Layout): string {
  const first = componentPath(u, 0, "errors");
  return u.kind === "struct"
    ? `It is given the errors by the names of the state: ${first}, ….`
    : `It is given the errors as a state: ${first}, ….`;
}

function normOf(fn: PlainFunction, { layout, constants }: ProblemCode): Program {
  const examples = errorsLike(layout.u.size).map((errors) => [errors]);
  const norm = new Operator(operators.norm, {
    fn,
    name: "norm",
    spaces: layout,
    constants,
    points: () => examples,
  });
  for (const [errors] of examples) {
    const [one, two]: unknown[] = [1, 2].map((by) => norm.number([errors.map((x) => by * x)]));
    if (typeof one !== "number" || !(one >= 0 && one < Infinity)) {
      throw new BadOption(
        `norm: it gives ${shown(one)} for errors such as ${errors[0]}, but must give a number that is not negative. ${shapeOf(layout.u)}`,
      );
    }
    if (!(Math.abs((two as number) - 2 * one) <= 1e-9 * one)) {
      throw new BadOption(
        `norm: for errors twice as large it gives ${shown(two)} in place of ${shown(2 * one)}. A norm grows as what it is the norm of does: ` +
          "Math.sqrt(x ** 2 + y ** 2), not x ** 2 + y ** 2.",
      );
    }
  }
  return readLikewise(norm, examples);
}

function errorsLike(size: number): readonly Float64Array[] {
  return [1, 4].map((k) => Float64Array.from({ length: size }, (_, i) => 0.75 * Math.sin(1 + 5 * i + k)));
}

/** The program of a function. Throws MisreadFunction where it does something else. */
function readLikewise(operator: Operator, examples: readonly Inputs[]): Program {
  const program = operator.program();
  for (const inputs of examples) {
    const expected = operator.number(inputs);
    const value = interpret(program, inputs, { operation: () => {}, access: () => {} })!;
    if (Math.abs(value - expected) <= 1e-9 * Math.abs(expected)) continue;
    throw markMisread(
      program,
      { name: operator.name },
      `its compiled form would give ${value} where the function gives ${expected}`,
    );
  }
  return program;
}
