/** The playground in headless Chromium. */
import { afterAll, beforeAll, expect } from "vitest";
import { browserTest } from "../browser/chromium.ts";
import { playgroundSite, type Site } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await playgroundSite();
});
afterAll(() => site.close());

/** The page has solved. */
const SOLVED = `document.getElementById("status").textContent.includes(" steps, ")`;

browserTest("solves the first model, and asks for nothing but its own files", async () => {
  const page = await site.browser.open(site.url);
  await page.wait(SOLVED);
  expect(page.errors).toEqual([]);
  expect(page.requests.every((url) => url.startsWith(site.url))).toBe(true);
  expect(page.requests.length).toBeLessThan(8);
});
