/** The site builds, from the pages and the doc comments, without a dead link. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { reference, sidebar } from "../../docs/.vitepress/sidebar.ts";
import { root } from "./pages.ts";

const missing = existsSync(`${root}/docs/node_modules`)
  ? undefined
  : "The test of the site needs what it is built with: npm ci --prefix docs";
if (missing && process.env.CI) throw new Error(missing);
if (missing) console.warn(missing);

const siteTest = missing ? test.skip : test;

siteTest(
  "builds, with every page and the reference",
  () => {
    const { status, stdout, stderr } = spawnSync("npm", ["run", "build", "--prefix", "docs"], { cwd: root, encoding: "utf8" });
    if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
    const html = (path: string): string => readFileSync(`${root}/docs/.vitepress/dist/${path}.html`, "utf8");
    for (const { items } of sidebar) for (const { link } of items) expect(html(link.slice(1))).toContain("<h1");
    for (const { link } of reference) expect(html(`${link.slice(1)}index`)).toContain("<h1");
    expect(html("playground/index")).toContain("./assets/");
    expect(html("playground/sandbox")).toContain("connect-src 'none'");
    expect(html("api/odegrad/functions/solve")).toContain("Solves a problem over its time span");
  },
  600_000,
);
