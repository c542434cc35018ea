#!/bin/bash
# The unit tests under valgrind: no invalid access, nothing used before it is set, nothing lost.
. "$(dirname "$0")/tap.sh"
export G_SLICE=always-malloc G_DEBUG=gc-friendly RESET_IDENTITY_FEW_ROUNDS=1
list=$(for test in tests/unit/test-*.c; do basename "$test" .c; done)
export said=build/gate-valgrind
rm -rf "$said" && mkdir -p "$said"

under_valgrind() {
  valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
    --suppressions=tests/gates/valgrind.supp --trace-children=no "build/tests/$1" --tap >"$said/$1" 2>&1
  echo $? >"$said/$1.status"
}
export -f under_valgrind
# shellcheck disable=SC2016
echo "$list" | xargs -P2 -I{} bash -c 'under_valgrind "$1"' bash {}

what_it_said() {
  cat "$said/$1"
  return "$(cat "$said/$1.status")"
}
for name in $list; do
  gate "$name under valgrind" what_it_said "$name"
done
finish
