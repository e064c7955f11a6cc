/**
 * The text of a model is a module, in JavaScript or TypeScript. Its imports are of the library's, which is at hand, so that it loads nothing; what
 * its functions capture is put beside them, as by the build plugin.
 */
import type { ImportDeclaration, Program } from "acorn";
import * as odegrad from "../../index.ts";
import * as captured from "../../src/core/captured.ts";
import { rewritten } from "../../unplugin/rewrite.ts";
import * as problems from "../../problems/index.ts";
import * as training from "../../training/index.ts";
import { UnknownImport } from "../shared/errors.ts";
import { At } from "./places.ts";
import { javaScriptOf, parsed } from "./script.ts";

const LIBRARIES: Readonly<Record<string, object>> = {
  odegrad,
  "odegrad/training": training,
  "odegrad/problems": problems,
};
/** What the rewritten text imports besides. */
const ALL = { ...LIBRARIES, "odegrad/captured": captured };

/** Under this name modules find them. */
const GLOBAL = "__odegradLibraries";

/** The value that the text exports by default. Throws SyntaxError, {@link UnknownImport}, and what the text throws. */
export async function runModule(text: string, onRun: () => void): Promise<unknown> {
  const script = javaScriptOf(text);
  const { code } = rewritten(script, "model.js") ?? { code: script };
  Object.assign(self, { [GLOBAL]: ALL });
  const url = URL.createObjectURL(new Blob([withLibraries(code, parsed(code))], { type: "text/javascript" }));
  onRun();
  try {
    return ((await import(/* @vite-ignore */ url)) as { default?: unknown }).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** With constants in place of imports; every line stays where it is. */
function withLibraries(text: string, { body }: Program): string {
  let written = "";
  let end = 0;
  for (const node of body) {
    if (node.type !== "ImportDeclaration") continue;
    const lines = text.slice(node.start, node.end).split("\n").length - 1;
    written += text.slice(end, node.start) + constantsOf(node) + "\n".repeat(lines);
    end = node.end;
  }
  return written + text.slice(end);
}

function constantsOf({ specifiers, source, loc }: ImportDeclaration): string {
  const name = String(source.value);
  if (!Object.hasOwn(ALL, name)) throw new At(new UnknownImport(name, Object.keys(LIBRARIES)), loc!.start);
  const from: object = ALL[name as keyof typeof ALL];
  const library = `self.${GLOBAL}[${JSON.stringify(name)}]`;
  return specifiers
    .map((specifier) => {
      if (specifier.type === "ImportNamespaceSpecifier") return `const ${specifier.local.name} = ${library};`;
      const imported = specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(specifier.imported);
      if (!Object.hasOwn(from, imported)) {
        throw new At(new SyntaxError(`"${name}" has no "${imported}" to import.`), specifier.loc!.start);
      }
      return `const ${specifier.local.name} = ${library}.${imported};`;
    })
    .join(" ");
}

function nameOf(imported: { type: "Identifier"; name: string } | { type: "Literal"; value?: unknown }): string {
  return imported.type === "Identifier" ? imported.name : String(imported.value);
}
