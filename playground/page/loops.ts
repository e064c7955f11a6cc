/** Which loops of a model may never end: what the page knows of a worker that is silent is the text that it runs. */
import { typescriptLanguage } from "@codemirror/lang-javascript";

/** From the most suspicious to the least: nothing says when it ends, something counts, a list is gone through. */
function suspicionOf(kind: string, text: string): number {
  if (kind === "WhileStatement" || kind === "DoStatement") return 0;
  if (kind === "ForSpec") return /;\s*;/.test(text) ? 0 : 1;
  return kind === "ForOfSpec" || kind === "ForInSpec" ? 2 : NaN;
}

/** 1-based lines, in their order, of the most suspicious loops that there are. */
export function suspiciousLoops(text: string): number[] {
  const found: { readonly line: number; readonly suspicion: number }[] = [];
  typescriptLanguage.parser.parse(text).iterate({
    enter({ name, from, to }) {
      const suspicion = suspicionOf(name, text.slice(from, to));
      if (!Number.isNaN(suspicion)) found.push({ line: text.slice(0, from).split("\n").length, suspicion });
    },
  });
  const most = Math.min(...found.map(({ suspicion }) => suspicion));
  return [...new Set(found.filter(({ suspicion }) => suspicion === most).map(({ line }) => line))];
}
