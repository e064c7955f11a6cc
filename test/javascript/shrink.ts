/** Makes a function smaller for as long as it still fails: statements are left out, expressions replaced by parts of themselves. */
import { parse, type AnyNode } from "acorn";

type Range = readonly [start: number, end: number];

/** `fails` is asked about texts that may be no JavaScript at all, and says false of these. */
export async function shrink(body: string, fails: (body: string) => Promise<boolean>, tries = 3000): Promise<string> {
  let best = body;
  let left = tries;
  for (let improved = true; improved && left > 0;) {
    improved = false;
    for (const candidate of candidates(best)) {
      if (left-- <= 0) break;
      if (!(await fails(candidate))) continue;
      best = candidate;
      improved = true;
      break;
    }
  }
  return best;
}

/** The text with loops that throw when they run on and on: what a loop counts by may have been left out. */
export function guarded(body: string, turns = 2000): string {
  const head = "function f(){";
  const text = `${head}${body}\n}`;
  const insertions: [number, string][] = [];
  for (const node of nodesOf(parse(text, { ecmaVersion: "latest" }))) {
    if (!/^(For|While|DoWhile)/.test(node.type)) continue;
    const { body: inside } = node as AnyNode & { readonly body: AnyNode };
    insertions.push([inside.start, `{ if (++turns > ${turns}) throw new Error("endless"); `], [inside.end, " }"]);
  }
  let result = text;
  for (const [at, what] of insertions.sort((a, b) => b[0] - a[0])) result = result.slice(0, at) + what + result.slice(at);
  return `let turns = 0;\n${result.slice(head.length, -2)}`;
}

/** Shorter texts, those that leave out most first. */
function candidates(body: string): string[] {
  const head = "function f(){";
  let root: AnyNode;
  try {
    root = parse(`${head}${body}\n}`, { ecmaVersion: "latest" });
  } catch {
    return [];
  }
  const text = `${head}${body}\n}`;
  const found: [kept: string, range: Range][] = [];
  const within = (node: AnyNode): string => text.slice(node.start, node.end);
  for (const node of nodesOf(root)) {
    const range: Range = [node.start, node.end];
    const parts = [...childrenOf(node)];
    if (/Statement$|Declaration$/.test(node.type)) {
      if (node.start === 0) continue;
      found.push(["", range], [";", range]);
      for (const part of parts) {
        if (part.type === "BlockStatement") found.push([within(part).slice(1, -1), range], [within(part), range]);
        else if (part.type.endsWith("Statement")) found.push([within(part), range]);
        else if (/Expression$|Identifier|Literal/.test(part.type)) found.push([`${within(part)};`, range]);
      }
    } else if (node.type.endsWith("Expression")) {
      for (const part of parts)
        if (/Expression$|Identifier|Literal/.test(part.type)) found.push([`(${within(part)})`, range], [within(part), range]);
      found.push(["0", range], ["1", range], ["u[0]", range]);
    } else if (node.type === "Identifier") found.push(["0", range]);
  }
  return found
    .map(([kept, [start, end]]) => (text.slice(head.length, start) + kept + text.slice(end, -2)).replace(/\n\s*\n/g, "\n").trim())
    .filter((candidate) => candidate.length < body.length)
    .sort((a, b) => a.length - b.length);
}

function* nodesOf(node: AnyNode): Generator<AnyNode> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesOf(child);
}

function* childrenOf(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node) as unknown[]) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && typeof item === "object" && "type" in item) yield item as AnyNode;
    }
  }
}
