/** Refuses loops that nothing leaves. */
import type { AnyNode } from "acorn";
import { EndlessLoop } from "../../core/errors.ts";
import { memo } from "../../core/memo.ts";
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
  // What is called within `try` may end a loop by what it throws.
  if (endless && !find(node, ({ type }) => type === "TryStatement")) throw source.error(EndlessLoop, endless, neverLeft);
}

/** Has it a loop whose end is not a bound that something counts up, or down, to? */
export function mayLoopForever(fn: object): boolean {
  return find(sourceOf(fn, "function").node, isUnbounded) !== undefined;
}

function isUnbounded(node: AnyNode): boolean {
  if (node.type === "WhileStatement" || node.type === "DoWhileStatement") return true;
  if (node.type !== "ForStatement") return false;
  return !(node.update && node.test?.type === "BinaryExpression" && ["<", ">", "<=", ">="].includes(node.test.operator));
}

/** As {@link requireExits}, of a function that is called whether it can be read or not; it is looked at once. */
export const requireExitsIfRead = memo((fn: object): void => {
  try {
    requireExits(fn);
  } catch (error) {
    if (error instanceof EndlessLoop) throw error;
  }
});

function isEndless(node: AnyNode): boolean {
  const isLoop = node.type === "WhileStatement" || node.type === "DoWhileStatement" || node.type === "ForStatement";
  if (!isLoop) return false;
  const goesOn = node.test ? node.test.type === "Literal" && Boolean(node.test.value) : true;
  return goesOn && !mayLeave(node.body) && !find(node.body, ({ type }) => LEAVING.has(type));
}

/** What else leaves a loop: for good, or until somebody asks for more. */
const LEAVING: ReadonlySet<AnyNode["type"]> = new Set(["ThrowStatement", "YieldExpression", "AwaitExpression"]);

function find(node: AnyNode, isIt: (node: AnyNode) => boolean): AnyNode | undefined {
  if (isIt(node)) return node;
  for (const child of childrenOf(node)) {
    const found = find(child, isIt);
    if (found) return found;
  }
  return undefined;
}
