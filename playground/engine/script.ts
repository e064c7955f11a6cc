/** The text of a model as JavaScript. */
import { parse, type Program } from "acorn";
import { parsedFile } from "../../unplugin/parse.ts";
import { plainText } from "../../unplugin/plain-text.ts";

/** Throws SyntaxError, with `loc`. */
export function parsed(text: string): Program {
  return parse(text, { ecmaVersion: "latest", sourceType: "module", locations: true });
}

/** Without types, each line where it was. What is neither language is told as wrong JavaScript. */
export function javaScriptOf(text: string): string {
  try {
    parsed(text);
    return text;
  } catch (error) {
    try {
      return plainText(text, parsedFile(text, "model.ts").program, undefined, []);
    } catch {
      throw error;
    }
  }
}
