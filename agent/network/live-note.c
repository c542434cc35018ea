/* live-note.c - what a later run has to know when this one is killed between its checkpoint and its end */
#include "live-note.h"

#include "active-profiles.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/names.h"
#include "base/root-file.h"
#include "base/tree.h"

#define NOTE_FILE RI_STATE_DIR "/live-network"
#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

static void shadow_profile_free(ShadowProfile *shadow) {
  g_free(shadow->path);
  g_bytes_unref(shadow->content);
  g_free(shadow);
}

ShadowProfile *shadow_profile_new(const char *path, GBytes *content) {
  ShadowProfile *shadow = g_new0(ShadowProfile, 1);

  shadow->path = g_strdup(path);
  shadow->content = g_bytes_ref(content);
  return shadow;
}

LiveNote *live_note_new(void) {
  LiveNote *note = g_new0(LiveNote, 1);

  note->changes = g_ptr_array_new_with_free_func((GDestroyNotify)profile_change_free);
  note->active = g_ptr_array_new_with_free_func((GDestroyNotify)active_profile_free);
  note->shadows = g_ptr_array_new_with_free_func((GDestroyNotify)shadow_profile_free);
  return note;
}

void live_note_free(LiveNote *note) {
  if (note == NULL)
    return;
  g_free(note->boot_id);
  g_free(note->checkpoint);
  g_ptr_array_unref(note->changes);
  g_ptr_array_unref(note->active);
  g_ptr_array_unref(note->shadows);
  g_strfreev(note->names);
  g_free(note);
}

char *live_note_boot_id(void) {
  char *id = NULL;

  if (!g_file_get_contents(BOOT_ID_FILE, &id, NULL, NULL))
    return g_strdup("");
  return g_strstrip(id);
}

static void set_text(GKeyFile *file, const char *group, const char *key, const char *value) {
  if (value != NULL)
    g_key_file_set_string(file, group, key, value);
}

static char *get_text(GKeyFile *file, const char *group, const char *key) {
  return g_key_file_get_string(file, group, key, NULL);
}

static void write_changes(GKeyFile *file, const GPtrArray *changes) {
  for (guint i = 0; i < changes->len; i++) {
    const ProfileChange *change = changes->pdata[i];
    g_autofree char *group = g_strdup_printf("change %u", i);
    set_text(file, group, "path", change->path);
    set_text(file, group, "old", change->old_uuid);
    set_text(file, group, "new", change->new_uuid);
  }
}

static void write_active(GKeyFile *file, const GPtrArray *active) {
  for (guint i = 0; i < active->len; i++) {
    const ActiveProfile *profile = active->pdata[i];
    g_autofree char *group = g_strdup_printf("active %u", i);
    set_text(file, group, "interface", profile->interface);
    set_text(file, group, "uuid", profile->uuid);
    set_text(file, group, "path", profile->path);
    g_key_file_set_boolean(file, group, "concerned", profile->concerned);
    g_key_file_set_boolean(file, group, "generated", profile->generated);
    g_key_file_set_uint64(file, group, "group", profile->group);
    g_key_file_set_int64(file, group, "metric4", profile->metrics.ipv4);
    g_key_file_set_int64(file, group, "metric6", profile->metrics.ipv6);
  }
}

static void write_shadows(GKeyFile *file, const GPtrArray *shadows) {
  for (guint i = 0; i < shadows->len; i++) {
    const ShadowProfile *shadow = shadows->pdata[i];
    g_autofree char *group = g_strdup_printf("shadow %u", i);
    gsize size = 0;
    const guchar *data = (const guchar *)bytes_text(shadow->content, &size);
    g_autofree char *text = g_base64_encode(data, size);
    set_text(file, group, "path", shadow->path);
    set_text(file, group, "content", text);
  }
}

gboolean live_note_write(const Root *root, const LiveNote *note, GError **error) {
  g_autoptr(GKeyFile) file = g_key_file_new();
  g_autofree char *text = NULL;
  gsize size = 0;

  set_text(file, "live", "boot", note->boot_id);
  set_text(file, "live", "checkpoint", note->checkpoint);
  g_key_file_set_string_list(file, "live", "names", (const char *const *)note->names, g_strv_length(note->names));
  write_changes(file, note->changes);
  write_active(file, note->active);
  write_shadows(file, note->shadows);
  text = g_key_file_to_data(file, &size, NULL);
  int r = root_file_write(root, NOTE_FILE, text, size, 0600);
  return r >= 0 || ri_error_errno(error, r, "%s cannot be written", NOTE_FILE);
}

static void read_group(GKeyFile *file, const char *group, LiveNote *note) {
  g_autofree char *path = get_text(file, group, "path");

  if (g_str_has_prefix(group, "change ") && path != NULL) {
    g_autofree char *old_uuid = get_text(file, group, "old"), *new_uuid = get_text(file, group, "new");
    g_ptr_array_add(note->changes, profile_change_new(path, old_uuid, new_uuid));
  } else if (g_str_has_prefix(group, "active ")) {
    ActiveProfile *profile = g_new0(ActiveProfile, 1);
    profile->interface = get_text(file, group, "interface");
    profile->uuid = get_text(file, group, "uuid");
    profile->path = g_steal_pointer(&path);
    profile->concerned = g_key_file_get_boolean(file, group, "concerned", NULL);
    profile->generated = g_key_file_get_boolean(file, group, "generated", NULL);
    profile->group = (guint)g_key_file_get_uint64(file, group, "group", NULL);
    profile->metrics.ipv4 = g_key_file_get_int64(file, group, "metric4", NULL);
    profile->metrics.ipv6 = g_key_file_get_int64(file, group, "metric6", NULL);
    g_ptr_array_add(note->active, profile);
  } else if (g_str_has_prefix(group, "shadow ") && path != NULL) {
    g_autofree char *text = get_text(file, group, "content");
    gsize size = 0;
    guchar *data = g_base64_decode(text != NULL ? text : "", &size);
    g_autoptr(GBytes) content = g_bytes_new_take(data, size);
    g_ptr_array_add(note->shadows, shadow_profile_new(path, content));
  }
}

gboolean live_note_read(const Root *root, LiveNote **note, GError **error) {
  g_autoptr(GKeyFile) file = g_key_file_new();
  g_autoptr(GBytes) content = NULL;
  g_autoptr(GError) detail = NULL;

  *note = NULL;
  if (!tree_read(root, NOTE_FILE, &content, NULL, error))
    return FALSE;
  if (content == NULL)
    return TRUE;
  if (!g_key_file_load_from_bytes(file, content, G_KEY_FILE_NONE, &detail)) {
    g_set_error(error, RI_ERROR, RI_ERROR_BAD_STATE,
                "%s: %s: look for profiles that NetworkManager wrote by itself, then remove this file", NOTE_FILE,
                detail->message);
    return FALSE;
  }
  *note = live_note_new();
  (*note)->boot_id = get_text(file, "live", "boot");
  (*note)->checkpoint = get_text(file, "live", "checkpoint");
  (*note)->names = g_key_file_get_string_list(file, "live", "names", NULL, NULL);
  if ((*note)->names == NULL)
    (*note)->names = g_new0(char *, 1);
  g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
  for (char **group = groups; *group != NULL; group++)
    read_group(file, *group, *note);
  return TRUE;
}

gboolean live_note_remove(const Root *root, GError **error) {
  int r = root_file_remove(root, NOTE_FILE);

  return r >= 0 || ri_error_errno(error, r, "%s cannot be removed", NOTE_FILE);
}
