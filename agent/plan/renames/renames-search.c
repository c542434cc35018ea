/* renames-search.c - where a text says an old value, and what stands there afterwards */
#include <arpa/inet.h>
#include <string.h>

#include "profiles/mac-notation.h"
#include "renames-table.h"

enum { UUID_LENGTH = 36, MAC_BYTES = 6, INFINIBAND_BYTES = 20 };

/* The text that is searched, and a place in it. */
typedef struct {
  const Renames *renames;
  const char *text;
  gsize size, at;
} Place;

static char byte_at(const Place *place, gsize at) {
  return (char)(at < place->size ? place->text[at] : '\0');
}

/* The byte in front of the place; '\0' at the start, and behind an escape of a keyfile's ("\sgolden"). */
static char byte_before(const Place *place) {
  if (place->at == 0)
    return '\0';
  if (place->at >= 2 && place->text[place->at - 2] == '\\' && strchr("sntr", place->text[place->at - 1]) != NULL)
    return '\0';
  return place->text[place->at - 1];
}

static gboolean is_one_of(char byte, const char *others) {
  return byte != '\0' && (g_ascii_isalnum(byte) || strchr(others, byte) != NULL);
}

static gboolean is_vlan_number(char byte) {
  return byte != '\0' && strchr("0123456789*?[", byte) != NULL;
}

static char *slice(const Place *place, gsize size) {
  return g_strndup(place->text + place->at, size);
}

static gboolean found(const Place *place, RenameKind kind, const char *old_value, gsize size, Mention *mention) {
  const Rename *rename = g_hash_table_lookup(rename_table(place->renames, kind), old_value);

  if (rename == NULL)
    return FALSE;
  *mention = (Mention){.rename = rename, .start = place->at, .end = place->at + size};
  return TRUE;
}

static gboolean find_uuid(const Place *place, Mention *mention) {
  const char *text = place->text + place->at;

  if (place->at + UUID_LENGTH > place->size || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-' || g_ascii_isxdigit(byte_before(place)) ||
      g_ascii_isxdigit(byte_at(place, place->at + UUID_LENGTH)))
    return FALSE;
  g_autofree char *lower = g_ascii_strdown(text, UUID_LENGTH);
  if (!found(place, RENAME_UUID, lower, UUID_LENGTH, mention))
    return FALSE;
  mention->replacement = g_strdup(mention->rename->new_value);
  return TRUE;
}

/* The length of COUNT groups of one or two hex digits with SEPARATOR between them; 0: there are not just as many. */
static gsize hex_groups(const Place *place, guint count, char separator) {
  gsize at = place->at;

  for (guint i = 0; i < count; i++) {
    gsize digits = 0;

    if (i > 0 && byte_at(place, at++) != separator)
      return 0;
    while (digits < 2 && g_ascii_isxdigit(byte_at(place, at + digits)))
      digits++;
    if (digits == 0)
      return 0;
    at += digits;
  }
  if (is_one_of(byte_at(place, at), "_") ||
      (byte_at(place, at) == separator && g_ascii_isxdigit(byte_at(place, at + 1))))
    return 0;
  return at - place->at;
}

/* Twelve hex digits, or three groups of four with dots: their length, or 0. */
static gsize hex_run(const Place *place) {
  gsize size = 0;
  guint digits = 0;

  while (digits < 2 * MAC_BYTES && size < 2 * MAC_BYTES + 2) {
    const char byte = byte_at(place, place->at + size);

    if (g_ascii_isxdigit(byte))
      digits++;
    else if (byte != '.' || digits % 4 != 0 || digits == 0)
      return 0;
    size++;
  }
  return digits == 2 * MAC_BYTES && (size == digits || size == digits + 2) &&
                 !is_one_of(byte_at(place, place->at + size), "_")
             ? size
             : 0;
}

/* "0;80;86;170;0;1;" (nm-keyfile.c): its length, or 0. */
static gsize decimal_list(const Place *place) {
  gsize at = place->at;

  for (guint i = 0; i < MAC_BYTES; i++) {
    gsize digits = 0;

    while (g_ascii_isdigit(byte_at(place, at + digits)))
      digits++;
    if (digits == 0 || digits > 3)
      return 0;
    at += digits;
    if (byte_at(place, at) == ';')
      at++;
    else if (i + 1 < MAC_BYTES)
      return 0;
  }
  return g_ascii_isdigit(byte_at(place, at)) ? 0 : at - place->at;
}

/* "1:2:a:b:c:d" and "5254.00aa.bb01" with two digits a byte and colons. */
static char *even_mac(const char *text) {
  GString *mac = g_string_new(NULL);
  gsize size;

  if (strchr(text, '.') != NULL || strpbrk(text, ":-") == NULL) {
    for (const char *byte = text; *byte != '\0'; byte++)
      if (*byte != '.')
        g_string_append_printf(mac, "%s%c", mac->len % 3 == 2 ? ":" : "", *byte);
    return g_string_free(mac, FALSE);
  }
  for (const char *byte = text; *byte != '\0'; byte += size) {
    size = strspn(byte, ":-");
    if (size > 0) {
      g_string_append_c(mac, ':');
      continue;
    }
    size = strcspn(byte, ":-");
    g_string_append_printf(mac, "%s%.*s", size == 1 ? "0" : "", (int)size, byte);
  }
  return g_string_free(mac, FALSE);
}

/* The new address as MODEL is written. */
static char *mac_like(const char *model, const char *mac) {
  char *text = mac_notation_like(model, mac);

  if (strpbrk(model, ":-;") != NULL)
    return text;
  for (gsize from = 0, to = 0;; from++) {
    if (text[from] == ':')
      continue;
    text[to++] = text[from];
    if (text[from] == '\0')
      break;
  }
  if (strchr(model, '.') != NULL) {
    char *dotted = g_strdup_printf("%.4s.%.4s.%.4s", text, text + 4, text + 8);

    g_free(text);
    return dotted;
  }
  return text;
}

/* As long as an address, and with the port's GUID at its end, too: a DHCP client identifier of type 255 (RFC 4390,
 * 2.1), whose beginning is no NIC's. */
static gboolean is_infiniband_id(const char *mac) {
  return strlen(mac) > (gsize)3 * MAC_BYTES && g_str_has_prefix(mac, "ff:");
}

static char *id_like(const char *model, const char *mac) {
  enum { GUID_TEXT = sizeof "00:00:00:00:00:00:00:00" - 1 };

  return g_strdup_printf("%.*s%s", (int)(strlen(model) - GUID_TEXT), model, mac + strlen(mac) - GUID_TEXT);
}

static const Rename *find_infiniband(const Renames *renames, const char *mac) {
  GHashTableIter iterator;
  gpointer old_value, rename;

  g_hash_table_iter_init(&iterator, rename_table(renames, RENAME_MAC));
  while (g_hash_table_iter_next(&iterator, &old_value, &rename)) {
    Nic nic = {0};

    g_strlcpy(nic.mac, old_value, sizeof nic.mac);
    if (strlen(old_value) == strlen(mac) && nics_find_mac(&(const NicList){.items = &nic, .count = 1}, mac) != NULL)
      return rename;
  }
  return NULL;
}

/* "?*f4:52:14:03:00:7b:e1:b1": the last eight bytes of an InfiniBand address, which udev's rules know a port by since
 * those in front differ from boot to boot. */
static gboolean find_port_guid(const Place *place, Mention *mention) {
  enum { GUID_BYTES = 8, GUID_LENGTH = 3 * GUID_BYTES - 1 };
  GHashTableIter iterator;
  gpointer old_value, value;

  if (byte_before(place) == ':' || hex_groups(place, GUID_BYTES, ':') != GUID_LENGTH)
    return FALSE;
  g_autofree char *text = slice(place, GUID_LENGTH);
  g_autofree char *lower = g_ascii_strdown(text, -1);
  g_hash_table_iter_init(&iterator, rename_table(place->renames, RENAME_MAC));
  while (g_hash_table_iter_next(&iterator, &old_value, &value)) {
    const Rename *rename = value;

    if (strlen(old_value) <= (gsize)3 * GUID_BYTES || !g_str_has_suffix(old_value, lower))
      continue;
    *mention = (Mention){.rename = rename, .start = place->at, .end = place->at + GUID_LENGTH};
    if (rename->new_value != NULL && strlen(rename->new_value) > GUID_LENGTH) {
      const char *guid = rename->new_value + strlen(rename->new_value) - GUID_LENGTH;

      mention->replacement = strcmp(text, lower) == 0 ? g_strdup(guid) : g_ascii_strup(guid, -1);
    }
    return TRUE;
  }
  return FALSE;
}

static gboolean find_mac(const Place *place, Mention *mention) {
  const gboolean is_list_start = byte_before(place) != ';';
  gsize size = 0;

  if (is_one_of(byte_before(place), "_") || !g_ascii_isxdigit(byte_at(place, place->at)))
    return FALSE;
  for (guint i = 0; size == 0 && i < 2; i++)
    size = hex_groups(place, MAC_BYTES, ":-"[i]);
  if (size == 0)
    size = hex_groups(place, INFINIBAND_BYTES, ':');
  if (size == 0 && find_port_guid(place, mention))
    return TRUE;
  if (size == 0)
    size = hex_run(place);
  if (size == 0 && is_list_start)
    size = decimal_list(place);
  if (size == 0)
    return FALSE;
  g_autofree char *text = slice(place, size);
  g_autofree char *even = strchr(text, ';') != NULL ? g_strdup(text) : even_mac(text);
  g_autofree char *mac = mac_notation_canonical(even);
  if (mac == NULL)
    return FALSE;
  if (!found(place, RENAME_MAC, mac, size, mention)) {
    const Rename *rename = strlen(mac) > (gsize)3 * MAC_BYTES ? find_infiniband(place->renames, mac) : NULL;

    if (rename == NULL)
      return FALSE;
    *mention = (Mention){.rename = rename, .start = place->at, .end = place->at + size};
  }
  if (mention->rename->new_value != NULL)
    mention->replacement =
        is_infiniband_id(mac) ? id_like(mac, mention->rename->new_value) : mac_like(text, mention->rename->new_value);
  return TRUE;
}

/* An IPv6 address that is the old one, mapped, keeps its beginning. */
static char *address_like(const char *model, const char *address) {
  return strchr(model, ':') != NULL && strchr(address, ':') == NULL ? g_strconcat("::ffff:", address, NULL)
                                                                    : g_strdup(address);
}

static gboolean find_address_of(const Place *place, const char *bytes, const char *not_before, Mention *mention) {
  gsize size = 0;

  if (is_one_of(byte_before(place), not_before))
    return FALSE;
  while (byte_at(place, place->at + size) != '\0' && strchr(bytes, byte_at(place, place->at + size)) != NULL)
    size++;
  if (is_one_of(byte_at(place, place->at + size), "_"))
    return FALSE;
  while (size > 0 && (byte_at(place, place->at + size - 1) == '.' || byte_at(place, place->at + size - 1) == ':'))
    size--;
  if (size < 3 || size >= INET6_ADDRSTRLEN)
    return FALSE;
  g_autofree char *text = slice(place, size);
  g_autofree char *canonical = rename_canonical_address(text);
  if (canonical == NULL || !found(place, RENAME_ADDRESS, canonical, size, mention))
    return FALSE;
  if (mention->rename->new_value != NULL)
    mention->replacement = address_like(text, mention->rename->new_value);
  return TRUE;
}

static gboolean find_address(const Place *place, Mention *mention) {
  const char first = byte_at(place, place->at);

  if (!g_ascii_isxdigit(first) && first != ':')
    return FALSE;
  return find_address_of(place, "0123456789abcdefABCDEF:.", ".:_", mention) ||
         find_address_of(place, "0123456789.", "._", mention);
}

/* A word of the table as it stands there. */
static gboolean find_literal(const Place *place, RenameKind kind, const char *not_before, const char *not_behind,
                             Mention *mention) {
  static const char device[] = "-net-devices-"; /* systemd.device(5) */
  const gsize behind = sizeof device - 1;
  GHashTableIter iterator;
  gpointer old_value;

  if (is_one_of(byte_before(place), not_before) &&
      (place->at < behind || memcmp(place->text + place->at - behind, device, behind) != 0))
    return FALSE;
  g_hash_table_iter_init(&iterator, rename_table(place->renames, kind));
  while (g_hash_table_iter_next(&iterator, &old_value, NULL)) {
    const gsize size = strlen(old_value);
    const gsize end = place->at + size;

    if (end > place->size || memcmp(place->text + place->at, old_value, size) != 0 ||
        is_one_of(byte_at(place, end), not_behind))
      continue;
    /* "ens3.5" is another interface than ens3, and "ens3.*" a pattern of such. */
    if (byte_at(place, end) == '.' && is_vlan_number(byte_at(place, end + 1)))
      continue;
    if (!found(place, kind, old_value, size, mention))
      continue;
    mention->replacement = g_strdup(mention->rename->new_value);
    return TRUE;
  }
  return FALSE;
}

static const char *domain_of(const char *name) {
  const char *dot = strchr(name, '.');

  return dot == NULL || dot[1] == '\0' ? NULL : dot + 1;
}

/* What takes the place of WORD, when that is the old name; else NULL. */
static char *renamed_host(const Rename *rename, const char *word) {
  const char *old_domain = domain_of(rename->old_value);
  const char *new_domain = domain_of(rename->new_value);
  const char *domain = domain_of(word);
  const gsize label = strcspn(word, ".");
  g_autofree char *new_label = g_strndup(rename->new_value, strcspn(rename->new_value, "."));

  if (label != strcspn(rename->old_value, ".") || g_ascii_strncasecmp(word, rename->old_value, label) != 0)
    return NULL;
  if (domain == NULL)
    return g_steal_pointer(&new_label);
  /* The machine's own domain goes with its name; another one (golden.lan beside golden.example.org) stays. */
  if (new_domain != NULL && (old_domain == NULL || g_ascii_strcasecmp(domain, old_domain) == 0))
    return g_strdup(rename->new_value);
  return g_strconcat(new_label, ".", domain, NULL);
}

/* "golden.pem" is a file that is called after the machine. */
static gboolean is_file_name(const char *word) {
  static const char *const endings[] = {"cer", "cert", "cfg", "conf", "crt",  "csr", "der", "ini",
                                        "jks", "json", "key", "log",  "p12",  "p8",  "pem", "pfx",
                                        "pub", "toml", "txt", "xml",  "yaml", "yml", NULL};
  const char *dot = strchr(word, '.');
  g_autofree char *ending = dot != NULL ? g_ascii_strdown(dot + 1, -1) : NULL;

  return ending != NULL && g_strv_contains(endings, ending);
}

static gboolean find_host(const Place *place, Mention *mention) {
  g_autofree char *renamed = NULL;
  GHashTableIter iterator;
  gpointer rename;
  gsize size = 0;

  if (is_one_of(byte_before(place), "-._"))
    return FALSE;
  while (is_one_of(byte_at(place, place->at + size), "-._"))
    size++;
  while (size > 0 && byte_at(place, place->at + size - 1) == '.') /* the root's dot, or the end of a sentence */
    size--;
  g_autofree char *word = slice(place, size);
  /* 10.0.0.5 is no name of the machine 10. */
  if (size == 0 || (strchr(word, '.') != NULL && strspn(word, "0123456789.") == size) || is_file_name(word))
    return FALSE;
  g_hash_table_iter_init(&iterator, rename_table(place->renames, RENAME_HOST));
  while (renamed == NULL && g_hash_table_iter_next(&iterator, NULL, &rename)) /* "web_1", and "web1" as it is known */
    renamed = renamed_host(rename, word);
  if (renamed == NULL || strcmp(renamed, word) == 0)
    return FALSE;
  *mention = (Mention){.rename = rename, .start = place->at, .end = place->at + size};
  mention->replacement = g_steal_pointer(&renamed);
  return TRUE;
}

static gboolean find_at(const Place *place, RenameKind kind, Mention *mention) {
  switch (kind) {
  case RENAME_UUID:
    return find_uuid(place, mention);
  case RENAME_MAC:
    return find_mac(place, mention);
  case RENAME_ADDRESS:
    return find_address(place, mention);
  case RENAME_BUS_PATH:
    return find_literal(place, kind, "-_.", "-_:", mention);
  case RENAME_NIC:
    return find_literal(place, kind, "-_", "-_", mention);
  case RENAME_HOST:
    return find_host(place, mention);
  case RENAME_ALL:
    break;
  }
  return FALSE;
}

gboolean renames_next(const Renames *renames, unsigned kinds, const char *text, gsize size, gsize *at,
                      Mention *mention) {
  static const RenameKind order[] = {RENAME_UUID, RENAME_MAC, RENAME_ADDRESS, RENAME_BUS_PATH, RENAME_NIC, RENAME_HOST};
  Place place = {.renames = renames, .text = text, .size = size};
  RenameKind looked_for[G_N_ELEMENTS(order)];
  guint n_looked_for = 0;

  for (gsize i = 0; i < G_N_ELEMENTS(order); i++)
    if ((kinds & order[i]) != 0 && g_hash_table_size(rename_table(renames, order[i])) > 0)
      looked_for[n_looked_for++] = order[i];
  for (place.at = *at; n_looked_for > 0 && place.at < size; place.at++)
    for (guint i = 0; i < n_looked_for; i++)
      if (find_at(&place, looked_for[i], mention)) {
        *at = mention->end;
        return TRUE;
      }
  *at = size;
  return FALSE;
}

void mention_clear(Mention *mention) {
  g_clear_pointer(&mention->replacement, g_free);
}

char *renames_replace(const Renames *renames, unsigned kinds, const char *text, gsize size) {
  GString *out = g_string_new(NULL);
  gsize copied = 0;
  gsize at = 0;
  Mention mention;

  while (renames_next(renames, kinds, text, size, &at, &mention)) {
    if (mention.replacement != NULL) {
      g_string_append_len(out, text + copied, (gssize)(mention.start - copied));
      g_string_append(out, mention.replacement);
      copied = mention.end;
    }
    mention_clear(&mention);
  }
  if (copied == 0) {
    g_string_free(out, TRUE);
    return NULL;
  }
  g_string_append_len(out, text + copied, (gssize)(size - copied));
  return g_string_free(out, FALSE);
}
