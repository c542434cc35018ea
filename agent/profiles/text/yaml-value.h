/* yaml-value.h - a value to be written into a YAML text: a word, a list or a mapping, and how it is spelled. */
#pragma once

#include <glib.h>

#include "yaml-text.h"

typedef struct YamlValue YamlValue;

/* yaml_value_text: a string, quoted where YAML would read it as something else. */
YamlValue *yaml_value_text(const char *text);
/* yaml_value_bare: a number or boolean, never quoted. */
YamlValue *yaml_value_bare(const char *text);
YamlValue *yaml_value_list(void);
YamlValue *yaml_value_mapping(void);
/* ITEM is taken over; KEY is NULL for a list. */
void yaml_value_add(YamlValue *value, const char *key, YamlValue *item);
void yaml_value_free(YamlValue *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(YamlValue, yaml_value_free)

/* How the file that it goes into is written. */
typedef struct {
  const char *newline;
  guint step;          /* columns that a mapping stands behind the key that it belongs to */
  guint list_step;     /* likewise a list's dashes */
  gboolean flow_lists; /* lists of words stand in brackets */
  YamlQuoting quoting; /* of words: that of the neighbours */
} YamlLayout;

/* yaml_value_append: behind "KEY:" or "-", without a line end: block style from COLUMN, that of the key or of the dash,
 * or one line in brackets. */
void yaml_value_append(GString *out, const YamlValue *value, const YamlLayout *layout, guint column, gboolean in_list,
                       gboolean in_flow);

/* yaml_spell: TEXT as a scalar: quoted like QUOTING; one that is plain or a block only where it has to be, or where
 * TEXT would become a number, boolean, ... and KEEP_TYPE is FALSE. The caller frees. */
char *yaml_spell(const char *text, YamlQuoting quoting, gboolean in_flow, gboolean keep_type);

/* yaml_is_typed: a plain TEXT is no string to readers of YAML 1.1: a number (52:54:00:11:22:33 too), boolean, null or
 * date. */
gboolean yaml_is_typed(const char *text);
