/* manifest-format.h - the words of the manifest's text, shared by the side that writes and the side that reads. */
#pragma once

#include "manifest.h"

#define MANIFEST_VERSION "1"
#define MANIFEST_ABSENT "absent"
#define MANIFEST_SUM_KEY "sha256="
enum { MANIFEST_N_KINDS = 3, MANIFEST_N_FLAGS = 6 };

typedef struct {
  EditFlags flag;
  const char *name;
} ManifestFlag;

extern const char *const manifest_kind_names[MANIFEST_N_KINDS]; /* by EditKind */
extern const ManifestFlag manifest_flag_names[MANIFEST_N_FLAGS];

Manifest *manifest_empty(void);

/* manifest_set_bad_state: RI_ERROR_BAD_STATE of file NAME, with what to do. */
void manifest_set_bad_state(GError **error, const char *name, const char *why);
