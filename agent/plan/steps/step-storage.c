/* step-storage.c - the names by which storage on the network knows this machine */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <uuid/uuid.h>

#include "base/bytes.h"
#include "base/command-line.h"
#include "base/error.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"
#include "storage-volumes.h"

#define STEP "storage"

static const char initiator_file[] = "/etc/iscsi/initiatorname.iscsi";
static const char hostnqn_file[] = "/etc/nvme/hostnqn";
static const char hostid_file[] = "/etc/nvme/hostid";

/* What tells that the root file system, or the boot loader's, comes over a network that knows the machine by this name:
 * the target would let no other one in. */
typedef struct {
  const char *const *words; /* how a word of the kernel command line begins */
  const char *firmware;     /* below /sys: the firmware booted from it */
  const char *initramfs;    /* the initramfs has it by this file; NULL: none */
} NetworkRoot;

/* dracut.cmdline(7), "iSCSI" and "NVMf"; open-iscsi's hook of initramfs-tools. */
static const char *const iscsi_words[] = {"iscsi_firmware", "rd.iscsi.", "netroot=iscsi", "ip=ibft", "iscsi_initiator",
                                          "iscsi_target",   NULL};
static const char *const nvme_words[] = {"rd.nvmf.", NULL};
static const NetworkRoot iscsi_root = {iscsi_words, "/sys/firmware/ibft", "/etc/iscsi/iscsi.initramfs"};
static const NetworkRoot nvme_root = {nvme_words, "/sys/firmware/acpi/tables/NBFT", NULL};

static gboolean command_line_says(const PlanContext *context, const char *const *beginnings) {
  g_auto(GStrv) words = command_line_words(context->hardware);

  for (char **word = words; *word != NULL; word++)
    for (const char *const *beginning = beginnings; *beginning != NULL; beginning++)
      if (g_str_has_prefix(*word, *beginning))
        return TRUE;
  return FALSE;
}

static gboolean is_root_on(const PlanContext *context, const NetworkRoot *root) {
  if (root->initramfs != NULL && tree_means_regular_file(context->root, root->initramfs))
    return TRUE;
  return context->hardware != NULL &&
         (command_line_says(context, root->words) || tree_is_directory(context->hardware, root->firmware) ||
          tree_is_regular_file(context->hardware, root->firmware));
}

static char *draw_digits(GError **error) {
  guint8 bytes[6];

  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
    (void)ri_error_errno(error, errno == 0 ? -EIO : -errno, "cannot draw a random name for iSCSI");
    return NULL;
  }
  return g_strdup_printf("%02x%02x%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
}

/* OLD, a name of the form "authority:what the authority calls it", for this machine: the host name in the latter
 * follows, else what stands behind the last colon becomes UNIQUE. */
static char *rename_name(const PlanContext *context, const char *old, const char *unique, const char **source) {
  const char *colon = strrchr(old, ':');
  const int authority = (int)(colon != NULL ? (gsize)(colon - old) : strlen(old));
  g_autofree char *named =
      colon != NULL ? renames_replace(context->renames, RENAME_HOST, colon + 1, strlen(colon + 1)) : NULL;

  *source = named != NULL ? "the host name" : "random";
  return g_strdup_printf("%.*s:%s", authority, old, named != NULL ? named : unique);
}

/* The first InitiatorName= counts (iscsid(8)); an alias may name the host. */
typedef struct {
  const PlanContext *context;
  Plan *plan;
  const char *text, *path;
  GString *out;
  gsize copied;
  char *name; /* NULL: not come across yet */
  GError *error;
} Initiator;

static const FollowedKey alias_keys[] = {{NULL, "InitiatorAlias", RENAME_HOST, NULL}};

static void replace_token(Initiator *initiator, const Token *token, const char *with) {
  const gsize start = (gsize)(token->value - initiator->text);

  g_string_append_len(initiator->out, initiator->text + initiator->copied, (gssize)(start - initiator->copied));
  g_string_append(initiator->out, with);
  initiator->copied = start + token->size;
}

static void name_initiator(Initiator *initiator, const Token *token) {
  g_autofree char *old = g_strndup(token->value, token->size);
  const char *source;

  initiator->name = g_strdup(g_strstrip(old));
  if (!g_str_has_prefix(old, "iqn.")) {
    plan_warn(
        initiator->plan,
        "%s:%u: the initiator name %s is the template's, and reset-identity cannot make another of its form: give "
        "this machine one of its own (iscsi-iname)",
        initiator->path, token->line, old);
    return;
  }
  g_autofree char *digits = draw_digits(&initiator->error);
  if (digits == NULL)
    return;
  g_autofree char *new = rename_name(initiator->context, old, digits, &source);
  replace_token(initiator, token, new);
  (void)plan_choose(initiator->plan, "iscsi-initiator", old, new, source);
}

static void scan_initiator(const Token *token, gpointer data) {
  Initiator *initiator = data;

  if (token->key == NULL || initiator->error != NULL)
    return;
  if (strcmp(token->key, "InitiatorName") == 0 && initiator->name == NULL && token->size > 0)
    name_initiator(initiator, token);
  g_autofree char *alias =
      scanner_value(initiator->context->renames, alias_keys, G_N_ELEMENTS(alias_keys), token, NULL, NULL);
  if (alias != NULL)
    replace_token(initiator, token, alias);
}

/* iscsid keeps the sessions that it has when it is started anew. */
static gboolean write_initiator(Initiator *initiator, GBytes *old) {
  gsize size = 0;

  initiator->text = bytes_text(old, &size);
  initiator->out = g_string_sized_new(size);
  tokens_of_assignments(initiator->text, size, scan_initiator, initiator);
  g_string_append_len(initiator->out, initiator->text + initiator->copied, (gssize)(size - initiator->copied));
  g_autoptr(GBytes) content = g_string_free_to_bytes(initiator->out);
  if (initiator->error == NULL &&
      plan_write(initiator->plan, STEP, initiator->path, old, content, "the clone's own iSCSI initiator name") != NULL)
    (void)plan_act(initiator->plan, STEP, ACTION_UNIT, "try-restart", "iscsid.service",
                   "iscsid takes the new initiator name");
  g_free(initiator->name);
  return initiator->error == NULL;
}

/* Two machines with one name log in to the same LUN, and two that write to it destroy what is on it. */
static gboolean warn_of_targets(const PlanContext *context, Plan *plan, GError **error) {
  static const char *const records[] = {"/etc/iscsi/nodes/*/*", "/etc/iscsi/nodes/*/*/*", "/var/lib/iscsi/nodes/*/*",
                                        "/var/lib/iscsi/nodes/*/*/*"};
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(context->root, records, G_N_ELEMENTS(records), paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++) {
    g_autofree char *text = tree_text(context->root, paths->pdata[i]);

    if (text != NULL &&
        g_regex_match_simple("^node\\.startup\\s*=\\s*(automatic|onboot)", text, G_REGEX_MULTILINE | G_REGEX_RAW, 0))
      plan_warn(plan,
                "%s: this machine logs in to the template's iSCSI target at boot; two machines that write to one LUN "
                "destroy what is on it: remove the record (iscsiadm -m node -o delete) if the LUN is the template's.",
                (const char *)paths->pdata[i]);
  }
  return TRUE;
}

typedef struct {
  const char *path;
  Plan *plan;
} IfaceFile;

static void warn_of_initiator(const Token *token, gpointer data) {
  const IfaceFile *file = data;

  if (g_strcmp0(token->key, "iface.initiatorname") == 0 && token->size > 0 && *token->value != '<')
    plan_warn(file->plan,
              "%s:%u: iface.initiatorname overrides %s, and every clone logs in by it: remove the line, or give "
              "this machine a name of its own there.",
              file->path, token->line, initiator_file);
}

/* Of a session's own name, where its record has one ("<empty>": none). */
static gboolean warn_of_initiators(const PlanContext *context, Plan *plan, GError **error) {
  static const char *const records[] = {"/etc/iscsi/ifaces/*", "/var/lib/iscsi/ifaces/*"};
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(context->root, records, G_N_ELEMENTS(records), paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++) {
    g_autofree char *text = tree_text(context->root, paths->pdata[i]);
    IfaceFile file = {paths->pdata[i], plan};

    if (text != NULL)
      tokens_of_assignments(text, strlen(text), warn_of_initiator, &file);
  }
  return TRUE;
}

/* iscsiadm(8): a session's own NIC. What logs in, and with which password, is named. */
static gboolean follow_iscsi_files(const PlanContext *context, Plan *plan, GError **error) {
  static const FollowedKey keys[] = {
      {NULL, "iface.hwaddress", RENAME_MAC, NULL},
      {NULL, "iface.net_ifacename", RENAME_NIC, NULL},
      {NULL, "iface.ipaddress", RENAME_ADDRESS, NULL},
  };
  static const ScannedFormat format = {.step = STEP,
                                       .reader = tokens_of_assignments,
                                       .table = keys,
                                       .n_table = G_N_ELEMENTS(keys),
                                       .why = "iSCSI goes out by the NIC that took the place of the template's"};
  static const char *const files[] = {"/etc/iscsi/ifaces/*", "/var/lib/iscsi/ifaces/*", "/etc/iscsi/iscsid.conf"};

  for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
    if (!scanner_glob(context, &format, files[i], plan, error))
      return FALSE;
  return warn_of_initiators(context, plan, error);
}

static gboolean plan_iscsi(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GBytes) old = NULL;
  g_autofree char *resolved = NULL;
  Initiator initiator = {.context = context, .plan = plan};

  if (!tree_means_regular_file(context->root, initiator_file))
    return TRUE;
  if (is_root_on(context, &iscsi_root)) {
    plan_warn(
        plan,
        "%s is kept, since this machine boots from iSCSI and its target may know no other name: where the clone has "
        "a target of its own, give both a new one.",
        initiator_file);
    return TRUE;
  }
  if (!tree_read(context->root, initiator_file, &old, &resolved, error))
    return FALSE;
  initiator.path = resolved;
  if (old != NULL && !write_initiator(&initiator, old))
    return ri_error_pass(error, initiator.error);
  return warn_of_targets(context, plan, error);
}

/* The one value that the file PATH holds, NULL: none. It is read up to the end of its line. */
static gboolean read_value(const PlanContext *context, const char *path, GBytes **old, char **resolved, char **value,
                           GError **error) {
  *value = NULL;
  if (!tree_read_file(context->root, path, old, resolved, error))
    return FALSE;
  if (*old == NULL)
    return TRUE;
  g_autofree char *text = g_strchug(bytes_dup(*old));
  *value = g_strchomp(g_strndup(text, strcspn(text, "\n")));
  if (**value == '\0')
    g_clear_pointer(value, g_free);
  return TRUE;
}

static char *replace_all(const char *text, const char *old, const char *new) {
  g_auto(GStrv) parts = g_strsplit(text, old, -1);

  return g_strjoinv(new, parts);
}

/* Every other byte of the file stays. */
static void write_value(Plan *plan, const char *path, GBytes *old, const char *value, const char *new,
                        const char *why) {
  g_autofree char *text = bytes_dup(old);
  g_autoptr(GBytes) content = bytes_take(replace_all(text, value, new));

  (void)plan_write(plan, STEP, path, old, content, why);
}

typedef struct {
  char *old_nqn, *new_nqn, *old_id, *new_id; /* NULL: none */
} NvmeHost;

static void nvme_host_clear(NvmeHost *host) {
  g_free(host->old_nqn);
  g_free(host->new_nqn);
  g_free(host->old_id);
  g_free(host->new_id);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NvmeHost, nvme_host_clear)

/* nvme-cli's words, and those of its JSON. */
static const FollowedKey nvme_keys[] = {
    {NULL, "*", RENAME_ADDRESS, "--host-traddr="},     {NULL, "*", RENAME_ADDRESS, "-w "},
    {NULL, "*", RENAME_ADDRESS, "\"host_traddr\":\""}, {NULL, "*", RENAME_ADDRESS, "\"host_traddr\": \""},
    {NULL, "*", RENAME_NIC, "--host-iface="},          {NULL, "*", RENAME_NIC, "-f "},
    {NULL, "*", RENAME_NIC, "\"host_iface\":\""},      {NULL, "*", RENAME_NIC, "\"host_iface\": \""},
};
static const ScannedFormat nvme_format = {.step = STEP,
                                          .reader = tokens_of_lines,
                                          .table = nvme_keys,
                                          .n_table = G_N_ELEMENTS(nvme_keys),
                                          .why = "NVMe goes out by the NIC that took the place of the template's"};

/* nvme-cli keeps connections by these names too: they are the same host's. */
static gboolean follow_nvme_files(const PlanContext *context, const NvmeHost *host, Plan *plan, GError **error) {
  static const char *const files[] = {"/etc/nvme/config.json", "/etc/nvme/discovery.conf"};

  for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autoptr(GBytes) old = NULL;
    g_autofree char *resolved = NULL;

    if (!tree_read_file(context->root, files[i], &old, &resolved, error))
      return FALSE;
    if (old == NULL)
      continue;
    if (!scanner_file(context, &nvme_format, files[i], plan, error))
      return FALSE;
    Edit *edit = plan_find(plan, resolved);
    g_autofree char *text = bytes_dup(edit != NULL ? edit->content : old);
    g_autofree char *named = host->new_nqn != NULL ? replace_all(text, host->old_nqn, host->new_nqn) : g_strdup(text);
    char *all = host->new_id != NULL ? replace_all(named, host->old_id, host->new_id) : g_strdup(named);
    g_autoptr(GBytes) content = bytes_take(all);
    if (edit != NULL && strcmp(all, text) != 0)
      plan_amend(edit, content, "the NVMe host's new name and id");
    else if (edit == NULL)
      (void)plan_write(plan, STEP, resolved, old, content, "the NVMe host's new name and id");
  }
  return TRUE;
}

/* nvme-cli's form of a host NQN has the host id in it, and both stay of one UUID. */
static void rename_nvme_host(const PlanContext *context, NvmeHost *host, Plan *plan) {
  uuid_t uuid;
  char text[UUID_STR_LEN];
  const char *source;

  uuid_generate_random(uuid);
  uuid_unparse_lower(uuid, text);
  if (host->old_nqn != NULL) {
    host->new_nqn = rename_name(context, host->old_nqn, text, &source);
    (void)plan_choose(plan, "nvme-hostnqn", host->old_nqn, host->new_nqn, source);
  }
  if (host->old_id != NULL) {
    host->new_id = g_strdup(text);
    (void)plan_choose(plan, "nvme-hostid", host->old_id, host->new_id, "random");
  }
}

static gboolean plan_nvme(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GBytes) old_nqn = NULL;
  g_autoptr(GBytes) old_id = NULL;
  g_autofree char *nqn_path = NULL;
  g_autofree char *id_path = NULL;
  g_auto(NvmeHost) host = {0};

  if (!read_value(context, hostnqn_file, &old_nqn, &nqn_path, &host.old_nqn, error) ||
      !read_value(context, hostid_file, &old_id, &id_path, &host.old_id, error))
    return FALSE;
  if (host.old_nqn == NULL && host.old_id == NULL)
    return follow_nvme_files(context, &host, plan, error);
  if (is_root_on(context, &nvme_root)) {
    plan_warn(
        plan,
        "%s and %s are kept, since this machine boots from NVMe over a network and its subsystem may know no other "
        "host: where the clone has one of its own, give both a new name.",
        hostnqn_file, hostid_file);
    return TRUE;
  }
  rename_nvme_host(context, &host, plan);
  if (host.new_nqn != NULL)
    write_value(plan, nqn_path, old_nqn, host.old_nqn, host.new_nqn, "the clone's own NVMe host name");
  if (host.new_id != NULL)
    write_value(plan, id_path, old_id, host.old_id, host.new_id, "the clone's own NVMe host id");
  return follow_nvme_files(context, &host, plan, error);
}

gboolean step_storage(const PlanContext *context, Plan *plan, GError **error) {
  return plan_iscsi(context, plan, error) && follow_iscsi_files(context, plan, error) &&
         plan_nvme(context, plan, error) && storage_volumes_check(context, plan, error);
}
