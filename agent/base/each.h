/* each.h - walking GLib's arrays, each item as the type that it has, and the two address families. */
#pragma once

#include <glib.h>
#include <sys/socket.h>

/* Two loops, of which the inner one has the item and turns once: `break` and `continue` do what they do in any loop. */
#define EACH_OF(type, item, array, what)                                                                               \
  for (guint item##_at = 0, item##_on = 1; item##_on && item##_at < (array)->len; item##_on = !item##_on, item##_at++) \
    for (type item = (what); item##_on; item##_on = 0)

/* list_each: ITEM, of the pointer TYPE, is in turn each that is in the GPtrArray LIST, which is not NULL. */
#define list_each(type, item, list) EACH_OF(type, item, list, (list)->pdata[item##_at])
/* array_each: ITEM, of the pointer TYPE, points in turn to each that is in the GArray ARRAY, which is not NULL. */
#define array_each(type, item, array) EACH_OF(type, item, array, (type)(gpointer)(array)->data + item##_at)

/* family_each: FAMILY is AF_INET, then AF_INET6. */
// NOLINTNEXTLINE(bugprone-macro-parentheses): it is declared here
#define family_each(family) for (int family = AF_INET; (family) != 0; (family) = (family) == AF_INET ? AF_INET6 : 0)
