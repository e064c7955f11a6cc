#!/usr/bin/env bash
# Runs the tests with each version of Node that is supported, from the registry's package `node`; arguments go to vitest:
#   scripts/node-versions.sh                     all tests
#   scripts/node-versions.sh test/cli test/plot  some of them
# Another choice of versions: NODE_VERSIONS="22 24" scripts/node-versions.sh
set -uo pipefail
cd "$(dirname "$0")/.."

npm run --silent build || exit 1
failed=0
for version in ${NODE_VERSIONS:-20 22 24}; do
  # The build of the processor's own; `npx` puts it before this machine's node.
  npx --yes --package "node@$version" -- bash -c '
    echo "Node $(node --version)"
    NO_COLOR=1 node node_modules/vitest/vitest.mjs run --reporter=dot "$@" 2>&1 | grep -E "FAIL|Test Files|Tests|Error:" | sort -u
    exit "${PIPESTATUS[0]}"
  ' tests "$@" || failed=1
done
exit "$failed"
