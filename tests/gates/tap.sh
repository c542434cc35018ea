# tap.sh - sourced by the gates: one TAP line per thing that must be clean, its output as diagnostics.
count=0 failed=0
cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL # a make of our own, not a part of the one that runs the gates

# gate NAME COMMAND...: ok when COMMAND exits 0.
gate() {
  local name=$1 output
  shift
  count=$((count + 1))
  if output=$("$@" 2>&1); then
    echo "ok $count - $name"
  else
    failed=$((failed + 1))
    echo "not ok $count - $name"
    printf 'not ok: %s\n%s\n' "$name" "$output" | tail -n 60 | sed 's/^/# /' >&2 # prove shows it
  fi
}

finish() {
  echo "1..$count"
  [ "$failed" -eq 0 ]
}
