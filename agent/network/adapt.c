/* adapt.c - what a NetworkManager left when it ended, made to fit the profiles as the files have them now */
#include "adapt.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/error.h"
#include "base/root-file.h"
#include "base/tree.h"
#include "link.h"
#include "live-profile.h"
#include "network-memory.h"
#include "profile-shape.h"
#include "profiles/keyfile/connection-uuid.h"
#include "profiles/text/keyfile-text.h"
#include "shadows.h"

#define STATE_DIRECTORY "/run/NetworkManager/devices"

static const char state_group[] = "device";
static const char uuid_key[] = "connection-uuid";
static const char managed_key[] = "managed";

typedef struct {
  const Root *root;
  const NetworkMemory *memory;
  GHashTable *uncovered; /* char*: the profiles that a shadow hid until now, or hides again */
  gboolean other_machine_id;
  gboolean any;
} Adaptation;

static gboolean write_state(const Root *root, const char *name, const KeyfileText *state, GError **error) {
  g_autofree char *path = g_build_filename(STATE_DIRECTORY, name, NULL);
  g_autoptr(GBytes) content = keyfile_text_bytes(state);
  gsize size = 0;
  const char *text = bytes_text(content, &size);
  int r = root_file_write(root, path, text, size, 0644);

  return r >= 0 || ri_error_errno(error, r, "%s cannot be written", path);
}

static gboolean begin_anew(int index, GError **error) {
  int r = link_flush(index);

  return r == 0 || ri_error_errno(error, r, "the old addresses cannot be taken off NIC number %d", index);
}

static gboolean is_eui64(const LinkAddress *address, const Link *link) {
  const unsigned char *mac = link->mac;
  const unsigned char id[] = {(unsigned char)(mac[0] ^ 2), mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]};

  return memcmp(address->ip + 8, id, sizeof id) == 0;
}

/* An IPv6 address that nobody typed in: a link-local one, or one with a lifetime. */
static gboolean is_generated(const LinkAddress *address) {
  return address->family == AF_INET6 &&
         ((address->ip[0] == 0xfe && (address->ip[1] & 0xc0) == 0x80) || (address->flags & IFA_F_PERMANENT) == 0);
}

/* Generated of the old secret key, UUID or machine-id. One made of the NIC's MAC is the same for the new identity. */
static gboolean remove_generated(int index, GError **error) {
  g_autoptr(GArray) addresses = link_addresses(error);
  char name[IFNAMSIZ] = "";
  Link link = {0};

  if (addresses == NULL)
    return FALSE;
  if (if_indextoname((unsigned)index, name) == NULL || link_read(name, &link) < 0)
    return TRUE;
  array_each (const LinkAddress *, address, addresses) {
    int r = address->index == index && is_generated(address) && !is_eui64(address, &link) ? link_address_delete(address)
                                                                                          : 0;
    if (r < 0)
      return ri_error_errno(error, r, "an address of the old identity cannot be taken off %s", name);
  }
  return TRUE;
}

/* A NetworkManager that was just setting up the NIC when it ended says that it had done so, and the next one believes
 * it (1.30): none of the profile's own addresses is there, and none ever comes. */
static gboolean lacks_its_addresses(int index, NMConnection *connection) {
  NMSettingIPConfig *const settings[] = {nm_connection_get_setting_ip4_config(connection),
                                         nm_connection_get_setting_ip6_config(connection)};
  g_autoptr(GArray) addresses = link_addresses(NULL);
  gboolean has_any = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS(settings) && addresses != NULL; i++)
    for (guint j = 0; settings[i] != NULL && j < nm_setting_ip_config_get_num_addresses(settings[i]); j++) {
      NMIPAddress *address = nm_setting_ip_config_get_address(settings[i], (int)j);
      unsigned char ip[16] = {0};

      nm_ip_address_get_address_binary(address, ip);
      if (link_address_find(addresses, index, nm_ip_address_get_family(address), ip) != NULL)
        return FALSE;
      has_any = TRUE;
    }
  return has_any;
}

/* What is done to the NIC comes first: killed in between, it is done again. */
static gboolean adapt_profile(Adaptation *adaptation, int index, KeyfileText *state, const RememberedProfile *old,
                              GError **error) {
  g_autoptr(LiveProfile) now = live_profile_read(adaptation->root, old->path);
  NMConnection *connection = now != NULL ? now->connection : NULL;
  const char *uuid = connection != NULL ? now->uuid : NULL;
  gboolean other_identity = !connection_uuid_equal(uuid, old->uuid) || adaptation->other_machine_id;

  if (uuid == NULL || strcmp(now->shape, old->shape) != 0 || g_hash_table_contains(adaptation->uncovered, old->path) ||
      lacks_its_addresses(index, connection) || (other_identity && profile_derives_ids(connection))) {
    (void)keyfile_text_remove(state, state_group, uuid_key);
    return begin_anew(index, error);
  }
  keyfile_text_set(state, state_group, uuid_key, uuid);
  return !other_identity || remove_generated(index, error);
}

static KeyfileText *read_state(const Root *root, const char *name) {
  g_autofree char *path = g_build_filename(STATE_DIRECTORY, name, NULL);
  g_autoptr(GBytes) content = NULL;

  return tree_read(root, path, &content, NULL, NULL) && content != NULL ? keyfile_text_parse(content, NULL) : NULL;
}

static gboolean adapt_device(Adaptation *adaptation, const char *name, GError **error) {
  g_autoptr(KeyfileText) state = read_state(adaptation->root, name);
  int index = (int)g_ascii_strtoll(name, NULL, 10);
  char interface[IFNAMSIZ] = "";

  if (state == NULL || if_indextoname((unsigned)index, interface) == NULL)
    return TRUE;
  g_autofree char *uuid = keyfile_text_get(state, state_group, uuid_key);
  const RememberedProfile *old = uuid != NULL ? network_memory_find(adaptation->memory, uuid) : NULL;
  gboolean anew = uuid != NULL && g_hash_table_contains(adaptation->memory->anew, interface);
  gboolean held = g_hash_table_contains(adaptation->memory->held, interface);
  if (!anew && old == NULL && !held)
    return TRUE;
  adaptation->any = TRUE;
  if (held)
    keyfile_text_set(state, state_group, managed_key, "false");
  if (anew) {
    (void)keyfile_text_remove(state, state_group, uuid_key);
    if (!begin_anew(index, error))
      return FALSE;
  } else if (old != NULL && !adapt_profile(adaptation, index, state, old, error)) {
    return FALSE;
  }
  return write_state(adaptation->root, name, state, error);
}

static gboolean adapt_devices(Adaptation *adaptation, GError **error) {
  g_auto(GStrv) names = tree_list(adaptation->root, STATE_DIRECTORY, error);

  for (char **name = names; name != NULL && *name != NULL; name++)
    if (!adapt_device(adaptation, *name, error))
      return FALSE;
  return names != NULL;
}

/* What NetworkManager is about to read. */
static gboolean remember_present(const Root *root, const NetworkMemory *old, GError **error) {
  g_autoptr(NetworkMemory) memory = network_memory_new();
  char id[64] = "";

  (void)root_read_line(root, "/etc/machine-id", id, sizeof id);
  memory->machine_id = g_strdup(id);
  if (!network_memory_add_files(memory, root, error))
    return FALSE;
  memory->active = g_strdup(old->active);
  g_hash_table_unref(memory->held);
  memory->held = g_hash_table_ref(old->held);
  /* The way back begins anew, too. */
  g_hash_table_unref(memory->anew);
  memory->anew = g_hash_table_ref(old->anew);
  return network_memory_write(root, memory, error);
}

gboolean adapt_network(const Root *root, gboolean keep, gboolean *adapted, GError **error) {
  g_autoptr(NetworkMemory) memory = NULL;
  char id[64] = "";

  if (adapted != NULL)
    *adapted = FALSE;
  if (!network_memory_read(root, &memory, error))
    return FALSE;
  if (memory == NULL)
    return TRUE;
  (void)root_read_line(root, "/etc/machine-id", id, sizeof id);
  g_autoptr(GHashTable) uncovered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Adaptation adaptation = {root, memory, uncovered, strcmp(id, memory->machine_id) != 0, FALSE};
  if (!shadows_follow(root, memory, uncovered, error) || !adapt_devices(&adaptation, error))
    return FALSE;
  if (adapted != NULL)
    *adapted = adaptation.any;
  return keep ? remember_present(root, memory, error) : network_memory_remove(root, error);
}
