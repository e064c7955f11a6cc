/**
 * Random functions in the full variety of JavaScript: whatever runs compiled does what JavaScript does, bit for bit, or is refused
 * by name; and its derivatives are those of the plain function. `npm run test:random` tries more of them.
 */
import { expect, it } from "vitest";
import { complaint, count, type Counts } from "./complaint.ts";
import { constants, functionOf, programOf } from "./judge.ts";
import { shrink } from "./shrink.ts";
import { runs, told } from "./told.ts";
import { everyday, forms, rare, write, type Style } from "./writer.ts";

/** Programs of each of eight sorts. */
const COUNT = process.env.ODEGRAD_RANDOM ? (Number(process.env.ODEGRAD_RANDOM) * 25) / 8 : 250;
const STYLES: Readonly<Record<string, Style>> = { everyday, rare };

/** By the reader, and why, of everyday programs in all forms. */
const refusedEveryday: Record<string, number> = {};

/** Sorts of functions, with the seeds before their first: no function comes in two forms. */
const sorts = forms
  .flatMap((form) => Object.keys(STYLES).map((style) => ({ form, style })))
  .map((sort, i) => ({ ...sort, before: i * COUNT }));

it.each(sorts)(`${COUNT} random functions: $form, $style`, async ({ form, style, before }) => {
  const counts: Counts = { programs: COUNT, refused: {}, steady: 0, compared: 0, gave: {}, verbs: 0, verbsRefused: {} };
  for (let seed = before + 1; seed <= before + COUNT; seed++) {
    const { body } = write(seed, form, STYLES[style]);
    const wrong = await complaint(form, body, seed, counts);
    if (wrong) expect.fail(await told(form, style, body, seed, wrong));
  }
  const refused = Object.values(counts.refused).reduce((sum, n) => sum + n, 0);
  if (process.env.ODEGRAD_RANDOM) console.log(form, style, counts);
  if (style === "everyday") Object.entries(counts.refused).forEach(([name, n]) => count(refusedEveryday, name, n));
  // Others of the rare sort are not a number, or rounded.
  expect(counts.steady / COUNT).toBeGreaterThan(style === "everyday" ? 0.8 : 0.5);
  expect(counts.compared / (COUNT - refused)).toBeGreaterThan(style === "everyday" ? 0.8 : 0.5);
});

it("of everyday programs at most a tenth is refused", () => {
  const refused = Object.values(refusedEveryday).reduce((sum, n) => sum + n, 0);
  const why = Object.entries(refusedEveryday).sort((a, b) => b[1] - a[1]);
  const most = why.slice(0, 10).map(([name, n]) => `${n} × ${name}`);
  console.info(`refused: ${refused} of ${forms.length * COUNT} everyday programs\n  ${most.join("\n  ")}`);
  expect(refused / (forms.length * COUNT)).toBeLessThan(0.1);
});

it("tells a function that is read wrongly, and makes it small", async () => {
  const body = "let x = u[0]; for (let i = 0; i < 3; i++) { x += p[i]; }\nreturn [x, u[1] * 2, Math.sin(u[2])];";
  const small = await shrink(body, async (candidate) => runs("value", candidate) && candidate.includes("sin"));
  expect(small.length).toBeLessThan(30);
  expect(small).toContain("sin");
  expect(() => programOf("value", functionOf({ form: "value", body: "return [new Map(), 1, 2];" }), constants())).toThrow();
});
