/* roll.h - a committed transaction carried out, forward or backward: the same work, with the other content.
 *
 * All temporaries, flush; all renames, flush; the edits marked EDIT_LAST, flush. Every part may be done again. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "manifest.h"

typedef enum { ROLL_FORWARD, ROLL_BACKWARD } RollDirection;

typedef struct {
  const Root *root;
  int transaction; /* directory fd */
  const Manifest *manifest;
  RollDirection direction;
  gboolean begun; /* a target was changed: from here on it goes on, or stays open */
} Roll;

/* roll_run: RI_ERROR_BAD_STATE when the staged content is not what the manifest says (nothing of this run is in place
 * then), RI_ERROR_FAILED for the rest. */
gboolean roll_run(Roll *roll, GError **error);

/* roll_withdraw: take away the temporaries, and the directories made for them, of a roll that was not begun. */
gboolean roll_withdraw(const Roll *roll, GError **error);
