/* secret-keys.h - which keys of a profile hold a secret: libnm says it of the ones that it knows. */
#pragma once

#include <glib.h>

/* secret_key_is: KEY in GROUP, both as a keyfile has them; GROUP "": of an ifcfg file, which has none. What libnm does
 * not call so is a secret by its name; a
 * "-flags" key, which says where a secret is kept, is too: its caller looks at the value. */
gboolean secret_key_is(const char *group, const char *key);
