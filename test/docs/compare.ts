/** What pages show, held against what their programs print and draw. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { root, type Page } from "./pages.ts";

/** Numbers are compared by themselves: their last digits are another machine's. */
const NUMBER = /-?\d+(?:\.\d+)?(?:e-?\d+)?/g;
const words = (text: string): string => text.replace(NUMBER, "#").replace(/\s+/g, " ").trim();
const numbers = (text: string): number[] => Array.from(text.match(NUMBER) ?? [], Number);

/** That what was printed ends with the words that are shown, and with their numbers to two per cent, or where they are next to nothing. */
export function expectEnd(printed: string, shown: string): void {
  expect(words(printed).slice(-words(shown).length)).toBe(words(shown));
  const last = numbers(printed).slice(-numbers(shown).length);
  numbers(shown).forEach((x, k) =>
    expect(Math.abs(last[k] - x), `${last[k]}, not ${x}`).toBeLessThanOrEqual(0.02 * Math.abs(x) + 1e-6),
  );
}

/** That a plan has the decisions that are shown. Its times are another machine's, and so is the order that they make. */
export function expectPlan(printed: string, shown: string): void {
  const chosen = (plan: string): string[] =>
    plan.split("\n").flatMap((line) => /^ {2}([a-z][a-z ]*: .*?)(?:,| at t = )/.exec(line)?.[1] ?? []);
  const others = (plan: string): string[] => [...plan.matchAll(/^ {4}not ([\w -]+):/gm)].map(([, name]) => name).sort();
  expect(printed.split("\n")[1]).toBe(shown.split("\n")[1]);
  expect(chosen(printed)).toEqual(chosen(shown));
  expect(others(printed)).toEqual(others(shown));
}

/** The pictures of a page that its own programs draw. */
export const picturesOf = ({ text }: Page): string[] =>
  Array.from(text.matchAll(/\]\((?:\.\.\/)?pictures\/([\w-]+\.svg)\)/g), ([, name]) => name);

/** That its pictures are those that its programs draw, to a pixel. `UPDATE_PICTURES=1` writes them. */
export function expectPictures(page: Page, drawn: (name: string) => string): void {
  for (const name of picturesOf(page)) {
    const file = `${root}/docs/pictures/${name}`;
    const svg = drawn(name);
    if (process.env.UPDATE_PICTURES) writeFileSync(file, svg);
    expect(existsSync(file), `docs/pictures/${name} is missing; UPDATE_PICTURES=1 writes it`).toBe(true);
    const kept = readFileSync(file, "utf8");
    expect(words(svg), `${name} is drawn otherwise; UPDATE_PICTURES=1 writes it anew`).toBe(words(kept));
    const [now, then] = [numbers(svg), numbers(kept)];
    const far = now.findIndex((x, i) => Math.abs(x - then[i]) > 1);
    expect(far, `${name}: ${now[far]}, not ${then[far]}`).toBe(-1);
  }
}
