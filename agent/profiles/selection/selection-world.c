/* selection-world.c - what decides beside profiles and NICs which profile comes up */
#include "selection-world.h"

#include <string.h>

#include "base/command-line.h"
#include "base/tree.h"

#define TIMESTAMPS "/var/lib/NetworkManager/timestamps"

enum { MAC_TEXT = sizeof "00:00:00:00:00:00" - 1 };

SelectionWorld *selection_world_new(void) {
  SelectionWorld *world = g_new0(SelectionWorld, 1);

  world->timestamps = g_key_file_new();
  world->devices = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
  world->texts = g_string_chunk_new(256);
  return world;
}

void selection_world_free(SelectionWorld *world) {
  managed_devices_free(world->managed);
  g_key_file_unref(world->timestamps);
  g_strfreev(world->command_line);
  g_hash_table_unref(world->devices);
  g_string_chunk_free(world->texts);
  g_free(world);
}

static char *keep(SelectionWorld *world, const char *text) {
  return text != NULL ? g_string_chunk_insert_const(world->texts, text) : NULL;
}

void selection_world_describe(SelectionWorld *world, const NetDevice *device) {
  NetDevice *own = g_new0(NetDevice, 1);
  char *name = keep(world, device->name);

  own->name = name;
  own->type = keep(world, device->type);
  own->driver = keep(world, device->driver);
  own->mac = keep(world, device->mac);
  g_hash_table_replace(world->devices, name, own);
}

/* NetworkManager's words for the kinds of hardware (nm-device.c, get_type_description). */
static const char *type_of(const Root *hardware, const Nic *nic) {
  g_autofree char *path = g_strdup_printf("/sys/class/net/%s/phy80211", nic->name);

  if (strlen(nic->mac) > MAC_TEXT)
    return "infiniband";
  return hardware != NULL && root_exists(hardware, path) ? "wifi" : "ethernet";
}

/* A NIC that is only recorded, or made up, has that of the one here of its name. */
static char *driver_of(const Root *hardware, const Nic *nic) {
  g_autofree char *path = g_strdup_printf("/sys/class/net/%s/device/driver", nic->name);
  g_autofree char *resolved = NULL;

  if (*nic->driver != '\0')
    return g_strdup(nic->driver);
  if (hardware == NULL || !root_exists(hardware, path) || root_resolve(hardware, path, &resolved) < 0)
    return NULL;
  return g_path_get_basename(resolved);
}

static void read_device(SelectionWorld *world, const Root *hardware, const Nic *nic) {
  g_autofree char *driver = driver_of(hardware, nic);
  const NetDevice device = {.name = nic->name, .type = type_of(hardware, nic), .driver = driver, .mac = nic->mac};

  selection_world_describe(world, &device);
}

NetDevice selection_world_device(const SelectionWorld *world, const Nic *nic) {
  const NetDevice *known = world != NULL ? g_hash_table_lookup(world->devices, nic->name) : NULL;

  return known != NULL ? *known : (NetDevice){.name = nic->name, .type = type_of(NULL, nic), .mac = nic->mac};
}

static gboolean read_timestamps(const Root *root, GKeyFile *timestamps, GError **error) {
  g_autoptr(GBytes) content = NULL;

  if (!tree_read(root, TIMESTAMPS, &content, NULL, error))
    return FALSE;
  if (content != NULL)
    (void)g_key_file_load_from_bytes(timestamps, content, G_KEY_FILE_NONE, NULL);
  return TRUE;
}

gboolean selection_world_timestamp(const SelectionWorld *world, const char *uuid, guint64 *timestamp) {
  g_autofree char *text =
      world != NULL && uuid != NULL ? g_key_file_get_value(world->timestamps, "timestamps", uuid, NULL) : NULL;

  return text != NULL && g_ascii_string_to_unsigned(g_strstrip(text), 10, 0, G_MAXUINT64, timestamp, NULL);
}

SelectionWorld *selection_world_read(const Root *root, const Root *hardware, const NicMap *map, const NicList *nics,
                                     GError **error) {
  g_autoptr(SelectionWorld) world = selection_world_new();

  for (size_t i = 0; i < nics->count; i++)
    read_device(world, hardware, &nics->items[i]);
  world->managed = managed_devices_read(root, map, error);
  if (world->managed == NULL || !read_timestamps(root, world->timestamps, error))
    return NULL;
  world->command_line = command_line_words(hardware);
  return g_steal_pointer(&world);
}
