/* ifcfg-profiles.h - connections in /etc/sysconfig/network-scripts: ifcfg-NAME with what belongs to it, as records.
 *
 * A connection is its ifcfg file with the aliases (ifcfg-NAME:N) and ranges (ifcfg-NAME-rangeN) that add addresses to
 * it, which are parts of it and no records of their own. /etc/sysconfig/network says what all of them have in common.
 */
#pragma once

#include "profiles/profile.h"
#include "profiles/text/shell-text.h"

#define IFCFG_DIR "/etc/sysconfig/network-scripts"
#define IFCFG_COMMON_FILE "/etc/sysconfig/network"

/* A file that adds addresses to a connection. */
typedef struct {
  char *path; /* resolved */
  GBytes *bytes;
  ShellText *text;
} IfcfgPart;

/* A record's own (PlainProfile.own). */
typedef struct {
  char *name;                 /* NAME of ifcfg-NAME: route-NAME, keys-NAME, ... belong to it */
  ShellText *text;            /* as read */
  GPtrArray *parts;           /* IfcfgPart*, sorted by path */
  gboolean common_gateway[2]; /* IPv4, IPv6: its gateway is the one of /etc/sysconfig/network */
} IfcfgProfile;

/* ifcfg_of: PROFILE's; it must be of this format. */
const IfcfgProfile *ifcfg_of(const Profile *profile);

/* ifcfg_profiles: a row of profile-formats.c. */
gboolean ifcfg_profiles(const Root *root, const ProfileFormat *format, Profiles *profiles, GError **error);

/* ifcfg_make: likewise. */
gboolean ifcfg_make(const Root *root, const ProfileFormat *format, const Nic *nic, Profiles *made, GError **error);

/* ifcfg_profiles_at: the one record of the file PATH in IFCFG_DIR, or none: no such file, or a part of another. */
Profiles *ifcfg_profiles_at(const Root *root, const char *path);

/* ifcfg_uuid: of the connection of PATH, an ifcfg file in IFCFG_DIR, if it held BYTES; NULL: NetworkManager makes none
 * of it. The caller frees. */
char *ifcfg_uuid(const char *path, GBytes *bytes);
