/* ssh-keygen.h - new SSH keys, made by ssh-keygen(1) in a private directory that does not outlive the call. */
#pragma once

#include <glib.h>

#include "ssh-key-type.h"

#define SSH_KEYGEN_PROGRAM "/usr/bin/ssh-keygen"

typedef struct {
  SshKeyType type;     /* what to make; bits 0: the program's default */
  GBytes *private_key; /* made; its memory is cleared when the last reference goes */
  GBytes *public_key;
} SshKeyPair;

void ssh_key_pair_free(SshKeyPair *pair);

/* ssh_keygen_run: fill PAIRS (SshKeyPair*), all at the same time, with COMMENT in the public keys. RUN_DIR is made
 * where it is not there; directories that killed runs left in it are removed. Errors: RI_ERROR_FAILED with what the
 * program said; then nothing of any pair is kept. */
gboolean ssh_keygen_run(const char *program, const char *run_dir, const char *comment, GPtrArray *pairs,
                        GError **error);
