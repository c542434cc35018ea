/* sshd-config.h - the host keys and certificates that sshd is told to use (sshd_config(5)). */
#pragma once

#include <glib.h>

#include "base/root.h"

typedef struct {
  char *path;  /* absolute, as sshd takes it */
  char *where; /* "/etc/ssh/sshd_config:12" */
} SshdPath;

typedef struct {
  GPtrArray *host_keys;    /* SshdPath*, in order, each path once */
  GPtrArray *certificates; /* SshdPath*: HostCertificate */
} SshdConfig;

/* sshd_config_read: /etc/ssh/sshd_config (else /usr/etc/ssh/sshd_config) and what it includes, then what
 * its command line says: the options in the files that distributions have for them, and in units. All below ROOT. No
 * file is no error. Included files that are not there or no regular files are passed over. */
SshdConfig *sshd_config_read(const Root *root, GError **error);
void sshd_config_free(SshdConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SshdConfig, sshd_config_free)
