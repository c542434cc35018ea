/* temporary.c - the hidden name beside a target under which its new content waits */
#include "temporary.h"

#include <glib.h>
#include <limits.h>
#include <string.h>

#include "base/names.h"

char *temporary_name(const char *name) {
  if (1 + strlen(name) + strlen(RI_TEMPORARY_SUFFIX) <= NAME_MAX)
    return g_strdup_printf(".%s" RI_TEMPORARY_SUFFIX, name);
  g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, name, -1);
  return g_strdup_printf(".%s" RI_TEMPORARY_SUFFIX, sum);
}
