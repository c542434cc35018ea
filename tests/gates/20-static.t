#!/bin/bash
# clang-tidy, cppcheck, clang-format, the order of the rooms, and no circles between files.
. "$(dirname "$0")/tap.sh"
flags="-std=gnu17 -D_GNU_SOURCE -Iagent -Itests/unit -DRI_LIBEXECDIR=\\\"/usr/lib/reset-identity\\\" $(pkg-config --cflags libnm uuid libsystemd yaml-0.1 | sed 's/-I/-isystem /g')"

tidy() {
  # shellcheck disable=SC2086
  git ls-files -co --exclude-standard 'agent/*.c' |
    xargs -P2 -n1 sh -c 'clang-tidy --quiet "$@" -- '"$flags"' 2>/dev/null || exit 1' sh
}
gate "clang-tidy is clean" tidy

check_cpp() {
  cppcheck -j2 --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --suppress=unknownMacro -D_GNU_SOURCE -DG_OS_UNIX -Iagent agent
}
gate "cppcheck is clean" check_cpp

format() {
  git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format --dry-run --Werror
}
gate "clang-format has nothing to change" format
gate "nothing else is at the top, rooms stand in one order without circles, every file says what it is" tests/gates/structure.py
finish
