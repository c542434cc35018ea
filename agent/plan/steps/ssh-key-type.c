/* ssh-key-type.c - the type and size of an SSH key, so that its successor is of the same kind */
#include "ssh-key-type.h"

#include <string.h>

#include "base/bytes.h"

/* A walk over RFC 4251 data: 32-bit big-endian lengths, each followed by that many bytes. */
typedef struct {
  const guint8 *data;
  gsize size;
} Cursor;

static gboolean take_number(Cursor *cursor, guint32 *number) {
  if (cursor->size < 4)
    return FALSE;
  *number = ((guint32)cursor->data[0] << 24) | ((guint32)cursor->data[1] << 16) | ((guint32)cursor->data[2] << 8) |
            cursor->data[3];
  cursor->data += 4;
  cursor->size -= 4;
  return TRUE;
}

static gboolean take_string(Cursor *cursor, Cursor *string) {
  guint32 size;

  if (!take_number(cursor, &size) || size > cursor->size)
    return FALSE;
  *string = (Cursor){cursor->data, size};
  cursor->data += size;
  cursor->size -= size;
  return TRUE;
}

static gboolean is_text(const Cursor *string, const char *text) {
  return string->size == strlen(text) && memcmp(string->data, text, string->size) == 0;
}

/* An mpint: leading zero bytes do not count. */
static unsigned count_bits(const Cursor *number) {
  const guint8 *data = number->data;
  gsize size = number->size;

  while (size > 0 && *data == 0) {
    data++;
    size--;
  }
  return size == 0 || size > 8192 ? 0 : (unsigned)(size - 1) * 8 + g_bit_storage(*data);
}

static gboolean type_of_blob(Cursor blob, SshKeyType *type) {
  static const struct {
    const char *text;
    SshKeyType type;
  } known[] = {
      {"ssh-ed25519", {"ed25519", 0}},
      {"ecdsa-sha2-nistp256", {"ecdsa", 256}},
      {"ecdsa-sha2-nistp384", {"ecdsa", 384}},
      {"ecdsa-sha2-nistp521", {"ecdsa", 521}},
      {"ssh-dss", {"dsa", 0}},
  };
  Cursor name, exponent, modulus;

  if (!take_string(&blob, &name))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
    if (is_text(&name, known[i].text)) {
      *type = known[i].type;
      return TRUE;
    }
  if (!is_text(&name, "ssh-rsa") || !take_string(&blob, &exponent) || !take_string(&blob, &modulus))
    return FALSE;
  *type = (SshKeyType){"rsa", count_bits(&modulus)};
  return TRUE;
}

/* OpenSSH's PROTOCOL.key: the magic, cipher, KDF and its options, the number of keys, then the public halves. */
static gboolean type_of_openssh_key(Cursor cursor, SshKeyType *type) {
  static const char magic[] = "openssh-key-v1"; /* with its NUL */
  guint32 count = 0;
  Cursor string;

  if (cursor.size <= sizeof magic || memcmp(cursor.data, magic, sizeof magic) != 0)
    return FALSE;
  cursor.data += sizeof magic;
  cursor.size -= sizeof magic;
  for (unsigned i = 0; i < 3; i++)
    if (!take_string(&cursor, &string))
      return FALSE;
  return take_number(&cursor, &count) && count > 0 && take_string(&cursor, &string) && type_of_blob(string, type);
}

/* What is decoded may be a private key: it is cleared. */
static gboolean type_of_base64(const char *text, gsize length, gboolean (*type_of)(Cursor, SshKeyType *),
                               SshKeyType *type) {
  char *copy = g_strndup(text, length);
  gsize size = 0;
  guint8 *data = g_base64_decode(copy, &size);
  gboolean known = type_of((Cursor){data, size}, type);

  explicit_bzero(data, size);
  explicit_bzero(copy, strlen(copy));
  g_free(data);
  g_free(copy);
  return known;
}

gboolean ssh_key_type_of_private(GBytes *content, SshKeyType *type) {
  static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
  static const struct {
    const char *line;
    SshKeyType type;
  } pem[] = {
      {"-----BEGIN RSA PRIVATE KEY-----", {"rsa", 0}},
      {"-----BEGIN DSA PRIVATE KEY-----", {"dsa", 0}},
  };
  gsize size = 0;
  const char *text = bytes_text(content, &size);

  for (gsize i = 0; i < G_N_ELEMENTS(pem); i++)
    if (g_strstr_len(text, (gssize)size, pem[i].line) != NULL) {
      *type = pem[i].type;
      return TRUE;
    }
  text = g_strstr_len(text, (gssize)size, begin);
  if (text == NULL)
    return FALSE;
  text += strlen(begin);
  size -= (gsize)(text - bytes_text(content, NULL));
  const char *end = memchr(text, '-', size);
  return end != NULL && type_of_base64(text, (gsize)(end - text), type_of_openssh_key, type);
}

gboolean ssh_key_type_of_public(GBytes *content, SshKeyType *type) {
  gsize size = 0;
  const char *text = bytes_text(content, &size);
  const char *blob = memchr(text, ' ', size);
  const char *stop;

  if (blob == NULL)
    return FALSE;
  blob++;
  for (stop = blob; stop < text + size && !g_ascii_isspace(*stop);)
    stop++;
  return type_of_base64(blob, (gsize)(stop - blob), type_of_blob, type);
}

gboolean ssh_key_type_of_file_name(const char *name, SshKeyType *type) {
  /* Longer names first: "ecdsa" and "dsa" share an end. */
  static const SshKeyType types[] = {{"ed25519", 0}, {"ecdsa", 256}, {"rsa", 0}, {"dsa", 0}};

  for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
    if (strstr(name, types[i].name) != NULL) {
      *type = types[i];
      return TRUE;
    }
  return FALSE;
}
