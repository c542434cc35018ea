/* history-read.h - closed entries read back, for the list and for undo. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "manifest.h"

/* history_read_manifest: of entry NUMBER; NULL is always an error. */
Manifest *history_read_manifest(const Root *root, unsigned number, GError **error);
