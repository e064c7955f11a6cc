#!/bin/sh
# Builds SUNDIALS 6.4.1 with -O3, KLU and static libraries from Debian's source package into $SUNDIALS (default /opt/odegrad-peers).
# Debian's own binary package is compiled without optimisation and runs several times slower: no fair peer.
# Needs: apt-get install build-essential cmake dpkg-dev libsuitesparse-dev. Apt's sources are read as they are, with their deb-src
# kind beside, and stay unchanged.
set -eu
prefix=${SUNDIALS:-/opt/odegrad-peers}
source=$(mktemp -d)
trap 'rm -rf "$source"' EXIT
cd "$source"
mkdir parts lists
for list in /etc/apt/sources.list.d/*.sources; do
  [ -f "$list" ] && sed 's/^Types: deb$/Types: deb-src/' "$list" >"parts/$(basename "$list")"
done
[ -f /etc/apt/sources.list ] && sed 's/^deb /deb-src /' /etc/apt/sources.list >parts/main.list
apt="-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$PWD/parts -o Dir::State::lists=$PWD/lists"
apt-get $apt update
apt-get $apt source sundials=6.4.1+dfsg1-3
cmake -S sundials-6.4.1+dfsg1 -B build -DCMAKE_INSTALL_PREFIX="$prefix" \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE="-O3 -march=native" -DBUILD_SHARED_LIBS=OFF -DBUILD_STATIC_LIBS=ON \
  -DENABLE_KLU=ON -DKLU_INCLUDE_DIR=/usr/include/suitesparse -DKLU_LIBRARY_DIR=/usr/lib/"$(cc -dumpmachine)" \
  -DBUILD_ARKODE=OFF -DBUILD_IDA=OFF -DBUILD_IDAS=OFF -DBUILD_KINSOL=OFF -DEXAMPLES_ENABLE_C=OFF -DEXAMPLES_INSTALL=OFF
cmake --build build --target install -j "$(nproc)"
