/** The page on right-hand sides says of each construct that is not read what to write instead. */
import { expect, it } from "vitest";
import { pageAt } from "./pages.ts";

const rowsOf = (text: string): string[][] =>
  Array.from(text.matchAll(/^\| (.*) \|$/gm), ([, row]) => row.split(/ (?<!\\)\| ?/).map((cell) => cell.trim()));

it("of each, and of no other", () => {
  const tables = rowsOf(pageAt("docs/matrix/constructs.md").text);
  const unread = tables.filter(([, how]) => how === "tape" || how === "refused").map(([name]) => name);
  const [, section] = pageAt("docs/right-hand-side.md").text.split("## What is read, and what is not");
  const told = rowsOf(section.split("\n## ")[0]).slice(2);
  const known = told.flatMap(([names]) => unread.filter((name) => `, ${names}, `.includes(`, ${name}, `)));
  expect(unread.length).toBeGreaterThan(50);
  expect([...new Set(unread)].filter((name) => !known.includes(name))).toEqual([]);
  for (const [names, cure] of told) {
    expect(cure).not.toBe("");
    const left = unread.reduce((rest, name) => rest.replace(`, ${name}, `, ", "), `, ${names}, `);
    expect(left, names).toBe(", ");
  }
});
