/* plan-context.h - what every choice and every step of a run is given, and the identity that comes of the choices. */
#pragma once

#include <glib.h>

#include "decide/nic-map.h"
#include "decide/policy.h"
#include "decide/verdict.h"
#include "observe/facts.h"
#include "observe/record.h"
#include "plan.h"
#include "profiles/profiles.h"
#include "profiles/selection/selection-world.h"

/* What one profile gets of one address family. */
typedef struct {
  const Profile *profile;       /* borrowed; NULL: none yet, NIC gets a keyfile */
  const Nic *nic;               /* the NIC of a profile that is made; else NULL */
  GPtrArray *addresses;         /* const PolicyAddress*, borrowed; empty: no address of its own */
  const PolicyAddress *gateway; /* borrowed; NULL: none said */
  int family;
} Assignment;

typedef struct {
  const HostPolicy *host;            /* the section that names this machine, or NULL */
  char *template_name;               /* for the record and {template} */
  char *old_hostname, *hostname;     /* equal: kept. Old may be "" */
  char *old_machine_id, *machine_id; /* 32 hex digits; equal: kept. Old may be "" */
  GHashTable *connection_uuids;      /* char *old (in small letters) -> char *new; empty: kept */
  GHashTable *new_uuids;             /* Profile* -> char *new, also for profiles that had none */
  GPtrArray *assignments;            /* Assignment* */
  Profiles *made;                    /* for NICs that had none, of formats other than keyfile (profile-maker.h) */
} Identity;

/* ARE_FREE asks the wire whether the addresses of ASSIGNMENTS are free; what could not be asked is a warning of PLAN.
 * Errors: RI_ERROR_NETWORK, with the holder. SAY (may be NULL) is told what takes its time. */
typedef struct {
  gboolean (*are_free)(const GPtrArray *assignments, Plan *plan, gpointer data, GError **error);
  gpointer data;
  void (*say)(const char *stage, gpointer data);
} Wire;

typedef struct Renames Renames; /* renames.h */

typedef struct {
  const Root *root;
  const Root *hardware; /* whose kernel command line is that of the machine; NULL: nobody's, an image from outside */
  const Facts *facts;
  const Record *record; /* NULL: none */
  const Policy *policy;
  VerdictKind verdict; /* CLONE or REWIRED */
  const NicMap *nic_map;
  const Profiles *profiles;
  const SelectionWorld *selection_world; /* NULL: NetworkManager has every NIC, and no profile was ever up */
  const Wire *wire;                      /* NULL: nobody is asked */
  gboolean for_apply;                    /* FALSE: a dry run, nothing secret is made */
  const Identity *identity;              /* NULL while it is being chosen */
  const Renames *renames;                /* likewise: what had another value on the template */
} PlanContext;
