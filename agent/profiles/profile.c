/* profile.c - the plain record of what gives a NIC its addresses */
#include "profile.h"

#include <netinet/in.h>
#include <string.h>

#include "profiles/keyfile/profile-groups.h"

void profiles_free(Profiles *profiles) {
  if (profiles == NULL)
    return;
  g_ptr_array_unref(profiles->items);
  g_array_unref(profiles->enabled);
  g_free(profiles->directory);
  g_free(profiles);
}

static void plain_free(PlainProfile *plain) {
  if (plain == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS(plain->families); i++) {
    g_ptr_array_unref(plain->families[i].addresses);
    g_free(plain->families[i].gateway);
  }
  g_strfreev(plain->more_paths);
  g_strfreev(plain->name_globs);
  g_free(plain->only_name);
  g_strfreev(plain->denied_globs);
  g_strfreev(plain->macs);
  g_strfreev(plain->path_globs);
  g_strfreev(plain->drivers);
  if (plain->nics != NULL)
    g_ptr_array_unref(plain->nics);
  g_free(plain->parent);
  if (plain->free_own != NULL)
    plain->free_own(plain->own);
  g_free(plain);
}

void profile_clear(Profile *profile) {
  plain_free(profile->plain);
  g_free(profile->path);
  g_bytes_unref(profile->bytes);
  keyfile_text_free(profile->text);
  judged_profile_free(profile->judged);
  g_free(profile->id);
  g_free(profile->uuid);
  g_free(profile->type);
  g_free(profile->interface_name);
  g_free(profile->named_after);
  g_free(profile->child);
  g_free(profile->controller);
  g_free(profile->mac_address);
  g_free(profile->why_not);
}

void profile_free(Profile *profile) {
  profile_clear(profile);
  g_free(profile);
}

Profiles *profiles_new(void) {
  Profiles *profiles = g_new0(Profiles, 1);

  profiles->items = g_ptr_array_new_with_free_func((GDestroyNotify)profile_free);
  profiles->enabled = g_array_new(FALSE, FALSE, sizeof(const ProfileFormat *));
  profiles->directory = g_strdup(PROFILES_DIR);
  return profiles;
}

Profile *profiles_add(Profiles *profiles, const ProfileFormat *format, const char *path, GBytes *bytes) {
  Profile *profile = g_new0(Profile, 1);

  profile->format = format;
  profile->path = g_strdup(path);
  profile->bytes = g_bytes_ref(bytes);
  g_ptr_array_add(profiles->items, profile);
  return profile;
}

PlainProfile *profile_make_plain(Profile *profile) {
  PlainProfile *plain = g_new0(PlainProfile, 1);

  for (gsize i = 0; i < G_N_ELEMENTS(plain->families); i++)
    plain->families[i].addresses = g_ptr_array_new_with_free_func(g_free);
  plain->carries_ip = plain->starts = TRUE;
  profile->plain = plain;
  return plain;
}

PlainFamily *plain_family(PlainProfile *plain, int family) {
  return &plain->families[family == AF_INET ? 0 : 1];
}

gint64 profile_key_number(const char *key, const char *name) {
  guint64 number;

  if (!g_str_has_prefix(key, name))
    return -2;
  key += strlen(name);
  if (*key == '\0')
    return -1;
  if ((key[0] == '0' && key[1] != '\0') || !g_ascii_isdigit(key[0]) ||
      !g_ascii_string_to_unsigned(key, 10, 0, G_MAXINT32, &number, NULL))
    return -2;
  return (gint64)number;
}

char *profile_why_not_ours(const char *path, const char *home) {
  if (g_str_has_prefix(path, "/run/"))
    return g_strdup("it lives in /run: what makes it there has to give it an identity");
  return g_strdup_printf("it belongs to a package: copy it to %s to own it", home);
}
