/* diff.h - a plan as a unified diff that an admin would sign, secrets masked. */
#pragma once

#include <glib.h>

#include "plan/plan.h"

/* diff_edit: "--- a/etc/hostname", "+++ b/etc/hostname", hunks; /dev/null for a file that comes or goes; for a secret,
 * a link or a directory one line that says what happens to it. Values of secret keys in profiles (psk, password,
 * private-key, ...) are masked on both sides. Content that is not text is said to differ. */
void diff_edit(const Edit *edit, GString *out);

/* diff_mask_secrets: a copy of a keyfile text with every secret value replaced by "<hidden>". */
char *diff_mask_secrets(const char *text, gsize size, gsize *masked_size);

/* diff_mask_words: a copy of any other text without the secrets that stand among its words: "password=X", dhclient's
 * "secret X;", "iscsi:USER:PASSWORD@". Without zero bytes in it. */
char *diff_mask_words(const char *text, gsize size, gsize *masked_size);

/* diff_mask_comments: a copy of a text whose secrets are "<hidden>" already, without the comments in their lines and
 * next to them. Without zero bytes in it. */
char *diff_mask_comments(const char *text, gsize size, gsize *masked_size);
