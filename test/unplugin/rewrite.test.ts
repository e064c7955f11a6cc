/** What the plugin puts beside functions, of which it takes which. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "acorn";
import { rollup } from "rollup";
import { describe, expect, it, onTestFinished } from "vitest";
import { BadOption, MissingPackage } from "../../index.ts";
import { PluginTwice } from "../../unplugin/errors.ts";
import { ProjectFiles } from "../../unplugin/files.ts";
import { odegrad } from "../../unplugin/index.ts";
import { needed } from "../../unplugin/packages.ts";
import { rewritten } from "../../unplugin/rewrite.ts";

interface Beside {
  readonly fn: string;
  readonly names: string;
  readonly text: string;
}

/** What stands beside each function, in the order of the text. */
function besides(code: string, path = "/model.ts"): Beside[] {
  const made = rewritten(code, path)?.code ?? "";
  const found: Beside[] = [];
  const call = /__odegrad_captured\(/g;
  for (let match = call.exec(made); match; match = call.exec(made)) {
    const end = /, \(\) => \(\{ (.*?) ?\}\), ("(?:[^"\\]|\\.)*")\)/g;
    end.lastIndex = match.index;
    const [, names, text] = end.exec(made)!;
    found.push({
      fn: made.slice(match.index + match[0].length, end.lastIndex),
      names,
      text: JSON.parse(text) as string,
    });
  }
  return found;
}

const texts = (code: string, path?: string): string[] => besides(code, path).map(({ text }) => text);

describe("a function gets", () => {
  it("the names that it captures, of its module and of functions around it, and no globals", () => {
    const code = `import { b } from "./b"; const a = 1; export const make = (c) => { const g = solve(); return (u) => a + b(c) + Math.sin(u) + g; }`;
    expect(besides(code).map(({ names }) => names)).toContain("a, b, c, g");
  });

  it("names of globals that its module declares", () => {
    expect(besides("const performance = 2; export const f = (u) => performance * u;")[0].names).toBe("performance");
  });

  it("what it was bound to", () => {
    const code = `export const [a, b] = [ model . rhs.bind(model, ...k), (class { f() {} }).bind((1)) ];`;
    const made = rewritten(code, "/model.ts")!.code;
    expect(made).toContain('[ __odegrad_bound(model . rhs, "bind", model, ...k), __odegrad_bound((class {');
    expect(made).toMatch(/, "bind", \(1\)\) \]/);
    for (const other of [
      "f?.bind(a)",
      "f.g?.h.bind(a)",
      "f.bind?.(a)",
      "f.bind()",
      "f[bind](a)",
      "f /* . */ .bind(a)",
      "bind(f)",
    ])
      expect(rewritten(`export default ${other};`, "/model.ts"), other).toBeUndefined();
  });

  it("no counters of coverage", () => {
    expect(besides("export const f = (u) => { cov_1x().s[0]++; return k() * __name(u); }; const k = 1;")[0].names).toBe("k");
  });

  it("a global that may not be there by a getter", () => {
    expect(besides("export const f = (u) => rate * u;")[0].names).toBe("get rate() { return rate; }");
  });

  it("its text without types and comments, in the same lines and columns", () => {
    const typed = `export function f<T>(this: M, u: Float64Array, p?: { a: number }): void {
  // what for
  let x!: number; /* why */ x = (u[0] as unknown as number)! + <number>p.a satisfies number;
  return g<number>(x) as never;
}`;
    const [text] = texts(typed);
    expect(text.split("\n")).toEqual([
      `function f   (         u              , p                )       {`,
      "",
      `  let x         ;           x = (u[0]                     )  +         p.a                 ;`,
      "  return g        (x)         ;",
      "}",
    ]);
    expect(() => parse(text, { ecmaVersion: "latest" })).not.toThrow();
  });

  it("what an arrow means by `this`, by a name", () => {
    const [field] = besides("const self = 1; class M { k = 2; rhs = (u) => [u].map((x) => this.k * x); }");
    expect([field.names, field.text]).toEqual(["self: this", "(u) => [u].map((x) => self.k * x)"]);
    const [own] = besides("export const f = function (u) { return [u].map((x) => this.k * x); };");
    expect([own.names, own.text]).toEqual(["", "function (u) { return [u].map((x) => this.k * x); }"]);
    const [other] = besides("export const f = (u, self) => this.k * self;");
    expect([other.names, other.text]).toEqual(["", "(u, self) => this.k * self"]);
  });

  it("as a method the same", () => {
    expect(texts("class M { private f?<T>(u: T): T { return k * u; } }; const o = { g<T>(u: T): T { return k * u; } }")).toEqual([
      "f    (u   )    { return k * u; }",
      "g   (u   )    { return k * u; }",
    ]);
  });
});

describe("taken are", () => {
  it.each([
    ["declarations", "export function f(u) { return k * u; }"],
    ["default exports", "export default function (u) { return k * u; }"],
    ["arrows", "const f = (u) => k * u; use(f);"],
    ["methods of objects", 'const model = { rhs(u) { return k * u; } }; model["x"];'],
    ["methods of classes", "class Model { rhs(u) { return k * u; } }"],
    ["static methods", "class Model { static rhs(u) { return k * u; } }"],
    ["fields of classes", "class Model { rhs = (u) => k * u; }"],
    ["what is handed over", "fit((u) => k * u);"],
    ["what functions return", "const all = rates.map((k) => (u) => k * u);"],
    ["local functions that others capture", "function run(k) { const g = (u) => k * u; return solve((u) => g(u)); }"],
  ])("%s", (_, code) => {
    expect(texts(code).some((text) => /k \* u/.test(text))).toBe(true);
    expect(() => parse(rewritten(code, "/m.js")!.code, { ecmaVersion: "latest", sourceType: "module" })).not.toThrow();
  });

  it.each([
    ["what arrays call", "const f = () => { document.title; return [1].map((u) => k * u); }"],
    ["what its own function calls alone", "const f = (p) => { document.title; const g = (u) => k * u; return g(p); }"],
    ["asynchronous functions", "const f = async (u) => k * u;"],
    ["functions of pages", "const f = (u) => { document.title = k * u; }"],
    ["components", "const F = (u) => <b>{k * u}</b>;"],
    ["what works on problems", 'import { solve } from "odegrad"; const f = (u) => solve(k * u);'],
    ["listeners", 'button.addEventListener("click", (u) => k * u);'],
    ["what uses private fields", "class M { #k = 2; f(u) { return this.#k * u; } }"],
    ["getters", "const o = { get f() { return k * u; } };"],
  ])("not %s", (_, code) => {
    expect(rewritten(code, "/m.jsx")).toBeUndefined();
  });
});

describe("a file", () => {
  it("keeps its directives and the line of its shebang first", () => {
    const { code } = rewritten('#!/usr/bin/env node\n"use client";\nexport const f = (u) => u;', "/m.js")!;
    expect(code.startsWith('#!/usr/bin/env node\n"use client";\nimport {')).toBe(true);
  });

  it("of CommonJS requires", () => {
    expect(rewritten('const k = require("./k"); exports.f = (u) => k * u;', "/m.cjs")!.code).toMatch(
      /^const \{ captured: .* require\(/,
    );
  });

  it("has a map to its own lines", () => {
    const { map } = rewritten("const k = 1;\nexport const f = (u) => k * u;\n", "/m.js")!;
    expect(map.sources).toEqual(["/m.js"]);
    expect(map.mappings.split(";").length).toBeGreaterThan(1);
  });

  it("that was rewritten already is refused", () => {
    const once = rewritten("export const f = (u) => u;", "/m.js")!.code;
    expect(() => rewritten(once, "/m.js")).toThrow(PluginTwice);
  });

  it("that cannot be parsed throws SyntaxError", () => {
    expect(() => rewritten("const const", "/m.ts")).toThrow(SyntaxError);
  });
});

it.each([
  [{ includes: /a/ }, 'there is no "includes". Is `include` meant?'],
  [{ include: "src" }, "odegrad: include is "],
  [{ include: [/a/, 1] }, "include"],
])("options are checked: %o", (options, message) => {
  expect(() => odegrad.rollup(options as never)).toThrow(BadOption);
  expect(() => odegrad.rollup(options as never)).toThrow(message);
});

it("a file that cannot be parsed is told, and left alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-broken-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const input = join(folder, "broken.js");
  writeFileSync(input, 'import "odegrad"; export const k = @1;');
  const told: string[] = [];
  const build = rollup({
    input,
    external: ["odegrad"],
    plugins: [odegrad.rollup(), { name: "mends", transform: (code) => code.replace("@", "") }],
    onwarn: ({ message }) => told.push(message),
  });
  const { output } = await (await build).generate({});
  expect(output[0].code).toContain("k = 1");
  expect(told).toEqual([expect.stringMatching(/broken\.js cannot be parsed, so that its functions stay as they are: /)]);
});

it("a package that is not installed is named", () => {
  expect(() => needed("odegrad-is-without-this")).toThrow(
    new MissingPackage("odegrad-is-without-this", "The build plugin").message,
  );
});

it("folders that may not be looked into are left out", () => {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-closed-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "database"));
  for (const path of ["package.json", "helper.ts", "database/x.ts"]) writeFileSync(join(folder, path), "{}");
  writeFileSync(join(folder, "model.ts"), 'import "odegrad"; import "./helper"; import "./database/x";');
  const program = `
    import fs from "node:fs";
    const { readdirSync } = fs;
    fs.readdirSync = (path, ...options) => {
      if (String(path).endsWith("database")) throw Object.assign(new Error("permission denied"), { code: "EACCES" });
      return readdirSync(path, ...options);
    };
    (await import("node:module")).syncBuiltinESMExports();
    const { ProjectFiles } = await import(${JSON.stringify(new URL("../../unplugin/files.ts", import.meta.url).href)});
    const files = new ProjectFiles([]);
    console.log(["helper.ts", "database/x.ts"].map((path) => files.isReached(${JSON.stringify(folder)} + "/" + path, "")).join());
  `;
  const args = ["--import", "tsx", "--input-type=module", "--eval", program];
  expect(execFileSync(process.execPath, args, { encoding: "utf8" })).toBe("true,false\n");
});

describe("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-files-"));
  const write = (path: string, text: string): string => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const files: Record<string, string> = {
    "package.json": "{}",
    "src/model.ts":
      'import { solve } from "odegrad"; import { drag } from "./physics/drag.js"; import { x } from "@/tools/aliased";',
    "src/physics/drag.ts": 'export * from "..//table";',
    "src/table.ts": "export const table = [];",
    "src/tools/aliased/index.ts": "",
    "src/app.tsx": 'import { run } from "./model"; import { Button } from "./button";',
    "src/button.tsx": "",
    "src/main.ts": 'import "./app";',
    "src/other.ts": 'export const isOurs = (data) => "odegrad" in data;',
    "src/types.d.ts": "",
    "node_modules/pkg/index.js": 'import "odegrad";',
  };
  const paths = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, write(path, text)]));

  it("are those that import the library, what these import, and their callers", () => {
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const all = new ProjectFiles([]);
    const taken = Object.entries(paths)
      .filter(([path, file]) => all.mayHold(`${file}?v=1`) && all.isReached(file, files[path]))
      .map(([path]) => path);
    expect(taken).toEqual([
      "src/model.ts",
      "src/physics/drag.ts",
      "src/table.ts",
      "src/tools/aliased/index.ts",
      "src/app.tsx",
      "src/button.tsx",
    ]);
    const more = new ProjectFiles([/other/g, /node_modules\/pkg/]);
    for (const path of ["src/other.ts", "node_modules/pkg/index.js"])
      expect(more.mayHold(paths[path]) && more.isReached(paths[path], ""), path).toBe(true);
    expect(all.mayHold("\0virtual:x.ts")).toBe(false);
  });
});
