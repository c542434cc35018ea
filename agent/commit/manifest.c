/* manifest.c - what a transaction does, as one typed value with a checksum */
#include "manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/autofd.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/root.h"
#include "file-copy.h"

#define FORMAT_LINE "reset-identity manifest 3\n"
/* Byte strings throughout: a path or a host name on the disk need not be UTF-8. */
#define INFO_TYPE "(ayayayayu)"
#define CHOICE_TYPE "(aymaymayayb)"
#define EDIT_TYPE "(uuayayaymaymayuuu)"
#define ACTION_TYPE "(uayaymaymaymayuuub)"
#define MANIFEST_TYPE "(" INFO_TYPE "aya" CHOICE_TYPE "a" EDIT_TYPE "a" ACTION_TYPE ")"
/* The same, as GLib converts them from and to C strings. */
#define INFO_FORMAT "(^ay^ay^ay^ayu)"
#define CHOICE_FORMAT "(^aym^aym^ay^ayb)"
#define EDIT_FORMAT "(uu^ay^ay^aym^aym^ayuuu)"
#define ACTION_FORMAT "(u^ay^aym^aym^aym^ayuuub)"
enum { SIZE_LIMIT = 1 << 30, SUM_LENGTH = 64, KNOWN_FLAGS = (EDIT_YAML << 1) - 1 };

/* What an edit finds and leaves, by its kind. */
static const struct {
  NodeType old, new;
} kinds[] = {
    [EDIT_WRITE] = {NODE_FILE, NODE_FILE},
    [EDIT_REMOVE] = {NODE_FILE, NODE_ABSENT},
    [EDIT_LINK] = {NODE_ABSENT, NODE_LINK},
    [EDIT_UNLINK] = {NODE_LINK, NODE_ABSENT},
    [EDIT_MAKE_DIRECTORY] = {NODE_ABSENT, NODE_DIRECTORY},
    [EDIT_REMOVE_DIRECTORY] = {NODE_DIRECTORY, NODE_ABSENT},
};

static void manifest_edit_free(ManifestEdit *edit) {
  g_free(edit->step);
  g_free(edit->path);
  g_free(edit->why);
  g_free(edit->old_sha256);
  g_free(edit->new_sha256);
  g_free(edit);
}

static Manifest *manifest_empty(void) {
  Manifest *manifest = g_new0(Manifest, 1);

  manifest->choices = g_ptr_array_new_with_free_func((GDestroyNotify)choice_free);
  manifest->edits = g_ptr_array_new_with_free_func((GDestroyNotify)manifest_edit_free);
  manifest->actions = g_ptr_array_new_with_free_func((GDestroyNotify)action_free);
  manifest->owners = 1;
  return manifest;
}

Manifest *manifest_ref(Manifest *manifest) {
  manifest->owners++;
  return manifest;
}

void manifest_free(Manifest *manifest) {
  if (manifest == NULL || --manifest->owners > 0)
    return;
  transaction_info_clear(&manifest->info);
  g_free(manifest->time);
  g_ptr_array_unref(manifest->choices);
  g_ptr_array_unref(manifest->edits);
  g_ptr_array_unref(manifest->actions);
  g_free(manifest);
}

NodeType manifest_old_type(const ManifestEdit *edit) {
  return edit->kind == EDIT_WRITE && edit->old_sha256 == NULL ? NODE_ABSENT : kinds[edit->kind].old;
}

NodeType manifest_new_type(const ManifestEdit *edit) {
  return kinds[edit->kind].new;
}

static char *text_or_empty(const char *text) {
  return g_strdup(text != NULL ? text : "");
}

static ManifestEdit *edit_entry(const Edit *edit) {
  ManifestEdit *entry = g_new0(ManifestEdit, 1);

  *entry = (ManifestEdit){.kind = edit->kind,
                          .flags = edit->flags,
                          .step = text_or_empty(edit->step),
                          .path = g_strdup(edit->path),
                          .why = text_or_empty(edit->why),
                          .old_sha256 = file_sha256(edit->old),
                          .new_sha256 = file_sha256(edit->content),
                          .mode = edit->mode,
                          .uid = edit->uid,
                          .gid = edit->gid};
  return entry;
}

static Choice *choice_entry(const Choice *choice) {
  Choice *entry = g_new0(Choice, 1);

  *entry = (Choice){.name = text_or_empty(choice->name),
                    .old = choice->secret ? NULL : g_strdup(choice->old),
                    .new = choice->secret ? NULL : g_strdup(choice->new),
                    .source = text_or_empty(choice->source),
                    .secret = choice->secret};
  return entry;
}

Manifest *manifest_new(const Plan *plan, const TransactionInfo *info) {
  Manifest *manifest = manifest_empty();
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();

  manifest->info = (TransactionInfo){.kind = info->kind != NULL ? info->kind : "",
                                     .verdict = info->verdict != NULL ? info->verdict : "",
                                     .summary = text_or_empty(info->summary),
                                     .reasons = text_or_empty(info->reasons),
                                     .undoes = info->undoes};
  manifest->time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
  for (guint i = 0; i < plan->choices->len; i++)
    g_ptr_array_add(manifest->choices, choice_entry(plan->choices->pdata[i]));
  for (guint i = 0; i < plan->edits->len; i++)
    g_ptr_array_add(manifest->edits, edit_entry(plan->edits->pdata[i]));
  for (guint i = 0; i < plan->actions->len; i++)
    g_ptr_array_add(manifest->actions, action_copy(plan->actions->pdata[i]));
  return manifest;
}

static GVariant *maybe_text(const char *text) {
  return g_variant_new_maybe(G_VARIANT_TYPE_BYTESTRING, text != NULL ? g_variant_new_bytestring(text) : NULL);
}

/* There may be thousands of these two: part by part, for which no format has to be read each time. */
static GVariant *format_choice(const Choice *choice) {
  GVariant *parts[] = {g_variant_new_bytestring(choice->name), maybe_text(choice->old), maybe_text(choice->new),
                       g_variant_new_bytestring(choice->source), g_variant_new_boolean(choice->secret)};

  return g_variant_new_tuple(parts, G_N_ELEMENTS(parts));
}

static GVariant *format_edit(const ManifestEdit *edit) {
  GVariant *parts[] = {g_variant_new_uint32(edit->kind),     g_variant_new_uint32(edit->flags),
                       g_variant_new_bytestring(edit->step), g_variant_new_bytestring(edit->path),
                       g_variant_new_bytestring(edit->why),  maybe_text(edit->old_sha256),
                       maybe_text(edit->new_sha256),         g_variant_new_uint32(edit->mode),
                       g_variant_new_uint32(edit->uid),      g_variant_new_uint32(edit->gid)};

  return g_variant_new_tuple(parts, G_N_ELEMENTS(parts));
}

static GVariant *format_action(const Action *action) {
  return g_variant_new(ACTION_FORMAT, (guint32)action->kind, action->step, action->why, action->verb, action->object,
                       action->data, (guint32)action->phase, (guint32)action->needs, (guint32)action->time_limit_s,
                       action->must_succeed);
}

static GVariant *format_value(const Manifest *manifest) {
  const TransactionInfo *info = &manifest->info;
  GVariantBuilder choices, edits, actions;

  g_variant_builder_init(&choices, G_VARIANT_TYPE("a" CHOICE_TYPE));
  g_variant_builder_init(&edits, G_VARIANT_TYPE("a" EDIT_TYPE));
  g_variant_builder_init(&actions, G_VARIANT_TYPE("a" ACTION_TYPE));
  for (guint i = 0; i < manifest->choices->len; i++)
    g_variant_builder_add_value(&choices, format_choice(manifest->choices->pdata[i]));
  for (guint i = 0; i < manifest->edits->len; i++)
    g_variant_builder_add_value(&edits, format_edit(manifest->edits->pdata[i]));
  for (guint i = 0; i < manifest->actions->len; i++)
    g_variant_builder_add_value(&actions, format_action(manifest->actions->pdata[i]));
  return g_variant_new("(" INFO_FORMAT "^aya" CHOICE_TYPE "a" EDIT_TYPE "a" ACTION_TYPE ")", info->kind, info->verdict,
                       info->summary, info->reasons, (guint32)info->undoes, manifest->time, &choices, &edits, &actions);
}

GBytes *manifest_format(const Manifest *manifest) {
  g_autoptr(GVariant) value = g_variant_ref_sink(format_value(manifest));
  g_autoptr(GBytes) data = g_variant_get_data_as_bytes(value);
  g_autofree char *sum = file_sha256(data);
  GString *out = g_string_new(FORMAT_LINE);

  g_string_append_printf(out, "%s\n", sum);
  g_string_append_len(out, g_bytes_get_data(data, NULL), (gssize)g_bytes_get_size(data));
  return g_string_free_to_bytes(out);
}

/* A name that means the same file whoever walks it: absolute, no empty or dotted component. */
static gboolean is_plain_path(const char *path) {
  g_auto(GStrv) parts = NULL;

  if (path[0] != '/' || strlen(path) >= PATH_MAX)
    return FALSE;
  parts = g_strsplit(path + 1, "/", -1);
  for (char **part = parts; *part != NULL; part++)
    if (**part == '\0' || strcmp(*part, ".") == 0 || strcmp(*part, "..") == 0 || strlen(*part) > NAME_MAX)
      return FALSE;
  return parts[0] != NULL;
}

static gboolean is_sum(const char *sum) {
  return strlen(sum) == SUM_LENGTH && strspn(sum, "0123456789abcdef") == SUM_LENGTH;
}

static gboolean has_sum(NodeType type) {
  return type == NODE_FILE || type == NODE_LINK;
}

/* NULL, or what is wrong. */
static const char *judge_edit(const ManifestEdit *edit) {
  if (edit->kind >= G_N_ELEMENTS(kinds) || (edit->flags & ~(unsigned)KNOWN_FLAGS) != 0)
    return "a change of a kind that is not known here";
  if (!is_plain_path(edit->path))
    return "a path that is not absolute, or has '.' or '..' in it";
  if ((edit->old_sha256 != NULL && !is_sum(edit->old_sha256)) ||
      (edit->new_sha256 != NULL && !is_sum(edit->new_sha256)))
    return "something that is not a SHA-256 sum";
  if (has_sum(manifest_old_type(edit)) != (edit->old_sha256 != NULL) ||
      has_sum(manifest_new_type(edit)) != (edit->new_sha256 != NULL))
    return "a sum that does not fit what is changed";
  return NULL;
}

static const char *take_edit(GVariant *tuple, Manifest *manifest) {
  ManifestEdit *edit = g_new0(ManifestEdit, 1);
  guint32 kind, flags;

  g_variant_get(tuple, EDIT_FORMAT, &kind, &flags, &edit->step, &edit->path, &edit->why, &edit->old_sha256,
                &edit->new_sha256, &edit->mode, &edit->uid, &edit->gid);
  edit->kind = (EditKind)kind;
  edit->flags = (EditFlags)flags;
  g_ptr_array_add(manifest->edits, edit);
  return judge_edit(edit);
}

static const char *take_choice(GVariant *tuple, Manifest *manifest) {
  Choice *choice = g_new0(Choice, 1);

  g_variant_get(tuple, CHOICE_FORMAT, &choice->name, &choice->old, &choice->new, &choice->source, &choice->secret);
  g_ptr_array_add(manifest->choices, choice);
  return NULL;
}

static const char *judge_action(const Action *action) {
  return action->kind > ACTION_PROGRAM || action->phase > PHASE_AFTER ? "an action that is not known here" : NULL;
}

static const char *take_action(GVariant *tuple, Manifest *manifest) {
  Action *action = g_new0(Action, 1);
  guint32 kind, phase, needs;

  g_variant_get(tuple, ACTION_FORMAT, &kind, &action->step, &action->why, &action->verb, &action->object, &action->data,
                &phase, &needs, &action->time_limit_s, &action->must_succeed);
  action->kind = (ActionKind)kind;
  action->phase = (ActionPhase)phase;
  action->needs = (ActionNeeds)needs;
  g_ptr_array_add(manifest->actions, action);
  return judge_action(action);
}

static const char *take_each(GVariant *value, gsize index, const char *(*take_one)(GVariant *, Manifest *),
                             Manifest *manifest) {
  g_autoptr(GVariant) array = g_variant_get_child_value(value, index);
  const char *complaint = NULL;

  for (gsize i = 0; complaint == NULL && i < g_variant_n_children(array); i++) {
    g_autoptr(GVariant) tuple = g_variant_get_child_value(array, i);
    complaint = take_one(tuple, manifest);
  }
  return complaint;
}

static const char *take_all(GVariant *value, Manifest *manifest) {
  g_autoptr(GVariant) info = g_variant_get_child_value(value, 0);
  TransactionInfo *to = &manifest->info;
  g_autofree char *kind = NULL, *verdict = NULL;

  g_variant_get(info, INFO_FORMAT, &kind, &verdict, &to->summary, &to->reasons, &to->undoes);
  to->kind = g_intern_string(kind);
  to->verdict = g_intern_string(verdict);
  g_variant_get_child(value, 1, "^ay", &manifest->time);
  const char *complaint = take_each(value, 2, take_choice, manifest);
  if (complaint == NULL)
    complaint = take_each(value, 3, take_edit, manifest);
  return complaint != NULL ? complaint : take_each(value, 4, take_action, manifest);
}

/* The value behind the two lines, or NULL with what is wrong in *COMPLAINT. */
static GVariant *check_frame(GBytes *bytes, const char **complaint) {
  const gsize head = strlen(FORMAT_LINE) + SUM_LENGTH + 1;
  gsize size = 0;
  const char *data = bytes_text(bytes, &size);

  *complaint = "it is not a manifest of this version of reset-identity";
  if (size < strlen(FORMAT_LINE) || memcmp(data, FORMAT_LINE, strlen(FORMAT_LINE)) != 0)
    return NULL;
  *complaint = "its checksum is wrong";
  if (size < head || data[head - 1] != '\n')
    return NULL;
  g_autoptr(GBytes) rest = g_bytes_new(data + head, size - head);
  g_autofree char *sum = file_sha256(rest);
  if (memcmp(sum, data + strlen(FORMAT_LINE), SUM_LENGTH) != 0)
    return NULL;
  *complaint = NULL;
  /* Not in normal form, which the sum leaves to a forger, it reads as something else, safely: what is to be carried out
   * is judged part by part. To ask for it costs more than all the rest: GLib looks at each byte of a string by itself.
   */
  return g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(MANIFEST_TYPE), rest, FALSE));
}

static void set_bad_state(GError **error, const char *name, const char *why) {
  g_set_error(error, RI_ERROR, RI_ERROR_BAD_STATE,
              "%s: damaged (%s), so it cannot be followed; nothing is changed. Restore it from a backup, or move its "
              "directory away to give the run up",
              name, why);
}

Manifest *manifest_parse(GBytes *bytes, const char *name, GError **error) {
  g_autoptr(Manifest) manifest = manifest_empty();
  const char *complaint = NULL;
  g_autoptr(GVariant) value = check_frame(bytes, &complaint);

  if (value != NULL)
    complaint = take_all(value, manifest);
  if (complaint == NULL)
    return g_steal_pointer(&manifest);
  set_bad_state(error, name, complaint);
  return NULL;
}

/* NULL without an error: it is not there. */
static GBytes *read_bytes(int directory, const char *name, const char *path, GError **error) {
  char *data = NULL;
  size_t size = 0;
  autofd fd = file_open_regular(directory, name, NULL);
  int result = fd < 0 ? fd : root_read_fd(fd, SIZE_LIMIT, &data, &size);

  if (result == -ENOENT)
    return NULL;
  if (result == -EINVAL || result == -ELOOP || result == -EFBIG) {
    set_bad_state(error, path, "not a regular file of a sane size");
    return NULL;
  }
  if (result < 0) {
    ri_error_errno(error, result, "%s", path);
    return NULL;
  }
  return g_bytes_new_with_free_func(data, size, free, data);
}

Manifest *manifest_read(int directory, const char *name, const char *shown, GError **error) {
  g_autofree char *path = g_build_filename(shown, name, NULL);
  g_autoptr(GBytes) bytes = read_bytes(directory, name, path, error);

  return bytes != NULL ? manifest_parse(bytes, path, error) : NULL;
}

static const char *judge_all(const Manifest *manifest) {
  const char *complaint = NULL;

  for (guint i = 0; complaint == NULL && i < manifest->edits->len; i++)
    complaint = judge_edit(manifest->edits->pdata[i]);
  for (guint i = 0; complaint == NULL && i < manifest->actions->len; i++)
    complaint = judge_action(manifest->actions->pdata[i]);
  return complaint;
}

gboolean manifest_verify(const Manifest *manifest, GBytes *written, int directory, const char *name, const char *shown,
                         GError **error) {
  g_autofree char *path = g_build_filename(shown, name, NULL);
  g_autoptr(GError) problem = NULL;
  g_autoptr(GBytes) bytes = read_bytes(directory, name, path, &problem);
  const char *complaint = judge_all(manifest);

  if (problem != NULL)
    return ri_error_pass(error, g_steal_pointer(&problem));
  if (bytes == NULL)
    return ri_error(error, RI_ERROR_BAD_STATE, "%s is gone: something else is changing this directory", path);
  if (complaint == NULL && !g_bytes_equal(bytes, written))
    complaint = "it does not hold what was written";
  if (complaint != NULL)
    set_bad_state(error, path, complaint);
  return complaint == NULL;
}

char *manifest_change(const ManifestEdit *edit) {
  return g_strdup_printf("%s %s (%s): %s", edit_kind_name(edit->kind), edit->path, edit->step, edit->why);
}
