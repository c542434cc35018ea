/* ifupdown-link.c - interfaces of a machine that runs with ifupdown, down by the old files and up by the new */
#include "ifupdown-link.h"

#include <string.h>

#include "base/each.h"
#include "base/error.h"
#include "base/program.h"
#include "early-nics.h"
#include "profiles/ifupdown/interfaces.h"

enum { LIMIT_S = 90 };

static const char *program_of(const Root *root, const char *in_sbin, const char *in_usr) {
  return root_exists(root, in_usr) ? in_usr : in_sbin;
}

/* Where ifup keeps what it has brought up. ifupdown-ng and ifupdown2 have other places: with them only the files
 * change. */
gboolean ifupdown_link_runs(const Root *root) {
  return root->is_host && root_exists(root, "/run/network/ifstate") &&
         root_exists(root, program_of(root, "/sbin/ifup", "/usr/sbin/ifup"));
}

static gboolean is_of(const InterfacesStanza *stanza, char **nics) {
  const char *dot = strrchr(stanza->device, '.');
  g_autofree char *below = dot != NULL ? g_strndup(stanza->device, (gsize)(dot - stanza->device)) : NULL;

  /* With a NIC its VLANs go down. */
  return g_strv_contains((const char *const *)nics, stanza->device) ||
         (below != NULL && g_strv_contains((const char *const *)nics, below));
}

/* As `auto` says it, so that a logical interface has its NIC: "mac/00:50:56:aa:00:01=lan". */
static char *word_of(const Interfaces *interfaces, const InterfacesStanza *stanza) {
  const InterfacesSelection *selection = interfaces_selection(interfaces, stanza->name);

  if (selection == NULL || !selection->starts)
    return g_strdup(stanza->name);
  return selection->variable != NULL ? g_strdup_printf("%s/%s=%s", selection->variable, selection->value, stanza->name)
                                     : g_strdup_printf("%s=%s", selection->value, stanza->name);
}

/* ARGUMENTS of PROGRAM: each interface once, the last of the files first where BACKWARD. */
static GPtrArray *command_for(const Interfaces *interfaces, const char *program, char **nics, gboolean backward) {
  GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);

  g_ptr_array_add(arguments, g_strdup(program));
  list_each (const InterfacesStanza *, stanza, interfaces->stanzas) {
    g_autofree char *word = word_of(interfaces, stanza);

    if (stanza->inherited || strcmp(stanza->name, "lo") == 0 || !is_of(stanza, nics) ||
        !interfaces_starts(interfaces, stanza->name) ||
        g_ptr_array_find_with_equal_func(arguments, word, g_str_equal, NULL))
      continue;
    g_ptr_array_insert(arguments, backward ? 1 : -1, g_steal_pointer(&word));
  }
  g_ptr_array_add(arguments, NULL);
  return arguments;
}

static gboolean run(const Root *root, const char *program, char **nics, gboolean backward, GError **error) {
  g_autoptr(Interfaces) interfaces = interfaces_read(root, error);
  g_autoptr(GPtrArray) arguments = NULL;
  g_autoptr(GError) cause = NULL;

  if (interfaces == NULL)
    return FALSE;
  arguments = command_for(interfaces, program, nics, backward);
  if (arguments->len == 2 || program_run((const char *const *)arguments->pdata, LIMIT_S, NULL, &cause))
    return TRUE;
  return ri_error(error, RI_ERROR_NETWORK, "%s", cause->message);
}

gboolean ifupdown_link_down(const Root *root, char **nics, GError **error) {
  g_auto(GStrv) early = early_nics(root);

  for (char **name = nics; *name != NULL; name++)
    if (g_strv_contains((const char *const *)early, *name))
      return ri_error(
          error, RI_ERROR_NETWORK,
          "%s is up for the root file system or by the initramfs and is not taken down: nothing is changed. "
          "Give --no-network to change the files only, then reboot",
          *name);
  return run(root, program_of(root, "/sbin/ifdown", "/usr/sbin/ifdown"), nics, TRUE, error);
}

gboolean ifupdown_link_up(const Root *root, char **nics, GError **error) {
  return run(root, program_of(root, "/sbin/ifup", "/usr/sbin/ifup"), nics, FALSE, error);
}
