/* glob.c - simple globs, held against hundreds of names */
#include "glob.h"

static gboolean is_over(const char *glob) {
  return *glob == '\0' || *glob == '|';
}

gboolean glob_fits(const char *glob, const char *text) {
  for (; !is_over(glob); glob++, text++) {
    if (*glob == '*') {
      while (!is_over(glob + 1) && !glob_fits(glob + 1, text))
        if (*text++ == '\0')
          return FALSE;
      return TRUE;
    }
    if (*text == '\0' || (*glob != '?' && *glob != *text))
      return FALSE;
  }
  return *text == '\0';
}
