/* ssh-key-type.h - the type and size of an SSH key, so that its successor is of the same kind.
 *
 * Formats: sshd(8), "AUTHORIZED_KEYS FILE FORMAT" for public keys, RFC 4253 6.6 for their encoding, OpenSSH's
 * PROTOCOL.key for private ones.
 */
#pragma once

#include <glib.h>

typedef struct {
  const char *name; /* static, as `ssh-keygen -t` takes it: "rsa", "ecdsa", "ed25519"; "dsa" is only recognised */
  unsigned bits;    /* 0: the type has but one size, or it is not known */
} SshKeyType;

/* Each returns FALSE when CONTENT (NAME) does not tell. */
gboolean ssh_key_type_of_private(GBytes *content, SshKeyType *type);
gboolean ssh_key_type_of_public(GBytes *content, SshKeyType *type);
gboolean ssh_key_type_of_file_name(const char *name, SshKeyType *type);
