/* profile-references.c - a connection's UUID is what ports, VLANs and VPNs refer to it by */
#include "profile-references.h"

#include <string.h>

#include "base/bytes.h"

/* NetworkManager also takes 40 hex digits without dashes for a UUID (nm-uuid.c). */
enum { UUID_LENGTH = 36, OLD_UUID_LENGTH = 40 };

typedef struct {
  const char *new_uuid; /* borrowed from the identity */
  const char *name;     /* of the connection, borrowed from its profile; NULL: none */
} Successor;

struct ProfileReferences {
  GHashTable *successors; /* char *old UUID in lower case -> Successor* */
};

ProfileReferences *profile_references_new(const Identity *identity, const Profiles *profiles) {
  ProfileReferences *references = g_new0(ProfileReferences, 1);
  GHashTableIter iterator;
  gpointer old_uuid, new_uuid;

  references->successors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_iter_init(&iterator, identity->connection_uuids);
  while (g_hash_table_iter_next(&iterator, &old_uuid, &new_uuid)) {
    Successor *successor = g_new0(Successor, 1);

    successor->new_uuid = new_uuid;
    g_hash_table_insert(references->successors, g_strdup(old_uuid), successor);
  }
  for (guint i = 0; i < profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(profiles->items, i);
    g_autofree char *uuid = profile->uuid != NULL ? g_ascii_strdown(profile->uuid, -1) : NULL;
    Successor *successor = uuid != NULL ? g_hash_table_lookup(references->successors, uuid) : NULL;

    if (successor != NULL && successor->name == NULL)
      successor->name = profile->id;
  }
  return references;
}

void profile_references_free(ProfileReferences *references) {
  if (references == NULL)
    return;
  g_hash_table_unref(references->successors);
  g_free(references);
}

static const Successor *find_successor(const ProfileReferences *references, const char *text, gsize length) {
  g_autofree char *lower = NULL;

  if (length != UUID_LENGTH && length != OLD_UUID_LENGTH)
    return NULL;
  lower = g_ascii_strdown(text, (gssize)length);
  return g_hash_table_lookup(references->successors, lower);
}

const char *profile_references_lookup(const ProfileReferences *references, const char *uuid) {
  const Successor *successor = find_successor(references, uuid, strlen(uuid));

  return successor != NULL ? successor->new_uuid : NULL;
}

static gboolean has_uuid_shape(const char *text) {
  return text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
}

/* Where in the SIZE bytes TEXT an old UUID stands, or NULL. */
static const char *find_mention(const ProfileReferences *references, const char *text, gsize size) {
  for (gsize i = 0; i + UUID_LENGTH <= size; i++)
    if (has_uuid_shape(text + i) && find_successor(references, text + i, UUID_LENGTH) != NULL)
      return text + i;
  return NULL;
}

static gboolean is_secret(const char *group, const char *key) {
  static const char *const keys[] = {"leap-password", "mka-cak", "password", "password-raw", "pin", "preshared-key",
                                     "private-key",   "psk",     NULL};

  return strcmp(group, "vpn-secrets") == 0 || g_strv_contains(keys, key) || g_str_has_suffix(key, "-password") ||
         g_str_has_prefix(key, "wep-key");
}

/* Values that mean something to others than NetworkManager, or nothing at all. */
static gboolean is_foreign(const char *group, const char *key) {
  return strcmp(group, "user") == 0 || strcmp(group, ".nmmeta") == 0 || is_secret(group, key);
}

static gboolean is_own_uuid(const char *group, const char *key) {
  return strcmp(group, "connection") == 0 && strcmp(key, "uuid") == 0;
}

/* VALUE with every item that is an old UUID replaced; *LAST is the last such connection. NULL: there is none. */
static char *replace_items(const ProfileReferences *references, const char *value, const Successor **last) {
  GString *text = g_string_new(NULL);

  *last = NULL;
  while (TRUE) {
    const gsize lead = strspn(value, " \t");
    const gsize size = strcspn(value + lead, ";, \t");
    const Successor *successor = find_successor(references, value + lead, size);

    g_string_append_len(text, value, (gssize)lead);
    value += lead;
    if (successor != NULL) {
      *last = successor;
      g_string_append(text, successor->new_uuid);
    } else {
      g_string_append_len(text, value, (gssize)size);
    }
    value += size;
    if (*value == '\0')
      break;
    g_string_append_c(text, *value++);
  }
  if (*last != NULL)
    return g_string_free(text, FALSE);
  g_string_free(text, TRUE);
  return NULL;
}

static void say_followed(ProfileEdit *edit, const char *group, const char *key, const Successor *successor) {
  g_autofree char *new_type = keyfile_text_get(edit->text, "connection", "port-type");
  g_autofree char *old_type = keyfile_text_get(edit->text, "connection", "slave-type");
  const char *type = new_type != NULL ? new_type : old_type;
  g_autofree char *subject = g_strdup_printf("%s.%s", group, key);

  if (strcmp(group, "connection") == 0 && (strcmp(key, "controller") == 0 || strcmp(key, "master") == 0)) {
    g_free(subject);
    subject = g_strdup_printf("%s%sport", type != NULL ? type : "", type != NULL ? " " : "");
  }
  if (successor->name != NULL)
    profile_edit_say(edit, "%s follows %s's new UUID", subject, successor->name);
  else
    profile_edit_say(edit, "%s follows a new UUID", subject);
}

static void warn_of_mention(const char *path, guint line, const char *uuid, const Successor *successor, Plan *plan) {
  plan_warn(plan,
            "%s:%u: the connection UUID %.*s is mentioned here and becomes %s; this line is not changed, see to it.",
            path, line, UUID_LENGTH, uuid, successor->new_uuid);
}

typedef struct {
  const ProfileReferences *references;
  ProfileEdit *edit;
  Plan *plan;
} Following;

static void follow_value(const char *group, const char *key, const char *value, guint line, gpointer data) {
  const Following *following = data;
  const ProfileReferences *references = following->references;
  g_autofree char *replaced = NULL;
  const Successor *last = NULL;
  const char *rest;

  if (is_own_uuid(group, key) || strlen(value) < UUID_LENGTH)
    return;
  if (!is_foreign(group, key))
    replaced = replace_items(references, value, &last);
  if (replaced != NULL) {
    profile_edit_set(following->edit, group, key, replaced);
    say_followed(following->edit, group, key, last);
  }
  value = replaced != NULL ? replaced : value;
  rest = find_mention(references, value, strlen(value));
  if (rest != NULL)
    warn_of_mention(following->edit->profile->path, line, rest, find_successor(references, rest, UUID_LENGTH),
                    following->plan);
}

void profile_references_follow(const ProfileReferences *references, ProfileEdit *edit, Plan *plan) {
  Following following = {.references = references, .edit = edit, .plan = plan};

  if (g_hash_table_size(references->successors) > 0)
    keyfile_text_foreach(edit->profile->text, follow_value, &following);
}

static gboolean is_comment(const char *line, gsize size) {
  while (size > 0 && (*line == ' ' || *line == '\t')) {
    line++;
    size--;
  }
  return size > 0 && *line == '#';
}

void profile_references_mentions(const ProfileReferences *references, const char *path, GBytes *bytes, Plan *plan) {
  gsize size;
  const char *at = bytes_text(bytes, &size);
  const char *end = at + size;

  if (g_hash_table_size(references->successors) == 0)
    return;
  for (guint line = 1; at < end; line++) {
    const char *newline = memchr(at, '\n', (gsize)(end - at));
    const gsize length = (gsize)((newline != NULL ? newline : end) - at);
    const char *mention = is_comment(at, length) ? NULL : find_mention(references, at, length);

    if (mention != NULL)
      warn_of_mention(path, line, mention, find_successor(references, mention, UUID_LENGTH), plan);
    at += length + (newline != NULL ? 1 : 0);
  }
}
