import { expect, it } from "vitest";
import { pageHtml } from "../../../cli/bench/page.ts";
import type { Section } from "../../../cli/bench/sections.ts";

const svg = `<svg xmlns="http://www.w3.org/2000/svg"><text font-weight="bold">errors &lt; 1</text></svg>`;

function section(name: string, isCold: boolean, outcome: Section["outcome"]): Section {
  return { name, description: `what ${name} does`, isCold, seconds: 2, outcome };
}

const page = pageHtml({
  date: new Date("2026-01-02T03:04:05Z"),
  machine: [{ name: "processor", value: `2 × "A & B"` }],
  peers: [{ name: "odex", value: "not installed" }],
  sections: [
    section("warm", false, {
      title: "Warm times",
      tables: [
        {
          caption: "a < b",
          columns: [
            { key: "method", header: "method", kind: "text" },
            { key: "seconds", header: "time", kind: "seconds" },
            { key: "error", header: "error", kind: "error" },
          ],
          rows: [{ method: "<tsit5>", seconds: 1.5e-3, error: 2e-7 }, { method: "other" }],
        },
      ],
      notes: ["No figures of C."],
      pictures: [svg],
    }),
    section("cold", true, { title: "First calls of it", tables: [], notes: [], pictures: [] }),
    section("broken", false, { failure: "CannotRun: <nothing>" }),
  ],
});

it("has what was measured, with a dash where it was not, and first calls before the warm ones", () => {
  expect(page).toContain("<title>odegrad, benchmarks of 2026-01-02</title>");
  expect(page).toContain(`<tr><td class="text">&lt;tsit5&gt;</td><td>1.5 ms</td><td>2.0e-7</td></tr>`);
  expect(page).toContain(`<tr><td class="text">other</td><td>–</td><td>–</td></tr>`);
  expect(page).toContain("<dt>processor</dt><dd>2 × &quot;A &amp; B&quot;</dd>");
  const order = ["First calls</h2>", "First calls of it", "Warm</h2>", "Warm times"].map((words) => page.indexOf(words));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order[0]).toBeGreaterThan(0);
});

it("says what failed", () => {
  expect(page).toContain("<p>It failed:</p><pre>CannotRun: &lt;nothing&gt;</pre>");
});

it("holds its pictures, and asks for nothing else", () => {
  expect(page).toContain(`src="data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}"`);
  expect(page).toContain(`alt="errors &lt; 1, picture 1"`);
  expect(page.match(/(?:src=|href=|url\()"(?!data:|#)/g)).toBeNull();
});
