/** The text of a model is a module. Its imports are of the library's, which is at hand, so that it loads nothing. */
import { parse, type ImportDeclaration, type Program } from "acorn";
import * as odegrad from "../../index.ts";
import * as problems from "../../problems/index.ts";
import * as training from "../../training/index.ts";
import { UnknownImport } from "../shared/errors.ts";
import { At } from "./places.ts";

const LIBRARIES: Readonly<Record<string, object>> = {
  odegrad,
  "odegrad/training": training,
  "odegrad/problems": problems,
};

/** Under this name modules find them. */
const GLOBAL = "__odegradLibraries";

/** The value that the text exports by default. Throws SyntaxError, {@link UnknownImport}, and what the text throws. */
export async function runModule(text: string): Promise<unknown> {
  const program = parse(text, { ecmaVersion: "latest", sourceType: "module", locations: true });
  Object.assign(self, { [GLOBAL]: LIBRARIES });
  const url = URL.createObjectURL(new Blob([withLibraries(text, program)], { type: "text/javascript" }));
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
  if (!Object.hasOwn(LIBRARIES, name)) throw new At(new UnknownImport(name, Object.keys(LIBRARIES)), loc!.start);
  const library = `self.${GLOBAL}[${JSON.stringify(name)}]`;
  return specifiers
    .map((specifier) => {
      if (specifier.type === "ImportNamespaceSpecifier") return `const ${specifier.local.name} = ${library};`;
      const imported = specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(specifier.imported);
      if (!Object.hasOwn(LIBRARIES[name], imported)) {
        throw new At(new SyntaxError(`"${name}" has no "${imported}" to import.`), specifier.loc!.start);
      }
      return `const ${specifier.local.name} = ${library}.${imported};`;
    })
    .join(" ");
}

function nameOf(imported: { type: "Identifier"; name: string } | { type: "Literal"; value?: unknown }): string {
  return imported.type === "Identifier" ? imported.name : String(imported.value);
}
