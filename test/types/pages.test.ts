/** What the README and the pages of docs show compiles: strictly, with the types of Node and without those of pages. */
import { expect, it } from "vitest";
import { fileOf, pages, type Block, type Page } from "../docs/pages.ts";
import { complaints } from "./compiled.ts";

const isCode = ({ language }: Block): boolean => language === "ts" || language === "js";

/** The programs of a page by paths: those that begin with the name of a file, and one of all others. */
function programs({ path, text, blocks }: Page): Record<string, string> {
  const folder = path.replace(/\W/g, "-");
  const code = blocks.filter(isCode);
  const named = code.flatMap((block) => (fileOf(block) ? [[`${folder}/${fileOf(block)}`, block.text] as const] : []));
  const others = code.filter((block) => !fileOf(block)).map((block) => block.text);
  const page = path === "README.md" ? sections(text, others) : { page: others };
  const written = Object.entries(page).map(([name, parts]) => [`${folder}/${name}.ts`, `${parts.join("\n")}\nexport {};\n`]);
  return Object.fromEntries([...named, ...written]) as Record<string, string>;
}

/** Sections of the README go on from its first example, unless they state a problem of their own. */
function sections(text: string, [example, ...others]: readonly string[]): Record<string, string[]> {
  const parts = text.split(/^## /m).map((section) => others.filter((block) => section.includes(block)));
  const whole = parts.map((blocks) => (/^import .*\bodeProblem\b/m.test(blocks.join("\n")) ? blocks : [example, ...blocks]));
  return Object.fromEntries(whole.map((blocks, i) => [`section-${i}`, blocks]));
}

const withCode = pages.filter(({ blocks }) => blocks.some(isCode));

it("there are some", () =>
  expect(withCode.map(({ path }) => path)).toEqual(expect.arrayContaining(["README.md", "docs/fitting.md"])));

it("every program of every page", () => {
  const files = Object.assign({}, ...withCode.map(programs)) as Record<string, string>;
  const told = complaints("pages", files, { types: ["node"] });
  // Its own declarations need those of bundlers that are not installed.
  expect(told.filter((line) => !line.startsWith("../../../node_modules/unplugin/"))).toEqual([]);
}, 120_000);
