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
