/* mac-address.c - a permanent address as text: one spelling, and when two are the same */
#include "mac-address.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Of InfiniBand's 20 bytes the driver makes up the first twelve anew; the last eight are the port's GUID. */
enum { INFINIBAND_TEXT = 20 * 3 - 1, INFINIBAND_FIXED_TEXT = 8 * 3 - 1 };

static bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

int mac_canonical(const char *text, char mac[static NIC_MAC_TEXT]) {
  size_t length = strlen(text);

  mac[0] = '\0';
  if (length != 6 * 3 - 1 && length != INFINIBAND_TEXT)
    return -EINVAL;
  char separator = text[2];
  if (separator != ':' && separator != '-')
    return -EINVAL;
  for (size_t i = 0; i < length; i++) {
    bool valid = i % 3 == 2 ? text[i] == separator : is_hex_digit(text[i]);

    if (!valid) {
      mac[0] = '\0';
      return -EINVAL;
    }
    mac[i] = text[i];
    if (i % 3 == 2)
      mac[i] = ':';
    else if (mac[i] >= 'A' && mac[i] <= 'F')
      mac[i] = (char)(mac[i] | 0x20); /* ASCII lower case */
  }
  mac[length] = '\0';
  return 0;
}

bool mac_is_infiniband(const char *mac) {
  return strlen(mac) == INFINIBAND_TEXT;
}

bool mac_equal(const char *a, const char *b) {
  const size_t lead = INFINIBAND_TEXT - INFINIBAND_FIXED_TEXT;

  return strcmp(a, b) == 0 || (mac_is_infiniband(a) && mac_is_infiniband(b) && strcmp(a + lead, b + lead) == 0);
}
