/* netplan-places.h - where in netplan's files an interface says something, and the verbs that netplan-edit.c is made
 * of. Each of them finds its place anew: an edit takes the nodes away. Only files in /etc are changed.
 */
#pragma once

#include "netplan-edit.h"
#include "profiles/text/yaml-edit.h"

typedef struct {
  NetplanEdit *edit;
  const Profile *profile;
  GPtrArray *touched; /* NetplanFile*, that were changed */
} NetplanPlaces;

/* The list KEY of the interface, or KEY of its mapping MAPPING (NULL: its own). */
typedef struct {
  const char *mapping;
  const char *key;
} ListName;

/* An item is meant by what it says; NULL: it is none that is meant. */
typedef const char *(*ItemText)(const YamlNode *item, int family);

/* places_replace: the items of FAMILY become VALUES (NULL-terminated), each where one stood; surplus ones go, more ones
 * go behind the others of the profile's file. An item may be a mapping with its text as its key. */
gboolean places_replace(NetplanPlaces *places, ListName name, ItemText text, int family, const char *const *values,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* places_has: an item of FAMILY stands in some file. */
gboolean places_has(const NetplanPlaces *places, ListName name, ItemText text, int family);
/* places_set: a key of the interface, where it is in effect; where it is not there it is added when ADD. */
gboolean places_set(NetplanPlaces *places, const char *key, const char *bare, gboolean add,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* places_set_word: the list KEY, where it is in effect, has WORD, or not. Where there is none it has just that WORD, as
 * netplan takes it. */
gboolean places_set_word(NetplanPlaces *places, const char *key, const char *word, gboolean on,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* places_add: KEY, which is in no file, with VALUE, which is taken over. */
gboolean places_add(NetplanPlaces *places, const char *key, YamlValue *value, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* places_remove: KEY in all files. */
gboolean places_remove(NetplanPlaces *places, const char *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* places_text: KEY as it is in effect now. */
const char *places_text(const NetplanPlaces *places, const char *key);

/* places_default_route: the default routes of FAMILY: the first one gets GATEWAY, and is ON_LINK, the others go; NULL:
 * all of them go. *FOUND: there was one. */
gboolean places_default_route(NetplanPlaces *places, int family, const char *gateway, gboolean on_link, gboolean *found,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* places_add_route: a default route in the profile's file. */
gboolean places_add_route(NetplanPlaces *places, int family, const char *gateway, gboolean on_link,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* places_are_in: the interface stands in SECTION. */
gboolean places_are_in(const NetplanPlaces *places, const char *section);

/* Keys of NetworkManager's own below networkmanager.passthrough. VALUE NULL: it goes. ADD: also where it is not there;
 * into the file that has the mapping. */
gboolean places_pass(NetplanPlaces *places, const char *key, const char *value, gboolean add,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
const char *places_passed(const NetplanPlaces *places, const char *key);
