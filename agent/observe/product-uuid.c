/* product-uuid.c - the UUID that the firmware or the hypervisor gave this machine */
#include "product-uuid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

enum { SYSINFO_LIMIT = 256 * 1024 }; /* bytes; /proc/sysinfo of a large s390x has a few thousand */

/* A UUID as it is printed, as 16 bytes. */
#define BYTE(value, shift) (uint8_t)((uint64_t)(value) >> (shift))
#define BYTES_2(value) BYTE(value, 8), BYTE(value, 0)
#define BYTES_4(value) BYTE(value, 24), BYTE(value, 16), BYTES_2(value)
#define BYTES_6(value) BYTE(value, 40), BYTE(value, 32), BYTES_4(value)
#define PRINTED(a, b, c, d, e)                                                                                         \
  { BYTES_4(a), BYTES_2(b), BYTES_2(c), BYTES_2(d), BYTES_6(e) }

/* What boards ship with when nobody set a UUID; each is seen on machines that have nothing else in common. One byte
 * order is listed, both are looked for. */
static const uint8_t placeholders[][16] = {
    PRINTED(0x00000000, 0x0000, 0x0000, 0x0000, 0x000000000000), /* "Not Settable" */
    PRINTED(0xffffffff, 0xffff, 0xffff, 0xffff, 0xffffffffffff), /* "Not Present" */
    PRINTED(0x03000200, 0x0400, 0x0500, 0x0006, 0x000700080009), /* AMI, Gigabyte */
    PRINTED(0x02000100, 0x0300, 0x0400, 0x0005, 0x000600070008), /* Foxconn, Intel Grantley */
    PRINTED(0x03020100, 0x0504, 0x0706, 0x0809, 0x0a0b0c0d0e0f), /* the bytes 00 to 0f */
    PRINTED(0x10000000, 0x0000, 0x8000, 0x0040, 0x000000000000), /* a flag and nothing else */
    PRINTED(0xfefefefe, 0xfefe, 0xfefe, 0xfefe, 0xfefefefefefe), /* erased flash, less one bit */
    PRINTED(0x12345678, 0x1234, 0x5678, 0x90ab, 0xcddeefaabbcc), /* Insyde */
    PRINTED(0x4c4c4544, 0x0000, 0x2010, 0x8020, 0x80c04f202020), /* Dell without a service tag */
    PRINTED(0x44454c4c, 0x2000, 0x1020, 0x8020, 0xa0c04f202020), /* the same, as older Dells spell it */
    PRINTED(0x00000000, 0x0000, 0x0000, 0x0000, 0x000000000001), /* counted up */
    PRINTED(0x00000000, 0x0000, 0x0000, 0x0102, 0x030405060708), /* counted up */
    PRINTED(0x00000000, 0x0000, 0x0000, 0x0807, 0x060504030201), /* counted down */
    PRINTED(0x11111111, 0x2222, 0x3333, 0x4444, 0x555555555555), /* one digit a field */
    PRINTED(0x58585858, 0x5858, 0x5858, 0x5858, 0x585858585858), /* "XXXXXXXXXXXXXXXX" */
    PRINTED(0xa023157c, 0xf692, 0x11de, 0x977c, 0x7f0f26276f33), /* copied from one board to all of a series */
    PRINTED(0xeeeeeeee, 0xeeee, 0xeeee, 0xeeee, 0xeeeeeeeeeeee), /* HP DL120 G6 without a serial */
};

/* The other byte order of SMBIOS: the first three fields turned round. */
static void swap_fields(const uint8_t in[static 16], uint8_t out[static 16]) {
  static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

  for (unsigned i = 0; i < 16; i++)
    out[i] = in[order[i]];
}

static bool is_placeholder(const uint8_t bytes[static 16]) {
  uint8_t swapped[16];

  swap_fields(bytes, swapped);
  for (size_t i = 0; i < sizeof placeholders / sizeof placeholders[0]; i++)
    if (memcmp(bytes, placeholders[i], 16) == 0 || memcmp(swapped, placeholders[i], 16) == 0)
      return true;
  return false;
}

/* Not isxdigit(): the locale has no say here. */
static int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

static bool has_dash(unsigned byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

static const char *skip(const char *text, const char *what) {
  size_t length = strlen(what);

  return strncasecmp(text, what, length) == 0 ? text + length : text;
}

/* What people copy from consoles and files: the usual form, without its dashes, in braces, as a URN, and VMware's
 * (uuid.bios, and the serial): bytes with blanks between them and a dash in the middle. */
int product_uuid_parse(const char *text, ProductUuid *uuid) {
  const char *next = skip(skip(text + strspn(text, " \t"), "VMware-"), "urn:uuid:");
  const bool braced = *next == '{';

  *uuid = (ProductUuid){.present = false};
  next += braced;
  for (unsigned i = 0; i < 16; i++) {
    int high, low;

    if (i > 0)
      next += strspn(next, " -") <= 1 ? strspn(next, " -") : 0;
    high = hex_digit(next[0]);
    low = high < 0 ? -1 : hex_digit(next[1]);
    if (low < 0)
      return -EINVAL;
    uuid->bytes[i] = (uint8_t)(high << 4 | low);
    next += 2;
  }
  if (braced && *next++ != '}')
    return -EINVAL;
  if (next[strspn(next, " \t\r\n")] != '\0')
    return -EINVAL;
  uuid->placeholder = is_placeholder(uuid->bytes);
  uuid->present = !uuid->placeholder;
  return 0;
}

static void format_bytes(const uint8_t bytes[static 16], char text[static PRODUCT_UUID_TEXT]) {
  static const char digits[] = "0123456789abcdef";

  for (unsigned i = 0; i < 16; i++) {
    if (has_dash(i))
      *text++ = '-';
    *text++ = digits[bytes[i] >> 4];
    *text++ = digits[bytes[i] & 15];
  }
  *text = '\0';
}

void product_uuid_format(const ProductUuid *uuid, char text[static PRODUCT_UUID_TEXT]) {
  format_bytes(uuid->bytes, text);
}

void product_uuid_canonical(const ProductUuid *uuid, char text[static PRODUCT_UUID_TEXT]) {
  uint8_t swapped[16];

  swap_fields(uuid->bytes, swapped);
  format_bytes(memcmp(uuid->bytes, swapped, 16) <= 0 ? uuid->bytes : swapped, text);
}

bool product_uuid_equal(const ProductUuid *a, const ProductUuid *b) {
  uint8_t swapped[16];

  if (!a->present || !b->present)
    return false;
  if (memcmp(a->bytes, b->bytes, 16) == 0)
    return true;
  swap_fields(a->bytes, swapped);
  return memcmp(swapped, b->bytes, 16) == 0;
}

static bool means_not_there(int error) {
  return error == -ENOENT || error == -ENOTDIR || error == -ENODEV || error == -ENXIO;
}

/* Text from SOURCE: what is no UUID at all (some firmware prints 37 characters) counts as nothing. */
static bool take(const char *text, const char *source, ProductUuid *uuid) {
  ProductUuid found;

  if (product_uuid_parse(text, &found) < 0)
    return false;
  if (found.present || !uuid->placeholder)
    *uuid = found;
  uuid->source = source;
  return uuid->present;
}

/* s390x under z/VM or KVM: the machine itself is the outermost level, VM00. */
static int read_sysinfo(const Root *hardware, ProductUuid *uuid) {
  static const char key[] = "\nVM00 UUID:";
  auto_free char *text = NULL;
  size_t size;
  int result = root_read_file(hardware, "/proc/sysinfo", SYSINFO_LIMIT, &text, &size, NULL);

  if (result < 0)
    return result;
  char *line = strstr(text, key);
  if (line == NULL)
    return 0;
  line += strlen(key);
  line += strspn(line, " \t");
  line[strcspn(line, "\n")] = '\0';
  (void)take(line, "s390", uuid);
  return 0;
}

int product_uuid_read(const Root *hardware, ProductUuid *uuid) {
  static const struct {
    const char *path, *source;
  } files[] = {
      {"/sys/class/dmi/id/product_uuid", "dmi"},
      {"/proc/device-tree/vm,uuid", "device-tree"},
      {"/sys/hypervisor/uuid", "xen"},
  };
  char line[64];
  int result;

  *uuid = (ProductUuid){.present = false};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    result = root_read_line(hardware, files[i].path, line, sizeof line);
    if (result < 0 && !means_not_there(result))
      return result;
    if (result >= 0 && take(line, files[i].source, uuid))
      return 0;
  }
  result = read_sysinfo(hardware, uuid);
  return result < 0 && !means_not_there(result) ? result : 0;
}
