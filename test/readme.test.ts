/** What the README shows works. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { adjointMethods } from "../sensitivity/adjoints/index.ts";
import { vjpBackends } from "../sensitivity/vjp/backends/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${root}/README.md`, "utf8");

function blocks(language: string, text = readme): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text);
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

it("every adjoint method and vjp backend is named", () => {
  const names = [...Object.keys(adjointMethods), ...Object.keys(vjpBackends)];
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual([]);
});

it("the example runs", () => {
  const [example] = blocks("ts");
  mkdirSync(`${root}/out`, { recursive: true });
  writeFileSync(
    `${root}/out/readme-example.ts`,
    `${example}\nconsole.log(JSON.stringify([result.value, result.gradient, String(result.plan)]));\n`,
  );
  const [value, gradient, plan] = JSON.parse(run(process.execPath, ["--import", "tsx", "out/readme-example.ts"])) as [
    number,
    { p: Record<string, number>; u0: Record<string, number> },
    string,
  ];
  // 101 squares of 0.1 sin(i), by a solve to 1e-6 whose errors, up to 2e-5 at the end, change each by 0.2 sin(i) times as much.
  expect(value).toBeCloseTo(
    Array.from({ length: 101 }, (_, i) => (0.1 * Math.sin(i)) ** 2).reduce((a, b) => a + b),
    5,
  );
  expect(Object.keys(gradient.p)).toEqual(["a", "b", "c", "d"]);
  expect(Number.isFinite(gradient.u0.prey)).toBe(true);
  expect(plan).toContain("tsit5");
});

it("so do the other ways to derivatives, and agree with it", () => {
  const [section] = readme.split(/^## /m).filter((text) => text.startsWith("Other ways to derivatives"));
  const examples = [...blocks("ts").slice(0, 1), ...blocks("ts", section)].join("\n");
  writeFileSync(
    `${root}/out/readme-derivatives.ts`,
    `${examples}\nconsole.log(JSON.stringify([result.gradient, pulled, moved.p[1].prey, moved.u0[1].prey]));\n`,
  );
  const lines = run(process.execPath, ["--import", "tsx", "out/readme-derivatives.ts"]).trim().split("\n");
  const [gradient, pulled, byParameters, byState] = JSON.parse(lines.pop()!) as Record<string, number>[];
  const numbers = (tree: object): number[] =>
    Object.values(tree).flatMap((x) => (typeof x === "number" ? x : numbers(x as object)));
  const size = Math.hypot(...numbers(gradient));
  numbers(pulled).forEach((x, i) => expect(Math.abs(x - numbers(gradient)[i])).toBeLessThan(1e-3 * size));
  // In quadruple precision, by the tangent equations.
  expect(byParameters.a).toBeCloseTo(2.160557523563, 4);
  expect(byState.predator).toBeCloseTo(0.18856877707, 4);
  // The table printed is the one shown, but for digits that the machine may change.
  const shown = blocks("text", section)[0].trim().split("\n");
  const words = (line: string): string[] => line.trim().split(/ {2,}/);
  expect(lines.map((line) => words(line)[0])).toEqual(shown.map((line) => words(line)[0]));
  // But for the last digits, which are another machine's.
  const derivatives = (table: string[]): number[] => table.slice(1, -1).flatMap((line) => words(line).slice(1, 4).map(Number));
  derivatives(lines).forEach((x, i) => expect(x).toBeCloseTo(derivatives(shown)[i], 5));
});

it("so does the fit, between whose bands the prediction lies", () => {
  const [section] = readme.split(/^## /m).filter((text) => text.startsWith("Fitting a model to data"));
  const examples = [...blocks("ts").slice(0, 1), ...blocks("ts", section)].join("\n");
  mkdirSync(`${root}/out`, { recursive: true });
  const asked = "[fitted.p.a, fitted.standardErrors.a, bands.prey.lower[0], bands.prey.value[0], bands.prey.upper[0]]";
  writeFileSync(`${root}/out/readme-fits.ts`, `${examples}\nconsole.log(JSON.stringify(${asked}));\n`);
  const lines = run(process.execPath, ["--import", "tsx", "out/readme-fits.ts"]).trim().split("\n");
  const [a, error, lower, value, upper] = JSON.parse(lines.pop()!) as number[];
  expect(Math.abs(a - 1.5)).toBeLessThan(3 * error);
  expect(error).toBeLessThan(0.1);
  expect(lower).toBeLessThan(value);
  expect(value).toBeLessThan(upper);
});

it("so does the steady state", () => {
  const [section] = readme.split(/^## /m).filter((text) => text.startsWith("Steady states"));
  writeFileSync(
    `${root}/out/readme-steady.ts`,
    `${blocks("ts", section).join("\n")}\nconsole.log(JSON.stringify([u, stable, byRate]));\n`,
  );
  const [u, stable, byRate] = JSON.parse(run(process.execPath, ["--import", "tsx", "out/readme-steady.ts"])) as [
    { a: number; b: number },
    boolean,
    number,
  ];
  expect(u.a).toBeCloseTo(2 + Math.sqrt(3), 12);
  expect(u.b).toBeCloseTo(2 - Math.sqrt(3), 12);
  expect(stable).toBe(true);
  // With a b = 1 and a + b = rate, away from the border.
  expect(byRate).toBeCloseTo(0.5 + 1 / Math.sqrt(3), 12);
});

it("so does the network", () => {
  const [section] = readme.split(/^## /m).filter((text) => text.startsWith("Networks in right-hand sides"));
  const examples = [...blocks("ts").slice(0, 1), ...blocks("ts", section)].join("\n");
  writeFileSync(`${root}/out/readme-network.ts`, `${examples}\nconsole.log(JSON.stringify([byWeights.shape, file.length]));\n`);
  const [shape, length] = JSON.parse(run(process.execPath, ["--import", "tsx", "out/readme-network.ts"])) as [number[], number];
  expect(shape).toEqual([16, 2]);
  // 82 numbers, and what is around them.
  expect(length).toBeGreaterThan(8 * 82);
});

it("so does the worker", () => {
  const [section] = readme.split(/^## /m).filter((text) => text.startsWith("In web pages"));
  const [problem, main] = blocks("ts", section);
  mkdirSync(`${root}/out/worker`, { recursive: true });
  writeFileSync(`${root}/out/worker/lotka-volterra.js`, problem);
  writeFileSync(`${root}/out/worker/main.ts`, `${main}\nconsole.log(JSON.stringify([solution.u.at(-1).prey, gradient.p.a]));\n`);
  const lines = run(process.execPath, ["--import", "tsx", "out/worker/main.ts"]).trim().split("\n");
  expect(lines[0]).toBe("0 %");
  const [prey, slope] = JSON.parse(lines.at(-1)!) as [number, number];
  expect(prey).toBeCloseTo(1.026, 2);
  expect(Number.isFinite(slope)).toBe(true);
});

it("so do the batches, each trajectory as alone", () => {
  const [section] = readme.split(/^## /m).filter((text) => text.startsWith("Many trajectories at once"));
  const examples = [...blocks("ts").slice(0, 1), ...blocks("ts", section)].join("\n");
  const alone = `{ ...lotkaVolterra, u0: { prey: starts.get(17, 0), predator: starts.get(17, 1) } }`;
  writeFileSync(
    `${root}/out/readme-batches.ts`,
    `${examples}\nconst one = solve(${alone}, { saveat: 1 });\n` +
      `const slope = gradient(${alone}, { loss: { final: (u) => u.prey }, wrt: ["u0"] });\n` +
      `console.log(JSON.stringify([many.u.get(17, 10, 0), one.u[10].prey, summed.u0.get(17, 0), slope.gradient.u0.prey]));\n`,
  );
  const [batch, single, batchSlope, singleSlope] = JSON.parse(
    run(process.execPath, ["--import", "tsx", "out/readme-batches.ts"]),
  ) as number[];
  expect(batch).toBeCloseTo(single, 4);
  expect(batchSlope / singleSlope).toBeCloseTo(1, 4);
});

it("the plans shown are those that are made", () => {
  const [section] = readme.split(/^## /m).filter((text) => text.startsWith("Which method, and why"));
  const commands = blocks("sh", section);
  expect(commands.length).toBe(2);
  // But for times, and the last digits of numbers, which are another machine's, and the order that they make.
  const chosen = (plan: string): string[] =>
    plan.split("\n").flatMap((line) => /^ {2}([a-z][a-z ]*: .*?)(?:,| at t = )/.exec(line)?.[1] ?? []);
  const others = (plan: string): string[] => [...plan.matchAll(/^ {4}not ([\w -]+):/gm)].map(([, name]) => name).sort();
  blocks("text", section).forEach((shown, i) => {
    const printed = run(process.execPath, commands[i].trim().split(/\s+/).slice(1));
    expect(printed.split("\n")[1]).toBe(shown.split("\n")[1]);
    expect(chosen(printed)).toEqual(chosen(shown));
    expect(others(printed)).toEqual(others(shown));
  });
});
