/* selection.h - which profile NetworkManager brings up on a NIC by itself.
 *
 * A profile fits a NIC by its type, mac-address (against the permanent one), mac-address-denylist, interface-name, the
 * [match] group, permissions and [device] allowed-connections (nm-device.c and nm-device-ethernet.c,
 * check_connection_compatible). Of those that fit and connect by themselves the highest autoconnect-priority comes up,
 * of these the one that was up last, of these the lowest UUID (nm-settings-connection.c,
 * nm_settings_connection_cmp_autoconnect_priority). Of files with one UUID one counts: /run before /etc before
 * /usr/lib, then the newest, then the greatest path. Nothing comes up on a NIC that NetworkManager does not have
 * (managed-devices.h). What cables there are is nobody's to say.
 *
 * Profiles are taken as they will be on this machine: what names a recorded NIC names its successor.
 */
#pragma once

#include <glib.h>

#include "profiles/profiles.h"
#include "selection-world.h"

typedef struct Selections Selections;

typedef enum {
  SELECTION_NOW = 0,
  SELECTION_UUIDS_CHANGE = 1 << 0, /* two that differ in nothing but the UUID are rivals */
  SELECTION_SHADOWS_GO = 1 << 1,   /* what lies in /run and has the UUID of a file that may be edited does not count */
} SelectionTime;

/* selections_new: of PROFILES (keyfiles only) on PRESENT, at TIME. WORLD and MAP may be NULL; all are borrowed. */
Selections *selections_new(const SelectionWorld *world, const Profiles *profiles, const NicMap *map,
                           const NicList *present, SelectionTime time);
void selections_free(Selections *selections);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Selections, selections_free)

typedef struct {
  gboolean managed;       /* FALSE: NetworkManager leaves the NIC alone, and nothing comes up */
  const Profile *profile; /* comes up; NULL: none does */
  gboolean certain;       /* FALSE: which NIC comes first, or which UUID is lower, decides, and it may be nothing */
  const Profile *rival;   /* may then come up instead; NULL: none would */
  gboolean shared;        /* PROFILE may come up on another NIC, too */
  gboolean many;          /* and be on several at once */
} Selection;

Selection selections_on(const Selections *selections, const Nic *nic);
/* selections_may_come_up: PROFILE is what comes up on NIC, or may be where that is not certain. */
gboolean selections_may_come_up(const Selections *selections, const Nic *nic, const Profile *profile);

/* selections_fitting: the profiles (const Profile*, borrowed) that may be up on NIC, the one that is preferred first,
 * those that do not connect by themselves last. */
GPtrArray *selections_fitting(const Selections *selections, const Nic *nic);
/* selections_on_device, selections_fitting_device: likewise, for the virtual device NAME. */
Selection selections_on_device(const Selections *selections, const char *name);
GPtrArray *selections_fitting_device(const Selections *selections, const char *name);

/* selections_winning_priority: the autoconnect-priority, not below 0, with which a new profile for NIC comes up there
 * on every boot; -1: none is high enough, because of *STRONGEST (may be NULL; else it is left alone). */
int selections_winning_priority(const Selections *selections, const Nic *nic, const Profile **strongest);
