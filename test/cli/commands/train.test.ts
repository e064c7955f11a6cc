import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LossObjective } from "../../../cli/train/loss-objective.ts";
import { trained } from "../../../cli/train/loop.ts";
import { courseOf } from "../../../cli/train/progress.ts";
import { lotkaVolterraUDE } from "../../../problems/index.ts";
import { gradient } from "../../../sensitivity/gradient.ts";
import { adam, fromJson, fromNpz } from "../../../training/index.ts";
import { json, modulePath, odegrad, temporaryFolder } from "../run.ts";

interface Trained {
  readonly problem: string;
  readonly before: number;
  readonly value: number;
  readonly steps: number;
  readonly ended: string;
  readonly p: Record<string, unknown>;
}

describe("train", () => {
  it("makes the loss of a named problem small, and writes the parameters that it says", () => {
    const { problem, loss } = lotkaVolterraUDE();
    for (const [file, read] of [
      ["weights.npz", (path: string) => fromNpz(readFileSync(path), problem.p)],
      ["weights.json", (path: string) => fromJson(readFileSync(path, "utf8"), problem.p)],
    ] as const) {
      const path = join(temporaryFolder(), "new", file);
      const said = json<Trained>("train", "lotkaVolterraUDE", "--optimiser", "lbfgs", "--steps", "40", "--out", path);
      expect(said.before).toBeCloseTo(gradient(problem, { loss }).value, 6);
      expect(said.value).toBeLessThan(0.01 * said.before);
      expect(said).toMatchObject({ problem: "lotkaVolterraUDE", steps: 40, ended: "all 40 steps were taken" });
      expect(gradient(problem, { loss, p: read(path) }).value).toBeCloseTo(said.value, 8);
    }
  });

  it("of a module goes down as far as there is a slope, and says why it ended", () => {
    // u(T) = 3 exp(-2 k) has none: it falls as k grows, until it is flat.
    const said = json<Trained>("train", modulePath("decay.ts"), "--optimiser", "lbfgs");
    expect(said.before).toBeCloseTo(3 * Math.exp(-1), 5);
    expect(said.value).toBeLessThan(1e-6);
    expect(said.p.k).toBeGreaterThan(7);
    expect(said.ended).toBe("the value falls no further");
  });

  it("prints lines where there is no terminal, and a summary", () => {
    const { status, stdout, stderr } = odegrad("train", "lotkaVolterraUDE", "--steps", "20", "--learning-rate", "0.02");
    expect(status).toBe(0);
    const lines = stderr.trim().split("\n");
    expect(lines).toHaveLength(10);
    for (const [i, line] of lines.entries()) expect(line).toMatch(new RegExp(`^step ${2 * (i + 1)} of 20: loss [\\d.]+$`));
    expect(stdout).toMatch(/^lotkaVolterraUDE: 57 parameters, adam,lbfgs, /);
    expect(stdout).toMatch(/\nloss [\d.]+ -> [\d.]+ in 20 steps, .*: all 20 steps were taken\n/);
    expect(stderr + stdout).not.toContain("\r");
  });

  it("draws the course of the loss", () => {
    const path = join(temporaryFolder(), "loss.svg");
    expect(odegrad("train", "lotkaVolterraUDE", "--steps", "3", "--plot", path).status).toBe(0);
    expect(readFileSync(path, "utf8")).toContain("<svg");
  });

  it("ends when its time is over, with what it has", async () => {
    const { problem, loss } = lotkaVolterraUDE();
    const objective = new LossObjective(problem as never, loss as never, {});
    let looked = 0;
    const deadline = {
      get isOver(): boolean {
        return ++looked > 3;
      },
    };
    const { state, losses, ended } = await trained(objective, adam(), 1000, deadline);
    expect(ended).toBe("the time was over");
    expect(losses).toHaveLength(4);
    expect(state.value).toBeLessThan(losses[0]);
  });

  it.each([
    [
      ["train", "lotkaVolterraUDE", "--optimiser", "sgd"],
      2,
      "BadOptionValue: --optimiser sgd: expected one of adam adamW lion lbfgs adam,lbfgs",
    ],
    [["train", "lotkaVolterraUDE", "--out", "weights.txt"], 2, "a file that ends in .json or .npz"],
    [
      ["train", "lotkaVolterraUDE", "--steps", "1", "--out", "/proc/nowhere/weights.npz"],
      1,
      'CannotWrite: Cannot write to "/proc/nowhere/weights.npz"',
    ],
    [["train", modulePath("rates.ts")], 1, "NoLoss"],
    [["train", modulePath("no-parameters.js")], 1, "NothingToTrain"],
  ])("%j is refused", (args, code, message) => {
    const { status, stderr } = odegrad(...args);
    expect(status).toBe(code);
    expect(stderr).toContain(message);
  });
});

it("the course of a loss is drawn by the logarithm, the latest at the end", () => {
  expect(courseOf([100, 10, 1])).toBe("█▅▁");
  expect(courseOf(Array.from({ length: 100 }, (_, k) => 2 ** -k))).toHaveLength(24);
  expect(courseOf([1, 1])).toBe("▁▁");
  expect(courseOf([1, 0])).toBe("▁▁");
});
