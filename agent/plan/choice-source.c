/* choice-source.c - where a chosen value comes from, as a person can check it */
#include "choice-source.h"

#include <string.h>

#include "base/names.h"

char *choice_source_place(const PolicyPlace *place) {
  static const char directory[] = RI_SYSCONFDIR "/reset-identity/";
  const char *file = place->file;

  if (file == NULL)
    return g_strdup("default");
  if (g_str_has_prefix(file, directory))
    file += strlen(directory);
  return g_strdup_printf("%s:%u", file, place->line);
}

char *choice_source(PolicyChoice choice, const PolicyPlace *place) {
  g_autofree char *written = place != NULL && place->file != NULL ? choice_source_place(place) : NULL;

  switch (choice) {
  case CHOICE_RANDOM:
    return g_strdup("random");
  case CHOICE_DERIVE:
    return g_strdup("derived from the product UUID");
  case CHOICE_KEEP:
    break;
  }
  return written != NULL ? g_strdup_printf("kept, %s", written) : g_strdup("kept");
}
