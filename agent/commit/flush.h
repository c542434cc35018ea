/* flush.h - the file systems that were written to, each flushed by one syncfs(2) however many files it holds. Kernels
 * before 5.8 do not report a failed write-back of file content here; errors of the call itself always are. */
#pragma once

#include <glib.h>

#include "parent.h"

typedef struct {
  GArray *items;    /* of FlushItem */
  const Parent *of; /* whose directory was added last, when it had opened so many */
  unsigned n_opened;
} FlushSet;

FlushSet *flush_set_new(void);
void flush_set_free(FlushSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlushSet, flush_set_free)

/* flush_set_add: the file system of DIRECTORY, which may be an O_PATH fd. Returns 0 or a negative errno. */
int flush_set_add(FlushSet *set, int directory);

/* flush_set_add_parent: likewise of the directory that PARENT has open; it is asked once for each that it opens. */
int flush_set_add_parent(FlushSet *set, const Parent *parent);

/* flush_set_run: flush them all and forget them. Returns 0 or the first negative errno. */
int flush_set_run(FlushSet *set);
