/* step-machine-id.c - /etc/machine-id, D-Bus's copy, and what runs */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "plan/steps.h"

#define STEP "machine-id"

enum { MACHINE_ID_SIZE = 33 };

static const char machine_id_file[] = "/etc/machine-id";
static const char dbus_file[] = "/var/lib/dbus/machine-id";

static GBytes *machine_id_text(const Identity *identity) {
  return bytes_take(g_strconcat(identity->machine_id, "\n", NULL));
}

static gboolean holds_id(GBytes *content) {
  gsize size = 0;
  const char *text = bytes_text(content, &size);

  if (size < 32)
    return FALSE;
  for (gsize i = 0; i < 32; i++)
    if (!g_ascii_isxdigit(text[i]))
      return FALSE;
  return size == 32 || g_ascii_isspace(text[32]);
}

static gboolean write_etc(const PlanContext *context, Plan *plan, char **resolved, GError **error) {
  g_autoptr(GBytes) content = machine_id_text(context->identity);
  g_autoptr(GBytes) old = NULL;

  if (!tree_read(context->root, machine_id_file, &old, resolved, error))
    return FALSE;
  Edit *edit = plan_write(plan, STEP, *resolved, old, content, "the clone's own machine-id");
  if (edit != NULL) {
    edit->mode = 0444;
    edit->flags |= EDIT_SET_MODE;
  }
  return TRUE;
}

/* D-Bus's copy: a link to /etc/machine-id follows by itself; a regular file of its own would bring the template's id
 * back (systemd-machine-id-setup(1) reads it first). */
static gboolean write_dbus(const PlanContext *context, Plan *plan, const char *etc_resolved, GError **error) {
  g_autoptr(GBytes) content = machine_id_text(context->identity);
  g_autoptr(GBytes) old = NULL;
  g_autofree char *resolved = NULL;

  if (!tree_read(context->root, dbus_file, &old, &resolved, error))
    return FALSE;
  if (old == NULL || g_strcmp0(resolved, etc_resolved) == 0 || !holds_id(old))
    return TRUE;
  plan_write(plan, STEP, resolved, old, content, "D-Bus's copy of the machine-id");
  return TRUE;
}

/* Both ids: whichever way the files go, the journal's directories may be named by the other one. */
static void act(const Identity *identity, Plan *plan) {
  Action *action = plan_act(plan, STEP, ACTION_MACHINE_ID, NULL, NULL,
                            "PID 1, journald and the journal's directory take the machine-id");

  action->needs = NEEDS_NOTHING;
  action->data =
      g_strjoin(" ", identity->machine_id, identity->old_machine_id[0] != '\0' ? identity->old_machine_id : NULL, NULL);
}

gboolean step_machine_id(const PlanContext *context, Plan *plan, GError **error) {
  const Identity *identity = context->identity;
  g_autofree char *resolved = NULL;

  if (identity->machine_id[0] == '\0' || strcmp(identity->old_machine_id, identity->machine_id) == 0)
    return TRUE;
  act(identity, plan);
  return write_etc(context, plan, &resolved, error) && write_dbus(context, plan, resolved, error);
}

void step_machine_id_check(const Root *root, Plan *plan) {
  char id[MACHINE_ID_SIZE + 1];
  char dbus[MACHINE_ID_SIZE + 1];

  if (root_read_line(root, machine_id_file, id, sizeof id) != MACHINE_ID_SIZE - 1) {
    plan_check(plan, STEP, "machine-id", NULL, "32 hex digits");
    return;
  }
  if (root_read_line(root, dbus_file, dbus, sizeof dbus) > 0)
    plan_check(plan, STEP, "machine-id in /var/lib/dbus", NULL, id);
  plan_check(plan, STEP, "machine-id of PID 1", NULL, id);
  plan_check(plan, STEP, "machine-id of journald", NULL, id);
  plan_check(plan, STEP, "machine-id of the system bus", NULL, id);
}
