/* nm-activate.h - bring profiles up on given devices, in an order in which they can come up. */
#pragma once

#include "nm-session.h"

typedef struct {
  NMRemoteConnection *connection;
  char *interface;            /* the device to bring it up on; it need not exist yet (bond, bridge, VLAN) */
  char *before;               /* object path of the active connection it replaces; NULL: none */
  NMActiveConnection *active; /* ours, once it was begun */
  unsigned asked;             /* how often we asked, or began anew; 0: NetworkManager began it by itself */
  unsigned depth;             /* 0: depends on none of the others */
  gboolean is_parent;         /* something of the others lies over it */
  gboolean lies_over;         /* it lies over one of the others */
} Activation;

Activation *activation_new(NMRemoteConnection *connection, const char *interface, const char *before);
void activation_free(Activation *activation);

/* activations_run: all of ACTIVATIONS (Activation*), controllers begun before their ports, parents active before what
 * lies over them (a bond has no carrier before its ports are there); returns when all are active. RI_ERROR_NETWORK for
 * the first that fails, with the profile's name, the device and NetworkManager's reason. */
gboolean activations_run(NmSession *session, GPtrArray *activations, LiveProgress progress, gpointer data,
                         GError **error);
