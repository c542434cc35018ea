/* live.c - the network of a machine that runs, made to be what the files say */
#include "live.h"

#include <string.h>
#include <unistd.h>

#include "activate-again.h"
#include "active-list.h"
#include "adapt.h"
#include "base/deadline.h"
#include "base/each.h"
#include "base/error.h"
#include "base/names.h"
#include "base/tree.h"
#include "live-profile.h"
#include "manager-unit.h"
#include "network-memory.h"
#include "profile-changes.h"
#include "profiles/keyfile/connection-uuid.h"
#include "shadows.h"

enum { STARTING_S = 30, RECONNECT_MS = 200 };

const char *live_network_stack(void) {
  if (access("/run/systemd/netif/state", F_OK) == 0)
    return "systemd-networkd";
  return access("/run/network/ifstate", F_OK) == 0 ? "ifupdown" : NULL;
}

static NmSession *look(NetworkPresence *presence, GError **error) {
  NmSession *session = nm_session_open(presence, error);

  if (session == NULL && error != NULL && *error != NULL)
    return NULL;
  ManagerUnit unit = UNIT_INACTIVE;
  if (!manager_unit_look(&unit, error)) {
    nm_session_free(session);
    return NULL;
  }
  if (session == NULL && unit != UNIT_INACTIVE)
    g_set_error_literal(error, RI_ERROR, RI_ERROR_NETWORK,
                        "NetworkManager runs and does not answer: see `systemctl status NetworkManager`");
  if (session != NULL && unit != UNIT_READY)
    *presence = NETWORK_MANAGER_APART;
  return session;
}

gboolean live_network_look(NetworkPresence *presence, GError **error) {
  g_autoptr(GError) trouble = NULL;

  nm_session_free(look(presence, &trouble));
  if (trouble == NULL)
    return TRUE;
  return ri_error_pass(error, g_steal_pointer(&trouble));
}

/* Before the commit. */

static gboolean adds_profile(const GPtrArray *changes, const ActiveList *list) {
  list_each (const ProfileChange *, change, changes) {
    gboolean active = FALSE;
    for (guint j = 0; j < list->profiles->len && !active; j++)
      active = connection_uuid_equal(change->old_uuid, ((ActiveProfile *)list->profiles->pdata[j])->uuid);
    if (!active)
      return TRUE;
  }
  return FALSE;
}

/* The profiles that netplan makes say no UUID of their own: which NICs they are for is all there is to know. */
static void begin_netplan_anew(const Plan *plan, GHashTable *anew) {
  list_each (const Action *, action, plan->actions) {
    if (g_strcmp0(action->object, "netplan") != 0 || action->data == NULL)
      continue;
    g_autofree char *line = g_strndup(action->data, strcspn(action->data, "\n"));
    g_auto(GStrv) names = g_strsplit(line, " ", -1);
    for (char **name = names; *name != NULL; name++)
      if (**name != '\0')
        (void)g_hash_table_add(anew, g_strdup(*name));
  }
}

/* A NetworkManager that has run since the boot, if only in the initramfs, left what has to be adapted. */
static gboolean has_run(const Root *root) {
  return root_exists(root, "/run/NetworkManager/devices");
}

/* Where it has not, a /run that cannot be written is no reason to leave this machine the identity of another. */
static gboolean write_memory(const Root *root, const NetworkMemory *memory, GError **error) {
  g_autoptr(GError) cause = NULL;

  return network_memory_write(root, memory, &cause) || !has_run(root) || ri_error_pass(error, g_steal_pointer(&cause));
}

/* NetworkManager has not run, no earlier run has left its memory, and no profile in /run hides another. */
static gboolean has_nothing(const Root *root) {
  return !has_run(root) && !root_exists(root, RI_NETWORK_FILE) &&
         !root_exists(root, "/run/NetworkManager/system-connections");
}

static gboolean remember(const Root *root, const Plan *plan, const ActiveList *list, GError **error) {
  g_autoptr(GPtrArray) changes = profile_changes_from_plan(plan);
  g_autoptr(NetworkMemory) memory = NULL;
  char id[64] = "";

  /* What an earlier run remembered and nobody has adapted since is what NetworkManager still has. */
  if (!network_memory_read(root, &memory, error))
    return FALSE;
  if (memory == NULL) {
    memory = network_memory_new();
    (void)root_read_line(root, "/etc/machine-id", id, sizeof id);
    memory->machine_id = g_strdup(id);
  }
  if (!network_memory_add_files(memory, root, error))
    return FALSE;
  g_free(memory->active);
  memory->active = active_list_format(list);
  g_hash_table_remove_all(memory->held);
  for (guint i = 0; i < list->held->len; i++)
    (void)g_hash_table_add(memory->held, g_strdup(list->held->pdata[i]));
  for (guint i = 0; i < list->made_up->len && adds_profile(changes, list); i++)
    (void)g_hash_table_add(memory->anew, g_strdup(list->made_up->pdata[i]));
  begin_netplan_anew(plan, memory->anew);
  return write_memory(root, memory, error);
}

/* What comes up instead, an undo's old file or nothing, is seen only when NetworkManager runs again. */
static void warn_of_forgotten(const ActiveList *list, GPtrArray *warnings) {
  list_each (const ActiveProfile *, profile, list->forgotten)
    g_ptr_array_add(warnings,
                    g_strdup_printf("%s was gone, and its profile %s still active on %s: NetworkManager's restart "
                                    "ended that. Check whether another profile came up there (nmcli device status); "
                                    "if none did, make one (nmcli connection add)",
                                    profile->path, profile->id, profile->is_vpn ? "a VPN" : profile->interface));
}

char *live_network_note(const Root *root, const Plan *plan, gboolean waits, GPtrArray *warnings, GError **error) {
  NetworkPresence presence = NETWORK_NO_BUS;
  g_autoptr(GError) trouble = NULL;
  NmSession *session = look(&presence, &trouble);
  const gboolean runs = session != NULL;
  g_autoptr(ActiveList) list = session != NULL ? active_list_read(session, root) : active_list_new();

  warn_of_forgotten(list, warnings);
  nm_session_free(session);
  if (trouble != NULL) {
    g_propagate_error(error, g_steal_pointer(&trouble));
    return NULL;
  }
  if (waits && !runs && has_nothing(root))
    return active_list_format(list);
  return remember(root, plan, list, error) ? active_list_format(list) : NULL;
}

/* After it. */

static NmSession *open_session(GError **error) {
  Deadline time = deadline_in(STARTING_S * G_GINT64_CONSTANT(1000));
  NetworkPresence presence;

  for (;;) {
    NmSession *session = nm_session_open(&presence, NULL);
    if (session != NULL)
      return session;
    if (deadline_is_over(&time))
      break;
    g_usleep(RECONNECT_MS * 1000UL);
  }
  g_set_error_literal(error, RI_ERROR, RI_ERROR_NETWORK,
                      "NetworkManager does not answer after its restart: see `systemctl status NetworkManager`");
  return NULL;
}

static gboolean restart(const ActiveList *list, gboolean watched, LiveProgress progress, gpointer data,
                        GError **error) {
  if (watched && !manager_unit_watch(LIVE_TAKE_BACK_S, error))
    return FALSE;
  if (progress != NULL)
    progress("restarting NetworkManager", data);
  if (!manager_unit_restart(error))
    return FALSE;
  NmSession *session = open_session(error);
  gboolean good =
      session != NULL && hold_again(session, list, error) && active_again(session, list, progress, data, error);
  nm_session_free(session);
  return good;
}

/* What was active, as the action has it, or where a run was killed before it had one, as is remembered. */
static ActiveList *list_of(const Root *root, const char *data) {
  g_autoptr(NetworkMemory) memory = NULL;

  if (data != NULL)
    return active_list_parse(data);
  (void)network_memory_read(root, &memory, NULL);
  return active_list_parse(memory != NULL ? memory->active : NULL);
}

/* NetworkManager has forgotten a profile whose file the change has removed. */
static void drop_removed(const Root *root, ActiveList *list) {
  for (guint i = list->profiles->len; i > 0; i--) {
    const ActiveProfile *profile = list->profiles->pdata[i - 1];

    if (*profile->path != '\0' && !root_exists(root, profile->path))
      (void)g_ptr_array_remove_index(list->profiles, i - 1);
  }
}

/* A NetworkManager that hangs, or that has ended though nobody stopped it, is restarted all the more: it may be what
 * the files of a moment ago have made of it. */
static gboolean look_to_restart(gboolean it_ran, NetworkPresence *presence, GError **error) {
  g_autoptr(GError) trouble = NULL;
  gboolean answers = live_network_look(presence, &trouble);
  ManagerUnit unit = UNIT_INACTIVE;

  if (answers ? *presence == NETWORK_MANAGER_STOPPED && it_ran && manager_unit_has_failed()
              : manager_unit_look(&unit, NULL) && unit == UNIT_READY)
    *presence = NETWORK_MANAGER_RUNS;
  else if (!answers)
    return ri_error_pass(error, g_steal_pointer(&trouble));
  return TRUE;
}

gboolean live_network_converge(const Root *root, const char *data, gboolean watched, LiveProgress progress,
                               gpointer progress_data, GError **error) {
  NetworkPresence presence = NETWORK_NO_BUS;
  g_autoptr(ActiveList) list = list_of(root, data);
  const gboolean it_ran = list->profiles->len > 0;

  drop_removed(root, list);
  if (!look_to_restart(it_ran, &presence, error))
    return FALSE;
  switch (presence) {
  case NETWORK_MANAGER_RUNS:
    return restart(list, watched, progress, progress_data, error);
  case NETWORK_MANAGER_APART:
    return TRUE;
  case NETWORK_MANAGER_STOPPED:
  case NETWORK_NO_BUS:
    break;
  }
  return adapt_network(root, TRUE, NULL, error);
}

GPtrArray *live_network_failed_before(const char *data) {
  g_autoptr(ActiveList) list = active_list_parse(data);

  return g_ptr_array_ref(list->failed_before);
}

gboolean live_network_ran(const char *data) {
  g_autoptr(ActiveList) list = active_list_parse(data);

  return list->profiles->len > 0;
}

gboolean live_network_release(const Root *root, GError **error) {
  NetworkPresence presence = NETWORK_NO_BUS;

  manager_unit_release();
  if (!live_network_look(&presence, NULL) || presence == NETWORK_MANAGER_APART)
    return TRUE;
  return shadows_forget(root, error) && network_memory_remove(root, error);
}

gboolean live_network_forget(const Root *root, GError **error) {
  g_autoptr(NetworkMemory) memory = NULL;
  char id[64] = "";

  if (!network_memory_read(root, &memory, error))
    return FALSE;
  if (memory == NULL)
    return TRUE;
  (void)root_read_line(root, "/etc/machine-id", id, sizeof id);
  if (g_strcmp0(id, memory->machine_id) != 0)
    return TRUE;
  for (guint i = 0; i < memory->profiles->len; i++)
    if (!remembered_is_present(root, memory->profiles->pdata[i]))
      return TRUE;
  return network_memory_remove(root, error);
}

gboolean live_network_adapt(const Root *root, gboolean running, GError **error) {
  return adapt_network(root, running, NULL, error);
}
