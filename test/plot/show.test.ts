/** What a notebook is given of a solution, a gradient and a plan. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { pictureBundle, show } from "../../plot/show.ts";
import { brusselator, lotkaVolterra } from "../../problems/index.ts";
import { explain, gradient } from "../../sensitivity/index.ts";
import { solve } from "../../solvers/index.ts";
import { MissingPackage, UnsupportedValue } from "../../src/core/errors.ts";
import { jupyterDisplay } from "../../plot/notebook.ts";

const { problem, loss } = lotkaVolterra();
const grid = brusselator({ n: 6, tEnd: 0.1 });
const count = (text: string, part: string) => text.split(part).length - 1;

it("is asked for as Deno's kernel asks", () => expect(Symbol.keyFor(jupyterDisplay)).toBe("Jupyter.display"));

describe("a solution", () => {
  it("is its components over time, with the steps it took", async () => {
    const solution = solve(problem);
    const bundle = await show(solution)[jupyterDisplay]();
    expect(bundle["text/html"]).toContain("<svg");
    for (const name of ["prey", "predator", "time t"]) expect(bundle["text/html"]).toContain(`>${name}</`);
    expect(bundle["text/plain"]).toContain(`${solution.stats.steps} steps`);
  });

  it("of a grid is its fields at the end", async () => {
    const html = (await show(solve(grid.problem))[jupyterDisplay]())["text/html"];
    expect(html).toContain("at t = 0.1");
    // Background, cells of two fields, and their ramps.
    expect(count(html, "<rect ")).toBe(1 + 2 * 36 + 2 * 128);
  });
});

describe("a gradient", () => {
  it("is a bar a component, with the loss and how it was computed", async () => {
    const result = gradient(problem, { loss, wrt: ["p", "u0", "t1"] });
    const { "text/html": html, "text/plain": text } = await show(result)[jupyterDisplay]();
    for (const name of ["p.a", "p.d", "u0.prey", "t1", "derivative of the loss"]) expect(html).toContain(`>${name}</`);
    expect(text).toContain(result.plan.summary);
    expect(text).toContain(String(Number(result.value.toPrecision(6))));
  });

  it("by a grid is its fields", async () => {
    const html = (await show(gradient(grid.problem, { loss: grid.loss, wrt: ["u0"] }))[jupyterDisplay]())["text/html"];
    expect(count(html, "<rect ")).toBe(1 + 2 * 36 + 2 * 128);
  });
});

it("a plan is a table, a row a decision", async () => {
  const plan = explain(problem, { loss });
  const { "text/html": html, "text/plain": text } = await show(plan)[jupyterDisplay]();
  expect(text).toBe(String(plan));
  expect(count(html, "<tr>")).toBe(1 + plan.decisions.length);
  for (const { rejected } of plan.decisions) for (const { name } of rejected) expect(html).toContain(`${name}: `);
});

it("what came from a worker, without its class, shows itself too", async () => {
  const { t, u, states, solver, result, stats } = solve(problem, { saveat: 1 });
  const { "text/html": html } = await show({ t, u, states, solver, result, stats })[jupyterDisplay]();
  expect(html).toContain(">prey</");
});

it("a solution that kept nothing is its line", async () => {
  const bundle = await show(solve(problem, { saveat: [] }))[jupyterDisplay]();
  expect(Object.keys(bundle)).toEqual(["text/plain"]);
});

it("anything else is an error", () => {
  expect(() => show(problem as never)).toThrow(UnsupportedValue);
  expect(() => show(undefined as never)).toThrow(
    /^show: it is given undefined, and shows solutions, gradients, plans, and what fits/,
  );
});

it("without Plot there is the text, and what to install", async () => {
  const bundle = await pictureBundle("23 steps", () => {
    throw new MissingPackage("@observablehq/plot", "Drawing a figure");
  });
  expect(bundle["text/html"]).toBeUndefined();
  expect(bundle["text/plain"]).toMatch(/^23 steps\n.*npm install @observablehq\/plot/);
});

it("costs nothing where nothing is shown: what solves and differentiates reaches no drawing code", async () => {
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(new URL("../..", import.meta.url)),
    entryPoints: ["index.ts"],
    write: false,
    bundle: true,
    format: "esm",
    packages: "external",
    metafile: true,
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs).toContain("solvers/solution/solution.ts");
  expect(inputs.filter((path) => path.startsWith("plot/"))).toEqual([]);
});
