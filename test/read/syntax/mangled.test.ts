/** Functions read the same after minifiers, bundlers and other tools have been over their text. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync, transformSync } from "esbuild";
import { build } from "vite";
import { afterAll, describe, expect, test } from "vitest";
import * as arrays from "../../../src/operations/plain-operations.ts";
import { agree } from "../agree.ts";
import { type AnyFunction } from "../harness.ts";
import { cases as plainCases } from "../fixtures/right-hand-sides.ts";
import { settingOf } from "../fixtures/settings.ts";

type Cases = typeof plainCases;

const entry = fileURLToPath(new URL("../fixtures/right-hand-sides.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "odegrad-mangled-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function load(name: string, code: string): Promise<Cases> {
  const file = join(folder, name);
  writeFileSync(file, code);
  return ((await import(/* @vite-ignore */ pathToFileURL(file).href)) as { cases: Cases }).cases;
}

/** Runs CommonJS text. */
function evaluate(code: string): Record<string, unknown> {
  const module = { exports: {} };
  new Function("require", "module", "exports", code)(() => arrays, module, module.exports);
  return module.exports;
}

const builds: Readonly<Record<string, () => Promise<Cases>>> = {
  "as written": async () => plainCases,
  "esbuild, minified": () =>
    load(
      "minified.mjs",
      buildSync({ entryPoints: [entry], bundle: true, minify: true, format: "esm", write: false }).outputFiles[0].text,
    ),
  "esbuild, minified for old engines": () =>
    load(
      "old.mjs",
      buildSync({ entryPoints: [entry], bundle: true, minify: true, format: "esm", target: "es2017", write: false })
        .outputFiles[0].text,
    ),
  "esbuild, with kept names": () =>
    load(
      "named.mjs",
      buildSync({ entryPoints: [entry], bundle: true, keepNames: true, format: "esm", write: false }).outputFiles[0].text,
    ),
  "esbuild, to CommonJS": async () =>
    evaluate(buildSync({ entryPoints: [entry], bundle: true, minify: true, format: "cjs", write: false }).outputFiles[0].text)
      .cases as Cases,
  "vite, minified": async () => {
    const built = await build({
      configFile: false,
      logLevel: "silent",
      build: { write: false, minify: true, lib: { entry, formats: ["es"] }, rollupOptions: {} },
    });
    const [{ output }] = built as { output: { code: string }[] }[];
    return load("vite.mjs", output[0].code);
  },
};

for (const [tool, cases] of Object.entries(builds)) {
  test(tool, async () => {
    for (const [name, entry] of Object.entries(await cases())) {
      expect(plainCases).toHaveProperty(name);
      agree(entry.rhs, settingOf(entry));
    }
  });
}

test("tsx", () => {
  const script = fileURLToPath(new URL("../fixtures/print-results.ts", import.meta.url));
  const results = JSON.parse(execFileSync(process.execPath, ["--import", "tsx", script], { encoding: "utf8" })) as {
    name: string;
    text: string;
    plain: (number | null)[];
    compiled: (number | null)[];
  }[];
  expect(results.map(({ name }) => name)).toEqual(Object.keys(plainCases));
  expect(results.map(({ text }) => text).join()).toContain("__name(");
  for (const { name, plain, compiled } of results) {
    compiled.forEach((value, i) => expect(value, name).toBeCloseTo(plain[i]!, 12));
  }
});

describe("imported operations", () => {
  const source = "import { matmul, tanh } from 'odegrad'; export const rhs = (u, p) => tanh(matmul(p, u));";
  const setting = { u: [1, 2] };
  test("esbuild to CommonJS", () => {
    const { code } = transformSync(source, { format: "cjs" });
    const { rhs } = evaluate(code) as { rhs: AnyFunction };
    expect(String(rhs)).toContain("import_odegrad.matmul");
    agree(rhs, { ...setting, p: arrays.reshape([1, 2, 3, 4], [2, 2]) });
  });
  test.each([
    "(0, __vite_ssr_import_0__.tanh)((0, __vite_ssr_import_0__.matmul)(p, u))",
    "(0, __vi_import_3__.tanh)(__vi_import_3__.matmul(p, u))",
    "arrays_ts_1.tanh((0, arrays_ts_1.matmul)(p, u))",
    "odegrad.tanh(odegrad.matmul(p, u))",
    "tanh$1(matmul$2(p, u))",
  ])("%s", (text) => {
    const names = ["__vite_ssr_import_0__", "__vi_import_3__", "arrays_ts_1", "odegrad", "tanh$1", "matmul$2"];
    const values = [arrays, arrays, arrays, arrays, arrays.tanh, arrays.matmul];
    const rhs = new Function(...names, `return (u, p) => ${text}`)(...values) as AnyFunction;
    agree(rhs, { ...setting, p: arrays.reshape([1, 2, 3, 4], [2, 2]) });
  });
  test("what a minifier renamed is read, also from the constants", () => {
    agree(new Function("e", "return (u, p) => e(p, u)")(arrays.matmul) as AnyFunction, {
      ...setting,
      p: arrays.reshape([1, 2, 3, 4], [2, 2]),
    });
    const given = ((u: unknown, p: unknown, _t: number, { e }: { e: typeof arrays.matmul }) =>
      e(p as never, u as never)) as AnyFunction;
    agree(given, { ...setting, p: arrays.reshape([1, 2, 3, 4], [2, 2]), constants: { e: arrays.matmul } });
  });
});

test("Istanbul's counters", () => {
  const counters = { f: [0], s: Array<number>(9).fill(0), b: Array.from({ length: 9 }, () => [0, 0]) };
  const rhs = new Function(
    "cov_2q1x",
    `return function rhs(du, u, p) {
      cov_2q1x().f[0]++;
      let i = (cov_2q1x().s[0]++, 0);
      cov_2q1x().s[1]++;
      for (; i < 4; i++) {
        cov_2q1x().s[2]++;
        if ((cov_2q1x().b[0][0]++, u[i] > 0) && (cov_2q1x().b[0][1]++, p[i] > 0)) {
          cov_2q1x().b[1][0]++;
          cov_2q1x().s[3]++;
          du[i] = u[i] > 1 ? (cov_2q1x().b[2][0]++, u[i]) : (cov_2q1x().b[2][1]++, p[i]);
        } else {
          cov_2q1x().b[1][1]++;
          du[i] = 0;
        }
      }
    }`,
  )(() => counters) as AnyFunction;
  agree(rhs);
});
