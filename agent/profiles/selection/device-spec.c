/* device-spec.c - NetworkManager's lists of devices and profiles, as in unmanaged-devices= and allowed-connections= */
#include "device-spec.h"

#include <string.h>

#include "base/list.h"
#include "observe/mac-address.h"
#include "profiles/mac-notation.h"

static gboolean is_separator(char byte) {
  return byte == ',' || byte == ';';
}

/* What the backslash at AT stands for is added to ITEM; where its sequence ends is returned. */
static const char *take_escape(const char *at, GString *item) {
  static const char letters[] = "sntr";
  static const char meanings[] = " \n\t\r";

  at++;
  if (*at == '\0')
    return at;
  const char *letter = strchr(letters, *at);
  if (letter != NULL)
    g_string_append_c(item, meanings[letter - letters]);
  else if (*at == '\\' || is_separator(*at))
    g_string_append_c(item, *at);
  else
    g_string_append_printf(item, "\\%c", *at);
  return at + 1;
}

/* The item at *AT, which moves behind its separator. Blanks at its ends do not count, unless they are escaped. */
static char *take_item(const char **at) {
  GString *item = g_string_new(NULL);
  gsize counts = 0;

  while (g_ascii_isspace(**at))
    (*at)++;
  while (**at != '\0' && !is_separator(**at)) {
    if (**at == '\\') {
      *at = take_escape(*at, item);
      counts = item->len;
      continue;
    }
    g_string_append_c(item, **at);
    if (!g_ascii_isspace(**at))
      counts = item->len;
    (*at)++;
  }
  if (**at != '\0')
    (*at)++;
  g_string_truncate(item, counts);
  return g_string_free(item, FALSE);
}

char **device_specs_split(const char *value) {
  GPtrArray *items = g_ptr_array_new();

  while (value != NULL && *value != '\0') {
    char *item = take_item(&value);

    if (item[0] != '\0')
      g_ptr_array_add(items, item);
    else
      g_free(item);
  }
  return list_strv(items);
}

static void append_escaped(GString *text, const char *item) {
  const gsize length = strlen(item);

  for (gsize i = 0; i < length; i++) {
    const gboolean is_end = i == 0 || i + 1 == length;

    if (item[i] == '\\' || is_separator(item[i]))
      g_string_append_printf(text, "\\%c", item[i]);
    else if (item[i] == ' ' && is_end)
      g_string_append(text, "\\s");
    else if (item[i] == '\n')
      g_string_append(text, "\\n");
    else if (item[i] == '\r')
      g_string_append(text, "\\r");
    else if (item[i] == '\t')
      g_string_append(text, "\\t");
    else
      g_string_append_c(text, item[i]);
  }
}

char *device_specs_join(const char *const *specs) {
  GString *text = g_string_new(NULL);

  for (gsize i = 0; specs[i] != NULL; i++) {
    if (i > 0)
      g_string_append_c(text, ',');
    append_escaped(text, specs[i]);
  }
  return g_string_free(text, FALSE);
}

/* What stands behind TAG in SPEC; NULL: it has another tag. */
static const char *value_of(const char *spec, const char *tag) {
  return g_ascii_strncasecmp(spec, tag, strlen(tag)) == 0 ? spec + strlen(tag) : NULL;
}

static gboolean is_mac_of(const NetDevice *device, const char *text) {
  g_autofree char *mac = device->mac != NULL ? mac_notation_canonical(text) : NULL;

  return mac != NULL && mac_equal(mac, device->mac);
}

/* "=NAME" is that very name, "~PATTERN" and what has no sign may be a pattern. */
static gboolean is_name_of(const NetDevice *device, const char *text) {
  const gboolean is_pattern = text[0] != '=';

  if (device->name == NULL)
    return FALSE;
  if (text[0] == '=' || text[0] == '~')
    text++;
  return strcmp(text, device->name) == 0 || (is_pattern && g_pattern_match_simple(text, device->name));
}

/* DRIVER, or DRIVER/VERSION where the version is a pattern: of that nothing is known here. */
static gboolean is_driver_of(const NetDevice *device, const char *text) {
  const char *version = strrchr(text, '/');

  if (device->driver == NULL)
    return FALSE;
  if (version == NULL)
    return strcmp(text, device->driver) == 0;
  return strncmp(text, device->driver, (gsize)(version - text)) == 0 && g_pattern_match_simple(version + 1, "");
}

/* Tags that say what is not known here: no such item matches. */
static gboolean has_unknown_tag(const char *spec) {
  return value_of(spec, "s390-subchannels:") != NULL || value_of(spec, "dhcp-plugin:") != NULL;
}

static gboolean is_about_device(const char *spec, gboolean may_lack_tag, gconstpointer data) {
  const NetDevice *device = data;
  const char *value;

  if ((value = value_of(spec, "type:")) != NULL)
    return g_strcmp0(value, device->type) == 0;
  if ((value = value_of(spec, "mac:")) != NULL)
    return is_mac_of(device, value);
  if ((value = value_of(spec, "interface-name:")) != NULL)
    return is_name_of(device, value);
  if ((value = value_of(spec, "driver:")) != NULL)
    return is_driver_of(device, value);
  return may_lack_tag && !has_unknown_tag(spec) &&
         (is_mac_of(device, spec) || (device->name != NULL && strcmp(spec, device->name) == 0));
}

static gboolean is_about_connection(const char *spec, gboolean may_lack_tag, gconstpointer data) {
  const NetConnection *connection = data;
  const char *value;

  if ((value = value_of(spec, "id:")) != NULL)
    return g_strcmp0(value, connection->id) == 0;
  if ((value = value_of(spec, "uuid:")) != NULL)
    return g_strcmp0(value, connection->uuid) == 0;
  value = value_of(spec, "origin:");
  return value != NULL && g_strcmp0(value, connection->origin) == 0;
}

typedef gboolean (*SpecTest)(const char *spec, gboolean may_lack_tag, gconstpointer data);

static DeviceSpecResult match_all(const char *const *specs, SpecTest is_about, gconstpointer data) {
  gboolean only_exceptions = specs[0] != NULL;
  gboolean matches = FALSE;
  gboolean excepted = FALSE;

  for (gsize i = 0; specs[i] != NULL; i++) {
    const char *exception = value_of(specs[i], "except:");

    if (exception != NULL) {
      excepted |= strcmp(exception, "*") == 0 || is_about(exception, FALSE, data);
      continue;
    }
    only_exceptions = FALSE;
    matches |= strcmp(specs[i], "*") == 0 || is_about(specs[i], TRUE, data);
  }
  if (excepted)
    return DEVICE_SPEC_EXCEPTED;
  return matches || only_exceptions ? DEVICE_SPEC_MATCHES : DEVICE_SPEC_SILENT;
}

DeviceSpecResult device_specs_match(const char *const *specs, const NetDevice *device) {
  return match_all(specs, is_about_device, device);
}

DeviceSpecResult device_specs_match_connection(const char *const *specs, const NetConnection *connection) {
  return match_all(specs, is_about_connection, connection);
}
