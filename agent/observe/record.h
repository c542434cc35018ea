/* record.h - what this disk remembers of the machine that owns it (RI_RECORD_FILE and, so that
 * a /var that cannot be read loses nothing, RI_RECORD_COPY_FILE).
 *
 * An INI file: [record] version, state, uuid, serial, template, uuid-changes, uuid-unstable, time; one [nic NAME]
 * section per NIC with mac, path, position. `machine = none` in [record] is an image that was sealed without ever
 * running: any machine differs from it. [end] holds a checksum of all before it. A copy that does not parse is damaged:
 * nobody guesses, the other one counts. record.c has the two copies, record-text.c the text.
 */
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "nics.h"
#include "product-uuid.h"

typedef enum { RECORD_TEMPLATE, RECORD_SETTLED } RecordState;

typedef struct {
  RecordState state;
  bool no_machine; /* sealed from outside: any machine differs */
  ProductUuid uuid;
  char serial[128];
  char template_name[256]; /* host name of the template this machine descends from: {template} */
  unsigned uuid_changes;   /* boots in a row whose UUID differed while a MAC stayed */
  bool uuid_unstable;      /* the UUID is distrusted on this machine */
  char time[32];           /* when it was written, UTC, ISO 8601 */
  NicList nics;
  bool needs_repair;   /* record_read: one of the copies is missing, damaged or another */
  bool other_is_newer; /* record_read: one of the copies is of a newer reset-identity, which knows more: it stays */
} Record;

/* record_read: the first whole copy. Returns 1 with RECORD filled, 0 when there is none, -EBADMSG when what there is is
 * damaged, -EPROTONOSUPPORT when it is a newer reset-identity's (PROBLEM says file and line), or another negative
 * errno. With other_is_newer PROBLEM says which copy. The caller frees with record_clear. */
int record_read(const Root *root, Record *record, Problem *problem);

/* record_parse: the same from SIZE bytes of TEXT; NAME is the file in messages. */
int record_parse(const char *text, size_t size, const char *name, Record *record, Problem *problem);

/* record_format: the file's text, malloc'ed into *TEXT. */
int record_format(const Record *record, char **text);

/* record_state_name: "template" or "settled". */
const char *record_state_name(RecordState state);

void record_clear(Record *record);
