#!/usr/bin/env bash
# Installs the package as it would be published in an empty folder, and lets each runtime solve, differentiate, fit and run the command there:
# Node 20, 22 and 24, Deno and Bun, all from the registry. Prints a line for each, and fails where one does.
set -euo pipefail
cd "$(dirname "$0")/.."
npm run --silent build
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
packed=$(npm pack --silent --ignore-scripts --pack-destination "$folder" | tail -1)
cp examples/decay.ts "$folder/model.ts"
cd "$folder"

cat > smoke.mjs <<'JS'
import { evaluateBatch, gradient, ndarray, odeProblem, solve } from "odegrad";
import { fit, observations } from "odegrad/training";

const problem = odeProblem({ rhs: (u, p) => ({ x: -p.k * u.x }), u0: { x: 1 }, tspan: [0, 1], p: { k: 0.7 } });
const { t, u, stats } = solve(problem, { saveat: 0.25 });
const slope = gradient(problem, { loss: { final: (u) => u.x } }).gradient.p.k;
const fitted = await fit(problem, observations({ t: [...t], values: { x: u.map(({ x }) => 1.001 * x) } }));
const states = ndarray(Float64Array.of(1, 2, 3), [3, 1]);
const { du } = await evaluateBatch(problem, { u: states, device: "threads", threads: 2 });
const near = (a, b, within) => Math.abs(a - b) < within;
if (!(stats.compiled && near(u.at(-1).x, Math.exp(-0.7), 1e-5) && near(slope, -Math.exp(-0.7), 1e-5) && near(fitted.p.k, 0.7, 0.01) && near(du.get(2, 0), -2.1, 1e-12)))
  throw new Error("wrong numbers");
JS
echo '{ "type": "module", "private": true }' > package.json
npm install --silent --no-audit --no-fund "./$packed"
npm install --silent --no-audit --no-fund --no-save tsx deno@2.9.6 bun
command=node_modules/odegrad/dist/cli/odegrad.js
failed=0

try() {
  local name=$1
  shift
  if "$@" smoke.mjs && "$@" $command gradient lotkaVolterra --json > /dev/null && "$@" $command solve model.ts > /dev/null; then
    echo "$name: solves, differentiates, fits, and runs the command"
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
