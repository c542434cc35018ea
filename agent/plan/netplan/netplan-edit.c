/* netplan-edit.c - netplan's files while they are edited, and why each of them changes */
#include "netplan-edit.h"

#include <stdarg.h>

#include "base/list.h"
#include "plan/profile-maker.h"

NetplanEdit *netplan_edit_new(const PlanContext *context, Plan *plan, GError **error) {
  GPtrArray *files = netplan_files_read(context->root, error);

  if (files == NULL)
    return NULL;
  NetplanEdit *edit = g_new0(NetplanEdit, 1);
  *edit = (NetplanEdit){
      .context = context,
      .plan = plan,
      .files = files,
      .profiles = profiles_of_step(context, "netplan"),
      .reasons = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, (GDestroyNotify)g_ptr_array_unref)};
  return edit;
}

void netplan_edit_free(NetplanEdit *edit) {
  g_hash_table_unref(edit->reasons);
  g_ptr_array_unref(edit->files);
  g_ptr_array_unref(edit->profiles);
  g_free(edit);
}

void netplan_edit_say(NetplanEdit *edit, NetplanFile *file, const char *format, ...) {
  GPtrArray *reasons = g_hash_table_lookup(edit->reasons, file);
  va_list arguments;

  if (reasons == NULL) {
    reasons = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_insert(edit->reasons, file, reasons);
  }
  va_start(arguments, format);
  list_add_once(reasons, g_strdup_vprintf(format, arguments));
  va_end(arguments);
}

gboolean netplan_edit_changed(const NetplanFile *file) {
  g_autoptr(GBytes) bytes = file->text != NULL ? yaml_text_bytes(file->text) : NULL;

  return bytes != NULL && !g_bytes_equal(bytes, file->bytes);
}

char *netplan_edit_why(const NetplanEdit *edit, NetplanFile *file) {
  return list_join(g_hash_table_lookup(edit->reasons, file), "; ");
}
