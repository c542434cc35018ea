/* system-manager.c - what PID 1 is asked to do, through systemctl */
#include "system-manager.h"

#include <gio/gio.h>
#include <systemd/sd-daemon.h>

#include "base/error.h"
#include "base/system-bus.h"

#define SYSTEMCTL "/usr/bin/systemctl"
#define PRIVATE_SOCKET "unix:path=/run/systemd/private"

typedef struct {
  gboolean done;
  gboolean late;
  char *words;
  GError *error;
  GCancellable *cancellable;
} Child;

gboolean system_manager_runs(void) {
  return sd_booted() > 0;
}

static void child_ended(GObject *source, GAsyncResult *result, gpointer data) {
  Child *child = data;

  (void)g_subprocess_communicate_utf8_finish(G_SUBPROCESS(source), result, NULL, &child->words, &child->error);
  child->done = TRUE;
}

static gboolean child_is_late(gpointer data) {
  Child *child = data;

  child->late = TRUE;
  g_cancellable_cancel(child->cancellable);
  return G_SOURCE_REMOVE;
}

/* On a main context of its own: nothing else of the caller is run while we wait. */
static void wait_for(GSubprocess *process, Child *child, int timeout_s) {
  g_autoptr(GMainContext) context = g_main_context_new();
  g_autoptr(GSource) timer = g_timeout_source_new_seconds((guint)timeout_s);

  g_main_context_push_thread_default(context);
  g_source_set_callback(timer, child_is_late, child, NULL);
  (void)g_source_attach(timer, context);
  g_subprocess_communicate_utf8_async(process, NULL, child->cancellable, child_ended, child);
  while (!child->done)
    (void)g_main_context_iteration(context, TRUE);
  g_source_destroy(timer);
  g_main_context_pop_thread_default(context);
}

gboolean system_manager_do(const char *verb, const char *unit, int timeout_s, GError **error) {
  const char *arguments[] = {SYSTEMCTL, "--no-ask-password", verb, unit, NULL};
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_autoptr(GSubprocess) process = NULL;
  g_autofree char *command = g_strjoin(" ", "systemctl", verb, unit, NULL);
  Child child = {.cancellable = cancellable};
  gboolean ok = FALSE;

  process =
      g_subprocess_newv(arguments, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &child.error);
  if (process != NULL)
    wait_for(process, &child, timeout_s);
  if (child.late) {
    g_subprocess_force_exit(process);
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "%s: not done after %d s", command, timeout_s);
  } else if (child.error != NULL) {
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "%s: %s", command, child.error->message);
  } else if (!g_subprocess_get_successful(process)) {
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "%s: %s", command, g_strstrip(child.words));
  } else {
    ok = TRUE;
  }
  g_clear_error(&child.error);
  g_free(child.words);
  return ok;
}

static sd_bus *private_bus_open(void) {
  sd_bus *bus = NULL;

  if (sd_bus_new(&bus) < 0)
    return NULL;
  if (sd_bus_set_address(bus, PRIVATE_SOCKET) < 0 || sd_bus_start(bus) < 0) {
    sd_bus_unref(bus);
    return NULL;
  }
  return bus;
}

char *system_manager_machine_id(void) {
  g_autoptr(sd_bus) private_bus = private_bus_open();
  char *id = system_bus_machine_id(private_bus, "org.freedesktop.systemd1");

  if (id != NULL)
    return id;
  g_autoptr(sd_bus) bus = system_bus_open();
  return system_bus_machine_id(bus, "org.freedesktop.systemd1");
}
