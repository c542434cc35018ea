/* selection-world.h - what decides beside profiles and NICs which profile comes up: which devices NetworkManager has,
 * what was up last, the kernel command line, and what device lists see of the NICs. Read once.
 */
#pragma once

#include "managed-devices.h"
#include "observe/nics.h"

typedef struct {
  ManagedDevices *managed; /* NULL: NetworkManager has all */
  GKeyFile *timestamps;    /* [timestamps] UUID = seconds, when the connection was last up */
  char **command_line;     /* words; NULL: unknown */
  GHashTable *devices;     /* char *name -> NetDevice*, owned */
  GStringChunk *texts;     /* theirs */
} SelectionWorld;

/* selection_world_new: NetworkManager has every NIC, and no profile was ever up. */
SelectionWorld *selection_world_new(void);
/* selection_world_read: of the files below ROOT, whose recorded NICs MAP (may be NULL) has the successors of; HARDWARE
 * (NULL: unknown) has the kernel command line and the drivers of NICS. Errors: a file that cannot be read. */
SelectionWorld *selection_world_read(const Root *root, const Root *hardware, const NicMap *map, const NicList *nics,
                                     GError **error);
void selection_world_free(SelectionWorld *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SelectionWorld, selection_world_free)

/* selection_world_describe: what NetworkManager's device lists see of the NIC that is called DEVICE's name. */
void selection_world_describe(SelectionWorld *world, const NetDevice *device);

/* selection_world_device: NIC as device lists see it. WORLD may be NULL. */
NetDevice selection_world_device(const SelectionWorld *world, const Nic *nic);
/* selection_world_timestamp: when the connection UUID (may be NULL) was last up. FALSE: it never was. */
gboolean selection_world_timestamp(const SelectionWorld *world, const char *uuid, guint64 *timestamp);
