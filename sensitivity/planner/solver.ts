/** The decisions of a plan about the forward solve: its method, its linear systems, what is kept of it. */
import { candidatesAt, type Role } from "../../solvers/solve/candidates.ts";
import { highOrderBelow } from "../../solvers/solve/costs.ts";
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import type { LinearSystems } from "../../solvers/step/linear-systems.ts";
import type { Estimate } from "../adjoints/shared/estimate.ts";
import type { MethodTraits } from "../adjoints/shared/method.ts";
import type { UnplannedTask } from "../task/task.ts";
import type { Decision } from "./plan.ts";
import type { Probe } from "./probe.ts";
import { inBytes, inSeconds, short } from "./quantities.ts";

/** The method. The evidence is the solver's own: see solvers/solve/choice.ts. */
export function solverDecision({ solver: asked, code, rtol, loss }: UnplannedTask, probe: Probe): Decision {
  const { solver, method, changes, reached, taken } = probe;
  const decision = { about: "solver", chosen: solver, asked: false, rejected: [] } as const;
  if (code.mass) return { ...decision, because: `an implicit method, for the ${code.isResidual ? "residual" : "mass matrix"}` };
  if (asked) return { ...decision, because: "as asked for", asked: true };
  const candidates = candidatesAt(rtol, highOrderBelow(loss.integral !== undefined));
  const nameOf = (role: Role): string => candidates[role].method().name;
  const explicit = nameOf("explicit");
  const last = changes.at(-1);
  if (!last) {
    if (method.name !== explicit)
      return { ...decision, because: `the solution by ${explicit} broke down, as stability held it back` };
    const because = `accuracy, not stability, set the length of its ${taken} steps to t = ${short(reached)}`;
    return { ...decision, because, rejected: [{ name: nameOf("implicit"), because: "its steps solve linear systems" }] };
  }
  const { name, t, costs } = last;
  const because = `the least work from t = ${short(t)} on, where stability ${name === explicit ? "no longer holds it" : `would hold ${explicit}`} back`;
  if (!costs) return { ...decision, because };
  const others = (Object.keys(costs) as Role[]).filter((role) => nameOf(role) !== name);
  const rejected = others.map((role) => ({ name: nameOf(role), because: workOf(costs[role]) }));
  return { ...decision, because, rejected };
}

function workOf(nanoseconds: number): string {
  if (nanoseconds < Infinity) return `about ${inSeconds(nanoseconds / 1e9)} for the rest`;
  return "its steps alone take more, or the spectrum is not real enough for it";
}

/** The linear solver of an implicit method; without a pattern the Jacobian is made of differences. */
export function linearSolverDecision(n: number, pattern: SparsityPattern | undefined, systems: LinearSystems): Decision {
  const [about, asked] = ["linear solver", false] as const;
  if (!pattern) {
    const because = "the Jacobian is made of differences, which show no zeros";
    return { about, chosen: "dense LU", because, asked, rejected: [{ name: "sparse LU", because: "there is no pattern" }] };
  }
  const filled = `${pattern.rowIndices.length} of ${n * n} entries of the Jacobian are not zero`;
  switch (systems.kindFor(pattern)) {
    case "banded": {
      const because = `${filled}, and they lie in a narrow band`;
      return { about, chosen: "banded LU", because, asked, rejected: [{ name: "sparse LU", because: "more operations" }] };
    }
    case "sparse":
      return { about, chosen: "sparse LU", because: filled, asked, rejected: [{ name: "dense LU", because: "more operations" }] };
    default: {
      const rejected = [{ name: "sparse LU", because: "no fewer operations" }];
      return { about, chosen: "dense LU", because: filled, asked, rejected };
    }
  }
}

export const matrixFreeDecision: Decision = {
  about: "linear solver",
  chosen: "GMRES",
  because: "as asked for, by products with the Jacobian",
  asked: true,
  rejected: [],
};

/** What is kept of the forward solve. */
export function memoryDecision({ memory }: MethodTraits, { bytes }: Estimate, budget: number): Decision {
  const decision = { about: "memory", asked: false, rejected: [] } as const;
  const size = `about ${inBytes(bytes)}`;
  switch (memory) {
    case "none":
      return { ...decision, chosen: "nothing", because: "derivatives go along with the solution" };
    case "dense":
      return { ...decision, chosen: "every step's dense output", because: size };
    case "checkpoints":
      return { ...decision, chosen: "checkpoints", because: `${size}, from which the solution is solved again` };
    case "budget": {
      const room = `the budget of ${inBytes(budget)}`;
      const [all, some] = ["every step", "checkpoints"];
      return bytes < budget
        ? { ...decision, chosen: all, because: `${size}, within ${room}`, rejected: [{ name: some, because: "all steps fit" }] }
        : { ...decision, chosen: some, because: `within ${room}`, rejected: [{ name: all, because: "they take more" }] };
    }
  }
}
