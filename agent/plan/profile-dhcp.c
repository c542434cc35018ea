/* profile-dhcp.c - what a profile makes its machine tell DHCP servers */
#include "profile-dhcp.h"

#include <string.h>

#include "renaming.h"

typedef struct {
  const PlanContext *context;
  ProfileEdit *edit;
  Plan *plan;
  const Renaming *renaming; /* NULL: the name stays */
} Following;

static void set(const Following *following, const char *group, const char *key, const char *value) {
  profile_edit_set(following->edit, group, key, value);
  profile_edit_say(following->edit, "%s.%s becomes %s", group, key, value);
}

/* dhcp-hostname, dhcp-fqdn, and a client id that is a name. */
static gboolean follow_name(const Following *following, const char *group, const char *key, const char *value) {
  g_autofree char *name = following->renaming != NULL ? renaming_word(following->renaming, value, strlen(value)) : NULL;

  if (name != NULL)
    set(following, group, key, name);
  return name != NULL;
}

/* An id of bytes that ends in a recorded card's address: 01:MAC (RFC 2132, 9.14), 00:03:00:01:MAC (RFC 8415, 11.4), or
 * 00:01:00:01:TIME:MAC (11.2). */
static gboolean follow_mac(const Following *following, const char *group, const char *key, const char *value) {
  const GArray *items = following->context->nic_map->items;
  const gsize length = strlen(value);

  for (guint i = 0; i < items->len; i++) {
    const NicSuccession *item = &g_array_index(items, NicSuccession, i);
    const gsize size = strlen(item->recorded->mac);
    const char *tail = length > size ? value + length - size : NULL;
    g_autofree char *head = NULL;
    g_autofree char *id = NULL;

    if (size == 0 || item->present == NULL || tail == NULL || tail[-1] != ':' ||
        g_ascii_strcasecmp(tail, item->recorded->mac) != 0)
      continue;
    head = g_strndup(value, (gsize)(tail - value));
    id = g_strconcat(head, item->present->mac, NULL);
    if (strcmp(item->recorded->mac, item->present->mac) != 0)
      set(following, group, key, id);
    return TRUE;
  }
  return FALSE;
}

/* nm-settings(5): words that NetworkManager makes an id of by itself. */
static gboolean is_generated(const char *value) {
  static const char *const words[] = {"mac", "perm-mac", "duid",       "ipv6-duid", "stable",      "none", "lease",
                                      "llt", "ll",       "stable-llt", "stable-ll", "stable-uuid", NULL};

  return value[0] == '\0' || g_strv_contains(words, value);
}

static void follow_value(const char *group, const char *key, const char *value, guint line, gpointer data) {
  const Following *following = data;

  if (strcmp(group, "ipv4") != 0 && strcmp(group, "ipv6") != 0)
    return;
  if (strcmp(key, "dhcp-hostname") == 0 || strcmp(key, "dhcp-fqdn") == 0) {
    (void)follow_name(following, group, key, value);
    return;
  }
  if ((strcmp(key, "dhcp-client-id") != 0 && strcmp(key, "dhcp-duid") != 0) || is_generated(value))
    return;
  if (follow_name(following, group, key, value) || follow_mac(following, group, key, value))
    return;
  plan_warn(following->plan,
            "%s:%u: %s.%s = %s is a fixed identity towards DHCP servers; every clone has the same: use mac, stable or "
            "duid instead.",
            following->edit->profile->path, line, group, key, value);
}

void profile_dhcp_follow(const PlanContext *context, ProfileEdit *edit, Plan *plan) {
  Renaming renaming = {0};
  const gboolean renamed = renaming_init(&renaming, context->identity);
  Following following = {.context = context, .edit = edit, .plan = plan, .renaming = renamed ? &renaming : NULL};

  keyfile_text_foreach(edit->profile->text, follow_value, &following);
  if (renamed)
    renaming_clear(&renaming);
}
