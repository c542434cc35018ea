/* evidence.h - what is weighed and what comes of it: the signals, and the verdict with its reasons. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum {
  VERDICT_SAME,       /* nothing to do */
  VERDICT_CLONE,      /* give it an identity of its own */
  VERDICT_REWIRED,    /* the same machine with new NICs: rebind the profiles */
  VERDICT_UNKNOWN,    /* no evidence either way: nothing is changed */
  VERDICT_UNRECORDED, /* no record yet: settle it as it is */
  VERDICT_DAMAGED,    /* the record cannot be read: nothing is changed */
  VERDICT_NEWER,      /* the record is a newer reset-identity's: nothing is changed */
  VERDICT_OFF,        /* reset-identity=off on the kernel command line */
} VerdictKind;

typedef enum { EVIDENCE_SAME, EVIDENCE_DIFFERS, EVIDENCE_ABSENT } Evidence;

/* Why what a signal says does not count. */
typedef enum {
  COUNTS,
  LEFT_OUT,   /* the policy's [detect] signals does not name it */
  DISTRUSTED, /* this machine's UUID changes at every boot */
} Weight;

typedef struct {
  Evidence raw; /* what the values say, whatever the policy */
  Weight weight;
} Signal;

enum { VERDICT_REASONS = 12 };

typedef struct {
  VerdictKind kind;
  Signal uuid, mac;
  bool needs_nics;       /* MACs would change this verdict and were not read: read them and ask again */
  unsigned uuid_changes; /* what the next record must say */
  bool uuid_unstable;    /* likewise; true with kind SAME: say it loudly */
  bool record_outdated;  /* the verdict is SAME but the record has to be written: a counter ended, a distrust began, a
                          * NIC was replaced */
  bool keeps_off;        /* nothing tells a copy of this template from the template: it must not go on the wire */
  char reasons[VERDICT_REASONS][256];
  size_t n_reasons;
} Verdict;
