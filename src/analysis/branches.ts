/** Value-dependent branches: where the course of a program, not only its numbers, depends on its f64 inputs. */
import type { SourceLocation } from "../core/source-location.ts";
import { walk, type Instruction, type Program, type Value } from "../ir/ir.ts";
import { dependence } from "./dependence.ts";

export interface ValueBranch {
  /** `select` chooses between two values that are both computed. */
  readonly kind: "if" | "for" | "while" | "select";
  /** The f64 parameters (arrays or scalars) that decide it, by name. */
  readonly parameters: readonly string[];
  readonly source?: SourceLocation;
}

/** The branches of a program that depend on its f64 parameters, in the order of its text. */
export function valueBranches(program: Program): ValueBranch[] {
  const inputs = program.parameters.flatMap((parameter) => {
    if (parameter.kind === "scalar") return parameter.value.type === "f64" ? [parameter.name] : [];
    return parameter.array.element === "f64" && parameter.array.role !== "output" ? [parameter.array.name] : [];
  });
  const reached = inputs.map((name) => ({ name, ...dependence(program, [name]) }));
  const branches: ValueBranch[] = [];
  for (const instruction of walk(program.body)) {
    const deciding = decisionOf(instruction);
    if (!deciding) continue;
    const parameters = reached.filter(({ values }) => deciding.values.some((value) => values.has(value))).map(({ name }) => name);
    if (parameters.length) branches.push({ kind: deciding.kind, parameters, source: deciding.source });
  }
  return branches;
}

interface Decision {
  readonly kind: ValueBranch["kind"];
  readonly values: readonly Value[];
  readonly source?: SourceLocation;
}

function decisionOf(i: Instruction): Decision | undefined {
  switch (i.kind) {
    case "if":
      return { kind: "if", values: [i.condition], source: i.source };
    case "for":
      return { kind: "for", values: [i.from, i.to], source: i.source };
    case "while":
      return { kind: "while", values: i.condition.yields, source: i.source };
    case "let":
      return i.operation.endsWith("select") ? { kind: "select", values: [i.args[0]], source: i.source } : undefined;
    default:
      return undefined;
  }
}
