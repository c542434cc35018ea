/* network-stack.h - the programs beside NetworkManager that configure NICs, and whether they are enabled on a machine.
 */
#pragma once

#include <glib.h>

#include "base/root.h"

typedef struct {
  const char *name;            /* for people */
  const char *const *units;    /* NULL-terminated: one that is enabled says that the stack is; may be NULL */
  const char *const *programs; /* likewise, by being there; neither: it always is */
  gboolean (*read)(const Root *root, GPtrArray *found, GError **error); /* static-address.h */
} NetworkStack;

extern const NetworkStack network_stacks[];
extern const gsize n_network_stacks;

/* network_stack_is_enabled: by files only, so that a mounted image answers as well. */
gboolean network_stack_is_enabled(const Root *root, const NetworkStack *stack);

/* network_stack_has_unit: it is started by a unit that is enabled. */
gboolean network_stack_has_unit(const Root *root, const NetworkStack *stack);

/* network_stack_named: the row of that name; it must be there. */
const NetworkStack *network_stack_named(const char *name);

/* network_manager_is_installed: its program or its unit is there. */
gboolean network_manager_is_installed(const Root *root);

/* network_manager_is_started: and its unit is enabled and not masked. */
gboolean network_manager_is_started(const Root *root);
