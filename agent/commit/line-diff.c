/* line-diff.c - two texts compared line by line: Myers' greedy algorithm ("An O(ND) Difference Algorithm", 1986) */
#include "line-diff.h"

#include <string.h>

/* Texts that differ in more lines than that are shown as wholly different: nobody reads such a diff, and it costs the
 * square of it. */
enum { CONTEXT = 3, DIFFERENCES_LIMIT = 2000 };

typedef struct {
  const char *start;
  gsize size; /* with its newline, which the last one may lack */
} Line;

typedef struct {
  GArray *old, *new; /* of Line */
  guint8 *gone;      /* by the line's number in old: it is not in new */
  guint8 *added;     /* likewise */
} Comparison;

static GArray *split(const char *text, gsize size) {
  GArray *lines = g_array_new(FALSE, FALSE, sizeof(Line));

  for (gsize offset = 0; offset < size;) {
    const char *newline = memchr(text + offset, '\n', size - offset);
    Line line = {text + offset, newline != NULL ? (gsize)(newline - text) + 1 - offset : size - offset};
    g_array_append_val(lines, line);
    offset += line.size;
  }
  return lines;
}

static gboolean is_same(const Comparison *comparison, gint64 x, gint64 y) {
  const Line *a = &g_array_index(comparison->old, Line, x);
  const Line *b = &g_array_index(comparison->new, Line, y);

  return a->size == b->size && memcmp(a->start, b->start, a->size) == 0;
}

/* Whether diagonal K is reached from the one above (a line is added) or below (one goes) after D differences. */
static gboolean comes_from_above(const gint64 *furthest, gint64 d, gint64 k) {
  return k == -d || (k != d && furthest[k - 1] < furthest[k + 1]);
}

/* Walk the path back from the end, by the furthest points of each round. */
static void mark_path(const Comparison *comparison, GPtrArray *rounds) {
  gint64 x = comparison->old->len, y = comparison->new->len;

  for (gint64 d = (gint64)rounds->len - 1; d > 0; d--) {
    const gint64 *furthest = (const gint64 *)rounds->pdata[d - 1] + d;
    gint64 k = x - y;
    gboolean above = comes_from_above(furthest, d, k);
    gint64 before = above ? k + 1 : k - 1;
    x = furthest[before];
    y = x - before;
    if (above)
      comparison->added[y] = 1;
    else
      comparison->gone[x] = 1;
  }
}

/* The furthest point on each diagonal with D differences, from those with one less. Returns whether the end is reached.
 */
static gboolean advance(const Comparison *comparison, const gint64 *before, gint64 *furthest, gint64 d) {
  const gint64 n_old = comparison->old->len, n_new = comparison->new->len;

  for (gint64 k = -d; k <= d; k += 2) {
    gint64 x = d == 0 ? 0 : comes_from_above(before, d, k) ? before[k + 1] : before[k - 1] + 1;
    gint64 y = x - k;
    while (x < n_old && y < n_new && y >= 0 && is_same(comparison, x, y))
      x++, y++;
    furthest[k] = x;
    if (x >= n_old && y >= n_new)
      return TRUE;
  }
  return FALSE;
}

static void compare(const Comparison *comparison) {
  g_autoptr(GPtrArray) rounds = g_ptr_array_new_with_free_func(g_free);

  for (gint64 d = 0; d <= DIFFERENCES_LIMIT; d++) {
    /* Diagonals -d-1 to d+1, so that the next round may look beyond both ends. */
    gint64 *round = g_new0(gint64, 2 * d + 3);
    const gint64 *before = d > 0 ? (const gint64 *)rounds->pdata[d - 1] + d : NULL;
    round[0] = round[2 * d + 2] = -1;
    g_ptr_array_add(rounds, round);
    if (advance(comparison, before, round + d + 1, d)) {
      mark_path(comparison, rounds);
      return;
    }
  }
  memset(comparison->gone, 1, comparison->old->len);
  memset(comparison->added, 1, comparison->new->len);
}

static gboolean is_shown_as_it_is(gunichar c) {
  return c == '\t' || (c != (gunichar)-1 && c != (gunichar)-2 && !g_unichar_iscntrl(c));
}

static void put_line(GString *out, char sign, const Line *line) {
  gboolean ended = line->start[line->size - 1] == '\n';
  const char *end = line->start + line->size - (ended ? 1 : 0);
  const char *next;

  g_string_append_c(out, sign);
  for (const char *c = line->start; c < end; c = next) {
    gboolean shown = is_shown_as_it_is(g_utf8_get_char_validated(c, end - c)) || (*c == '\r' && c + 1 == end);
    next = shown ? c + g_utf8_skip[(guchar)*c] : c + 1;
    if (shown)
      g_string_append_len(out, c, next - c);
    else
      g_string_append_printf(out, "\\x%02X", (guchar)*c);
  }
  g_string_append(out, ended ? "\n" : "\n\\ No newline at end of file\n");
}

static void put_range(GString *out, char sign, guint first, guint count) {
  g_string_append_printf(out, "%c%u", sign, count == 0 ? first : first + 1);
  if (count != 1)
    g_string_append_printf(out, ",%u", count);
}

/* Where a place in both texts is. */
typedef struct {
  guint x, y;
} Place;

static gboolean differs(const Comparison *comparison, Place at) {
  return (at.x < comparison->old->len && comparison->gone[at.x]) ||
         (at.y < comparison->new->len && comparison->added[at.y]);
}

static Place skip_differences(const Comparison *comparison, Place at) {
  while (at.x < comparison->old->len && comparison->gone[at.x])
    at.x++;
  while (at.y < comparison->new->len && comparison->added[at.y])
    at.y++;
  return at;
}

/* Behind the hunk that begins with the difference AT, and *SAME, the lines in common at its end. */
static Place find_hunk_end(const Comparison *comparison, Place at, guint *same) {
  *same = 0;
  while (at.x < comparison->old->len || at.y < comparison->new->len) {
    if (differs(comparison, at)) {
      at = skip_differences(comparison, at);
      *same = 0;
    } else if (*same == (guint)2 * CONTEXT) {
      break;
    } else {
      at.x++, at.y++, ++*same;
    }
  }
  return at;
}

static void put_hunk(const Comparison *comparison, Place from, Place to, GString *out) {
  g_string_append(out, "@@ ");
  put_range(out, '-', from.x, to.x - from.x);
  g_string_append_c(out, ' ');
  put_range(out, '+', from.y, to.y - from.y);
  g_string_append(out, " @@\n");
  while (from.x < to.x || from.y < to.y) {
    if (from.x < to.x && comparison->gone[from.x]) {
      put_line(out, '-', &g_array_index(comparison->old, Line, from.x++));
    } else if (from.y < to.y && comparison->added[from.y]) {
      put_line(out, '+', &g_array_index(comparison->new, Line, from.y++));
    } else {
      put_line(out, ' ', &g_array_index(comparison->old, Line, from.x++));
      from.y++;
    }
  }
}

static void put_hunks(const Comparison *comparison, GString *out) {
  Place at = {0, 0};

  while (at.x < comparison->old->len || at.y < comparison->new->len) {
    guint same = 0, before = MIN(at.x, CONTEXT);
    if (!differs(comparison, at)) {
      at.x++, at.y++;
      continue;
    }
    Place end = find_hunk_end(comparison, at, &same);
    guint after = same > CONTEXT ? same - CONTEXT : 0;
    before = MIN(before, at.y);
    put_hunk(comparison, (Place){at.x - before, at.y - before}, (Place){end.x - after, end.y - after}, out);
    at = end;
  }
}

/* The first word: "address 10.0.0.10", "address=10.0.0.10", "- address: 10.0.0.10". */
static Line key_of(const Line *line) {
  const char *start = line->start;
  const char *end = start + line->size;

  while (start < end && (g_ascii_isspace(*start) || *start == '-'))
    start++;
  const char *stop = start;
  while (stop < end && !g_ascii_isspace(*stop) && *stop != '=' && *stop != ':')
    stop++;
  return (Line){start, (gsize)(stop - start)};
}

static gboolean has_key(const GArray *lines, guint at, const Line *key) {
  const Line own = key_of(&g_array_index(lines, Line, at));

  return own.size == key->size && memcmp(own.start, key->start, key->size) == 0;
}

/* Of the differences between FROM and TO, what took the place of the line AT: the line of the same key, the third one
 * of the third; else what stands where it stood. */
static guint successor(const Comparison *comparison, Place from, Place to, guint at) {
  const Line key = key_of(&g_array_index(comparison->old, Line, at));
  guint before = 0;

  for (guint x = from.x; x < at; x++)
    before += has_key(comparison->old, x, &key);
  for (guint y = from.y; y < to.y; y++)
    if (has_key(comparison->new, y, &key) && before-- == 0)
      return y;
  return MIN(from.y + (at - from.x), MAX(to.y, 1) - 1);
}

static guint moved(const Comparison *comparison, guint line) {
  Place at = {0, 0};

  while (at.x < comparison->old->len) {
    const Place end = skip_differences(comparison, at);

    if (line < end.x)
      return successor(comparison, at, end, line);
    if (line == end.x)
      return end.y;
    at = (Place){end.x + 1, end.y + 1};
  }
  return line;
}

void line_diff_follow(const char *old, gsize old_size, const char *new, gsize new_size, GArray *lines) {
  g_autoptr(GArray) old_lines = split(old, old_size);
  g_autoptr(GArray) new_lines = split(new, new_size);
  g_autofree guint8 *gone = g_new0(guint8, old_lines->len + 1);
  g_autofree guint8 *added = g_new0(guint8, new_lines->len + 1);
  const Comparison comparison = {old_lines, new_lines, gone, added};

  compare(&comparison);
  for (guint i = 0; i < lines->len; i++) {
    guint *line = &g_array_index(lines, guint, i);

    if (*line > 0 && *line <= old_lines->len)
      *line = moved(&comparison, *line - 1) + 1;
  }
}

void line_diff(const char *old, gsize old_size, const char *new, gsize new_size, GString *out) {
  g_autoptr(GArray) old_lines = split(old, old_size);
  g_autoptr(GArray) new_lines = split(new, new_size);
  g_autofree guint8 *gone = g_new0(guint8, old_lines->len + 1);
  g_autofree guint8 *added = g_new0(guint8, new_lines->len + 1);
  Comparison comparison = {old_lines, new_lines, gone, added};

  compare(&comparison);
  put_hunks(&comparison, out);
}
