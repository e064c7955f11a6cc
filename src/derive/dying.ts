/**
 * Where derivatives may be zero because a choice went by them, and nothing at hand says so: elements of arrays, and what loops carry. A
 * choice is a `select`, a minimum, a maximum, or an `if` (see contribution.ts).
 */
import { useful, varied, type Activity, type Root } from "../analysis/activity.ts";
import { walk, type ArrayDeclaration, type Block, type If, type Program } from "../ir/ir.ts";
import { scalarOperations } from "../ir/scalar-operations.ts";
import { freeActiveValues } from "./adjoint-queries.ts";
import type { AdjointPlan } from "./adjoint-plan.ts";

/**
 * Finds the values and arrays whose cotangents may be zero because a choice went by them: what leads to one side of it, or is
 * used in a branch, or nowhere.
 */
export function dying(program: Program, plan: AdjointPlan): Activity {
  const roots: Root[] = [];
  for (const i of walk(program.body)) {
    if (i.kind === "let" && scalarOperations[i.operation].choice) {
      roots.push(...i.args.slice(-2).filter((arg) => plan.isActive(arg)));
    } else if (i.kind === "if") {
      for (const block of [i.then, i.else]) {
        roots.push(...block.yields.filter((value) => plan.isActive(value)), ...freeActiveValues(block, plan));
      }
      roots.push(...arraysIn(i, "load").filter((array) => plan.isActiveArray(array)));
    } else if (i.kind === "for" || i.kind === "while") {
      roots.push(...i.carried.flatMap(({ phi }, k) => (plan.isActive(phi) && !plan.isActive(i.results[k]) ? [phi] : [])));
    }
  }
  return useful(program, roots);
}

/**
 * Finds the values and arrays whose tangents may be zero because a choice went by them: what comes from a choice, or is written
 * in a branch.
 */
export function resting(program: Program, active: Activity): Activity {
  const roots: Root[] = [];
  for (const i of walk(program.body)) {
    if (i.kind === "let") {
      if (scalarOperations[i.operation].choice && active.values.has(i.result)) roots.push(i.result);
    } else if (i.kind === "store") {
      if (active.arrays.has(i.array) && !active.values.has(i.value)) roots.push(i.array);
    } else if (i.kind === "if") {
      roots.push(...i.results.filter((result) => active.values.has(result)));
      roots.push(...arraysIn(i, "store").filter((array) => active.arrays.has(array)));
    }
  }
  return varied(program, roots);
}

/** Arrays that an `if` loads from, or writes to, in either branch. */
function arraysIn(i: If, access: "load" | "store"): ArrayDeclaration[] {
  const found = new Set<ArrayDeclaration>();
  for (const block of [i.then, i.else] satisfies Block[]) {
    for (const inner of walk(block)) {
      const matches = access === "load" ? inner.kind === "load" : inner.kind === "store" || inner.kind === "accumulate";
      if (matches && "array" in inner) found.add(inner.array);
    }
  }
  return [...found];
}
