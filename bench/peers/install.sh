#!/bin/sh
# Installs the peers that are libraries into $1 (default /opt/odegrad-peers): SUNDIALS built with -O3, a Python environment with SciPy,
# torchdiffeq and diffrax, diffsol compiled by cargo, and odex for Node. Each is left out with a line that says so where its own
# tool is missing; what is there already is kept.
# It needs Debian's packages build-essential cmake dpkg-dev libsuitesparse-dev python3-venv, and the cargo of a recent Rust.
set -u
here=$(cd "$(dirname "$0")" && pwd)
export SUNDIALS="${1:-/opt/odegrad-peers}"
mkdir -p "$SUNDIALS"

# Runs the rest of its words, and says what came of it.
install_peer() {
  name=$1
  shift
  if "$@" >"$SUNDIALS/$name.log" 2>&1; then echo "$name: installed"; else echo "$name: failed, see $SUNDIALS/$name.log"; fi
}

# With torch come the libraries of CUDA, some GB, without which it does not load.
python_peers() {
  python3 -m venv "$SUNDIALS/venv" &&
    "$SUNDIALS/venv/bin/pip" install scipy==1.17.1 jax==0.10.2 diffrax==0.7.2 torch==2.15.0 torchdiffeq==0.2.5
}

rust_peers() {
  CARGO_TARGET_DIR="$SUNDIALS/diffsol" cargo build --release --manifest-path "$here/diffsol/Cargo.toml"
}

node_peers() {
  npm install --prefix "$SUNDIALS/node" --no-audit --no-fund odex@2.0.4
}

[ -d "$SUNDIALS/include/cvodes" ] || install_peer sundials "$here/build-sundials.sh"
[ -d "$SUNDIALS/venv" ] || install_peer python python_peers
[ -d "$SUNDIALS/node" ] || install_peer odex node_peers
[ -x "$SUNDIALS/diffsol/release/diffsol-peer" ] || install_peer diffsol rust_peers
