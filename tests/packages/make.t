#!/bin/bash
# What the Makefile offers beside building: help, install and uninstall, the tarball, one version everywhere.
. "$(dirname "$0")/../gates/tap.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

files() { (cd "$1" && find . ! -type d | sort); }
# Not those that every system has.
folders() { (cd "$1" && find . -type d \( -name '*reset-identity*' -o -name '*.service.d' \) | sort); }

offers() {
  make help >"$work/help"
  for target in all install uninstall dist deb rpm check check-fast check-packages check-all deps deps-build; do
    grep -q "^  make $target  *[a-z.\$]" "$work/help" || { echo "no $target in:"; cat "$work/help"; return 1; }
    make -n --question "$target" >/dev/null 2>"$work/error"
    [ $? -ne 2 ] || grep -qv 'No rule' "$work/error" || return 1
  done
}
gate "help names the targets" offers
gate "and fits 80 columns" bash -c "! grep -E '.{81}' '$work/help'"

one_test() {
  make -n check T=tests/tree/pages.t >"$work/one-test" && make -n check T=test-verdict >>"$work/one-test" || return
  grep -q '^prove -v --timer tests/tree/pages.t$' "$work/one-test" && grep -q "^prove -v --timer -e '' build/tests/test-verdict :: --tap\$" "$work/one-test" &&
    ! grep -q 'check-vm' "$work/one-test"
}
gate "check T= runs one test" one_test

# A list that is put together before its parts are known lacks them, and only a machine that has them anyway would not see it.
knows_what_builds() {
  make -n deps | tr -s ' ;' '\n' >"$work/wanted"
  sed -n '/^Build-Depends:/,/^[A-Z]/{s/debhelper-compat/debhelper/;s/([^)]*)//g;s/[ ,]//gp}' packaging/debian/control |
    grep -v : >"$work/needed"
  [ "$(wc -l <"$work/needed")" -gt 5 ] || return
  for package in $(cat "$work/needed") dpkg-dev lintian autopkgtest rpm rpmlint; do
    grep -qxE -- "$package" "$work/wanted" || { echo "deps does not install $package"; return 1; }
  done
}
gate "deps installs what the packages are built and examined with" knows_what_builds

# One that is held and does not heed it would go on the wire.
heed() {
  make -s install DESTDIR="$work/held" || return
  local unit folder="$work/held/usr/lib/systemd/system"
  for unit in $(sed -n '/for unit in/s/.* in \([^;]*\); do.*/\1/p' "$folder/reset-identity-door.service" | head -1); do
    [ -e "$folder/$unit.service.d/50-reset-identity.conf" ] || { echo "$unit has no drop-in"; return 1; }
  done
  for unit in ifup dhcpcd netctl netctl-auto netctl-ifplugd; do
    [ -e "$folder/$unit@.service.d/50-reset-identity.conf" ] || { echo "$unit@ has no drop-in"; return 1; }
  done
}
gate "what the door holds has a drop-in that heeds it, instances too" heed

removes() {
  make -s install DESTDIR="$work/root" || return
  [ "$(files "$work/root" | wc -l)" -gt 20 ] || return
  echo 'of the admin' >"$work/root/etc/reset-identity/policy.d/own.ini"
  echo '[run]' >"$work/root/etc/reset-identity/policy.ini"
  : >"$work/root/var/lib/reset-identity/record"
  make -s install DESTDIR="$work/root" || return
  diff <(echo '[run]') "$work/root/etc/reset-identity/policy.ini" || return
  make -s uninstall DESTDIR="$work/root" || return
  diff <(files "$work/root") - <<-END || return
	./etc/reset-identity/policy.d/own.ini
	./etc/reset-identity/policy.ini
	./var/lib/reset-identity/record
	END
  diff <(folders "$work/root") - <<-END
	./etc/reset-identity
	./var/lib/reset-identity
	END
}
gate "uninstall removes what install put there, and keeps policy, record and what the admin added" removes

tarball() {
  make -s dist B="$work/one" || return
  mkdir "$work/unpacked" && tar -C "$work/unpacked" -xf "$work"/one/*.tar.gz || return
  make -s -C "$work"/unpacked/* dist B="$work/two" || return
  cmp "$work"/one/*.tar.gz "$work"/two/*.tar.gz
}
gate "dist is the same, byte for byte, from git and from itself" tarball

version=$(sed -n 's/^VERSION := //p' Makefile)
versions() {
  diff <(echo "reset-identity $version") <(sed -n '1s/,.*//p' packaging/NEWS) &&
    diff <(echo "$version") <(sed -n '1s/.*(\(.*\)-.*/\1/p' packaging/debian/changelog) &&
    diff <(echo "$version") <(sed -n 's/^Version: *//p' packaging/reset-identity.spec) &&
    diff <(echo "$version") <(sed -n 's/^pkgver=//p' packaging/arch/PKGBUILD) &&
    grep -q "^\.TH .*reset.-identity $version\"" packaging/reset-identity.8 &&
    diff <(echo "reset-identity $version") <(build/reset-identity --version)
}
gate "one version: Makefile, NEWS, packages, page, program" versions
finish
