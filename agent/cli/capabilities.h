/* capabilities.h - what a run may touch beside the files below its root. */
#pragma once

#include <glib.h>

#include "arguments.h"
#include "base/root.h"
#include "plan/plan.h"

typedef enum { STARTED_BY_PERSON, STARTED_BY_BOOT } StartedBy;

typedef struct {
  ActionNeeds has; /* NEEDS_LIVE: the files are those of the machine that runs; NEEDS_BUS: it has a system bus */
  gboolean wire;   /* its network may be asked and changed */
  StartedBy started_by;
} Capabilities;

/* capabilities_find: the files are those of the running machine where ROOT is the root directory of PID 1, or where
 * --boot says so: in a chroot "/" is an image. (A unit's sandbox may keep PID 1's root from us: it says --boot.) */
Capabilities capabilities_find(const Root *root, const Arguments *arguments);

gboolean capabilities_live(const Capabilities *capabilities);
