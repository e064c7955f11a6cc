/**
 * A file imports only from its own floor or a lower one. This is the one list of floors: a file stands on that of the longest entry that
 * its path begins with. What is loaded only when it is needed, by `import()`, may come from anywhere. Nor do folders, or files as they are
 * loaded, import each other in a circle.
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
  "src/compile/javascript",
  "src/compile/wasm",
  "src/compile/wgsl",
  "src/compile",
  "src/read/parser",
  "src/read/syntax",
  "src/read/constants",
  "src/read/state",
  "src/read/values",
  "src/read/loops",
  "src/read/library",
  "src/read/expressions",
  "src/read/statements",
  "src/read/functions",
  "src/read",
  "src/problem",
  "src/tape/numbers",
  "src/tape/pullbacks",
  "src/tape/runtime",
  "src/tape",
  "src/workers",
  "src/devices",
  "problems",
  "sensitivity/vjp",
  "sensitivity/vjp/backends/closure",
  "sensitivity/vjp/backends/tape",
  "sensitivity/vjp/backends",
  "sensitivity/vjp/operators",
  "solvers/linear",
  "solvers/step",
  "solvers/newton",
  "solvers/families",
  "solvers/methods",
  "solvers/step-loop",
  "solvers/systems",
  "solvers/events",
  "solvers/solution",
  "solvers/solve",
  "solvers/steady",
  "solvers/batch",
  "solvers",
  "sensitivity/numerics",
  "sensitivity/losses",
  "sensitivity/task",
  "sensitivity/adjoints/shared",
  "sensitivity/adjoints/integral",
  "sensitivity/adjoints/forward",
  "sensitivity/adjoints/continuous",
  "sensitivity/adjoints/discrete",
  "sensitivity/adjoints/steady",
  "sensitivity/adjoints",
  "sensitivity/switching",
  "sensitivity/diagnosis",
  "sensitivity/planner",
  "sensitivity/check",
  "sensitivity/second-order",
  "sensitivity/batch",
  "sensitivity",
  "ensemble/members",
  "ensemble/reducers",
  "ensemble/chunks",
  "ensemble/devices",
  "ensemble",
  "training/files",
  "training/layers",
  "training/data",
  "training/parameters",
  "training/optimisers",
  "training/objective",
  "training/checkpoints",
  "training/batches",
  "training/shooting",
  "training/judge",
  "training/starts",
  "training/population",
  "training/profiles",
  "training/collocation",
  "training/sindy",
  "training/sampler",
  "training/predicted",
  "training/threads",
  "training",
  "plot",
  "worker",
  "index.ts",
  "browser.ts",
  "core",
  "node",
  "cluster/redis",
  "cluster/problem",
  "cluster/jobs",
  "cluster/producer",
  "cluster/worker",
  "cluster",
  "bench/shared",
  "bench/peers",
  "bench",
  "cli/messages",
  "cli/output",
  "cli",
  "unplugin",
  "playground/shared",
  "playground/engine",
  "playground/draw",
  "playground/models",
  "playground/page",
  "playground",
];

const root = fileURLToPath(new URL("..", import.meta.url));
const files = [
  "src",
  "problems",
  "solvers",
  "sensitivity",
  "ensemble",
  "training",
  "plot",
  "worker",
  "core",
  "node",
  "cluster",
  "bench",
  "cli",
  "playground",
  "unplugin",
]
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)))
  .filter((path) => path.endsWith(".ts"))
  .concat("index.ts", "browser.ts");

function floorOf(path: string): number {
  const fitting = floors.filter((floor) => path === floor || path.startsWith(`${floor}/`));
  const longest = fitting.reduce((a, b) => (b.length > a.length ? b : a), "");
  return floors.indexOf(longest);
}

interface Import {
  readonly from: string;
  readonly to: string;
  /** Does it only import types? */
  readonly isOfTypes: boolean;
}

/** What a file imports as it is loaded, types among it, by paths from the root. */
function importsOf(path: string): Import[] {
  const text = readFileSync(join(root, path), "utf8");
  return [...text.matchAll(/^(?:import|export)\b([^;]*?)"(\.{1,2}\/[^"]+)";$/gm)]
    .map(([, names, specifier]) => ({ from: path, to: join(dirname(path), specifier), isOfTypes: areTypes(names) }))
    .filter(({ to }) => existsSync(join(root, to)));
}

/** `type { A, B } from`, or `{ type A, type B } from` */
function areTypes(names: string): boolean {
  const listed = /\{([^}]*)\}/
    .exec(names)?.[1]
    .split(",")
    .filter((name) => name.trim());
  return /^\s*type\b/.test(names) || (listed?.every((name) => /^\s*type\b/.test(name)) ?? false);
}

const imports = files.flatMap(importsOf);

/** What lies on circles: each circle in order of its names (Tarjan's strongly connected components). */
function circlesOf(edges: readonly (readonly [from: string, to: string])[]): string[][] {
  const targets = new Map<string, Set<string>>();
  for (const [from, to] of edges) if (from !== to) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    lowest.set(node, order.get(node)!);
    stack.push(node);
    for (const next of targets.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const circle = stack.splice(stack.indexOf(node)).sort();
    if (circle.length > 1) circles.push(circle);
  };
  for (const node of targets.keys()) if (!order.has(node)) visit(node);
  return circles;
}

it("every file stands on a floor", () => {
  expect(files.length).toBeGreaterThan(400);
  expect(files.filter((path) => floorOf(path) < 0)).toEqual([]);
});

it("files import from their own floor and lower ones", () => {
  expect(imports.length).toBeGreaterThan(2000);
  const upwards = imports.filter(({ from, to }) => floorOf(to) > floorOf(from));
  expect(upwards.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

it("folders do not import each other in a circle", () => {
  expect(circlesOf(imports.map(({ from, to }) => [dirname(from), dirname(to)]))).toEqual([]);
});

it("files do not import each other in a circle, but for types", () => {
  expect(circlesOf(imports.flatMap(({ from, to, isOfTypes }) => (isOfTypes ? [] : [[from, to] as const])))).toEqual([]);
});

it("circles are found", () => {
  const circles = circlesOf([
    ["a", "b"],
    ["b", "c"],
    ["c", "a"],
    ["c", "d"],
    ["e", "a"],
  ]);
  expect(circles).toEqual([["a", "b", "c"]]);
});

it("only the command, the benchmarks, what they share of Node and the build plugin import Node", () => {
  const ofNode = files.filter((path) => /from "node:|import\("node:/.test(readFileSync(join(root, path), "utf8")));
  expect(ofNode.filter((path) => !/^(cli|bench|node|cluster|unplugin|playground\/sandbox)\//.test(path))).toEqual([]);
});
