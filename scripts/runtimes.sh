#!/usr/bin/env bash
# Installs the package as it would be published in an empty folder, and lets each runtime run the programs of README.md and docs/start.md there,
# a few calls more, and the command: Node 20, 22 and 24, Deno and Bun, all from the registry. Prints a line for each, and fails where one does.
set -euo pipefail
cd "$(dirname "$0")/.."
npm run --silent build
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
packed=$(npm pack --silent --ignore-scripts --pack-destination "$folder" | tail -1)
cp examples/decay.ts "$folder/model.ts"
readme=$PWD/README.md
start=$PWD/docs/start.md
cd "$folder"

# The programs of both pages, and what they print: the README's one program as flu.mjs, those of docs/start.md by the names that they begin with.
awk '/^```ts$/ { out = "flu.mjs"; next } /^```text$/ { out = "flu.mjs.txt"; next } /^```/ { out = "" } out { print > out }' "$readme"
awk '/^```js$/ { getline; out = $2; next } /^node / { last = $2 } /^```text$/ { out = last ".txt"; next } /^```/ { out = "" } out { print > out }' "$start"

# Runtimes print objects with other spaces and commas, and the last digits of numbers are another machine's.
words() {
  sed -E 's/-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/#/g' | tr -d ', \n'
}

prints_what_pages_show() {
  local program
  for program in flu.mjs solve.mjs gradient.mjs fit.mjs; do
    if [ "$("$@" "$program" | words)" != "$(words < "$program.txt")" ]; then
      echo "$program prints something else than its page shows"
      return 1
    fi
  done
}

cat > smoke.mjs <<'JS'
import { evaluateBatch, gradient, ndarray, odeProblem, solve } from "odegrad";
import { fit, observations } from "odegrad/training";

const problem = odeProblem({ rhs: (u, p) => ({ x: -p.k * u.x }), u0: { x: 1 }, tspan: [0, 1], p: { k: 0.7 } });
const { t, u, stats } = solve(problem, { saveat: 0.25 });
const slope = gradient(problem, { loss: { final: (u) => u.x } }).gradient.p.k;
const fitted = await fit(problem, observations({ t: [...t], values: { x: u.map(({ x }) => 1.001 * x) } }));
const states = ndarray(Float64Array.of(1, 2, 3), [3, 1]);
const { du } = await evaluateBatch(problem, { u: states, device: "threads", threads: 2 });
// What a function closes over is seen in Node alone; elsewhere the function solves as it is.
const rate = 0.7;
const closure = solve(odeProblem({ rhs: (u) => ({ x: -rate * u.x }), u0: { x: 1 }, tspan: [0, 1] }));
const isNode = !("Deno" in globalThis || "Bun" in globalThis);
const near = (a, b, within) => Math.abs(a - b) < within;
if (!(stats.compiled && near(u.at(-1).x, Math.exp(-0.7), 1e-5) && near(slope, -Math.exp(-0.7), 1e-5) && near(fitted.p.k, 0.7, 0.01) && near(du.get(2, 0), -2.1, 1e-12) && closure.stats.compiled === isNode && near(closure.u.at(-1).x, Math.exp(-0.7), 1e-5)))
  throw new Error("wrong numbers");
JS
echo '{ "type": "module", "private": true }' > package.json
npm install --silent --no-audit --no-fund "./$packed" @observablehq/plot
npm install --silent --no-audit --no-fund --no-save tsx deno@2.9.6 bun
command=node_modules/odegrad/dist/cli/odegrad.js
failed=0

try() {
  local name=$1
  shift
  if "$@" smoke.mjs && prints_what_pages_show "$@" && "$@" $command gradient lotkaVolterra --json > /dev/null && "$@" $command solve model.ts > /dev/null; then
    echo "$name: solves, differentiates, fits, runs the first pages' programs and the command"
  else
    echo "$name: FAILED"
    failed=1
  fi
}

for version in 20 22 24; do
  try "Node $version" npx --yes --package "node@$version" -- node
done
try "Deno" npx deno run --allow-all
try "Bun" npx bun
exit "$failed"
