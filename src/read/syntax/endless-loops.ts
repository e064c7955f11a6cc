/** Refuses loops that nothing leaves. */
import type { AnyNode } from "acorn";
import { EndlessLoop } from "../../core/errors.ts";
import { childrenOf } from "./children.ts";
import { mayLeave } from "./control-flow.ts";
import { sourceOf, type Complaint } from "./source.ts";

export const neverLeft: Complaint = {
  construct: "loop",
  what: "This loop never ends: nothing leaves it",
  remedy: "Give it a condition, a `break` or a `return`.",
};

/** To be asked before a function is called that was not read yet. Throws {@link EndlessLoop}. */
export function requireExits(fn: object): void {
  const { source, node } = sourceOf(fn, "function");
  const endless = find(node, isEndless);
  if (endless) throw source.error(EndlessLoop, endless, neverLeft);
}

function isEndless(node: AnyNode): boolean {
  const isLoop = node.type === "WhileStatement" || node.type === "DoWhileStatement" || node.type === "ForStatement";
  if (!isLoop) return false;
  const goesOn = node.test ? node.test.type === "Literal" && Boolean(node.test.value) : true;
  return goesOn && !mayLeave(node.body) && !find(node.body, ({ type }) => type === "ThrowStatement");
}

function find(node: AnyNode, isIt: (node: AnyNode) => boolean): AnyNode | undefined {
  if (isIt(node)) return node;
  for (const child of childrenOf(node)) {
    const found = find(child, isIt);
    if (found) return found;
  }
  return undefined;
}
