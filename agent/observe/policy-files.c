/* policy-files.c - the policy's files, read as far as they can be trusted */
#include "policy-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/names.h"

enum { POLICY_LIMIT = 1 << 20 }; /* bytes */

/* Who can write the policy decides what root runs with: judged on the open file, so that nobody can exchange it
 * between the look and the read. */
static int check_trust(int fd, const char *path, bool trusts_own_group, Problem *problem) {
  char outer[ROOT_OUTER_PATH];
  struct stat info;

  if (fstat(fd, &info) < 0)
    return problem_set(problem, -errno, "%s: cannot be looked at: %s", path, strerror(errno));
  if (info.st_uid != 0)
    return problem_set(problem, -EPERM, "%s: not trusted, it belongs to user %u: run `chown root %s`", path,
                       (unsigned)info.st_uid, root_outer_path(fd, outer, path));
  if ((info.st_mode & S_IWOTH) != 0 || ((info.st_mode & S_IWGRP) != 0 && !(trusts_own_group && info.st_gid == 0)))
    return problem_set(problem, -EPERM, "%s: not trusted, others can write it (mode %04o): run `chmod go-w %s`", path,
                       (unsigned)info.st_mode & 07777, root_outer_path(fd, outer, path));
  return 0;
}

/* A file of another kind has to go, whoever owns it: /dev/null is not to be made anybody's. */
static int check_file(int fd, const char *path, Problem *problem) {
  struct stat info;

  if (fstat(fd, &info) == 0 && !S_ISREG(info.st_mode))
    return problem_set(problem, -EINVAL, "%s: not a regular file: put a regular file in its place", path);
  return check_trust(fd, path, false, problem);
}

/* Of a directory of the policy's. */
static int explain_directory(int error, const char *path, Problem *problem) {
  if (error == -EACCES)
    return problem_set(problem, error, "%s: cannot be opened: %s: run it as root", path, strerror(EACCES));
  if (error == -ENOTDIR)
    return problem_set(problem, error, "%s: not a directory: put a directory in its place, or remove it", path);
  return problem_set(problem, error, "%s: cannot be opened: %s", path, strerror(-error));
}

/* Who can write a directory can take the policy away. Root's own group may. */
static int check_directory(const Root *root, const char *path, Problem *problem) {
  auto_close int fd = root_open_at(root, path, O_RDONLY | O_DIRECTORY);

  if (fd == -ENOENT)
    return 0;
  if (fd < 0)
    return explain_directory(fd, path, problem);
  return check_trust(fd, path, true, problem);
}

static int add_file(PolicyFiles *files, const char *path, char *text, size_t size) {
  PolicyFile *larger = realloc(files->items, (files->count + 1) * sizeof *larger);
  char *name = strdup(path);

  if (larger != NULL)
    files->items = larger;
  if (larger == NULL || name == NULL) {
    free(name);
    free(text);
    return -ENOMEM;
  }
  files->items[files->count++] = (PolicyFile){.path = name, .text = text, .size = size};
  return 0;
}

static int explain(int error, const char *path, Problem *problem) {
  if (error == -EINVAL)
    return problem_set(problem, error, "%s: not a regular file: put a regular file in its place", path);
  if (error == -EFBIG)
    return problem_set(problem, -EINVAL, "%s: longer than 1 MiB: this is not a policy", path);
  if (error == -EACCES)
    return problem_set(problem, error, "%s: cannot be read: %s: run it as root", path, strerror(EACCES));
  if (error == -ENOENT)
    return problem_set(problem, error, "%s: cannot be read: %s, or it is a link that leads nowhere", path,
                       strerror(ENOENT));
  return problem_set(problem, error, "%s: cannot be read: %s", path, strerror(-error));
}

/* FD is of PATH, or a negative errno. JUDGED: it must be root's alone. */
static int read_open_file(int fd, const char *path, bool judged, PolicyFiles *files, Problem *problem) {
  char *text = NULL;
  size_t size = 0;

  if (fd < 0)
    return explain(fd, path, problem);
  int result = judged ? check_file(fd, path, problem) : 0;
  if (result < 0)
    return result;
  result = root_read_fd(fd, POLICY_LIMIT, &text, &size);
  if (result == 0)
    result = add_file(files, path, text, size);
  return result < 0 ? explain(result, path, problem) : 0;
}

static int read_below(const Root *root, const char *path, PolicyFiles *files, Problem *problem) {
  auto_close int fd = root_open_file(root, path);

  return read_open_file(fd, path, true, files, problem);
}

static int read_main_file(const Root *root, PolicyFiles *files, Problem *problem) {
  auto_close int fd = root_open_file(root, RI_POLICY_FILE);

  /* A policy that was linked and is gone is not the same as no policy. */
  if (fd == -ENOENT && !root_is_named(root, RI_POLICY_FILE))
    return 0;
  return read_open_file(fd, RI_POLICY_FILE, true, files, problem);
}

static int is_drop_in(const struct dirent *entry) {
  size_t length = strlen(entry->d_name);

  return entry->d_name[0] != '.' && length > strlen(".ini") &&
         strcmp(entry->d_name + length - strlen(".ini"), ".ini") == 0;
}

/* Not alphasort(): the order must not depend on the locale. */
static int compare_names(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

/* A file in the admin's directory takes the place of the vendor's, whatever it is: an empty one, or one that is
 * not trusted and is refused in its turn. */
static bool is_replaced(const Root *root, const char *directory, const char *name) {
  char path[PATH_MAX];

  if (strcmp(directory, RI_VENDOR_POLICY_DIR) != 0)
    return false;
  (void)snprintf(path, sizeof path, "%s/%s", RI_POLICY_DIR, name);
  return root_is_named(root, path);
}

static int read_drop_ins(const Root *root, const char *directory, PolicyFiles *files, Problem *problem) {
  struct dirent **entries = NULL;
  auto_close int fd = root_open_at(root, directory, O_RDONLY | O_DIRECTORY);
  int count, result = 0;

  if (fd == -ENOENT)
    return 0;
  if (fd < 0)
    return explain_directory(fd, directory, problem);
  count = scandirat(fd, ".", &entries, is_drop_in, compare_names);
  if (count < 0)
    return problem_set(problem, -errno, "%s: cannot be listed: %s", directory, strerror(errno));
  for (int i = 0; i < count; i++) {
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
    if (result == 0 && !is_replaced(root, directory, entries[i]->d_name))
      result = read_below(root, path, files, problem);
    free(entries[i]);
  }
  free(entries);
  return result;
}

/* Whoever pipes it in is the one who asks: there is nobody to be trusted but them. */
static int read_standard_input(PolicyFiles *files, Problem *problem) {
  char *text = malloc(POLICY_LIMIT + 1);
  size_t size = text != NULL ? fread(text, 1, POLICY_LIMIT, stdin) : 0;

  if (text == NULL)
    return -ENOMEM;
  text[size] = '\0';
  if (ferror(stdin) || (size == POLICY_LIMIT && getchar() != EOF)) {
    free(text);
    return explain(ferror(stdin) ? -EIO : -EFBIG, "<stdin>", problem);
  }
  return add_file(files, "<stdin>", text, size);
}

/* Whoever is not root only asks whether it is valid: it may be their own, before it is installed. */
static int read_given_file(const char *path, PolicyFiles *files, Problem *problem) {
  auto_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  return read_open_file(fd < 0 ? -errno : fd, path, geteuid() == 0, files, problem);
}

static int read_usual_files(const Root *root, PolicyFiles *files, Problem *problem) {
  static const char *const directories[] = {RI_VENDOR_HOME, RI_VENDOR_POLICY_DIR, RI_POLICY_HOME, RI_POLICY_DIR};
  int result = 0;

  for (size_t i = 0; result == 0 && i < sizeof directories / sizeof directories[0]; i++)
    result = check_directory(root, directories[i], problem);
  if (result == 0)
    result = read_drop_ins(root, RI_VENDOR_POLICY_DIR, files, problem);
  if (result == 0)
    result = read_main_file(root, files, problem);
  if (result == 0)
    result = read_drop_ins(root, RI_POLICY_DIR, files, problem);
  return result;
}

int policy_files_read(const Root *root, const char *file, PolicyFiles *files, Problem *problem) {
  int result;

  *files = (PolicyFiles){.count = 0};
  if (file != NULL && strcmp(file, "-") == 0)
    result = read_standard_input(files, problem);
  else if (file != NULL)
    result = read_given_file(file, files, problem);
  else
    result = read_usual_files(root, files, problem);
  if (result < 0)
    policy_files_clear(files);
  return result;
}

void policy_files_clear(PolicyFiles *files) {
  for (size_t i = 0; i < files->count; i++) {
    free(files->items[i].path);
    free(files->items[i].text);
  }
  free(files->items);
  *files = (PolicyFiles){.count = 0};
}

/* Left over by an editor or a package manager, or switched off on purpose: nobody expects that it is read. */
static bool is_leftover(const char *name) {
  static const char *const endings[] = {"~",         ".bak",      ".old",       ".orig",   ".off",
                                        ".disabled", ".swp",      ".rpmsave",   ".rpmnew", ".rpmorig",
                                        ".dpkg-old", ".dpkg-new", ".dpkg-dist", ".md"};
  size_t length = strlen(name);

  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
    if (length >= strlen(endings[i]) && strcmp(name + length - strlen(endings[i]), endings[i]) == 0)
      return true;
  return name[0] == '.' || strncmp(name, "README", strlen("README")) == 0;
}

static int is_passed_over(const struct dirent *entry) {
  return !is_drop_in(entry) && !is_leftover(entry->d_name);
}

/* Their paths behind the first *KEPT of *PATHS, with room for a NULL. */
static void add_passed_over(const Root *root, const char *directory, char ***paths, int *kept) {
  struct dirent **entries = NULL;
  auto_close int fd = root_open_at(root, directory, O_RDONLY | O_DIRECTORY);
  int count = fd >= 0 ? scandirat(fd, ".", &entries, is_passed_over, compare_names) : 0;
  char **larger = realloc(*paths, ((size_t)*kept + (size_t)(count > 0 ? count : 0) + 1) * sizeof *larger);

  if (larger != NULL)
    *paths = larger;
  for (int i = 0; i < count; i++) {
    if (larger != NULL && asprintf(&larger[*kept], "%s/%s", directory, entries[i]->d_name) >= 0)
      ++*kept;
    free(entries[i]);
  }
  free(entries);
}

int policy_files_passed_over(const Root *root, char ***paths) {
  int kept = 0;

  *paths = NULL;
  add_passed_over(root, RI_VENDOR_POLICY_DIR, paths, &kept);
  add_passed_over(root, RI_POLICY_DIR, paths, &kept);
  if (*paths == NULL)
    return -ENOMEM;
  (*paths)[kept] = NULL;
  return kept;
}
