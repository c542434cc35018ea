/* renames.h - one table of what had another value on the template: old -> new, or gone, and where a text says the old.
 *
 * Values are compared as what they are: UUIDs and host names without regard to case, MAC addresses in every notation
 * (colons, dashes, dots, none, decimal lists, behind a client id's type), addresses as binary (with or without prefix,
 * mapped), NIC names and bus paths as whole words. "golden" and "golden.example.org" are both the machine golden;
 * "golden-backup" and "mygolden" are not.
 */
#pragma once

#include "plan/plan-context.h"

typedef enum {
  RENAME_UUID = 1 << 0,     /* of a connection */
  RENAME_MAC = 1 << 1,      /* permanent address of a NIC */
  RENAME_NIC = 1 << 2,      /* name of a NIC */
  RENAME_BUS_PATH = 1 << 3, /* of a NIC, as udev's ID_PATH has it */
  RENAME_ADDRESS = 1 << 4,
  RENAME_HOST = 1 << 5, /* host name: its label or the whole of it */
  RENAME_ALL = (1 << 6) - 1,
} RenameKind;

/* Beside RENAME_NIC, of a followed key: only by the NIC's own name, since NetworkManager takes no other that udev has
 * for it ("mismatching interface name"). */
enum { RENAME_OWN_NAME = 1 << 6 };

typedef struct {
  RenameKind kind;
  char *old_value;        /* canonical */
  char *new_value;        /* NULL: gone, or nobody can say what took its place */
  const char *of;         /* the connection's name, borrowed; NULL: none */
  gboolean is_absent;     /* of a NIC: no present one is left that could have taken its place */
  gboolean is_other_name; /* of a NIC: udev's name for its slot or its address, and not what it was called */
} Rename;

/* A place where a text says an old value. */
typedef struct {
  const Rename *rename;
  gsize start, end;  /* offsets into the text */
  char *replacement; /* the new value in the notation of the text, owned; NULL: gone */
} Mention;

/* renames_new: of CONTEXT's identity, NIC map and profiles; borrows from them. */
Renames *renames_new(const PlanContext *context);
void renames_free(Renames *renames);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Renames, renames_free)

/* renames_lookup: the whole of TEXT is an old value of KIND, in any notation (a host name: just as it was); NULL: it is
 * not. */
const Rename *renames_lookup(const Renames *renames, RenameKind kind, const char *text);

/* renames_next: the first mention of KINDS in the SIZE bytes TEXT from *AT on; moves *AT behind it. FALSE: none is
 * left. Clear with mention_clear. */
gboolean renames_next(const Renames *renames, unsigned kinds, const char *text, gsize size, gsize *at,
                      Mention *mention);
void mention_clear(Mention *mention);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Mention, mention_clear)

/* renames_is_gone: TEXT is an address of the template's that this machine has no other for. */
gboolean renames_is_gone(const Renames *renames, const char *text);

/* renames_is_own_address: TEXT is an address that a profile keeps or gets, so that it is the clone's own. */
gboolean renames_is_own_address(const Renames *renames, const char *text);

/* renames_replace: TEXT with every mention of KINDS that has a new value replaced; NULL: there is none. */
char *renames_replace(const Renames *renames, unsigned kinds, const char *text, gsize size);

/* rename_canonical_address: in binary, and a mapped one as IPv4: the one text of it; NULL: no address. The caller
 * frees.
 */
char *rename_canonical_address(const char *text);
