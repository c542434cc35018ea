/* nearest.c - which known name did somebody mean who wrote another one? */
#include "nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 40, SHORTEST_PART = 3 };

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

size_t nearest_distance(const char *word, const char *name) {
  size_t rows[3][LONGEST + 1], length = strlen(word), other = strlen(name);
  size_t *before = rows[0], *last = rows[1], *row = rows[2];

  if (length > LONGEST || other > LONGEST)
    return SIZE_MAX;
  for (size_t j = 0; j <= other; j++)
    last[j] = j;
  for (size_t i = 1; i <= length; i++) {
    size_t *oldest = before;

    row[0] = i;
    for (size_t j = 1; j <= other; j++) {
      int differs = tolower((unsigned char)word[i - 1]) != tolower((unsigned char)name[j - 1]);

      row[j] = smaller(last[j - 1] + (size_t)differs, smaller(last[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && word[i - 1] == name[j - 2] && word[i - 2] == name[j - 1])
        row[j] = smaller(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
    row = oldest;
  }
  return last[other] <= (length < 6 ? 2 : length / 3) && last[other] < other ? last[other] : SIZE_MAX;
}

/* WORD is one or more of the parts of NAME, which dashes separate: "ssh" of "ssh-host-keys", or begins it. */
static bool is_part(const char *word, const char *name) {
  const size_t length = strlen(word);

  if (length < SHORTEST_PART)
    return false;
  for (const char *part = name; part != NULL; part = strchr(part, '-')) {
    part += *part == '-';
    if (strncasecmp(part, word, length) == 0 && (part == name || part[length] == '-' || part[length] == '\0'))
      return true;
  }
  return false;
}

const char *nearest_name(const char *word, const char *const *names) {
  const char *nearest = NULL;
  size_t best = SIZE_MAX;

  for (const char *const *name = names; *name != NULL; name++) {
    size_t distance = nearest_distance(word, *name);

    if (distance < best) {
      best = distance;
      nearest = *name;
    }
  }
  for (; nearest == NULL && *names != NULL; names++)
    if (is_part(word, *names))
      nearest = *names;
  return nearest;
}
