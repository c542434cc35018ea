# reset-identity: see README.md. `make help` lists the targets, `make V=1` shows the commands.
prefix ?= /usr
sysconfdir ?= /etc
localstatedir ?= /var
sbindir ?= $(prefix)/sbin
libexecdir ?= $(prefix)/lib/reset-identity
unitdir ?= $(prefix)/lib/systemd/system
presetdir ?= $(prefix)/lib/systemd/system-preset
catalogdir ?= $(prefix)/lib/systemd/catalog
mandir ?= $(prefix)/share/man
docdir ?= $(prefix)/share/doc/reset-identity
bashcompletiondir ?= $(prefix)/share/bash-completion/completions
zshcompletiondir ?= $(prefix)/share/zsh/site-functions
fishcompletiondir ?= $(prefix)/share/fish/vendor_completions.d

VERSION := 0.2.0
B ?= build
CC ?= cc
PKG_CONFIG ?= pkg-config
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)';)

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wno-unused-parameter
CFLAGS ?= -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2
override CPPFLAGS += -D_GNU_SOURCE -Iagent -DRI_VERSION='"$(VERSION)"' -DRI_SYSCONFDIR='"$(sysconfdir)"' \
            -DRI_STATEDIR='"$(localstatedir)/lib"' -DRI_LIBEXECDIR='"$(libexecdir)"' -DRI_UNITDIR='"$(unitdir)"'
override CFLAGS += -std=gnu17 -fPIE $(WARNINGS) $(SANITIZE)
override LDFLAGS += -pie -Wl,-z,relro -Wl,-z,now $(SANITIZE)

# What clone-check, the program of every boot, is made of: libc and inih only. The rest may use GLib.
LEAN_SOURCES := $(addprefix agent/base/,door.c nearest.c netlink.c problem.c root.c root-resolve.c root-walk.c) \
                $(addprefix agent/observe/,facts.c hostname.c mac-address.c nic-permanent-mac.c nics.c policy-files.c product-uuid.c record.c record-text.c wait-nics.c) \
                $(addprefix agent/decide/,addresses.c name-index.c name-template.c policy-check.c policy-errors.c \
                  policy-gateways.c policy-host.c policy-keys.c policy-lines.c policy-parse.c policy-values.c policy-warnings.c policy.c \
                  shortcut.c verdict-reasons.c verdict.c)
RICH_SOURCES := $(filter-out $(LEAN_SOURCES) agent/cli/main.c agent/cli/clone-check.c,$(shell find agent -name "*.c" | sort))
RICH_PACKAGES := libnm uuid libsystemd yaml-0.1
RICH_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(RICH_PACKAGES) 2>/dev/null | sed 's/-I/-isystem /g')
# Before glibc 2.34 threads and dlopen() are libraries of their own.
# The loader looks for each name in this order, and most that all of them want are libc's.
RICH_LIBS = -lc $(shell $(PKG_CONFIG) --libs $(RICH_PACKAGES)) -linih -pthread -ldl
# clone-check is linked statically: half of what it costs at every boot was the loader's work, and no library can be
# missing. Where a system lacks one of the archives it takes inih with it if it can, and the loader comes back.
archive = $(filter /%,$(shell $(CC) -print-file-name=$(1) 2>/dev/null))
LEAN_LIBS := $(if $(call archive,libinih.a),-l:libinih.a,-linih)
LEAN_MISSING := $(strip $(foreach file,libinih.a libc.a rcrt1.o,$(if $(call archive,$(file)),,$(file))))
LEAN_LINK = $(if $(SANITIZE)$(LEAN_MISSING),$(LDFLAGS),$(filter-out -pie,$(LDFLAGS)) -static-pie)

LEAN_OBJECTS := $(LEAN_SOURCES:%.c=$(B)/obj/%.o)
RICH_OBJECTS := $(RICH_SOURCES:%.c=$(B)/obj/%.o)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test-*.c))

all: $(B)/reset-identity $(B)/clone-check ## build (the default)

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; do printf '  make %-18s %s\n' "$$name" "$$text"; done
	@echo 'prefix, sysconfdir, DESTDIR, CC, CFLAGS as usual; B=DIR builds elsewhere,'
	@echo 'V=1 shows the commands.'

$(B)/reset-identity: $(B)/obj/agent/cli/main.o $(RICH_OBJECTS) $(LEAN_OBJECTS)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(RICH_LIBS)

$(B)/clone-check: $(B)/obj/agent/cli/clone-check.o $(LEAN_OBJECTS)
	$(call say,LD,$@)$(CC) $(LEAN_LINK) -o $@ $^ $(LEAN_LIBS)
	$(if $(LEAN_MISSING),@echo "$@: there is no $(LEAN_MISSING) here: it loads shared libraries at every boot")

# Another compiler, or other flags, make everything anew.
TOOLCHAIN = $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(RICH_CFLAGS) $(LEAN_LINK)
$(B)/obj/toolchain: export TOOLCHAIN := $(TOOLCHAIN)
$(B)/obj/toolchain: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$TOOLCHAIN" | cmp -s - $@ || printf '%s\n' "$$TOOLCHAIN" > $@

$(LEAN_OBJECTS) $(B)/obj/agent/cli/clone-check.o: $(B)/obj/%.o: %.c $(B)/obj/toolchain
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(RICH_OBJECTS) $(B)/obj/agent/cli/main.o: $(B)/obj/%.o: %.c $(B)/obj/toolchain
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(RICH_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# A unit test of the lean rooms uses the GLib test harness too. What a test does not use it does not load: under valgrind
# the start of each library counts.
$(B)/tests/agent.a: $(RICH_OBJECTS) $(LEAN_OBJECTS)
	@mkdir -p $(@D)
	$(call say,AR,$@)rm -f $@ && ar rcsT $@ $^

# One source a command: a second one's list of headers would take the place of the first one's.
$(B)/tests/fixture.o: tests/unit/fixture.c $(B)/obj/toolchain
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) -Itests/unit $(RICH_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/%: tests/unit/%.c $(B)/tests/fixture.o $(B)/tests/agent.a
	@mkdir -p $(@D)
	$(call say,TEST,$<)$(CC) $(CPPFLAGS) -Itests/unit $(RICH_CFLAGS) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -MMD -MP -MF $@.d -o $@ $< $(filter %.o %.a,$^) $(RICH_LIBS)

unit-tests: $(UNIT_TESTS)

# What the crash tests break a run with, and a plan of every kind of edit to be broken.
$(B)/tests/faultline: tests/crash/faultline.c tests/crash/changing-calls.c tests/crash/changing-calls.h $(B)/obj/toolchain
	@mkdir -p $(@D)
	$(call say,TEST,$<)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^)

# It is started some ten thousand times: commit/ and what it stands on, without libnm, which only a diff needs.
COMMIT_OBJECTS = $(filter-out %/commit/diff.o %/commit/mask.o,$(filter $(B)/obj/agent/commit/% %/plan/plan.o %/base/error.o %/base/glob.o %/base/label.o %/base/list.o %/base/root-file.o %/base/tree.o %/base/tree-entry.o %/base/tree-memory.o %/base/unit-enabled.o,$(RICH_OBJECTS)))
$(B)/tests/crash-apply: tests/crash/crash-apply.c $(COMMIT_OBJECTS) $(LEAN_OBJECTS)
	@mkdir -p $(@D)
	$(call say,TEST,$<)$(CC) $(CPPFLAGS) $(RICH_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(shell $(PKG_CONFIG) --libs gio-2.0) $(LEAN_LIBS) -pthread -ldl

crash-tools: $(B)/tests/faultline $(B)/tests/crash-apply

# --- install ---------------------------------------------------------------------------------------------------------

# What brings NICs up; each is held by units/hold.conf.
HELD_UNITS := $(strip $(shell sed -n '/define RI_HELD_UNITS/,/"$$/s/.*"\(.*\)".*/\1/p' agent/base/names.h))
HELD_TEMPLATES := $(shell sed -n 's/.*define RI_HELD_TEMPLATES "\(.*\)"/\1/p' agent/base/names.h)

PLACEHOLDERS = sed -e 's|@sbindir@|$(sbindir)|g' -e 's|@libexecdir@|$(libexecdir)|g' \
  -e '/^@SANDBOX@$$/{' -e 'r units/sandbox.in' -e 'd' -e '}' -e 's|@HELD@|$(HELD_UNITS)|g' -e 's|@sysconfdir@|$(sysconfdir)|g' -e 's|@localstatedir@|$(localstatedir)|g' -e 's|@VERSION@|$(VERSION)|g'
UNITS := $(patsubst units/%.in,%,$(wildcard units/*.service.in))
# How NetworkManager starts.
MANAGER_DROP_IN := $(B)/units/adapt.conf

$(B)/units/%: units/%.in units/sandbox.in agent/base/names.h Makefile
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(PLACEHOLDERS) $< > $@

install: all $(UNITS:%=$(B)/units/%) $(MANAGER_DROP_IN) ## install into DESTDIR; a policy that is there stays
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(libexecdir)/policy.d $(DESTDIR)$(unitdir) $(DESTDIR)$(presetdir) $(DESTDIR)$(catalogdir) \
	  $(DESTDIR)$(mandir)/man8 $(DESTDIR)$(mandir)/man5 $(DESTDIR)$(docdir) $(DESTDIR)$(sysconfdir)/reset-identity/policy.d \
	  $(DESTDIR)$(bashcompletiondir) $(DESTDIR)$(zshcompletiondir) $(DESTDIR)$(fishcompletiondir)
	install -m 0755 $(B)/reset-identity $(DESTDIR)$(sbindir)/reset-identity
	install -m 0755 $(B)/clone-check $(DESTDIR)$(libexecdir)/clone-check
	install -m 0644 $(UNITS:%=$(B)/units/%) $(DESTDIR)$(unitdir)/
	for unit in $(HELD_UNITS) $(HELD_TEMPLATES:%=%@); do \
	  install -D -m 0644 units/hold.conf $(DESTDIR)$(unitdir)/$$unit.service.d/50-reset-identity.conf || exit 1; \
	done
	install -m 0644 $(MANAGER_DROP_IN) $(DESTDIR)$(unitdir)/NetworkManager.service.d/60-reset-identity-adapt.conf
	install -m 0644 packaging/80-reset-identity.preset $(DESTDIR)$(presetdir)/
	install -m 0644 conf/reset-identity.catalog $(DESTDIR)$(catalogdir)/
	install -m 0644 conf/reset-identity.schema.json $(DESTDIR)$(docdir)/
	install -m 0644 conf/policy.ini $(DESTDIR)$(docdir)/policy.ini.example
	install -m 0644 packaging/doc/*.md $(DESTDIR)$(docdir)/
	install -m 0644 packaging/reset-identity.8 $(DESTDIR)$(mandir)/man8/
	install -m 0644 packaging/reset-identity.ini.5 $(DESTDIR)$(mandir)/man5/
	install -m 0644 packaging/completion/reset-identity.bash $(DESTDIR)$(bashcompletiondir)/reset-identity
	install -m 0644 packaging/completion/_reset-identity $(DESTDIR)$(zshcompletiondir)/
	install -m 0644 packaging/completion/reset-identity.fish $(DESTDIR)$(fishcompletiondir)/
	test -e $(DESTDIR)$(sysconfdir)/reset-identity/policy.ini || install -m 0644 packaging/policy.ini $(DESTDIR)$(sysconfdir)/reset-identity/
	install -d -m 0700 $(DESTDIR)$(localstatedir)/lib/reset-identity

# What is removed is what an install puts there: there is no second list. The policy, the record and the history stay.
uninstall: ## remove it; policy, record and history stay
	rm -rf $(B)/installed
	$(MAKE) --no-print-directory install DESTDIR=$(abspath $(B)/installed) >/dev/null
	cd $(B)/installed && find . ! -type d ! -path '.$(sysconfdir)/*' -printf '%P\0' | (cd $(or $(DESTDIR),/) && xargs -0 rm -f)
	cd $(B)/installed && find . -depth -type d -path '*/lib/*' \( -path '*/reset-identity*' -o -name '*.service.d' \) ! -path '.$(localstatedir)/*' \
	  -printf '%P\0' -o -depth -type d -path '.$(docdir)' -printf '%P\0' | \
	  (cd $(or $(DESTDIR),/) && xargs -0 rmdir --ignore-fail-on-non-empty)

# --- releases ----------------------------------------------------------------------------------------------------------

DIST := reset-identity-$(VERSION)
# When this version was made, so that the same source gives the same bytes at any time, with git or without.
ifndef SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH := $(shell date -u -d "$$(sed -n '1s/.*, //p' packaging/NEWS)" +%s)
endif
DIST_FILES = $(if $(wildcard .git),git ls-files -z,find $(filter-out build $(notdir $(B)),$(wildcard * .ci .clang* .gitignore)) ! -type d -print0)

dist: ## $(B)/reset-identity-VERSION.tar.gz, reproducible
	@mkdir -p $(B)
	$(call say,TAR,$(B)/$(DIST).tar.gz)$(DIST_FILES) | LC_ALL=C sort -z | tar --create --format=ustar --no-recursion --null --files-from=- --transform='s|^|$(DIST)/|S' \
	  --mtime=@$(SOURCE_DATE_EPOCH) --owner=0 --group=0 --numeric-owner --mode='u+rw,go=rX' | gzip -9n > $(B)/$(DIST).tar.gz

# Both in a tree of their own: nothing of a build here gets into a package. The release is part of the version, since the
# names of the libraries differ: an upgrade of the system brings the package of the next one.
RELEASE := $(shell . /etc/os-release && echo "$$ID$${VERSION_ID-}")
ALONE := env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u CFLAGS -u CPPFLAGS -u LDFLAGS

deb: dist ## $(B)/deb/*.deb, for the release that it is built on
	@command -v dpkg-buildpackage >/dev/null || { echo 'make deb: there is no dpkg-buildpackage. As root: apt build-dep ./packaging' >&2; exit 1; }
	rm -rf $(B)/deb
	mkdir -p $(B)/deb
	umask 022 && tar -C $(B)/deb -xf $(B)/$(DIST).tar.gz && cp -R $(B)/deb/$(DIST)/packaging/debian $(B)/deb/$(DIST)/
	cp $(B)/$(DIST).tar.gz $(B)/deb/reset-identity_$(VERSION).orig.tar.gz
	sed -i '1s/)/~$(RELEASE))/' $(B)/deb/$(DIST)/debian/changelog
	cd $(B)/deb/$(DIST) && $(ALONE) dpkg-buildpackage -us -uc

# Debian's rpm knows of no package that a build could need.
rpm: dist ## $(B)/rpm/RPMS/*/*.rpm
	rm -rf $(B)/rpm
	mkdir -p $(B)/rpm
	$(ALONE) SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) rpmbuild -ba --quiet $(if $(wildcard /etc/debian_version),--nodeps) --define '_topdir $(abspath $(B)/rpm)' \
	  --define '_sourcedir $(abspath $(B))' --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' \
	  --define '_buildhost localhost' packaging/reset-identity.spec

# --- set-up: everything below needs only git and make ------------------------------------------------------------------

PACKAGES_BUILD := gcc libc6-dev make pkg-config libnm-dev libinih-dev libsystemd-dev libyaml-dev uuid-dev
# What the packages are made with.
PACKAGES_DEB := autopkgtest build-essential debhelper dpkg-dev fakeroot lintian
PACKAGES_RPM := rpm rpmlint
PACKAGES_TEST := clang clang-tidy clang-format cppcheck valgrind libclang-rt-14-dev strace perl man-db groff-base mandoc python3 \
  diffutils openssh-client network-manager dbus iproute2 util-linux iputils-arping iputils-ping dnsmasq-base tcpdump \
  systemd systemd-container procps libvirt-daemon-system libvirt-daemon-driver-qemu libvirt-clients virtinst qemu-system-x86 qemu-utils mmdebstrap \
  debian-archive-keyring e2fsprogs mount tar hostname xorriso netplan.io python3-yaml jq $(PACKAGES_DEB) $(PACKAGES_RPM) bash zsh fish

deps-build: PACKAGES_WANTED = $(PACKAGES_BUILD)
deps: PACKAGES_WANTED = $(PACKAGES_BUILD) $(PACKAGES_TEST)
deps-build: ## as root, on Debian: what the build needs, installed
deps: ## as root, on Debian: what the tests need too (QEMU)
deps deps-build:
	@missing=$$(for p in $(PACKAGES_WANTED); do \
	  dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing:" $$missing; \
	  apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $$missing; \
	fi

# --- tests: TAP under prove; each program also runs alone --------------------------------------------------------------

PROVE = tests/timed $(TIMES) $@ prove --timer
# The other releases that NetworkManager is tested of.
SUITES := bullseye trixie
# Where the time of a whole check goes. Its parts run side by side; prove says how long each test took.
TIMES := $(B)/times
FAILED = { test ! -e $(TIMES).failed || { echo "what failed:"; cat $(TIMES).failed; }; exit 1; }
CHECKS := check-gates check-crash root-file-systems check-network check-network-ifcfg check-packages $(SUITES:%=check-network-%)
# Product UUIDs of the field, where they are at hand beside the tree; the tests have a table of their own.
DMI_UUIDS := $(wildcard ../shared/data/dmi-uuids.tsv)
ifneq ($(DMI_UUIDS),)
export RESET_IDENTITY_DMI_UUIDS := $(abspath $(DMI_UUIDS))
endif
TREE_TESTS := tests/tree/formats-netplan.t $(filter-out %/formats-netplan.t,$(wildcard tests/tree/*.t))
CRASH_TESTS := $(wildcard tests/crash/*.t)
NETWORK_TESTS := $(wildcard tests/network/*.t)
PACKAGE_TESTS := $(filter-out %/autopkgtest.t,$(wildcard tests/packages/*.t))
# The longest first.
GATE_TESTS := $(addprefix tests/gates/,40-valgrind.t 20-static.t) \
  $(filter-out %/40-valgrind.t %/20-static.t,$(wildcard tests/gates/*.t))
VM_LONG := $(patsubst %,tests/vm/%.t,live deb power-cuts bonds verdicts read-only isolation)
# Not in each check: guests of root file systems of their own, and those whose stories containers tell too (tests/nspawn), each
# with the systemd and the network stack of its release.
VM_OTHERS := $(patsubst %,tests/vm/%.t,live live-trixie live-bullseye door stack-netplan-networkd stack-ifupdown stack-networkd selinux daemons link-names stack-netplan-manager stack-ifcfg stack-cloud-init-on stack-cloud-init-off cloud-init cloud-init-renders)
VM_STACKS := $(patsubst %,tests/vm/stack-%.t,networkd ifupdown netplan-networkd)
VM_TESTS := $(VM_LONG) $(filter-out $(VM_LONG) $(VM_OTHERS),$(wildcard tests/vm/*.t))

# The inner loop: units, trees, corpus. Set-up is not repeated here: `make deps` once.
check-fast: all unit-tests ## tests: the inner loop
	$(PROVE) -j2 -e '' $(UNIT_TESTS) :: --tap
	$(PROVE) -j2 $(TREE_TESTS)

check-gates: all unit-tests
	$(PROVE) -j2 $(GATE_TESTS)

check-crash: all crash-tools
	$(PROVE) -j2 $(CRASH_TESTS)

NETWORK_TOOLS := $(B)/tests/live-driver $(B)/tests/selection-driver
$(NETWORK_TOOLS): $(B)/tests/%: tests/network/%.c $(RICH_OBJECTS) $(LEAN_OBJECTS)
	@mkdir -p $(@D)
	$(call say,TEST,$<)$(CC) $(CPPFLAGS) $(RICH_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(RICH_LIBS)

network-tools: $(NETWORK_TOOLS)

check-network: all network-tools
	$(PROVE) -j2 $(NETWORK_TESTS)

# The same with the NetworkManager of other releases, and with the program built there: 1.30, our floor, and 1.52.
$(SUITES:%=check-network-%): check-network-%:
	$(PROVE) -j2 -e 'tests/network/on $*' $(NETWORK_TESTS)

# The same with a NetworkManager that has its plugin for ifcfg files, made of Debian's source.
check-network-ifcfg: all
	$(PROVE) -e 'tests/network/with-ifcfg' $(wildcard tests/network/ifcfg/*.t)

# Boots of systemd itself in containers, with the real units.
check-nspawn: all
	$(PROVE) -j2 $(wildcard tests/nspawn/*.t)

check-packages: all ## tests: the packages, made, installed, removed
	$(PROVE) -j2 $(PACKAGE_TESTS)

# What the package declares, run by autopkgtest on a machine in a container.
check-autopkgtest: all
	$(PROVE) tests/packages/autopkgtest.t

# The package of other releases, made and installed there, in a root file system and in guests.
$(SUITES:%=check-packages-%): check-packages-%:
	$(PROVE) tests/packages/deb.t tests/vm/deb.t :: $*

check-vm: all
	$(PROVE) -j2 $(VM_TESTS)

check-vm-others: export RESET_IDENTITY_ALL_LIVE = yes
check-vm-others: all
	$(PROVE) -j2 $(VM_OTHERS)

# Guests of other releases, with the stacks that all of them have.
$(SUITES:%=check-vm-%): check-vm-%: all
	$(PROVE) -j2 $(VM_STACKS) :: $*

root-file-systems:
	tests/vm/fetch bookworm $(SUITES)

# One make for the set-up, another for the rest: pkg-config is asked when the Makefile is read. All is built before the
# parts are begun: they would take every job, and those that are built later wait for one. The network tests wait
# most of their time, the gates never. The containers boot alone: systemd in them may fail to start a program on a busy machine
# (219/CGROUP, on cgroup v1).
ifneq ($(origin T),command line)
check: deps ## tests: every one, set-up included; T=TEST: that one
	rm -f $(TIMES) $(TIMES).failed
	$(MAKE) -j2 all unit-tests crash-tools network-tools
	$(MAKE) -j2 check-fast || $(FAILED)
	code=0; for part in "-j6 --output-sync --keep-going $(CHECKS)" check-nspawn check-vm; do $(MAKE) $$part || code=1; done; \
	  echo "where the time went:"; cat $(TIMES); test $$code = 0 || $(FAILED)
else
# T=tests/tree/seal.t, or T=test-verdict of the units.
check: deps
	$(MAKE) all unit-tests crash-tools network-tools
	prove -v --timer $(if $(filter %.t,$(T)),$(T),-e '' $(addprefix $(B)/tests/,$(notdir $(T))) :: --tap)
endif

check-all: check ## tests: other releases, stacks, SELinux, cloud-init
	$(MAKE) --keep-going $(SUITES:%=check-packages-%) $(SUITES:%=check-vm-%) check-autopkgtest check-vm-others

demo: deps ## a template, two clones, identities side by side
	$(MAKE) all
	tests/vm/demo

bench: deps ## what an unchanged boot costs, how an apply grows
	$(MAKE) all $(B)/tests/live-driver
	tests/bench/bench --guest

clean: ## remove what was built
	rm -rf $(B)/installed $(B)/deb $(B)/rpm $(B)/$(DIST).tar.gz $(B)/obj $(B)/tests $(B)/units $(B)/reset-identity $(B)/clone-check

-include $(shell find $(B)/obj $(B)/tests -name '*.d' 2>/dev/null)

.PHONY: all help unit-tests crash-tools network-tools install uninstall dist deb rpm deps deps-build check check-fast check-gates check-crash check-network check-network-ifcfg check-nspawn check-packages check-all \
  $(SUITES:%=check-network-%) $(SUITES:%=check-packages-%) $(SUITES:%=check-vm-%) check-autopkgtest check-vm check-vm-others root-file-systems demo bench clean FORCE
.DELETE_ON_ERROR:
