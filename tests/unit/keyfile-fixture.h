/* keyfile-fixture.h - profiles made of a keyfile's text. Header only: each test program is one source file. */
#pragma once

#include <string.h>

#include "profiles/keyfile/keyfile-profile.h"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Profile, profile_clear)

/* PROFILE, which is zeroed, as the file PATH (NULL: none) with CONTENT. The caller clears it. */
static inline void keyfile_profile_read(Profile *profile, const char *path, const char *content) {
  g_autoptr(GError) error = NULL;

  profile->path = g_strdup(path);
  profile->bytes = g_bytes_new(content, strlen(content));
  profile->text = keyfile_text_parse(profile->bytes, &error);
  g_assert_no_error(error);
  keyfile_profile_fill(profile);
}
