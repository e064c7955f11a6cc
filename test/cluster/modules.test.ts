/** Problems that travel as modules: the same file on both sides, or a refusal by name. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { cluster, OtherModule, OtherProblem, type ClusterLike } from "../../cluster/index.ts";
import { moduleHash } from "../../cluster/problem/module-hash.ts";
import { tsit5 } from "../../solvers/methods/tsit5.ts";
import { BadOption } from "../../src/core/errors.ts";
import { odeProblem, type OdeProblem } from "../../src/problem/problem.ts";
import decay from "./modules/decay.ts";
import { clusterTest, root, startRedis, startWorker } from "./processes.ts";

const module = "test/cluster/modules/decay.ts";

function folderWithModule(): string {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-modules-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "test", "cluster"), { recursive: true });
  cpSync(join(root, "test", "cluster", "modules"), join(folder, "test", "cluster", "modules"), { recursive: true });
  return folder;
}

/** The end states of two trajectories. */
async function solved(device: ClusterLike, problem: OdeProblem): Promise<Float64Array> {
  const members = {
    trajectories: 2,
    base: { u0: Float64Array.of(1), p: Float64Array.of(2), tspan: [0, 1] },
    seed: 1,
    draws: [],
  } as const;
  const shared = { members, times: Float64Array.of(1), settings: { solver: tsit5(), rtol: 1e-8 } };
  const session = await device.open({ kind: "chunk", problem, shared });
  try {
    const result = await session.run({ index: 0, own: { index: 0, first: 0, count: 2 }, size: 2 });
    return (result as { states: Float64Array }).states;
  } finally {
    await session.close();
  }
}

clusterTest("a module in another folder, which is changed there and back", async () => {
  const { url } = await startRedis();
  const folder = folderWithModule();
  const worker = await startWorker(url, "--modules", folder);
  const device = cluster({ redis: url, problem: { module } });
  const problem = decay as OdeProblem;
  const states = await solved(device, problem);
  expect(states[0]).toBeCloseTo(Math.exp(-2), 7);

  const imported = join(folder, "test", "cluster", "modules", "rate.ts");
  writeFileSync(imported, "export const rate = 3;\n");
  const error = await solved(device, problem).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OtherModule);
  expect((error as Error).message).toMatch(
    /"test\/cluster\/modules\/decay\.ts" of the worker on .* its hash is \w{12}, the program's \w{12}\. Copy/,
  );

  cpSync(join(root, "test", "cluster", "modules", "rate.ts"), imported);
  expect(await solved(device, problem)).toEqual(states);

  rmSync(join(folder, "test", "cluster", "modules", "decay.ts"));
  await expect(solved(device, problem)).rejects.toThrow(/^"test\/cluster\/modules\/decay\.ts" is not there for the worker on/);
  expect(worker.process.exitCode).toBe(null);
});

clusterTest("a problem that is not the module's", async () => {
  const { url } = await startRedis();
  await startWorker(url);
  const device = cluster({ redis: url, problem: { module } });
  const other = odeProblem({ rhs: (u, p) => [-2 * p[0] * u[0]], u0: [1], p: [2], tspan: [0, 1] }) as OdeProblem;
  const error = await solved(device, other).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OtherProblem);
  expect((error as Error).message).toMatch(/right-hand side at the start is -2 there, and -4 in the program/);
  const named = cluster({ redis: url, problem: { name: "lorenz" } });
  await expect(solved(named, other)).rejects.toThrow(/finds in the table, as lorenz is another one.*names of the state/);
});

clusterTest("what the problem's own code throws in a worker", async () => {
  const { url } = await startRedis();
  await startWorker(url);
  const broken = { redis: url, problem: { module: "test/cluster/modules/oscillator.ts" } };
  const error = await solved(cluster(broken), decay as OdeProblem).catch((reason: unknown) => reason);
  // Its module has no default export.
  expect(error).toMatchObject({ name: "JobFailed", message: expect.stringContaining("no default export") as string });
});

describe("the hash of a module", () => {
  it("is the same in every folder, and another when a file changes that it names", () => {
    const folder = folderWithModule();
    const copy = join(folder, module);
    const own = moduleHash(join(root, module));
    expect(moduleHash(copy)).toBe(own);
    writeFileSync(join(folder, "test", "cluster", "modules", "rate.ts"), "export const rate = 3;\n");
    expect(moduleHash(copy)).not.toBe(own);
  });

  it("is of TypeScript that is imported as JavaScript, and of data, too", () => {
    const folder = mkdtempSync(join(tmpdir(), "odegrad-modules-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    write("a.ts", 'import { b } from "./b.js";\nconst url = new URL("./data.csv", import.meta.url);');
    const hashes = [
      ["b.ts", "1"],
      ["b.ts", "2"],
      ["data.csv", "1"],
      ["data.csv", "2"],
    ].map(([name, text]) => (write(name, text), moduleHash(join(folder, "a.ts"))));
    expect(new Set(hashes).size).toBe(4);
  });
});

describe("what is no reference to a problem", () => {
  it.each([
    [{ name: "lorentz" }, /problem\.name is "lorentz", which is no named problem/],
    [{ module: "no/such.ts" }, /there is no file/],
    [{ module: 3 as never }, /must be a path or the URL of a file/],
    [{ module: join(tmpdir()) }, /lies outside of the folder that the program runs in/],
    [undefined as never, /problem/],
    [{} as never, /problem/],
  ])("%j", (problem, message) => {
    expect(() => cluster({ problem })).toThrow(BadOption);
    expect(() => cluster({ problem })).toThrow(message);
  });
});
