/** What is published: the archive that `npm pack` makes of the built package. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

let folder: string;
let archive: string;
let files: { path: string; size: number }[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "odegrad-pack-"));
  const npm = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [packed] = JSON.parse(execFileSync("npm", npm, { cwd: root, encoding: "utf8" })) as {
    filename: string;
    files: typeof files;
  }[];
  archive = join(folder, packed.filename);
  files = packed.files;
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** The text of a file of the archive, which is the one that lies here. */
const text = (path: string): string => readFileSync(join(root, path), "utf8");

describe("files", () => {
  const others = (pattern: RegExp): string[] => files.map(({ path }) => path).filter((path) => pattern.test(path));

  it("are what runs, its types, and what a reader wants to know first", () => {
    expect(others(/^(?!dist\/)/).sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
    expect(others(/^dist\/.*(?<!\.js|\.d\.ts)$/)).toEqual([]);
    expect(others(/^dist\//).length).toBeGreaterThan(100);
  });

  it("are no tests, examples, or source maps, and name none", () => {
    expect(others(/\.map$|(^|\/)(test|tests|examples)\//)).toEqual([]);
    const mapped = files.filter(({ path }) => path.endsWith(".js") && /^\/\/# sourceMappingURL=/m.test(text(path)));
    expect(mapped).toEqual([]);
  });

  it("import nothing for nothing, of which bundlers warn", () => {
    const modules = others(/^dist\/(core\/)?modules\/.*\.js$/);
    expect(modules.length).toBeGreaterThan(500);
    expect(modules.filter((path) => /^import "\.\.?\//m.test(text(path)))).toEqual([]);
  });

  it("name no file of this machine", () => {
    const named = files.filter(({ path }) => text(path).includes(root));
    expect(named).toEqual([]);
  });
});

it("publint has nothing to say", async () => {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true, pack: "npm" });
  expect(messages.map((message) => formatMessage(message, pkg!))).toEqual([]);
}, 300_000);

it("the types of every entry point are those of what is run", () => {
  const attw = join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
  const args = [attw, archive, "--profile", "esm-only", "--format", "json"];
  // Fails where it finds something. What CommonJS sees is not asked for: it imports by import().
  const { analysis } = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 26 })) as {
    analysis: { entrypoints: Record<string, object> };
  };
  const exported = Object.keys((JSON.parse(text("package.json")) as { exports: object }).exports);
  expect(Object.keys(analysis.entrypoints).sort()).toEqual(exported.sort());
}, 300_000);

it("versions agree", () => {
  const { version } = JSON.parse(text("package.json")) as { version: string };
  expect(/^version: (.*)$/m.exec(text("CITATION.cff"))![1]).toBe(version);
});

it("links of the README hold on the registry's page, which has no other file of the repository", () => {
  const { repository } = JSON.parse(text("package.json")) as { repository: { url: string } };
  expect(repository.url).toBe("git+https://github.com/odegrad/odegrad.git");
  const targets = Array.from(text("README.md").matchAll(/\]\(([^)\s]+)\)/g), ([, href]) => href);
  expect(targets.filter((href) => !/^(https:|#)/.test(href))).toEqual([]);
});

it("an uncaught failure prints its message and where it came from, and no solution", () => {
  const failing = `import { odeProblem, solve } from "odegrad";
    solve(odeProblem({ rhs: (u) => u.map((x) => x * x), u0: new Array(500).fill(1), tspan: [0, 5] }));`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", failing], { cwd: root, encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^StepUnderflow: \S+ stopped at t = 1\.0/m);
  expect(stderr.trim().split("\n").length).toBeLessThan(20);
});
