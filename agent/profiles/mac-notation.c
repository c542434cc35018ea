/* mac-notation.c - hardware addresses as keyfiles write them */
#include "mac-notation.h"

#include <NetworkManager.h>
#include <linux/if_ether.h>
#include <linux/if_infiniband.h>
#include <string.h>

static const gsize lengths[] = {ETH_ALEN, INFINIBAND_ALEN};

/* "0;34;68;102;136;255;" with or without the last semicolon (nm-keyfile.c, mac_address_parser). */
static char *from_decimal_list(const char *text) {
  g_auto(GStrv) numbers = g_strsplit(text, ";", INFINIBAND_ALEN + 2);
  guint count = g_strv_length(numbers);

  if (count > 0 && numbers[count - 1][0] == '\0')
    count--;
  if (count != ETH_ALEN && count != INFINIBAND_ALEN)
    return NULL;
  GString *mac = g_string_new(NULL);
  for (guint i = 0; i < count; i++) {
    guint64 value;

    if (!g_ascii_string_to_unsigned(g_strstrip(numbers[i]), 10, 0, 255, &value, NULL)) {
      g_string_free(mac, TRUE);
      return NULL;
    }
    g_string_append_printf(mac, "%s%02x", i == 0 ? "" : ":", (guint)value);
  }
  return g_string_free(mac, FALSE);
}

char *mac_notation_canonical(const char *text) {
  for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
    /* The longest notation is three characters a byte. */
    g_autofree char *upper = strlen(text) < 3 * lengths[i] ? nm_utils_hwaddr_canonical(text, (gssize)lengths[i]) : NULL;

    if (upper != NULL)
      return g_ascii_strdown(upper, -1);
  }
  return from_decimal_list(text);
}

char *mac_notation_of_systemd(const char *text) {
  g_auto(GStrv) pairs = g_strsplit(text, ".", INFINIBAND_ALEN / 2 + 1);
  const guint count = g_strv_length(pairs);

  if (count != ETH_ALEN / 2 && count != INFINIBAND_ALEN / 2)
    return mac_notation_canonical(text);
  g_autoptr(GString) mac = g_string_new(NULL);
  for (guint i = 0; i < count; i++) {
    guint64 value;

    if (!g_ascii_string_to_unsigned(pairs[i], 16, 0, G_MAXUINT16, &value, NULL) || strlen(pairs[i]) > 4)
      return NULL;
    g_string_append_printf(mac, "%s%02x:%02x", i == 0 ? "" : ":", (guint)(value >> 8), (guint)(value & 0xff));
  }
  return g_string_free(g_steal_pointer(&mac), FALSE);
}

static gboolean has_letter_between(const char *text, char first, char last) {
  for (; *text != '\0'; text++)
    if (*text >= first && *text <= last)
      return TRUE;
  return FALSE;
}

char *mac_notation_like(const char *model, const char *mac) {
  const gboolean is_list = strchr(model, ';') != NULL;
  const gboolean is_upper = has_letter_between(model, 'A', 'F') && !has_letter_between(model, 'a', 'f');
  char *text = is_upper ? g_ascii_strup(mac, -1) : g_strdup(mac);

  if (!is_list && strchr(model, '-') != NULL)
    g_strdelimit(text, ":", '-');
  return text;
}
