/**
 * Random functions in the full variety of JavaScript: whatever runs compiled does what JavaScript does, bit for bit, or is refused
 * by name; and its derivatives are those of the plain function. `npm run test:random` tries more of them.
 */
import { expect, it } from "vitest";
import { byBackends, byModes, difference } from "./derivatives.ts";
import { constants, functionOf, judge, points, programOf } from "./judge.ts";
import { byLanes } from "./lanes.ts";
import { guarded, shrink } from "./shrink.ts";
import { byVerbs } from "./verbs.ts";
import { everyday, forms, parameters, rare, write, type Form, type Style } from "./writer.ts";

/** Programs of each of eight sorts. */
const COUNT = process.env.ODEGRAD_RANDOM ? (Number(process.env.ODEGRAD_RANDOM) * 25) / 8 : 250;
const STYLES: Readonly<Record<string, Style>> = { everyday, rare };

interface Counts {
  programs: number;
  refused: Record<string, number>;
  /** Programs that are steady at their point, so that differences tell their derivative, and those that compared it. */
  steady: number;
  compared: number;
  /** Programs of each backend that gave a derivative, and that refused. */
  gave: Record<string, number>;
  verbs: number;
  verbsRefused: Record<string, number>;
}

/** What is wrong with a function, if anything. Dear questions are asked of some alone. */
async function complaint(form: Form, body: string, seed: number, counts?: Counts): Promise<string | undefined> {
  const at = points[(seed >> 2) % 4];
  const verdict = judge({ form, body });
  if (verdict.kind === "wrong") return verdict.what;
  if (verdict.kind === "refused") count(counts?.refused, `${verdict.error.name}: ${verdict.error.construct}`);
  const slope = difference(form, body, at);
  if (counts && slope !== undefined) counts.steady++;
  if (verdict.kind === "right") {
    const { complaint: wrong, derivative } = byModes(verdict.program, at, slope, seed % 4 === 0);
    if (wrong) return wrong;
    if (counts && slope !== undefined && derivative !== undefined) counts.compared++;
    const apart = seed % 4 === 0 ? await byLanes(form, body, verdict.program) : undefined;
    if (apart) return apart;
  }
  if (slope !== undefined && seed % 12 === 1 && (form === "rhs" || form === "value")) {
    const { complaint: wrong, gave, refused } = byBackends(form, body, at, slope, verdict.kind === "right");
    for (const name of [...gave, ...refused]) count(counts?.gave, name);
    if (wrong) return wrong;
  }
  if (seed % 16 !== 0) return undefined;
  const { complaint: wrong, refused } = byVerbs(form, body, at);
  if (counts) counts.verbs++;
  if (refused) count(counts?.verbsRefused, refused);
  return wrong;
}

function count(counts: Record<string, number> | undefined, key: string, n = 1): void {
  if (counts) counts[key] = (counts[key] ?? 0) + n;
}

/** By the reader, of everyday programs in all forms. */
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
  expect(refused / (forms.length * COUNT), JSON.stringify(refusedEveryday)).toBeLessThan(0.1);
});

/** The function made small, where it is still wrong in the same manner. */
async function told(form: Form, style: string, body: string, seed: number, wrong: string): Promise<string> {
  const manner = (text: string): string => text.split(":")[0].replace(/\d+/g, "");
  const small = await shrink(body, async (candidate) => {
    if (!runs(form, candidate)) return false;
    const found = await complaint(form, candidate, seed);
    return found !== undefined && manner(found) === manner(wrong);
  });
  return `write(${seed}, "${form}", ${style}): ${await complaint(form, small, seed)}\n(${parameters[form].join(", ")}) => {\n${small}\n}`;
}

/** Does it end, plainly, without throwing? */
function runs(form: Form, body: string): boolean {
  try {
    const fn = functionOf({ form, body: guarded(body) });
    for (const { u, p, t } of points) fn(...(form === "rhs" ? [new Float64Array(3)] : []), u.slice(), p.slice(), t, constants());
    return true;
  } catch {
    return false;
  }
}

it("tells a function that is read wrongly, and makes it small", async () => {
  const body = "let x = u[0]; for (let i = 0; i < 3; i++) { x += p[i]; }\nreturn [x, u[1] * 2, Math.sin(u[2])];";
  const small = await shrink(body, async (candidate) => runs("value", candidate) && candidate.includes("sin"));
  expect(small.length).toBeLessThan(30);
  expect(small).toContain("sin");
  expect(() => programOf("value", functionOf({ form: "value", body: "return [new Map(), 1, 2];" }), constants())).toThrow();
});
