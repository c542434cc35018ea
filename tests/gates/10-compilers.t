#!/bin/bash
# The other compiler finds nothing to warn of either: `make` itself has built everything with gcc, warnings being errors.
. "$(dirname "$0")/tap.sh"
for compiler in clang; do
  gate "$compiler -O2 builds everything without a warning" \
    make -s -j2 CC=$compiler B=build/gate-$compiler all unit-tests
done
finish
