/* active-list.h - what is active where before NetworkManager restarts, as text for the plan's action. */
#pragma once

#include "base/root.h"
#include "nm-session.h"

typedef struct {
  char *id;
  char *uuid;
  char *path; /* its file where keyfiles lie, where it has one there, else what NetworkManager names; "" for none */
  char *interface; /* "" for a VPN */
  gboolean is_vpn;
  gboolean was_up; /* else it was on its way */
} ActiveProfile;

typedef struct {
  GPtrArray *profiles;  /* ActiveProfile*; VPNs last, they lie over others */
  GPtrArray *held;      /* char*: NICs that were taken down by hand */
  GPtrArray *made_up;   /* char*: NICs with a profile that NetworkManager made up, or has no file of; not in the text */
  GPtrArray *forgotten; /* ActiveProfile*: those without their file, which NetworkManager forgets as it restarts; not in
                         * the text */
  GPtrArray *failed_before; /* char*: what verify_run would have found wrong already */
} ActiveList;

/* active_list_read: everything that NetworkManager brought up or is bringing up; what it only found there (external),
 * made up itself, or forgets at its restart since the file is gone, is left out. */
ActiveList *active_list_read(NmSession *session, const Root *root);
ActiveList *active_list_new(void);
void active_list_free(ActiveList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ActiveList, active_list_free)

char *active_list_format(const ActiveList *list);
/* active_list_parse: an empty list for a text that is none, or of another boot. */
ActiveList *active_list_parse(const char *text);
