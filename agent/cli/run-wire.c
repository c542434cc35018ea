/* run-wire.c - the wire of a run: is an address of the policy free? */
#include "run-wire.h"

#include <arpa/inet.h>

#include "base/each.h"
#include "base/error.h"
#include "commit/signals.h"
#include "network/address-probe.h"

static const char *interface_of(const Assignment *assignment) {
  if (assignment->nic != NULL)
    return assignment->nic->name;
  if (assignment->profile->nic != NULL)
    return assignment->profile->nic->name;
  return assignment->profile->interface_name;
}

static GArray *probes_for(const GPtrArray *assignments) {
  GArray *probes = g_array_new(FALSE, TRUE, sizeof(AddressProbe));

  list_each (const Assignment *, assignment, assignments) {
    const char *interface = interface_of(assignment);
    for (guint a = 0; interface != NULL && a < assignment->addresses->len; a++) {
      const PolicyAddress *address = assignment->addresses->pdata[a];
      AddressProbe probe = {.family = address->family};
      (void)g_strlcpy(probe.interface, interface, sizeof probe.interface);
      if (address->family == AF_INET)
        probe.ip.v4 = address->ip.v4;
      else
        probe.ip.v6 = address->ip.v6;
      g_array_append_val(probes, probe);
    }
  }
  return probes;
}

/* FALSE, and the holder: somebody has it. What could not be asked is a warning, or refused where the policy wants to
 * know. */
static gboolean judge(const AddressProbe *probe, ProbePolicy policy, Plan *plan, GError **error) {
  char text[INET6_ADDRSTRLEN];

  (void)inet_ntop(probe->family, &probe->ip, text, sizeof text);
  if (probe->state == ADDRESS_FREE)
    return TRUE;
  if (probe->state == ADDRESS_HELD)
    return ri_error(
        error, RI_ERROR_NETWORK,
        "the address %s that the policy gives this machine is in use on %s by %s: nothing is changed. Free it, "
        "or change the policy, and run `reset-identity apply --yes`",
        text, probe->interface, probe->holder);
  if (policy == PROBE_REQUIRED)
    return ri_error(
        error, RI_ERROR_NETWORK,
        "it is not known whether the address %s is free on %s: %s, and the policy says network.probe = required: "
        "nothing is changed. Connect %s, or set probe = best-effort, and run `reset-identity apply --yes`",
        text, probe->interface, probe->why, probe->interface);
  plan_warn(plan, "Nobody could be asked whether the address %s is free on %s: %s.", text, probe->interface,
            probe->why);
  return TRUE;
}

/* A Ctrl-C meanwhile waits until the NICs that are brought up for the question are down again. */
static gboolean ask(GArray *probes, GError **error) {
  signals_hold(SIGNALS_OF_PROBE);
  gboolean asked = addresses_probe(&g_array_index(probes, AddressProbe, 0), probes->len, error);
  signals_release(SIGNALS_OF_PROBE);
  return asked;
}

/* Its network is not this machine's, or is to be left alone: nothing to be warned of, but no answer either. */
static gboolean may_go_unasked(const Machine *machine, const AddressProbe *probe, GError **error) {
  AddressProbe unasked = *probe;

  if (machine->policy.probe != PROBE_REQUIRED)
    return TRUE;
  unasked.state = ADDRESS_NOT_PROBED;
  (void)g_strlcpy(unasked.why,
                  machine->arguments->no_network ? "--no-network asks nobody"
                                                 : "nobody on its network can be asked from here",
                  sizeof unasked.why);
  return judge(&unasked, PROBE_REQUIRED, NULL, error);
}

static gboolean are_free(const GPtrArray *assignments, Plan *plan, gpointer data, GError **error) {
  const Machine *machine = &((const Run *)data)->machine;
  const ProbePolicy policy = machine->policy.probe;
  g_autoptr(GArray) probes = probes_for(assignments);

  if (probes->len == 0 || policy == PROBE_OFF)
    return TRUE;
  if (!machine->can.wire)
    return may_go_unasked(machine, &g_array_index(probes, AddressProbe, 0), error);
  run_progress("asking whether the new addresses are free", data);
  if (!ask(probes, error))
    return FALSE;
  run_progress("planning", data);
  for (guint i = 0; i < probes->len; i++)
    if (!judge(&g_array_index(probes, AddressProbe, i), policy, plan, error))
      return FALSE;
  return TRUE;
}

Wire run_wire(Run *run) {
  return (Wire){are_free, run, run_progress};
}
