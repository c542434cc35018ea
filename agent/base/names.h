/* names.h - every path, name and number that something outside this program knows us by.
 *
 * One place, so that the man pages, the tests and the catalog can be checked against it.
 * Paths are below the root directory that a command works on (--root), not necessarily "/".
 */
#pragma once

#ifndef RI_SYSCONFDIR
#define RI_SYSCONFDIR "/etc"
#endif
#ifndef RI_STATEDIR
#define RI_STATEDIR "/var/lib"
#endif
#ifndef RI_LIBEXECDIR
#define RI_LIBEXECDIR "/usr/lib/reset-identity"
#endif
#ifndef RI_UNITDIR
#define RI_UNITDIR "/usr/lib/systemd/system"
#endif
#ifndef RI_VERSION
#define RI_VERSION "unknown"
#endif

#define RI_POLICY_HOME RI_SYSCONFDIR "/reset-identity"
#define RI_POLICY_FILE RI_SYSCONFDIR "/reset-identity/policy.ini"
#define RI_POLICY_DIR RI_SYSCONFDIR "/reset-identity/policy.d"
#define RI_VENDOR_HOME RI_LIBEXECDIR
#define RI_VENDOR_POLICY_DIR RI_LIBEXECDIR "/policy.d"
#define RI_STATE_DIR RI_STATEDIR "/reset-identity"
#define RI_RECORD_FILE RI_STATE_DIR "/record"
#define RI_RECORD_COPY_FILE RI_SYSCONFDIR "/reset-identity/record"
#define RI_TRANSACTION_DIR RI_STATE_DIR "/transaction"
#define RI_HISTORY_DIR RI_STATE_DIR "/history"
#define RI_RUN_DIR "/run/reset-identity"
#define RI_LAST_FILE RI_RUN_DIR "/last.json"
#define RI_VERIFY_FILE RI_RUN_DIR "/verify.json"
#define RI_VERIFY_WANTED_FILE RI_RUN_DIR "/verify-wanted" /* ConditionPathExists= of reset-identity-verify.service */
#define RI_DECIDED_FILE RI_RUN_DIR "/decided"             /* ConditionPathExists=! of reset-identity-door.service */
#define RI_HOLD_DIR RI_RUN_DIR "/hold" /* ConditionPathExists=! of units/hold.conf: UNIT is not started */
/* What brings NICs up, a blank between two: the Makefile installs units/hold.conf for each, the door's unit holds them
 * all. */
#define RI_HELD_UNITS                                                                                                  \
  "NetworkManager systemd-networkd networking ifup network wicked wickedd wickedd-nanny dhcpcd connman iwd "           \
  "netctl netctl-auto netctl-ifplugd frr zebra nmstate"
/* Of these, what has an instance for each NIC or profile: NAME@.service too. */
#define RI_HELD_TEMPLATES "ifup dhcpcd netctl netctl-auto netctl-ifplugd"
#define RI_ISOLATION_FILE "/run/NetworkManager/conf.d/99-reset-identity-isolate.conf"
#define RI_NETWORK_FILE RI_RUN_DIR "/network"      /* what NetworkManager has of the profiles that change */
#define RI_STACKS_DIR "/run/reset-identity/stacks" /* NAME: NICs of a stack that a run takes down and up */
/* "!": networkd takes the first file by name that fits. */
#define RI_NETWORKD_ISOLATION_FILE "/run/systemd/network/!reset-identity-isolate.network"
/* What waits beside a file to take its place: ".NAME" and this. */
#define RI_TEMPORARY_SUFFIX ".reset-identity"
#define RI_FIRST_BOOT_FILE "/run/systemd/first-boot"

/* Exit codes of the command (reset-identity(8), EXIT STATUS). */
enum {
  RI_EXIT_OK = 0,
  RI_EXIT_FAILED = 1,
  RI_EXIT_USAGE = 2,
  RI_EXIT_WORK = 3,
  RI_EXIT_UNTRUSTED = 77,
  RI_EXIT_POLICY = 78,
};

/* Journal MESSAGE_IDs; conf/reset-identity.catalog explains each. */
#define RI_MESSAGE_RESET "5f3cf2f5cd2b4a0c9a33a9b9f1f6a0d1"
#define RI_MESSAGE_REBOUND "b0c5e5d8b4f94f2a8a0a6b5d3f1b7c02"
#define RI_MESSAGE_FAILED "c1b3a0d7e9354b6f8d52e0c4a7f6b803"
#define RI_MESSAGE_ISOLATED "d4e8f1a2b6c74d3e9f60a1b2c3d4e504"
#define RI_MESSAGE_UNSTABLE "e7a9c3b1d5f24e8b8a71b2c3d4e5f605"
#define RI_MESSAGE_RECOVERED "f8b0d4c2e6a35f9c9b82c3d4e5f6a706"
#define RI_MESSAGE_SETTLED "09c1e5d3f7b460ad8c93d4e5f6a7b807"
#define RI_MESSAGE_VERIFIED "1ad2f6e408c571be9da4e5f6a7b8c908"
#define RI_MESSAGE_NOT_VERIFIED "2be307f519d682cfaeb5f6a7b8c9da09"
