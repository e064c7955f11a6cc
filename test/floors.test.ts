/**
 * A file imports only from its own floor or a lower one. This is the one list of floors: a file stands on that of the longest entry that
 * its path begins with. What is loaded only when it is needed, by `import()`, may come from anywhere.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** From the ground up. */
const floors = [
  "src/core",
  "src/arrays",
  "src/ir",
  "src/passes",
  "src/analysis",
  "src/operations",
  "src/derive",
  "src/compile",
  "src/read",
  "src/problem",
  "src/tape",
  "src/devices",
  "problems",
  "sensitivity/vjp",
  "sensitivity/vjp/backends/closure",
  "sensitivity/vjp/backends/tape",
  "sensitivity/vjp/backends",
  "sensitivity/vjp/operators",
  "solvers/linear",
  "solvers/families",
  "solvers/methods",
  "solvers/step-loop",
  "solvers/systems",
  "solvers/events",
  "solvers/solution",
  "solvers",
  "solvers/batch",
  "solvers/index.ts",
  "sensitivity/numerics",
  "sensitivity/losses",
  "sensitivity/task",
  "sensitivity/adjoints/shared",
  "sensitivity/adjoints/integral",
  "sensitivity/adjoints/forward",
  "sensitivity/adjoints/continuous",
  "sensitivity/adjoints/discrete",
  "sensitivity/adjoints",
  "sensitivity/switching",
  "sensitivity/diagnosis",
  "sensitivity/planner",
  "sensitivity/check",
  "sensitivity/batch",
  "sensitivity",
  "training",
  "plot",
  "worker",
  "index.ts",
  "bench",
  "cli",
];

const root = fileURLToPath(new URL("..", import.meta.url));
const files = ["src", "problems", "solvers", "sensitivity", "training", "plot", "worker", "bench", "cli"]
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)))
  .filter((path) => path.endsWith(".ts"))
  .concat("index.ts");

function floorOf(path: string): number {
  const fitting = floors.filter((floor) => path === floor || path.startsWith(`${floor}/`));
  const longest = fitting.reduce((a, b) => (b.length > a.length ? b : a), "");
  return floors.indexOf(longest);
}

/** What a file imports as it is loaded, types among it, by paths from the root. */
function importsOf(path: string): string[] {
  const text = readFileSync(join(root, path), "utf8");
  return [...text.matchAll(/^(?:import|export)\b[^;]*?"(\.{1,2}\/[^"]+)";$/gm)]
    .map(([, specifier]) => join(dirname(path), specifier))
    .filter((imported) => existsSync(join(root, imported)));
}

it("every file stands on a floor", () => {
  expect(files.length).toBeGreaterThan(400);
  expect(files.filter((path) => floorOf(path) < 0)).toEqual([]);
});

it("files import from their own floor and lower ones", () => {
  const edges = files.flatMap((path) => importsOf(path).map((imported) => [path, imported] as const));
  expect(edges.length).toBeGreaterThan(2000);
  const upwards = edges.filter(([path, imported]) => floorOf(imported) > floorOf(path));
  expect(upwards.map((edge) => edge.join(" imports "))).toEqual([]);
});

it("no file below the command, the benchmarks and the parts named for Node imports Node", () => {
  const ofNode = files.filter((path) => /from "node:|import\("node:/.test(readFileSync(join(root, path), "utf8")));
  expect(ofNode.filter((path) => !/^(cli|bench)\/|node/.test(path))).toEqual([]);
});
