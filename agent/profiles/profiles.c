/* profiles.c - what gives NICs their addresses, as it lies in the tree: NetworkManager's keyfiles, then the other
 * formats */
#include "profiles.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/each.h"
#include "base/error.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "child-names.h"
#include "mac-notation.h"
#include "network-stack.h"
#include "own-entries.h"
#include "profile-formats.h"
#include "profile-nic.h"
#include "profiles/ifupdown/empty-bridges.h"
#include "profiles/keyfile/keyfile-profile.h"
#include "profiles/netplan/netplan-profiles.h"
#include "profiles/selection/manager-configuration.h"

#define SIZE_LIMIT ((off_t)16 * 1024 * 1024)

/* Where NetworkManager looks besides, for NAME.nmconnection only; what lies there is not ours to edit. */
static const char *const fixed_directories[] = {"/run/NetworkManager/system-connections",
                                                "/usr/lib/NetworkManager/system-connections"};

/* mkstemp's ".XXXXXX", which also is ".nmmeta". */
static gboolean has_temporary_ending(const char *name) {
  const char *ending = strrchr(name, '.');

  if (ending == NULL || strlen(ending) != 7)
    return FALSE;
  for (ending++; *ending != '\0'; ending++)
    if (!g_ascii_isalnum(*ending))
      return FALSE;
  return TRUE;
}

static gboolean has_ending(const char *name, const char *ending) {
  const gsize length = strlen(name);
  const gsize ending_length = strlen(ending);

  return length > ending_length && g_ascii_strcasecmp(name + length - ending_length, ending) == 0;
}

static gboolean is_profile_name(const char *name, gboolean needs_ending) {
  if (name[0] == '.')
    return FALSE;
  if (needs_ending)
    return g_str_has_suffix(name, ".nmconnection") && strlen(name) > strlen(".nmconnection");
  return !g_str_has_suffix(name, "~") && !has_temporary_ending(name) && !has_ending(name, ".pem") &&
         !has_ending(name, ".der");
}

/* Why NetworkManager does not load the file, or NULL. Fills TEXT when it does. */
static char *why_not_loaded(Profile *profile, const struct stat *info) {
  g_autoptr(GKeyFile) loaded = NULL;
  g_autoptr(GError) error = NULL;

  if (info->st_uid != 0)
    return g_strdup_printf("NetworkManager ignores it, because its owner is user %u and not root",
                           (unsigned)info->st_uid);
  if ((info->st_mode & 077) != 0)
    return g_strdup_printf("NetworkManager ignores it, because others than root may open it (mode %04o, not 0600)",
                           (unsigned)(info->st_mode & 07777));
  profile->text = keyfile_text_load(profile->bytes, &loaded, &error);
  if (profile->text != NULL)
    profile->judged = profile_judge_loaded(loaded, profile->path, &error);
  if (profile->judged != NULL)
    return NULL;
  g_clear_pointer(&profile->text, keyfile_text_free);
  return g_strdup_printf("NetworkManager refuses it: %s", error->message);
}

/* What NetworkManager makes by itself and drops again (the loopback, "Wired connection 1", a container's bridge), and
 * only notes in /run, is nobody's configuration. */
static gboolean is_generated(const Profile *profile) {
  g_autofree char *generated = NULL;

  if (profile->text == NULL || !g_str_has_prefix(profile->path, "/run/"))
    return FALSE;
  generated = keyfile_text_get(profile->text, ".nmmeta", "nm-generated");
  return g_strcmp0(generated, "true") == 0;
}

/* A package's profile that was deleted: NetworkManager cannot remove it, and notes it with a link to /dev/null
 * (nms-keyfile-storage.c, is_tombstone). */
static gboolean is_deleted(const Root *root, const char *directory, const Profile *profile) {
  if (profile->uuid == NULL || !g_str_has_prefix(profile->path, "/usr/lib/"))
    return FALSE;
  g_autofree char *path = g_strdup_printf("%s/%s.nmmeta", directory, profile->uuid);
  g_autofree char *target = tree_read_link(root, path);
  return g_strcmp0(target, "/dev/null") == 0;
}

static char *why_not_there(const char *path) {
  for (gsize i = 0; i < G_N_ELEMENTS(fixed_directories); i++)
    if (g_str_has_prefix(path, fixed_directories[i]))
      return profile_why_not_ours(path, PROFILES_DIR);
  return NULL;
}

/* Its path and bytes are there: what is behind them. */
static void understand(Profile *profile, const struct stat *info) {
  profile->changed = info->st_mtim;
  profile->why_not = why_not_loaded(profile, info);
  if (profile->text == NULL)
    return;
  keyfile_profile_fill(profile);
  profile->why_not = why_not_there(profile->path);
}

/* What there is to know of the open file INFO. PATH is as the directory has it. */
static gboolean read_by_path(const Root *root, const char *path, const struct stat *info, Profile *profile,
                             GError **error) {
  g_autoptr(GBytes) bytes = NULL;

  profile->changed = info->st_mtim;
  if (!S_ISREG(info->st_mode) || info->st_size > SIZE_LIMIT) {
    profile->path = g_strdup(path);
    profile->bytes = g_bytes_new(NULL, 0);
    profile->why_not = g_strdup(S_ISREG(info->st_mode) ? "it is larger than 16 MiB" : "it is no regular file");
    return TRUE;
  }
  if (!tree_read(root, path, &bytes, &profile->path, error))
    return FALSE;
  profile->bytes = bytes != NULL ? g_steal_pointer(&bytes) : g_bytes_new(NULL, 0);
  understand(profile, info);
  return TRUE;
}

/* A link that leads nowhere is no profile for NetworkManager either. */
static gboolean stat_file(const Root *root, const char *path, struct stat *info, gboolean *there, GError **error) {
  int fd = root_open_at(root, path, O_PATH);
  int result = 0;

  *there = fd >= 0;
  if (fd == -ENOENT || fd == -ELOOP || fd == -ENOTDIR)
    return TRUE;
  if (fd < 0)
    return ri_error_errno(error, fd, "%s", path);
  if (fstat(fd, info) < 0)
    result = -errno;
  (void)close(fd);
  return result == 0 || ri_error_errno(error, result, "%s", path);
}

/* A directory of profiles: nearly all that is in it are plain files, and no path is walked for them. */
typedef struct {
  const Root *root;
  const char *path;
  char *resolved; /* without links; NULL: there is none */
  int fd;
} Folder;

static void folder_clear(Folder *folder) {
  g_free(folder->resolved);
  if (folder->fd >= 0)
    (void)close(folder->fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Folder, folder_clear)

/* *THERE: NAME is something that may be a profile. */
static gboolean read_profile(const Folder *folder, const char *name, Profile *profile, gboolean *there,
                             GError **error) {
  g_autofree char *path = NULL;
  struct stat info;

  profile->bytes = folder->fd >= 0 ? tree_read_entry(folder->fd, name, &info) : NULL;
  *there = profile->bytes != NULL;
  if (*there) {
    profile->path = g_build_filename(folder->resolved, name, NULL);
    understand(profile, &info);
    return TRUE;
  }
  path = g_build_filename(folder->path, name, NULL);
  if (!stat_file(folder->root, path, &info, there, error))
    return FALSE;
  if (*there && S_ISDIR(info.st_mode))
    *there = FALSE;
  return !*there || read_by_path(folder->root, path, &info, profile, error);
}

/* Two names of one file are one profile. */
static gboolean read_directory(const Root *root, const char *directory, gboolean needs_ending, Profiles *profiles,
                               GHashTable *paths, GError **error) {
  g_auto(GStrv) names = tree_list(root, directory, error);
  g_auto(Folder) folder = {root, directory, names != NULL ? tree_resolve(root, directory) : NULL, -1};

  if (folder.resolved != NULL)
    folder.fd = root_open_at(root, folder.resolved, O_PATH | O_DIRECTORY);
  for (char **name = names; name != NULL && *name != NULL; name++) {
    g_autofree Profile *profile = is_profile_name(*name, needs_ending) ? g_new0(Profile, 1) : NULL;
    gboolean there;

    if (profile == NULL)
      continue;
    if (!read_profile(&folder, *name, profile, &there, error)) {
      g_free(profile->path);
      return FALSE;
    }
    if (!there)
      continue;
    if (is_generated(profile) || is_deleted(root, profiles->directory, profile) ||
        g_hash_table_contains(paths, profile->path)) {
      profile_free(g_steal_pointer(&profile));
      continue;
    }
    g_hash_table_add(paths, profile->path);
    g_ptr_array_add(profiles->items, g_steal_pointer(&profile));
  }
  return names != NULL;
}

static int compare_paths(gconstpointer a, gconstpointer b) {
  const Profile *left = *(const Profile *const *)a;
  const Profile *right = *(const Profile *const *)b;
  const int order = strcmp(left->path, right->path);

  if (order != 0 || left->plain == NULL || right->plain == NULL)
    return order;
  return left->plain->line < right->plain->line ? -1 : left->plain->line > right->plain->line;
}

/* A file of one of NetworkManager's plugins that is read with its age. */
static gboolean is_counted_by_age(const Profile *profile) {
  return profile->uuid != NULL && profile->why_not == NULL && profile_is_managers(profile) &&
         (profile->format == NULL || profile->changed.tv_sec != 0);
}

/* Where the plugin that reads PROFILE stands among PLUGINS; keyfiles are read last where they are not named
 * (nm-settings.c, load_plugins), what another plugin is for is not read then. */
static guint rank(const Profile *profile, char *const *plugins) {
  const char *plugin = profile->format == NULL ? "keyfile" : "ifcfg-rh";
  guint at = 0;

  while (plugins[at] != NULL && strcmp(plugins[at], plugin) != 0)
    at++;
  return plugins[at] == NULL && profile->format != NULL ? at + 1 : at;
}

/* Of files with one UUID NetworkManager takes that of the plugin which is named first (nm-settings-storage.c,
 * nm_settings_storage_cmp); of one plugin the newest, then the one whose name comes last (nms-keyfile-storage.c,
 * nms_keyfile_storage_cmp; nms-ifcfg-rh-storage.c, nms_ifcfg_rh_storage_cmp). Without PLUGINS the order is what
 * NetworkManager was built with, which no file says. */
static gboolean hides(const Profile *profile, const Profile *other, char *const *plugins) {
  if (profile == other || !is_counted_by_age(profile) || !is_counted_by_age(other) ||
      g_ascii_strcasecmp(profile->uuid, other->uuid) != 0)
    return FALSE;
  if (profile->format != other->format)
    return plugins != NULL && rank(profile, plugins) < rank(other, plugins);
  if (profile->changed.tv_sec != other->changed.tv_sec)
    return profile->changed.tv_sec > other->changed.tv_sec;
  if (profile->changed.tv_nsec != other->changed.tv_nsec)
    return profile->changed.tv_nsec > other->changed.tv_nsec;
  return strcmp(profile->path, other->path) > 0;
}

static void find_hidden(Profiles *profiles, char *const *plugins) {
  g_autoptr(GHashTable) by_uuid = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  list_each (Profile *, profile, profiles->items) {
    char *uuid = profile->uuid != NULL ? g_ascii_strdown(profile->uuid, -1) : NULL;
    Profile *known = uuid != NULL ? g_hash_table_lookup(by_uuid, uuid) : NULL;

    if (known != NULL && hides(known, profile, plugins))
      profile->hidden_by = known;
    else if (known != NULL && hides(profile, known, plugins))
      known->hidden_by = profile;
    if (uuid != NULL && (known == NULL || known->hidden_by != NULL))
      (void)g_hash_table_insert(by_uuid, uuid, profile);
    else
      g_free(uuid);
  }
}

/* What netplan makes of a file that may be edited, for networkd or NetworkManager, follows it: the same, twice. */
static void drop_made(Profiles *profiles) {
  for (guint i = profiles->items->len; i > 0; i--) {
    const Profile *maker = netplan_maker(profiles, ((const Profile *)profiles->items->pdata[i - 1])->path);

    if (maker != NULL && maker->why_not == NULL)
      g_ptr_array_remove_index(profiles->items, i - 1);
  }
}

static gboolean read_formats(const Root *root, Profiles *profiles, GError **error) {
  for (gsize i = 0; i < n_profile_formats; i++)
    if (!profile_formats[i].read(root, &profile_formats[i], profiles, error))
      return FALSE;
  drop_made(profiles);
  g_ptr_array_sort(profiles->items, compare_paths);
  return TRUE;
}

static gboolean read_all(const Root *root, Profiles *profiles, GError **error) {
  g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);

  g_free(profiles->directory);
  profiles->directory = manager_configuration_profiles(root);
  if (!read_directory(root, profiles->directory, FALSE, profiles, paths, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS(fixed_directories); i++)
    if (!read_directory(root, fixed_directories[i], TRUE, profiles, paths, error))
      return FALSE;
  if (!read_formats(root, profiles, error))
    return FALSE;
  g_auto(GStrv) plugins = manager_configuration_plugins(root);
  find_hidden(profiles, plugins);
  return TRUE;
}

static gboolean is_enabled(const Profiles *profiles, const ProfileFormat *format) {
  for (guint i = 0; i < profiles->enabled->len; i++)
    if (g_array_index(profiles->enabled, const ProfileFormat *, i) == format)
      return TRUE;
  return FALSE;
}

/* A keyfile counts where NetworkManager is installed, or where nothing else is there for its NICs. */
static void find_enabled(const Root *root, Profiles *profiles) {
  for (gsize i = 0; i < n_profile_formats; i++) {
    const ProfileFormat *format = &profile_formats[i];
    if (network_stack_is_enabled(root, network_stack_named(format->stack)))
      g_array_append_val(profiles->enabled, format);
  }
  profiles->lacks_manager = profiles->enabled->len > 0 && !network_manager_is_installed(root);
  list_each (Profile *, profile, profiles->items)
    profile->enabled = profile->format != NULL ? is_enabled(profiles, profile->format) : !profiles->lacks_manager;
}

/* Several at once: a keyfile is on one of those that it fits, and that is NetworkManager's to choose. */
static GPtrArray *find_several(const Profile *profile, const NicMap *map, const NicList *present) {
  g_autoptr(GPtrArray) nics = g_ptr_array_new();

  for (size_t i = 0; i < present->count; i++)
    if (profile_fits_nic(profile, map, present, &present->items[i]))
      g_ptr_array_add(nics, &present->items[i]);
  return nics->len > 1 ? g_steal_pointer(&nics) : NULL;
}

static void find_nics(Profiles *profiles, const NicMap *map, const NicList *present) {
  list_each (Profile *, profile, profiles->items) {
    profile->nic = profile_is_loaded(profile) ? profile_find_nic(profile, map, present) : NULL;
    if (profile->format != NULL && profile->plain != NULL && profile->nic == NULL)
      profile->plain->nics = find_several(profile, map, present);
  }
  child_names_find(profiles, map);
  empty_bridges_find(profiles);
  for (gsize i = 0; i < n_profile_formats; i++)
    if (profile_formats[i].settle != NULL)
      profile_formats[i].settle(&profile_formats[i], profiles, map, present);
  own_files_settle(NULL, profiles, map, present);
}

Profiles *profiles_read(const Root *root, const NicMap *map, const NicList *present, GError **error) {
  g_autoptr(Profiles) profiles = profiles_new();

  if (!read_all(root, profiles, error))
    return NULL;
  find_nics(profiles, map, present);
  find_enabled(root, profiles);
  return g_steal_pointer(&profiles);
}

Profiles *profiles_read_formats(const Root *root, const NicList *present, GError **error) {
  g_autoptr(Profiles) profiles = profiles_new();
  g_autoptr(NicMap) same = nic_map_new(present, present);

  if (!read_formats(root, profiles, error))
    return NULL;
  find_nics(profiles, same, present);
  find_enabled(root, profiles);
  return g_steal_pointer(&profiles);
}
