#!/bin/bash
# The unit tests under valgrind: no invalid access, nothing used before it is set, nothing lost.
. "$(dirname "$0")/tap.sh"
export G_SLICE=always-malloc G_DEBUG=gc-friendly RESET_IDENTITY_FEW_ROUNDS=1
list=$(for test in tests/unit/test-*.c; do basename "$test" .c; done)

under_valgrind() {
  valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
    --suppressions=tests/gates/valgrind.supp --trace-children=no "build/tests/$1" --tap
}
for name in $list; do
  gate "$name under valgrind" under_valgrind "$name"
done
finish
