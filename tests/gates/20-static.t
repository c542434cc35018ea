#!/bin/bash
# clang-tidy, cppcheck, clang-format, the order of the rooms, and no circles between files.
. "$(dirname "$0")/tap.sh"
flags="-std=gnu17 -D_GNU_SOURCE -Iagent -Itests/unit -DRI_LIBEXECDIR=\\\"/usr/lib/reset-identity\\\" $(pkg-config --cflags libnm uuid libsystemd yaml-0.1 | sed 's/-I/-isystem /g')"

# Nine tenths of this gate are the analyzer's. What it was content with is not asked again: the same text of a file and of all that it
# includes, the same flags, checks and version. Where there is no cache it is asked of all.
content=build/cache/clang-tidy
asked="$(clang-tidy --version) $(cat .clang-tidy) $flags"
tidy_one() {
  local includes known=
  includes=$(eval "clang -M $flags" '"$1"' | sed 's/^[^ ]*: //; s/\\$//') &&
    # shellcheck disable=SC2086
    known=$content/$({ echo "$asked $1" && cat $includes; } | sha256sum | cut -d ' ' -f 1) || known=
  [ ! -e "$known" ] || { touch "$known" && return; }
  eval clang-tidy --quiet '"$1"' -- "$flags" && { [ -z "$known" ] || : >"$known"; }
} 2>/dev/null
export -f tidy_one
export flags content asked

tidy() {
  mkdir -p "$content" && find "$content" -type f -mtime +30 -delete
  git ls-files -co --exclude-standard 'agent/*.c' | xargs -P2 -n1 bash -o pipefail -c 'tidy_one "$1" || exit 1' bash
}
gate "clang-tidy is clean" tidy

# A file with a macro that it does not know it gives up half-way. What GLib's other macros say it has from its library for GTK.
# NULL is a pointer here (varFuncNullUB).
check_cpp() {
  cppcheck -j2 --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr --library=gtk \
    '-DG_GNUC_PRINTF(a,b)=' '-DG_DEFINE_QUARK(a,b)=' '-DG_DEFINE_AUTOPTR_CLEANUP_FUNC(a,b)=' '-DG_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(a,b)=' \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --suppress=varFuncNullUB -D_GNU_SOURCE -DG_OS_UNIX -Iagent agent
}
gate "cppcheck is clean" check_cpp

format() {
  git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format --dry-run --Werror
}
gate "clang-format has nothing to change" format
gate "nothing else is at the top, rooms stand in one order without circles, every file says what it is" tests/gates/structure.py
finish
