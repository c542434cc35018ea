/* ifupdown-edit.c - the stanzas of one interface become what one address family of it gets */
#include "ifupdown-edit.h"

#include <string.h>

#include "base/each.h"
#include "ifupdown-servers.h"
#include "plan/profile-assignment.h"

typedef struct {
  const Interfaces *interfaces;
  const Profile *profile;
  const Outcome *outcome;
  GPtrArray *stanzas; /* InterfacesStanza*, of the profile, as they are read */
} Writing;

/* An `address` line that is there. */
typedef struct {
  const InterfacesStanza *stanza;
  StanzaLine *line;
} Place;

static gboolean is_alias(const InterfacesStanza *stanza) {
  return strchr(stanza->name, ':') != NULL;
}

/* An alias that does not come up carries no address when the interface does. */
static gboolean is_usable(const Writing *writing, const InterfacesStanza *stanza) {
  return !is_alias(stanza) || interfaces_starts(writing->interfaces, stanza->name) || !writing->profile->plain->starts;
}

static void add_places_of(const Writing *writing, gboolean usable, gboolean alias, GArray *places) {
  list_each (const InterfacesStanza *, stanza, writing->stanzas) {
    if (is_usable(writing, stanza) != usable || is_alias(stanza) != alias)
      continue;
    for (StanzaLine *line = interfaces_option_of(stanza, "address", writing->outcome->family, NULL); line != NULL;
         line = interfaces_option_of(stanza, "address", writing->outcome->family, line)) {
      const Place place = {stanza, line};
      g_array_append_val(places, place);
    }
  }
}

/* The interface's own in front of its aliases'. */
static void add_places(const Writing *writing, gboolean usable, GArray *places) {
  add_places_of(writing, usable, FALSE, places);
  add_places_of(writing, usable, TRUE, places);
}

static void remove_line(const InterfacesStanza *stanza, StanzaLine *line) {
  if (line != NULL)
    stanza_text_remove(stanza->file->text, line);
}

static void remove_options(const InterfacesStanza *stanza, const char *keyword) {
  for (StanzaLine *line; (line = interfaces_option(stanza, keyword, NULL)) != NULL;)
    remove_line(stanza, line);
}

/* ---- methods ---- */

static const char *method_of(const InterfacesStanza *stanza) {
  return stanza->method != NULL ? stanza->head->words[3] : NULL;
}

/* Of those that give the family addresses, or none; a loopback or a PPP line stays what it is. */
static void set_method(const InterfacesStanza *stanza, const char *method) {
  static const char *const changeable[] = {"static",   "dhcp",   "bootp", "auto", "manual",
                                           "v4tunnel", "tunnel", "6to4",  NULL};

  if (!stanza->inherited && method_of(stanza) != NULL && g_strv_contains(changeable, method_of(stanza)))
    (void)stanza_line_set_word(stanza->head, 3, method);
}

static void make_static(const InterfacesStanza *stanza, int family) {
  static const char *const others[] = {"dhcp", "bootp", "auto", "manual", NULL};

  if (stanza->family == AF_UNSPEC && family == AF_INET)
    remove_options(stanza, "use");
  else if (stanza->family == family && method_of(stanza) != NULL && g_strv_contains(others, method_of(stanza)))
    set_method(stanza, "static");
}

/* The interface's own stanza that stands for the family: one that is METHOD (NULL: any), the first. */
static const InterfacesStanza *own_stanza(const Writing *writing, const char *method) {
  list_each (const InterfacesStanza *, stanza, writing->stanzas)
    if (!stanza->inherited && !is_alias(stanza) && stanza->family == writing->outcome->family &&
        (method == NULL || g_strcmp0(method_of(stanza), method) == 0))
      return stanza;
  return NULL;
}

static const InterfacesStanza *stanza_without_family(const Writing *writing) {
  list_each (const InterfacesStanza *, stanza, writing->stanzas)
    if (!stanza->inherited && stanza->family == AF_UNSPEC)
      return stanza;
  return NULL;
}

/* ---- addresses ---- */

static char *with_prefix(const PolicyAddress *address) {
  return g_strdup_printf("%s/%u", address->text, address->prefix);
}

static void set_part(const InterfacesStanza *stanza, const char *keyword, const PolicyAddress *address,
                     AddressPart part) {
  StanzaLine *line = interfaces_option(stanza, keyword, NULL);
  g_autofree char *text = address_part(address, part);

  /* `broadcast +` is computed. */
  if (line != NULL && interfaces_family_of(line->words[1]) == AF_INET)
    (void)stanza_line_set_word(line, 1, text);
}

/* The mask in the notation that is there. */
static void set_netmask(StanzaLine *netmask, const PolicyAddress *address) {
  const gboolean dotted = address->family == AF_INET && netmask->n_words > 1 && strchr(netmask->words[1], '.') != NULL;
  g_autofree char *text = dotted ? address_part(address, PART_MASK) : g_strdup_printf("%u", address->prefix);

  (void)stanza_line_set_word(netmask, 1, text);
}

static void set_place(const Place *place, const PolicyAddress *address) {
  StanzaLine *netmask = interfaces_option(place->stanza, "netmask", NULL);
  const gboolean had_prefix = strchr(place->line->words[1], '/') != NULL;
  g_autofree char *text = netmask == NULL || had_prefix ? with_prefix(address) : g_strdup(address->text);

  (void)stanza_line_set_word(place->line, 1, text);
  if (netmask != NULL)
    set_netmask(netmask, address);
  if (address->family == AF_INET) {
    set_part(place->stanza, "network", address, PART_NETWORK);
    set_part(place->stanza, "broadcast", address, PART_BROADCAST);
  }
  make_static(place->stanza, address->family);
}

static const char *family_word(int family) {
  return family == AF_INET ? "inet" : "inet6";
}

/* As the files call it by now: a NIC's new name. */
static char *name_of(const Writing *writing) {
  list_each (const InterfacesStanza *, stanza, writing->stanzas)
    if (!stanza->inherited)
      return g_strndup(stanza->head->words[1], strcspn(stanza->head->words[1], ":"));
  return g_strdup(writing->profile->id);
}

/* A stanza of its own behind AFTER, with no option yet. */
static StanzaLine *add_stanza(const Writing *writing, StanzaText *text, const StanzaLine *after, const char *method) {
  g_autofree char *name = name_of(writing);
  g_autofree char *head = g_strdup_printf("iface %s %s %s", name, family_word(writing->outcome->family), method);

  return stanza_text_add(text, after, head);
}

/* Where the family's next address comes behind. */
typedef struct {
  StanzaText *text;
  const StanzaLine *after; /* the address line before, or a head */
  gboolean in_stanza;      /* it may stand in the same stanza */
  gboolean many;           /* and so may others */
} Point;

static Point starting_point(const Writing *writing, const InterfacesStanza *home) {
  const InterfacesStanza *last = writing->stanzas->pdata[writing->stanzas->len - 1];

  if (home == NULL)
    return (Point){last->file->text, last->head, FALSE, FALSE};
  return (Point){home->file->text, home->head, TRUE, home->family == AF_UNSPEC};
}

static void add_address(const Writing *writing, Point *point, const PolicyAddress *address) {
  g_autofree char *text = with_prefix(address);

  if (!point->in_stanza)
    point->after = add_stanza(writing, point->text, point->after, "static");
  point->after = stanza_text_insert(point->text, point->after, "address", text);
  point->in_stanza = point->many;
}

/* ---- addresses that go ---- */

/* An address goes; with the last one of its stanza goes what only it needs. */
static void clear_place(const Writing *writing, const Place *place, gboolean dns) {
  static const char *const with_it[] = {"netmask", "network", "broadcast", "pointopoint", "scope", NULL};
  const InterfacesStanza *stanza = place->stanza;

  remove_line(stanza, place->line);
  if (interfaces_option(stanza, "address", NULL) != NULL)
    return;
  for (const char *const *keyword = with_it; *keyword != NULL; keyword++)
    remove_options(stanza, *keyword);
  if (dns && stanza->family == writing->outcome->family) {
    static const char *const names[] = {"dns-nameservers", "dns-nameserver", "dns-search", "dns-domain",
                                        "dns-sortlist",    "dns-options",    NULL};
    for (const char *const *keyword = names; *keyword != NULL; keyword++)
      remove_options(stanza, *keyword);
  } else if (dns) {
    (void)ifupdown_set_servers(stanza, writing->outcome->family, NULL);
  }
}

static void clear_all(const Writing *writing, gboolean dns) {
  g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(Place));

  add_places(writing, TRUE, places);
  add_places(writing, FALSE, places);
  for (guint i = 0; i < places->len; i++)
    clear_place(writing, &g_array_index(places, Place, i), dns);
  (void)ifupdown_set_gateways(writing->stanzas, writing->outcome->family, NULL);
}

/* All stanzas of the family but KEPT (NULL: none) that were METHOD (NULL: any). */
static void make_manual(const Writing *writing, const InterfacesStanza *kept, const char *method) {
  list_each (const InterfacesStanza *, stanza, writing->stanzas)
    if (stanza != kept && stanza->family == writing->outcome->family &&
        (method == NULL || g_strcmp0(method_of(stanza), method) == 0))
      set_method(stanza, "manual");
}

/* ---- outcomes ---- */

/* Of PLACES those that can come up, which are the first N_USABLE, get the addresses from DONE on; the others go.
 * Returns how many addresses have a line then; *POINT is behind the last of them. */
static guint fill_places(const Writing *writing, const GArray *places, guint n_usable, guint done, Point *point,
                         const StanzaLine **first) {
  const GPtrArray *addresses = writing->outcome->addresses;
  const guint filled = MIN(n_usable, addresses->len - done);

  for (guint i = 0; i < places->len; i++) {
    const Place *place = &g_array_index(places, Place, i);
    const gboolean many = place->stanza->family == AF_UNSPEC;

    if (i < filled) {
      set_place(place, addresses->pdata[done + i]);
      *first = done + i == 0 ? place->stanza->head : *first;
      *point = (Point){place->stanza->file->text, place->line, many, many};
      continue;
    }
    clear_place(writing, place, FALSE);
    if (interfaces_option(place->stanza, "address", NULL) == NULL)
      set_method(place->stanza, "manual");
  }
  return done + filled;
}

/* What asked for addresses and has none of the new ones: `static` without one is refused. */
static void stop_asking(const Writing *writing) {
  static const char *const asking[] = {"dhcp", "bootp", "auto", NULL};

  list_each (const InterfacesStanza *, stanza, writing->stanzas)
    if (stanza->family == writing->outcome->family && method_of(stanza) != NULL &&
        g_strv_contains(asking, method_of(stanza)))
      set_method(stanza, "manual");
}

static StanzaText *text_of(const Writing *writing, const StanzaLine *head) {
  for (guint i = 0; i < writing->interfaces->files->len; i++) {
    StanzaText *text = ((const InterfacesFile *)writing->interfaces->files->pdata[i])->text;
    if (g_ptr_array_find(text->lines, head, NULL))
      return text;
  }
  return NULL;
}

/* The far end, where it was the gateway, is the new one for a host address; another address has none. */
static void set_far_end(const Writing *writing) {
  const gboolean is_host = ((const PolicyAddress *)writing->outcome->addresses->pdata[0])->prefix == 32;

  list_each (const InterfacesStanza *, stanza, writing->stanzas) {
    StanzaLine *far_end = interfaces_option_of(stanza, "pointopoint", writing->outcome->family, NULL);
    const StanzaLine *gateway = interfaces_option(stanza, "gateway", NULL);

    if (far_end == NULL || gateway == NULL || g_strcmp0(far_end->words[1], gateway->words[1]) != 0)
      continue;
    if (is_host && writing->outcome->gateway != NULL)
      (void)stanza_line_set_word(far_end, 1, writing->outcome->gateway);
    else
      remove_line(stanza, far_end);
  }
}

static void write_static(const Writing *writing) {
  const GPtrArray *addresses = writing->outcome->addresses;
  const char *gateway = writing->outcome->gateway;
  const InterfacesStanza *own = own_stanza(writing, NULL);
  const InterfacesStanza *home = own != NULL ? own : stanza_without_family(writing);
  g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(Place));
  const StanzaLine *first = NULL;
  Point point = starting_point(writing, home);
  guint done = 0;

  set_far_end(writing);
  add_places(writing, TRUE, places);
  const guint n_usable = places->len;
  add_places(writing, FALSE, places);
  if (home != NULL && (n_usable == 0 || is_alias(g_array_index(places, Place, 0).stanza))) {
    /* Indented as what goes. */
    add_address(writing, &point, addresses->pdata[done++]);
    make_static(home, writing->outcome->family);
    first = home->head;
  }
  for (done = fill_places(writing, places, n_usable, done, &point, &first); done < addresses->len; done++) {
    add_address(writing, &point, addresses->pdata[done]);
    first = first != NULL ? first : point.after->head;
  }
  stop_asking(writing);
  StanzaText *text = text_of(writing, first);
  if (!ifupdown_set_gateways(writing->stanzas, writing->outcome->family, gateway) && gateway != NULL)
    (void)stanza_text_insert(text, ifupdown_last_of(text, first), "gateway", gateway);
  ifupdown_set_dns(writing->stanzas, writing->outcome, text, first);
}

/* A static interface may have listened to no router. */
static void listen_to_routers(const InterfacesStanza *stanza) {
  static const char *const keywords[] = {"accept_ra", "autoconf", NULL};

  for (const char *const *keyword = keywords; *keyword != NULL; keyword++) {
    StanzaLine *line = interfaces_option(stanza, *keyword, NULL);
    if (line != NULL && g_strcmp0(line->words[1], "0") == 0)
      remove_line(stanza, line);
  }
}

static void write_auto(const Writing *writing) {
  const int family = writing->outcome->family;
  /* The kernel takes a router's prefix where nobody says otherwise. */
  const char *method = family == AF_INET ? "dhcp" : writing->interfaces->has_no_auto ? "manual" : "auto";
  const InterfacesStanza *asks = own_stanza(writing, method);
  const InterfacesStanza *home = asks != NULL ? asks : own_stanza(writing, "static");

  if (writing->outcome->had_static) {
    clear_all(writing, writing->outcome->dns == NULL);
    make_manual(writing, home, "static");
    home = home != NULL ? home : own_stanza(writing, NULL);
    if (home != NULL)
      set_method(home, method);
    if (home != NULL && family == AF_INET6)
      listen_to_routers(home);
  }
  home = home != NULL ? home : own_stanza(writing, method);
  if (home != NULL) {
    if (writing->outcome->dns != NULL)
      ifupdown_set_dns(writing->stanzas, writing->outcome, home->file->text, home->head);
    return;
  }
  home = stanza_without_family(writing);
  if (home == NULL || !writing->outcome->had_static || strcmp(method, "manual") == 0)
    return;
  StanzaLine *added = add_stanza(writing, home->file->text, home->head, method);
  if (writing->outcome->dns != NULL)
    ifupdown_set_dns(writing->stanzas, writing->outcome, home->file->text, added);
}

static void write_disabled(const Writing *writing) {
  clear_all(writing, TRUE);
  make_manual(writing, NULL, NULL);
  for (guint i = 0; i < writing->stanzas->len; i++)
    if (writing->outcome->family == AF_INET &&
        ((const InterfacesStanza *)writing->stanzas->pdata[i])->family == AF_UNSPEC)
      remove_options(writing->stanzas->pdata[i], "use");
}

void ifupdown_edit(const Interfaces *interfaces, const Profile *profile, const Outcome *outcome) {
  g_autoptr(GPtrArray) stanzas = g_ptr_array_new();
  const Writing writing = {interfaces, profile, outcome, stanzas};

  for (guint i = 0; i < interfaces->stanzas->len; i++)
    if (strcmp(((const InterfacesStanza *)interfaces->stanzas->pdata[i])->device, profile->id) == 0)
      g_ptr_array_add(stanzas, interfaces->stanzas->pdata[i]);
  if (stanzas->len == 0)
    return;
  switch (outcome->kind) {
  case OUTCOME_STATIC:
    write_static(&writing);
    break;
  case OUTCOME_AUTO:
    write_auto(&writing);
    break;
  case OUTCOME_DISABLED:
    write_disabled(&writing);
    break;
  case OUTCOME_LEAVE:
    break;
  }
}
