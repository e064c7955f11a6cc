/** Lists on the command line. */
import { BadOptionValue } from "../messages/errors.ts";

/** "a,W[0,1]", "a=max(b,c)": commas within brackets are those of indices and arguments. */
export function names(option: string, text: string): string[] {
  const found = parts(text).map((name) => name.trim());
  if (found.includes("") || new Set(found).size < found.length) {
    throw new BadOptionValue(option, text, "names with commas between them, each once, such as a,b");
  }
  return found;
}

/** "a=1,b=2"; `read` returns undefined for what cannot be read. */
export function pairs<T>(
  option: string,
  text: string,
  example: string,
  read: (value: string) => T | undefined,
): Record<string, T> {
  const entries = names(option, text).map((pair) => {
    const at = pair.indexOf("=");
    const value = at > 0 && at < pair.length - 1 ? read(pair.slice(at + 1).trim()) : undefined;
    if (value === undefined) throw new BadOptionValue(option, text, `such as ${example}`);
    return [pair.slice(0, at).trim(), value] as const;
  });
  if (new Set(entries.map(([name]) => name)).size < entries.length) {
    throw new BadOptionValue(option, text, "each name once");
  }
  return Object.fromEntries(entries);
}

function parts(text: string): string[] {
  const found = [""];
  let depth = 0;
  for (const character of text) {
    if ("[(".includes(character)) depth++;
    if ("])".includes(character)) depth--;
    if (character === "," && depth <= 0) found.push("");
    else found[found.length - 1] += character;
  }
  return found;
}
