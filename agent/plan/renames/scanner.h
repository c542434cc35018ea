/* scanner.h - old values in the tokens of a file: a followed key is edited, any other token that says one is a warning
 * with file and line.
 */
#pragma once

#include "profiles/text/tokens.h"
#include "renames.h"

/* Keys that are followed, and for which kinds of value. Groups and keys are globs of "*" and "?" with a "|" between
 * them; NULL groups are any, or none. */
typedef struct {
  const char *group;
  const char *keys;
  unsigned kinds;
  const char *behind; /* only where this stands in front ("host/"); NULL: anywhere */
} FollowedKey;

/* followed_fits: does TEXT (NULL: nothing does) fit one of GLOBS, or are those NULL? */
gboolean followed_fits(const char *globs, const char *text);

/* scanner_value: TOKEN's value with what the table says to follow replaced; NULL: nothing is. EACH, where not NULL, is
 * called for every mention that was: WORD is its text. */
typedef void (*FollowedFunction)(const Token *token, const char *word, const Mention *mention, gpointer data);
char *scanner_value(const Renames *renames, const FollowedKey *table, gsize n_table, const Token *token,
                    FollowedFunction each, gpointer data);

/* scanner_warn: of every mention in TOKEN, of the file PATH, that the table does not say to follow. FINAL, where not
 * NULL, is the value as it will be: what is no longer in it is not warned of. Of a secret nothing is said but the line.
 */
void scanner_warn(const Renames *renames, const FollowedKey *table, gsize n_table, const char *path, const Token *token,
                  const char *final, Plan *plan);

typedef struct {
  const char *step;
  TokenReader reader;
  const FollowedKey *table; /* NULL: nothing is followed */
  gsize n_table;
  EditFlags flags;
  const char *why;
  gsize size_limit; /* a larger file is named in a warning instead; 0: none */
} ScannedFormat;

/* scanner_file: edit and warn of the regular file PATH, where there is one that no step has edited yet; a file that
 * cannot be read is an error where it would have been edited, else a warning. */
gboolean scanner_file(const PlanContext *context, const ScannedFormat *format, const char *path, Plan *plan,
                      GError **error);
/* scanner_directory: the same for each file of DIRECTORY whose name fits GLOB. */
gboolean scanner_directory(const PlanContext *context, const ScannedFormat *format, const char *directory,
                           const char *glob, Plan *plan, GError **error);
/* Where files of a format lie. */
typedef struct {
  const ScannedFormat *format;
  const char *directory, *glob;
} ScannedPlace;

/* scanner_places: scanner_directory of each of N places. */
gboolean scanner_places(const PlanContext *context, const ScannedPlace *places, gsize n, Plan *plan, GError **error);
/* scanner_glob: scanner_file of each path that PATTERN means (tree_glob). */
gboolean scanner_glob(const PlanContext *context, const ScannedFormat *format, const char *pattern, Plan *plan,
                      GError **error);
/* scanner_bytes: warn of every mention in BYTES, the content of PATH. */
void scanner_bytes(const Renames *renames, const char *path, GBytes *bytes, TokenReader reader, Plan *plan);
