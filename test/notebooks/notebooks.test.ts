/** The notebooks run, show what they are said to show, and are committed with what they showed. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../cli/run.ts";
import { code, execute, folder, notebookTest, outputs, page, read, root, type Notebook } from "./jupyter.ts";

/** Pictures and tables of each. */
const shown: Readonly<Record<string, { readonly pictures: number; readonly tables: number }>> = {
  "batch-bands.ipynb": { pictures: 2, tables: 0 },
  "brusselator-adjoint.ipynb": { pictures: 3, tables: 1 },
  "fit.ipynb": { pictures: 6, tables: 0 },
  "spiral-neural-ode.ipynb": { pictures: 2, tables: 1 },
  "switching.ipynb": { pictures: 5, tables: 0 },
  "ude-to-law.ipynb": { pictures: 2, tables: 0 },
  "which-adjoint.ipynb": { pictures: 1, tables: 4 },
};

it("all are known here", () => expect(readdirSync(folder).filter((name) => name.endsWith(".ipynb"))).toEqual(Object.keys(shown)));

it.each(Object.keys(shown))("%s opens with what it shows, and ends with what to try", (name) => {
  const { cells } = read(join(folder, name));
  const texts = [cells[0], cells.at(-1)!].map(({ cell_type, source }) => ({ cell_type, text: source.join("") }));
  expect(texts.map(({ cell_type }) => cell_type)).toEqual(["markdown", "markdown"]);
  expect(texts[0].text).toMatch(/^# .+\n\n.{80}/s);
  expect(texts[1].text).toMatch(/^## To try\n\n(?:- .+\n?){3,}/);
});

/** Deno's own, as far as notebooks use it. */
const kernel = "declare const Deno: { readonly jupyter: { md(strings: TemplateStringsArray, ...values: unknown[]): unknown } };";

it("they are TypeScript without errors", () => {
  const into = join(root, "out", "notebooks");
  mkdirSync(into, { recursive: true });
  for (const name of Object.keys(shown))
    writeFileSync(join(into, `${name}.ts`), `${code(read(join(folder, name)))}\nexport {};\n`);
  writeFileSync(join(into, "kernel.d.ts"), kernel);
  const compilerOptions = { rootDir: "../..", noUnusedLocals: false, noUnusedParameters: false };
  writeFileSync(
    join(into, "tsconfig.json"),
    JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"], compilerOptions }),
  );
  const { stdout, status } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", into], {
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

const pictures = (notebook: Notebook): string[] =>
  outputs(notebook, "text/html").flatMap((html) => html.match(/<svg xmlns.*<\/svg>/s)?.[0] ?? []);

const tables = (notebook: Notebook): string[] => outputs(notebook, "text/html").filter((html) => html.startsWith("<table"));

/** Part of the picture that is not its background, once drawn. */
function inked(svg: string): number {
  const { pixels } = new Resvg(svg).render();
  let count = 0;
  for (let i = 0; i < pixels.length; i += 4) if (Math.min(pixels[i], pixels[i + 1], pixels[i + 2]) < 200) count++;
  return (4 * count) / pixels.length;
}

describe.each(Object.keys(shown))("%s", (name) => {
  const committed = read(join(folder, name));

  notebookTest("runs, and its pictures are on the page", () => {
    const into = temporaryFolder();
    const executed = execute(join(folder, name), into);
    const drawn = pictures(executed);
    expect(drawn.length).toBe(shown[name].pictures);
    expect(tables(executed).length).toBe(shown[name].tables);
    const html = page(into);
    for (const svg of drawn) {
      expect(inked(svg)).toBeGreaterThan(0.01);
      expect(svg).not.toContain("NaN");
      expect(html).toContain(svg);
    }
    // What was committed is of this notebook: a form of each output, in the same order.
    const forms = ({ cells }: Notebook): string[][] =>
      cells.map(({ outputs = [] }) =>
        outputs.flatMap(({ data, output_type }) => Object.keys(data ?? { [output_type]: "" }).sort()),
      );
    expect(forms(executed)).toEqual(forms(committed));
  });

  it("is committed with its pictures, and without paths of a machine", () => {
    expect(pictures(committed).length).toBe(shown[name].pictures);
    expect(tables(committed).length).toBe(shown[name].tables);
    expect(readFileSync(join(folder, name), "utf8")).not.toMatch(/file:\/\/|\/(home|Users|tmp|work|root)\//);
  });
});
