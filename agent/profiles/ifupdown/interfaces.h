/* interfaces.h - /etc/network/interfaces and what it sources, as one: the stanzas of every interface, and which of them
 * come up by themselves. The texts may be edited; what was read stays as it is.
 *
 * `source` takes patterns, `source-directory` files whose names have only letters, digits, "_" and "-"; a relative path
 * is below the directory of the file that says it. A file is read once, however often it is sourced.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "profiles/text/stanza-text.h"

typedef struct {
  char *path;    /* resolved */
  GBytes *bytes; /* NULL: it is not there yet */
  StanzaText *text;
} InterfacesFile;

/* A definition of a logical interface. */
typedef struct {
  InterfacesFile *file; /* borrowed */
  StanzaLine *head;     /* likewise, of its text */
  char *name;           /* as it is brought up: "eth0:1" */
  char *device;         /* "eth0"; of a definition that only one device inherits: that device */
  int family;           /* AF_INET, AF_INET6; AF_UNSPEC: not said (ifupdown-ng, ifupdown2); -1: another */
  char *method;         /* "static"; NULL: not said */
  gboolean is_virtual;  /* ucarp(8) brings it up while this machine holds an address that it shares ("eth0:ucarp") */
  gboolean inherited;   /* its options are those of DEVICE, its method is not */
  guint heirs;          /* devices that inherit from it */
  const char *heir;     /* while they are counted; else NULL */
} InterfacesStanza;

/* What `auto NAME`, `allow-hotplug mac/ADDRESS=NAME` and `rename` say. */
typedef struct {
  char *name;      /* of the logical interface; NULL: that of the physical one */
  char *value;     /* the physical one: a name, a pattern, a MAC address */
  char *variable;  /* what the value is compared with: "" the name (a pattern), "mac", ...; NULL: VALUE is a name */
  gboolean starts; /* brings it up */
} InterfacesSelection;

typedef struct {
  GPtrArray *files;      /* InterfacesFile*, in the order in which they are read */
  GPtrArray *stanzas;    /* InterfacesStanza*, likewise */
  GPtrArray *selections; /* InterfacesSelection* */
  gboolean has_no_auto;  /* ifupdown2 reads them: it knows no `inet6 auto` */
  GPtrArray *unread;     /* char*: "PATH:LINE: source ~/x" and the like that nobody but a shell can follow */
} Interfaces;

/* interfaces_read: no files where there is no /etc/network/interfaces. Errors: a file that cannot be read. */
Interfaces *interfaces_read(const Root *root, GError **error);
void interfaces_free(Interfaces *interfaces);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Interfaces, interfaces_free)

/* interfaces_new_path: the file, resolved, that stanzas of the NIC NAME go into: one that is not there yet, in
 * /etc/network/interfaces.d where that is sourced; else /etc/network/interfaces. The caller frees. */
char *interfaces_new_path(const Root *root, const Interfaces *interfaces, const char *name, GError **error);
/* interfaces_add: as if BYTES, whole stanzas, stood in PATH, behind what it has. */
void interfaces_add(Interfaces *interfaces, const char *path, GBytes *bytes);

/* interfaces_starts: the logical interface NAME comes up by itself. */
gboolean interfaces_starts(const Interfaces *interfaces, const char *name);
/* interfaces_is_mapped: a `map` line of a mapping script says NAME, so that the script may choose it. */
gboolean interfaces_is_mapped(const Interfaces *interfaces, const char *name);
/* interfaces_selection: what NAME, where it is no name of a NIC, is of; NULL: NAME is the NIC's. */
const InterfacesSelection *interfaces_selection(const Interfaces *interfaces, const char *name);

/* interfaces_option: the first option KEYWORD of STANZA behind AFTER (NULL: from its beginning), or NULL. */
StanzaLine *interfaces_option(const InterfacesStanza *stanza, const char *keyword, const StanzaLine *after);
/* interfaces_is_bridge_of_nothing: STANZA says that it is a bridge without ports. */
gboolean interfaces_is_bridge_of_nothing(const InterfacesStanza *stanza);
/* interfaces_option_of: likewise the next one whose first word is an address of FAMILY. */
StanzaLine *interfaces_option_of(const InterfacesStanza *stanza, const char *keyword, int family,
                                 const StanzaLine *after);
/* interfaces_family_of: of the address TEXT, with or without a prefix; AF_UNSPEC: it is none. */
int interfaces_family_of(const char *text);
