/**
 * Random functions in the full variety of JavaScript: whatever runs compiled does what JavaScript does, bit for bit, or is refused
 * by name; and its derivatives are those of the plain function. `npm run test:random` tries more of them.
 */
import { describe, expect, it } from "vitest";
import { complaint, count, newCounts } from "./complaint.ts";
import { constants, functionOf, programOf } from "./judge.ts";
import { shrink } from "./shrink.ts";
import { runs, told } from "./told.ts";
import { constructs, constructsIn } from "./constructs.ts";
import { everyday, forms, productions, rare, write, type Style } from "./writer.ts";

/** Programs of each of eight sorts, so many in each test. */
const COUNT = process.env.ODEGRAD_RANDOM ? (Number(process.env.ODEGRAD_RANDOM) * 25) / 8 : 250;
const AT_ONCE = 50;
const STYLES: Readonly<Record<string, Style>> = { everyday, rare };

/** Sorts of functions, with the seeds before their first: no function comes in two forms. */
const sorts = forms
  .flatMap((form) => Object.keys(STYLES).map((style) => ({ form, style })))
  .map((sort, i) => ({ ...sort, before: i * COUNT, counts: newCounts() }));
const programs = sorts.length * COUNT;

/** How many programs were made by each production of the grammar, and contain each construct. */
const [made, containing]: [Record<string, number>, Record<string, number>] = [{}, {}];

describe.each(sorts)(`${COUNT} random functions: $form, $style`, ({ form, style, before, counts }) => {
  it.each(Array.from({ length: Math.ceil(COUNT / AT_ONCE) }, (_, i) => before + i * AT_ONCE))("after %i", async (first) => {
    for (let seed = first + 1; seed <= Math.min(first + AT_ONCE, before + COUNT); seed++) {
      const { body, productions: by } = write(seed, form, STYLES[style]);
      for (const production of by) count(made, production);
      for (const construct of constructsIn(by)) count(containing, construct);
      const wrong = await complaint(form, body, seed, counts);
      if (wrong) expect.fail(await told(form, style, body, seed, wrong));
    }
  });

  it("are steady mostly, so that their derivatives are compared", () => {
    if (process.env.ODEGRAD_RANDOM) console.info(form, style, counts);
    // Others of the rare sort are not a number, or rounded.
    const least = style === "everyday" ? 0.8 : 0.5;
    expect(counts.steady / COUNT).toBeGreaterThan(least);
    expect(counts.compared / (COUNT - total(counts.refused))).toBeGreaterThan(least);
  });
});

it("of everyday programs at most a tenth is refused", () => {
  for (const style of Object.keys(STYLES)) {
    const refused: Record<string, number> = {};
    for (const { counts } of sorts.filter((sort) => sort.style === style))
      for (const [name, n] of Object.entries(counts.refused)) count(refused, name, n);
    const most = Object.entries(refused).sort((a, b) => b[1] - a[1]);
    const share = total(refused) / (programs / 2);
    const why = most.slice(0, 10).map(([name, n]) => `${n} × ${name}`);
    console.info(`${(100 * share).toFixed(1)} % of ${programs / 2} ${style} programs are refused\n  ${why.join("\n  ")}`);
    if (style === "everyday") expect(share).toBeLessThan(0.1);
  }
});

it("every production of the grammar is tried, and every construct often", () => {
  const names = Object.keys(constructs);
  console.info(`of ${programs} programs contain\n  ${names.map((name) => `${name}: ${containing[name]}`).join("\n  ")}`);
  expect(productions().filter((production) => !made[production])).toEqual([]);
  expect(names.filter((name) => !(containing[name] >= 0.01 * programs))).toEqual([]);
});

function total(counted: Readonly<Record<string, number>>): number {
  return Object.values(counted).reduce((sum, n) => sum + n, 0);
}

it("tells a function that is read wrongly, and makes it small", async () => {
  const body = "let x = u[0]; for (let i = 0; i < 3; i++) { x += p[i]; }\nreturn [x, u[1] * 2, Math.sin(u[2])];";
  const small = await shrink(body, async (candidate) => runs("value", candidate) && candidate.includes("sin"));
  expect(small.length).toBeLessThan(30);
  expect(small).toContain("sin");
  expect(() => programOf("value", functionOf({ form: "value", body: "return [new Map(), 1, 2];" }), constants())).toThrow();
});
