/** A model: the problem that a text exports, and what the page is told of it. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import { componentNames, ownLayout } from "../../src/arrays/layout.ts";
import { pack, unpack } from "../../src/arrays/pack.ts";
import { describe } from "../../src/core/array-values.ts";
import { isObject } from "../../src/core/options/check.ts";
import { fieldsOf } from "../../plot/fields.ts";
import { methodNamed } from "../../solvers/methods/index.ts";
import type { Method } from "../../solvers/step/method.ts";
import { NoModel } from "../shared/errors.ts";
import type { ModelInfo, Setting } from "../shared/protocol.ts";
import { runModule } from "./module.ts";

let last: { readonly text: string; readonly problem: OdeProblem } | undefined;

/** The last one is kept, with what was compiled for it; `onRun`: the text's own code is about to run. Throws {@link NoModel}, and what the text throws. */
export async function problemOf(text: string, onRun: () => void): Promise<OdeProblem> {
  if (last?.text === text) return last.problem;
  const exported = await runModule(text, onRun);
  const problem = isObject(exported) && "problem" in exported ? exported.problem : exported;
  if (!isProblem(problem)) {
    throw new NoModel(exported === undefined ? "nothing by default" : `${describe(exported)}, which is no problem`);
  }
  last = { text, problem };
  return problem;
}

function isProblem(value: unknown): value is OdeProblem {
  return isObject(value) && "rhs" in value && "code" in value && "layout" in value;
}

export function infoOf(problem: OdeProblem): ModelInfo {
  const { name, layout, tspan, initial } = problem;
  const u = ownLayout(layout.u);
  const flat = pack(u, problem.u0, "u0");
  return {
    name,
    states: componentNames(u, "u"),
    initial: [...flat],
    parameters: componentNames(layout.p, "p"),
    values: [...pack(layout.p, problem.p, "p")],
    tspan,
    grids: fieldsOf(u, flat).map(({ name: field, rows, columns, values }) => ({
      name: field,
      rows,
      columns,
      offset: (values as Float64Array).byteOffset / Float64Array.BYTES_PER_ELEMENT,
    })),
    startsByParameters: initial !== undefined,
  };
}

/** What verbs take of a setting. */
export interface Options {
  readonly p?: unknown;
  readonly u0?: unknown;
  readonly rtol: number;
  readonly solver?: Method;
}

export function optionsOf({ layout }: OdeProblem, { p, u0, rtol, solver }: Setting): Options {
  return {
    rtol,
    ...(p && { p: unpack(layout.p, Float64Array.from(p)) }),
    ...(u0 && { u0: unpack(ownLayout(layout.u), Float64Array.from(u0)) }),
    ...(solver && { solver: methodNamed(solver) }),
  };
}
