/* policy-files.h - the policy's files, read as far as they can be trusted.
 *
 * /usr/lib/reset-identity/policy.d/NAME.ini, the vendor's, but those whose name /etc/reset-identity/policy.d has too;
 * /etc/reset-identity/policy.ini; /etc/reset-identity/policy.d/NAME.ini. Each directory in the C locale's order of
 * names; hidden files and other endings are passed over. Trust is judged on the *open* file: a regular file, owned by
 * root (uid 0), not writable by group or others.
 */
#pragma once

#include <stddef.h>

#include "base/root.h"

typedef struct {
  char *path; /* as it is called below the root */
  char *text; /* NUL-terminated; may hold NULs before SIZE */
  size_t size;
} PolicyFile;

typedef struct {
  PolicyFile *items;
  size_t count; /* 0: no policy at all, the defaults apply */
} PolicyFiles;

/* policy_files_read: FILE, where not NULL, is the one file to read instead of the usual ones (on the host, not below
 * ROOT; "-": standard input, called <stdin>). Errors: -EPERM when a file is not trusted, -EINVAL when something is no
 * regular file or longer than 1 MiB, others of open(2); PROBLEM names the file and what to do. */
int policy_files_read(const Root *root, const char *file, PolicyFiles *files, Problem *problem);
void policy_files_clear(PolicyFiles *files);

/* policy_files_passed_over: what lies in either policy.d and is not read, and is no backup of anything: the
 * NULL-terminated *PATHS, malloc'ed like each of them. Returns their count, or -ENOMEM. */
int policy_files_passed_over(const Root *root, char ***paths);
