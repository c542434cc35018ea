/* pager.h - a long text a screen at a time, where standard output is a terminal. */
#pragma once

#include <glib.h>

/* pager_open: from here on standard output goes through $PAGER (less where it is not set; none where it is empty or
 * "cat"). FALSE: there is none, and output is as it was. */
gboolean pager_open(void);

/* pager_close: what was written is shown, and the person has seen it. After pager_open only. */
void pager_close(void);
