/**
 * Makes small mistakes in chosen files, one at a time, and tells which of them the tests do not see.
 *
 *   node scripts/mutation.mjs                        all files below, 12 mutants of each
 *   node scripts/mutation.mjs --each 40 src/derive   of some files, more of them
 *   node scripts/mutation.mjs --seed 2 --minutes 30  others, no longer than that
 *   node scripts/mutation.mjs --tests test/derive src/derive
 *
 * A mutant that survives is either equivalent, or shows a hole in the tests. Nothing on the disk is changed. Takes a fraction of a
 * minute for each mutant; the tests of a file are those of the first entry below that fits, the short ones first.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { apply, mutantsOf } from "./mutation/operators.mjs";

/** Files, and what tests them. */
const related = [
  ["src/derive", ["test/derive", "test/matrix/guards", "test/operations/derivatives.test.ts", "test/sensitivity/vjp/operators"]],
  ["solvers/step-loop", ["test/solvers"]],
  ["solvers/families", ["test/solvers", "test/sensitivity/adjoints/discrete/derivatives.test.ts"]],
  [
    "sensitivity/adjoints",
    [
      "adjoints",
      "switching",
      "known-answers.test.ts",
      "stops.test.ts",
      "cut-short.test.ts",
      "progress.test.ts",
      "pullback-again.test.ts",
    ].map((name) => `test/sensitivity/${name}`),
  ],
];

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    each: { type: "string", default: "12" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "600" },
    tests: { type: "string", multiple: true },
  },
});
// What it started ends with it.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
const ends = Date.now() + 60_000 * Number(options.minutes);
const uniform = uniforms(Number(options.seed));
const chosen = positionals.length ? positionals : related.map(([folder]) => folder);
const files = chosen.flatMap((path) => (path.endsWith(".ts") ? [path] : filesUnder(path)));

/** Tests, the short ones first, and the seconds that they take together; by their list. */
const measured = new Map();
const counts = { killed: 0, survived: 0, "took too long": 0 };

for (const file of files) {
  const { tests, seconds } = await measure(options.tests ?? testsOf(file));
  const text = readFileSync(resolve(root, file), "utf8");
  for (const mutant of sample(mutantsOf(text), Number(options.each))) {
    if (Date.now() > ends) break;
    const outcome = await run({ tests, file: resolve(root, file), text: apply(text, mutant) }, 30 + 5 * seconds);
    counts[outcome.kind]++;
    if (outcome.kind !== "survived") continue;
    const before = text.slice(mutant.start, mutant.end).replaceAll(/\s+/g, " ");
    console.log(`${file}:${mutant.line}: ${shortened(before)} -> ${shortened(mutant.by)}`);
  }
}
console.log(
  Object.entries(counts)
    .map(([kind, n]) => `${n} ${kind}`)
    .join(", "),
);

function filesUnder(folder) {
  const names = readdirSync(resolve(root, folder), { recursive: true }).filter((name) => name.endsWith(".ts"));
  return names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => `${folder}/${name}`);
}

function testsOf(file) {
  const found = related.find(([folder]) => file.startsWith(folder));
  if (!found) throw new Error(`which tests are there of ${file}? Say --tests, or put it into the list`);
  return found[1];
}

/** A run without a mutant, which has to pass. */
async function measure(tests) {
  const key = tests.join();
  if (!measured.has(key)) {
    const { kind, output } = await run({ tests }, 3600);
    if (kind !== "survived") throw new Error(`${tests.join(" ")}: fails without a mutant`);
    const times = JSON.parse(output.trim().split("\n").at(-1)).toSorted((a, b) => a[1] - b[1]);
    measured.set(key, { tests: times.map(([test]) => test), seconds: times.reduce((sum, [, time]) => sum + time, 0) });
  }
  return measured.get(key);
}

/** Survives where the tests pass; one that does not end is ended, with the processes that it started. */
function run(request, seconds) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [resolve(root, "scripts/mutation/run.mjs"), JSON.stringify(request)], {
      cwd: root,
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    let kind;
    child.stdout.on("data", (text) => (output += text));
    const stop = () => child.pid && process.kill(-child.pid, "SIGKILL");
    const timer = setTimeout(() => ((kind = "took too long"), stop()), 1000 * seconds);
    process.once("exit", stop);
    child.on("close", (code) => {
      clearTimeout(timer);
      process.off("exit", stop);
      done({ kind: kind ?? (code === 0 ? "survived" : "killed"), output });
    });
  });
}

function sample(list, size) {
  const left = [...list];
  const taken = [];
  while (taken.length < size && left.length) taken.push(...left.splice(Math.floor(uniform() * left.length), 1));
  return taken.toSorted((a, b) => a.start - b.start);
}

/** Numbers in [0, 1), the same for a seed. */
function uniforms(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  };
}

function shortened(text) {
  return text.length > 90 ? `${text.slice(0, 60)} … ${text.slice(-25)}` : text;
}
