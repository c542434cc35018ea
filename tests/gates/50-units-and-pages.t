#!/bin/bash
# The units as systemd reads them, the manual pages as man reads them, the catalog as journald compiles it.
. "$(dirname "$0")/tap.sh"
stage=build/gate-install
rm -rf "$stage"
gate "make install into a staging directory" make -s install DESTDIR="$stage" prefix=/usr sysconfdir=/etc

verify() {
  # The programs that the units name are those of the staging directory.
  mkdir -p "$stage/verify"
  sed "s|=\([-+]*\)/usr/|=\1$PWD/$stage/usr/|" "$1" >"$stage/verify/$(basename "$1")"
  output=$(SYSTEMD_UNIT_PATH="$stage/verify:" systemd-analyze verify --man=no "$stage/verify/$(basename "$1")" 2>&1 | grep -F "$(basename "$1")")
  printf '%s\n' "$output"
  [ -z "$output" ]
}
secure() { # the bound is in tenths
  case $(basename "$1") in
  *-verify.service) threshold=20 ;;
  *) threshold=30 ;;
  esac
  systemd-analyze security --offline=true --threshold=$threshold "$1"
}
for unit in "$stage"/usr/lib/systemd/system/*.service; do
  gate "systemd-analyze verify $(basename "$unit")" verify "$unit"
  gate "systemd-analyze security $(basename "$unit")" secure "$unit"
done

page() {
  output=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$1" 2>&1 >/dev/null)
  printf '%s\n' "$output"
  [ -z "$output" ]
}
# A source line ends with its sentence, however long it is.
lint() {
  output=$(mandoc -T lint -W style "$1" | grep -v 'input text line longer than 80 bytes')
  printf '%s\n' "$output"
  [ -z "$output" ]
}
for file in packaging/*.[58]; do
  gate "man --warnings $file" page "$file"
  gate "mandoc -T lint $file" lint "$file"
done

catalog() {
  journalctl --update-catalog --root="$PWD/$stage" && [ -s "$stage/var/lib/systemd/catalog/database" ]
}
gate "the journal catalog compiles" catalog
finish
