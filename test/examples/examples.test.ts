/** The examples run as they are, in so many lines at most, and find what they say. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

function run(name: string, env: Readonly<Record<string, string>> = {}): string {
  const args = ["--import", "tsx", `examples/${name}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", ...env },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

it.each(readdirSync(`${root}/examples`))("%s has at most 60 lines", (name) => {
  expect(readFileSync(`${root}/examples/${name}`, "utf8").split("\n").length - 1).toBeLessThanOrEqual(60);
});

it("lotka-volterra-ude finds both terms, and their coefficients", () => {
  const said = run("lotka-volterra-ude.ts");
  expect(said).toMatch(/^f = -\S+ prey predator\ng = \S+ prey predator\n/);
  const [first, second] = [0, 1].map((k) => Number(new RegExp(`f\\.coefficients\\[${k}\\] +(\\S+)`).exec(said)![1]));
  expect(Math.abs(first / -0.9 - 1)).toBeLessThan(0.02);
  expect(Math.abs(second / 0.8 - 1)).toBeLessThan(0.02);
  // The true state at t = 6 is that of the equations with the true coefficients, by steps of Runge and Kutta.
  const end = /prey: (\S+), predator: (\S+) }/.exec(said)!.slice(1).map(Number);
  let [x, y] = [0.44249296, 4.6280594];
  const slope = (a: number, b: number): [number, number] => [1.3 * a - 0.9 * a * b, 0.8 * a * b - 1.8 * b];
  for (let k = 0, h = 0.001; k < 6000; k++) {
    const [a, b] = slope(x, y);
    const [c, d] = slope(x + (h / 2) * a, y + (h / 2) * b);
    [x, y] = [x + h * c, y + h * d];
  }
  expect(Math.hypot(end[0] - x, end[1] - y) / Math.hypot(x, y)).toBeLessThan(0.05);
});

it("neural-ode-batches comes ever nearer to swings that it was not trained on", () => {
  const said = run("neural-ode-batches.ts", { STEPS: "150" });
  const [first, best] = /: (\S+) at first, (\S+) at best/.exec(said)!.slice(1).map(Number);
  expect(best).toBeLessThan(0.25 * first);
});

/** The rows of fits that were printed: names, values, standard errors. */
function fitted(said: string): Map<string, { value: number; error: number }> {
  const rows = said.matchAll(/^(\S+(?: \(initial\))?) +(\S+) +± (\S+)(?: .*)?$/gm);
  return new Map([...rows].map(([, name, value, error]) => [name, { value: Number(value), error: Number(error) }]));
}

it("seir-ages finds what its counts were drawn from, each to a tenth or so", () => {
  const found = fitted(run("seir-ages.ts"));
  for (const [name, truth] of Object.entries({ R0: 2, days: 2.8, reported: 0.3, "infectious[2] (initial)": 25 })) {
    const { value, error } = found.get(name)!;
    expect(Math.abs(value - truth)).toBeLessThan(3 * error);
    expect(error).toBeLessThan(0.12 * truth);
  }
});

it("diffusion-field differentiates by a field, and finds one", () => {
  const said = run("diffusion-field.ts");
  const gradient = said.split("\n").slice(1, 9);
  const sum = gradient.flatMap((row) => row.trim().split(/ +/).map(Number)).reduce((a, b) => a + b);
  // All conductivities together are the speed of time: t du/dt, and u is 100 X(x, t) X(y, t), each X one of a rod's, by steps of Runge and Kutta.
  let rod = Array.from({ length: 8 }, (_, i) => Math.exp(-(((i + 0.5) / 8 - 0.2) ** 2) / 0.1));
  const slope = (x: readonly number[]): number[] =>
    x.map((own, i) => 64 * ((i > 0 ? x[i - 1] : -own) + (i < 7 ? x[i + 1] : -own) - 2 * own));
  const after = (k: readonly number[], h: number): number[] => rod.map((x, i) => x + h * k[i]);
  for (let step = 0, h = 1e-3; step < 100; step++) {
    const a = slope(rod);
    const b = slope(after(a, h / 2));
    const c = slope(after(b, h / 2));
    const d = slope(after(c, h));
    rod = rod.map((x, i) => x + (h / 6) * (a[i] + 2 * b[i] + 2 * c[i] + d[i]));
  }
  expect(Math.abs(sum - 0.1 * 100 * 2 * rod[5] * slope(rod)[5])).toBeLessThan(0.1);
  const [, near, largest] = /^(\d+) of 64 .* is (\S+)$/m.exec(said)!;
  expect(Number(near)).toBeGreaterThan(55);
  expect(Number(largest)).toBeLessThan(0.05);
});

it("fishing-control comes to the published optimum, which no table of values can go below", () => {
  const best = Number(/^the best costs (\S+)/m.exec(run("fishing-control.ts"))![1]);
  expect(best).toBeGreaterThan(1.34408 - 1e-5);
  expect(best).toBeLessThan(1.3445);
});

it("population-pk finds each clearance, what is typical, and how far people are from it", () => {
  const [alike, differ] = run("population-pk.ts").split("People differ:");
  const found = fitted(differ);
  for (const [name, truth] of Object.entries({ CL: 3, V: 12, Q: 2, V2: 25, power: 0.75 })) {
    const { value, error } = found.get(name)!;
    expect(Math.abs(value - truth), name).toBeLessThan(3 * error);
  }
  // As if people did not differ, an error counts every concentration as one more person.
  expect(fitted(alike).get("power")!.error).toBeLessThan(0.5 * found.get("power")!.error);
  const [CL, V] = [...differ.matchAll(/spread (\S+),/g)].map(([, spread]) => Number(spread));
  expect(CL).toBeCloseTo(0.2, 1);
  expect(V).toBeCloseTo(0.15, 1);
  expect(Number(/^sigma of concentration: (\S+)/m.exec(differ)![1])).toBeCloseTo(0.05, 2);
  const people = [...differ.matchAll(/kg: (\S+) (\S+)$/gm)].map((row) => row.slice(1).map(Number));
  expect(people.length).toBe(24);
  for (const [value, truth] of people) expect(Math.abs(value / truth - 1)).toBeLessThan(0.08);
});

it("spectrum follows the modes of a damped wave", () => {
  const said = run("spectrum.ts");
  const n = 32;
  const rate = (k: number): number => (0.1 * (2 - 2 * Math.cos((2 * Math.PI * k) / n))) / ((2 * Math.PI) / n) ** 2;
  const last = /t = 2\.0: mode 1 (\S+), mode 4 (\S+)\n/.exec(said)!.slice(1).map(Number);
  expect(last[0]).toBeCloseTo(Math.exp(-2 * rate(1)), 4);
  expect(last[1]).toBeCloseTo(0.5 * Math.exp(-2 * rate(4)), 4);
  expect(said).toMatch(/the field moved by \d/);
});
