/** Questions that reverse mode asks of a program and its plan. */
import { memo } from "../core/memo.ts";
import type { ArrayDeclaration, Block, For, Let, Value } from "../ir/ir.ts";
import { walk } from "../ir/ir.ts";
import { scalarOperations, type RuleBuilder } from "../ir/scalar-operations.ts";
import type { AdjointPlan } from "./adjoint-plan.ts";

/**
 * The arguments and result of an operation that its wanted partial derivatives are made of, found by a dry run of the rule
 * with values that only remember what they came from.
 */
export function partialNeeds(i: Let, wanted: (arg: Value) => boolean): ReadonlySet<Value> {
  const leaves = new Map<Value, ReadonlySet<Value>>();
  const leavesOf = (value: Value): ReadonlySet<Value> =>
    leaves.get(value) ?? new Set(value.constant === undefined ? [value] : []);
  let id = -1;
  const dry: RuleBuilder = {
    f64: (constant) => ({ id: id--, type: "f64", constant, min: constant, max: constant }),
    operation: (name, ...args) => {
      const made: Value = { id: id--, type: scalarOperations[name].result, min: 0, max: 0 };
      leaves.set(made, new Set(args.flatMap((arg) => [...leavesOf(arg)])));
      return made;
    },
  };
  const partials = scalarOperations[i.operation].partials?.(dry, i.args, i.result) ?? [];
  return new Set(i.args.flatMap((arg, k) => (partials[k] && wanted(arg) ? [...leavesOf(partials[k])] : [])));
}

/** Active values that a block uses and does not define: its adjoint contributes to theirs. */
export const freeActiveValues = memo((block: Block, plan: AdjointPlan): readonly Value[] => {
  const used = new Set<Value>();
  const defined = new Set<Value>();
  const region = plan.regions.get(block)!;
  if (region.owner?.kind === "for" || region.owner?.kind === "while") region.owner.carried.forEach((c) => defined.add(c.phi));
  const use = (value: Value): void => {
    if (plan.isActive(value)) used.add(value);
  };
  for (const i of block.instructions) {
    switch (i.kind) {
      case "let":
        defined.add(i.result);
        if (plan.isActive(i.result)) i.args.forEach(use);
        break;
      case "load":
        defined.add(i.result);
        break;
      case "store":
      case "accumulate":
      case "fill":
        if (plan.isActiveArray(i.array)) use(i.value);
        break;
      case "if":
        [...freeActiveValues(i.then, plan), ...freeActiveValues(i.else, plan)].forEach(use);
        i.results.forEach((result) => defined.add(result));
        break;
      case "for":
      case "while":
        i.carried.forEach((c) => plan.isActive(c.phi) && use(c.initial));
        freeActiveValues(i.body, plan).forEach(use);
        i.results.forEach((result) => defined.add(result));
    }
  }
  block.yields.forEach(use);
  return [...used].filter((value) => !defined.has(value));
});

/** May the adjoints of a loop's iterations run in any order? (Only asked where no carried value needs the order.) */
export function isOrderFree(loop: For, plan: AdjointPlan): boolean {
  if (plan.usesTape(loop.body)) return false;
  const read = new Set<ArrayDeclaration>();
  const stored = new Set<ArrayDeclaration>();
  for (const i of walk(loop.body)) {
    if (i.kind === "call" && plan.isActiveCall(i)) return false;
    if (!("array" in i) || !plan.isActiveArray(i.array)) continue;
    if (i.kind === "load") read.add(i.array);
    if (i.kind === "accumulate") stored.add(i.array);
    if (i.kind === "fill") return false;
    if (i.kind !== "store") continue;
    if (!plan.isAssignedOnce(i.array)) return false;
    stored.add(i.array);
  }
  return [...stored].every((array) => !read.has(array));
}
