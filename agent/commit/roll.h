/* roll.h - a committed transaction carried out, forward or backward, by renames and removals of what was staged. Every
 * part may be done again. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "manifest.h"

typedef enum { ROLL_FORWARD, ROLL_BACKWARD } RollDirection;

typedef struct {
  const Root *root;
  const Manifest *manifest;
  RollDirection direction;
  gboolean look;      /* what is there is looked at first: time went by since it was staged */
  gboolean begun;     /* a target was changed: from here on it goes on, or stays open */
  GPtrArray *kept;    /* char*: what somebody changed since, and keeps */
  GPtrArray *pending; /* char*: of these, what still says what was to go: whoever waits for the roll waits for them */
} Roll;

#define ROLL_OF(root, manifest, direction, look)                                                                       \
  { (root), (manifest), (direction), (look), FALSE, NULL, NULL }

void roll_clear(Roll *roll);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Roll, roll_clear)

/* roll_files: all edits but those marked EDIT_LAST, which roll_last carries out, and flush. RI_ERROR_BAD_STATE when
 * what was staged is not what the manifest says; that target stays as it is. */
gboolean roll_files(Roll *roll, GError **error);
gboolean roll_last(Roll *roll, GError **error);
