/* kept-uuids.c - connection UUIDs that have to stay, because a profile that is not edited refers to them or
 * is hidden by them */
#include "kept-uuids.h"

#include <string.h>
#include <uuid/uuid.h>

#include "base/each.h"
#include "outcome.h"
#include "profiles/text/tokens.h"
#include "profiles/text/yaml-tokens.h"

typedef struct {
  GHashTable *uuids;
  Profile *profile;
} Collecting;

/* What a keyfile or an ifcfg file is called itself is no reference. */
static gboolean is_own(const Token *token) {
  if (token->group == NULL)
    return strcmp(token->key, "UUID") == 0;
  return strcmp(token->group, "connection") == 0 && (strcmp(token->key, "uuid") == 0 || strcmp(token->key, "id") == 0);
}

static void collect(const Token *token, gpointer data) {
  const Collecting *collecting = data;
  g_autofree char *value = g_ascii_strdown(token->value, (gssize)token->size);
  g_auto(GStrv) items = NULL;
  uuid_t uuid;

  if (token->key == NULL || is_own(token))
    return;
  items = g_strsplit_set(value, ";, \t\"'", -1);
  for (char **item = items; *item != NULL; item++)
    if (uuid_parse(*item, uuid) == 0)
      g_hash_table_insert(collecting->uuids, g_strdup(*item), collecting->profile);
}

/* A package's profile that one of ours has taken the place of, by its UUID: it would come up again. */
static void collect_hidden(GHashTable *uuids, Profile *profile) {
  if (profile->text != NULL && profile->uuid != NULL && g_str_has_prefix(profile->path, "/usr/lib/"))
    g_hash_table_insert(uuids, g_ascii_strdown(profile->uuid, -1), profile);
}

GHashTable *kept_uuids(const PlanContext *context) {
  GHashTable *uuids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  list_each (Profile *, profile, context->profiles->items) {
    Collecting collecting = {.uuids = uuids, .profile = profile};

    if (profile_is_edited(context, profile))
      continue;
    tokens_read(profile->bytes, g_str_has_suffix(profile->path, ".yaml") ? tokens_of_yaml : tokens_of_assignments,
                collect, &collecting);
    collect_hidden(uuids, profile);
  }
  return uuids;
}
