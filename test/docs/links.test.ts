/** No link of the README or of a page leads nowhere. Those to other sites are not followed, those to this repository are. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path/posix";
import { expect, it } from "vitest";
import { sidebar } from "../../docs/.vitepress/sidebar.ts";
import { pages, root, type Page } from "./pages.ts";

/** Code is no place for links. */
const prose = (text: string): string => text.replace(/^```.*?^```$/gms, "").replace(/`[^`\n]*`/g, "code");

/** Of headings, as both the repository's host and vitepress write them. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```.*?^```$/gms, "").matchAll(/^#+ (.*)$/gm);
  return new Set(Array.from(headings, ([, heading]) => slug(heading)));
}

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");

/** The README is shown by the registry, too, which has no other file: it links to files as they lie in the repository, in full. */
const REPOSITORY = "https://github.com/odegrad/odegrad/blob/main/";

function deadLinks({ path, text }: Page): string[] {
  return Array.from(prose(text).matchAll(/\]\(([^)\s]+)\)/g), ([, href]) => href).filter((href) => {
    if (/^https?:/.test(href) && !href.startsWith(REPOSITORY)) return false;
    const [file, anchor] = href.replace(REPOSITORY, "").split("#");
    const target = file === "" ? path : href.startsWith(REPOSITORY) ? file : join(dirname(path), file);
    // The reference is written when the site is built, which finds dead links to it.
    if (target.startsWith("docs/api/")) return false;
    if (!existsSync(`${root}/${target}`)) return true;
    return anchor !== undefined && target.endsWith(".md") && !anchorsOf(readFileSync(`${root}/${target}`, "utf8")).has(anchor);
  });
}

it.each(pages)("$path", (page) => expect(deadLinks(page)).toEqual([]));

it("dead ones are found, and live ones are none", () => {
  const text =
    "## A heading, with `code`\n[a](#a-heading-with-code) [b](#b) [c](nowhere.md) `[d](nowhere.md)` [e](docs/fitting.md) " +
    `[f](${REPOSITORY}docs/fitting.md) [g](${REPOSITORY}nowhere.ts)`;
  const found = deadLinks({ path: "README.md", text, blocks: [] });
  expect(found).toEqual(["#a-heading-with-code", "#b", "nowhere.md", `${REPOSITORY}nowhere.ts`]);
});

it("every page is in the menu, once", () => {
  const shown = sidebar.flatMap(({ items }) => items.map(({ link }) => `docs${link}.md`));
  const written = pages.map(({ path }) => path).filter((path) => path !== "README.md" && path !== "docs/index.md");
  expect(shown.sort()).toEqual(written.map((path) => relative("", path)).sort());
});
