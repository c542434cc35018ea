#!/bin/bash
# The unit tests under the address and undefined-behaviour sanitizers, built by the other compiler, which finds nothing to warn
# of either: `make` itself has built everything with gcc, warnings being errors.
. "$(dirname "$0")/tap.sh"
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 G_SLICE=always-malloc
export LSAN_OPTIONS=suppressions=$PWD/tests/gates/lsan.supp:print_suppressions=0
build=build/gate-sanitize
gate "clang builds everything with -fsanitize=address,undefined and without a warning" \
  make -s -j2 CC=clang B=$build SANITIZE="-fsanitize=address,undefined -fno-omit-frame-pointer" CFLAGS="-O1 -g" all unit-tests
for test in tests/unit/test-*.c; do
  name=$(basename "$test" .c)
  gate "$name under the sanitizers" "$build/tests/$name" --tap
done
finish
