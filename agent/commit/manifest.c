/* manifest.c - the text that says what a transaction does */
#include "manifest.h"

#include <errno.h>
#include <string.h>

#include "base/autofd.h"
#include "base/error.h"
#include "file-copy.h"
#include "manifest-format.h"

enum { SIZE_LIMIT = 1 << 30 };

const char *const manifest_kind_names[MANIFEST_N_KINDS] = {
    [EDIT_WRITE] = "write", [EDIT_REMOVE] = "remove", [EDIT_RENAME] = "rename"};

const ManifestFlag manifest_flag_names[MANIFEST_N_FLAGS] = {
    {EDIT_SECRET, "secret"},     {EDIT_FORGET_OLD, "forget-old"}, {EDIT_LAST, "last"},
    {EDIT_DEFERRED, "deferred"}, {EDIT_KEYFILE, "keyfile"},       {EDIT_VOLATILE, "volatile"},
};

void transaction_info_clear(TransactionInfo *info) {
  g_clear_pointer(&info->kind, g_free);
  g_clear_pointer(&info->verdict, g_free);
  g_clear_pointer(&info->summary, g_free);
  g_clear_pointer(&info->reasons, g_free);
  info->undoes = 0;
}

static void manifest_edit_free(ManifestEdit *edit) {
  g_free(edit->step);
  g_free(edit->path);
  g_free(edit->destination);
  g_free(edit->why);
  g_free(edit->old_sha256);
  g_free(edit->new_sha256);
  g_strfreev(edit->moved);
  g_free(edit);
}

Manifest *manifest_empty(void) {
  Manifest *manifest = g_new0(Manifest, 1);

  manifest->edits = g_ptr_array_new_with_free_func((GDestroyNotify)manifest_edit_free);
  return manifest;
}

void manifest_free(Manifest *manifest) {
  if (manifest == NULL)
    return;
  transaction_info_clear(&manifest->info);
  g_free(manifest->time);
  g_ptr_array_unref(manifest->edits);
  g_free(manifest);
}

static char *text_or_empty(const char *text) {
  return g_strdup(text != NULL ? text : "");
}

Manifest *manifest_new(const Plan *plan, const TransactionInfo *info) {
  Manifest *manifest = manifest_empty();
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();

  manifest->info = (TransactionInfo){.kind = text_or_empty(info->kind),
                                     .verdict = text_or_empty(info->verdict),
                                     .summary = text_or_empty(info->summary),
                                     .reasons = text_or_empty(info->reasons),
                                     .undoes = info->undoes};
  manifest->time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
  for (guint i = 0; i < plan->edits->len; i++) {
    const Edit *edit = g_ptr_array_index(plan->edits, i);
    ManifestEdit *entry = g_new0(ManifestEdit, 1);
    *entry = (ManifestEdit){.kind = edit->kind,
                            .flags = edit->flags,
                            .step = text_or_empty(edit->step),
                            .path = g_strdup(edit->path),
                            .destination = g_strdup(edit->destination),
                            .why = text_or_empty(edit->why),
                            .old_sha256 = file_sha256(edit->old),
                            .new_sha256 = file_sha256(edit->content),
                            .parents = edit->parents};
    g_ptr_array_add(manifest->edits, entry);
  }
  return manifest;
}

static void put(GString *text, const char *key, const char *value) {
  g_autofree char *escaped = g_strescape(value, NULL);

  g_string_append_printf(text, "%s=%s\n", key, escaped);
}

static void put_number(GString *text, const char *key, unsigned value) {
  g_string_append_printf(text, "%s=%u\n", key, value);
}

static void put_flags(GString *text, EditFlags flags) {
  g_autoptr(GString) names = g_string_new(NULL);

  for (gsize i = 0; i < MANIFEST_N_FLAGS; i++)
    if ((flags & manifest_flag_names[i].flag) != 0)
      g_string_append_printf(names, "%s%s", names->len > 0 ? "," : "", manifest_flag_names[i].name);
  put(text, "flags", names->str);
}

static void put_edit(GString *text, const ManifestEdit *edit, guint index) {
  put_number(text, "edit", index);
  put(text, "kind", manifest_kind_names[edit->kind]);
  put_flags(text, edit->flags);
  put(text, "step", edit->step);
  put(text, "path", edit->path);
  put(text, "destination", edit->destination != NULL ? edit->destination : "");
  put(text, "why", edit->why);
  put(text, "old", edit->old_sha256 != NULL ? edit->old_sha256 : MANIFEST_ABSENT);
  put(text, "new", edit->new_sha256 != NULL ? edit->new_sha256 : MANIFEST_ABSENT);
  put(text, "attributes", edit->attributes ? "kept" : "default");
  put_number(text, "parents", edit->parents);
  put_number(text, "moved", edit->moved != NULL ? g_strv_length(edit->moved) : 0);
  for (char **name = edit->moved; name != NULL && *name != NULL; name++)
    put(text, "name", *name);
}

char *manifest_format(const Manifest *manifest) {
  GString *text = g_string_new(NULL);
  g_autofree char *sum = NULL;

  put(text, "version", MANIFEST_VERSION);
  put(text, "kind", manifest->info.kind);
  put(text, "verdict", manifest->info.verdict);
  put(text, "summary", manifest->info.summary);
  put(text, "reasons", manifest->info.reasons);
  put_number(text, "undoes", manifest->info.undoes);
  put(text, "time", manifest->time);
  put_number(text, "edits", manifest->edits->len);
  for (guint i = 0; i < manifest->edits->len; i++)
    put_edit(text, g_ptr_array_index(manifest->edits, i), i);
  sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, (gssize)text->len);
  g_string_append_printf(text, MANIFEST_SUM_KEY "%s\n", sum);
  return g_string_free(text, FALSE);
}

static int read_whole(int fd, char *text, gsize size, gsize *got) {
  ssize_t part = 1;

  *got = 0;
  while (*got < size && part != 0) {
    part = read(fd, text + *got, size - *got);
    if (part < 0 && errno != EINTR)
      return -errno;
    *got += part > 0 ? (gsize)part : 0;
  }
  return 0;
}

Manifest *manifest_read(int directory, const char *name, const char *shown, GError **error) {
  g_autofree char *path = g_build_filename(shown, name, NULL);
  g_autoptr(GString) text = NULL;
  struct stat info;
  gsize size = 0;
  int result;
  autofd fd = file_open_regular(directory, name, &info);

  if (fd == -ENOENT)
    return NULL;
  if (fd == -EINVAL || fd == -ELOOP || (fd >= 0 && info.st_size > SIZE_LIMIT)) {
    manifest_set_bad_state(error, path, "no regular file of a sane size");
    return NULL;
  }
  if (fd < 0) {
    ri_error_errno(error, fd, "%s", path);
    return NULL;
  }
  text = g_string_sized_new((gsize)info.st_size);
  result = read_whole(fd, text->str, (gsize)info.st_size, &size);
  if (result < 0) {
    ri_error_errno(error, result, "%s", path);
    return NULL;
  }
  return manifest_parse(text->str, size, path, error);
}

char *manifest_change(const ManifestEdit *edit) {
  if (edit->kind == EDIT_RENAME)
    return g_strdup_printf("rename %s to %s (%s): %s", edit->path, edit->destination, edit->step, edit->why);
  return g_strdup_printf("%s %s (%s): %s", manifest_kind_names[edit->kind], edit->path, edit->step, edit->why);
}
