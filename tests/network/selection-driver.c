/* selection-driver - random worlds of profiles and NICs, and what the agent says comes up in them.
 *
 * `selection-driver make SEED` writes a world below /: profiles, NetworkManager's drop-ins, timestamps,
 * /etc/network/interfaces. `selection-driver foretell` prints what selection.h says of it: a line for each NIC with the
 * UUIDs of those that may come up, the likeliest first, and "-" where it may be nothing. Only for a mount namespace of
 * its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profiles/selection/selection.h"

enum { MOST_NICS = 8 };

static const char *const folders[] = {"/etc/NetworkManager/system-connections",
                                      "/run/NetworkManager/system-connections",
                                      "/usr/lib/NetworkManager/system-connections"};

/* The machine's end of each pair; no permanent address, as veths have none. */
static void find_nics(NicList *nics) {
  static Nic items[MOST_NICS];

  nics->items = items;
  for (guint i = 0; i < MOST_NICS; i++) {
    g_autofree char *path = g_strdup_printf("/sys/class/net/veth%u/address", i);
    g_autofree char *mac = NULL;
    Nic *nic = &items[nics->count];

    if (!g_file_get_contents(path, &mac, NULL, NULL))
      return;
    nic->position = (unsigned)nics->count++;
    g_snprintf(nic->name, sizeof nic->name, "veth%u", i);
    g_strlcpy(nic->mac, g_strstrip(mac), sizeof nic->mac);
  }
}

/* --- a world --- */

typedef struct {
  GRand *random;
  NicList nics;
  GPtrArray *uuids; /* char* */
  char *word;       /* of the kernel command line */
} Maker;

static guint roll(Maker *maker, guint sides) {
  return (guint)g_rand_int_range(maker->random, 0, (gint32)sides);
}

static gboolean chance(Maker *maker, guint percent) {
  return roll(maker, 100) < percent;
}

static const char *one_of(Maker *maker, const char *const *choices) {
  guint count = 0;

  while (choices[count] != NULL)
    count++;
  return choices[roll(maker, count)];
}

static const Nic *some_nic(Maker *maker) {
  return &maker->nics.items[roll(maker, (guint)maker->nics.count)];
}

static void write_file(const char *path, const GString *text, mode_t mode) {
  g_autoptr(GError) error = NULL;

  if (!g_file_set_contents(path, text->str, (gssize)text->len, &error) || chmod(path, mode) < 0)
    g_error("%s", error != NULL ? error->message : path);
}

static char *some_uuid(Maker *maker) {
  char *uuid;

  if (maker->uuids->len > 0 && chance(maker, 12))
    return g_strdup(g_ptr_array_index(maker->uuids, roll(maker, maker->uuids->len)));
  uuid = g_strdup_printf("%08x-0000-4000-8000-%012x", g_rand_int(maker->random), g_rand_int(maker->random));
  g_ptr_array_add(maker->uuids, g_strdup(uuid));
  return uuid;
}

static char *some_mac(Maker *maker) {
  const char *mac = chance(maker, 85) ? some_nic(maker)->mac : "02:00:00:00:00:77";

  return chance(maker, 50) ? g_ascii_strup(mac, -1) : g_strdup(mac);
}

static void add_patterns(Maker *maker, GString *text, const char *key, const char *const *pool) {
  g_string_append_printf(text, "%s=", key);
  for (guint i = roll(maker, 3) + 1; i > 0; i--)
    g_string_append_printf(text, "%s;", one_of(maker, pool));
  g_string_append_c(text, '\n');
}

static void add_match(Maker *maker, GString *text) {
  static const char *const names[] = {"veth*",  "veth0", "!veth1",  "&veth?",  "|veth2",        "veth[0-2]",
                                      "!veth3", "eth*",  "|!veth4", "&!veth0", "\\\\\\\\veth3", NULL};
  static const char *const drivers[] = {"veth", "!veth", "virtio*", "v*", "!e1000", NULL};
  static const char *const paths[] = {"pci-*", "!pci-*", "*", NULL};
  const char *const words[] = {maker->word, "no-such-word", "!no-such-word", "no-such=1", "&no-such-word", NULL};

  g_string_append(text, "[match]\n");
  if (chance(maker, 65))
    add_patterns(maker, text, "interface-name", names);
  if (chance(maker, 30))
    add_patterns(maker, text, "driver", drivers);
  if (chance(maker, 15))
    add_patterns(maker, text, "path", paths);
  if (chance(maker, 30))
    add_patterns(maker, text, "kernel-command-line", words);
}

static void add_connection(Maker *maker, GString *text, guint number, const char *uuid) {
  static const int priorities[] = {0, 0, 0, 0, 0, 1, 1, 5, 999, -1, -999};

  g_string_append_printf(text, "[connection]\nid=p%u\nuuid=%s\n", number, uuid);
  if (chance(maker, 90))
    g_string_append(text, "type=ethernet\n");
  if (chance(maker, 45))
    g_string_append_printf(text, "interface-name=%s\n", chance(maker, 92) ? some_nic(maker)->name : "veth77");
  if (chance(maker, 10))
    g_string_append_printf(text, "autoconnect=%s\n", chance(maker, 80) ? "false" : "no");
  if (chance(maker, 50))
    g_string_append_printf(text, "autoconnect-priority=%d\n", priorities[roll(maker, G_N_ELEMENTS(priorities))]);
  if (chance(maker, 40))
    g_string_append_printf(text, "multi-connect=%u\n", roll(maker, 4));
  if (chance(maker, 5))
    g_string_append(text, "permissions=user:nobody:;\n");
}

static void make_profile(Maker *maker, guint number) {
  static const char *const endings[] = {".nmconnection", ".nmconnection", ".nmconnection", "", ".bak"};
  const guint folder = chance(maker, 80) ? 0 : roll(maker, 2) + 1;
  g_autofree char *uuid = some_uuid(maker);
  g_autofree char *path = g_strdup_printf("%s/%c-p%u%s", folders[folder], 'a' + (char)roll(maker, 26), number,
                                          endings[folder == 0 ? roll(maker, G_N_ELEMENTS(endings)) : 0]);
  g_autoptr(GString) text = g_string_new(NULL);
  struct timespec times[2] = {{.tv_sec = 1700000000}, {.tv_sec = 1700000000 + roll(maker, 2)}};

  add_connection(maker, text, number, uuid);
  g_string_append(text, "[ethernet]\n");
  if (chance(maker, 15)) {
    g_autofree char *mac = some_mac(maker);
    g_string_append_printf(text, "mac-address=%s\n", mac);
  }
  if (chance(maker, 12)) {
    g_autofree char *first = some_mac(maker);
    g_autofree char *second = some_mac(maker);
    g_string_append_printf(text, "mac-address-blacklist=%s;%s;\n", first, second);
  }
  if (chance(maker, 25))
    add_match(maker, text);
  g_string_append(text, "[ipv4]\nmethod=disabled\n[ipv6]\nmethod=disabled\n");
  write_file(path, text, 0600);
  if (utimensat(AT_FDCWD, path, times, 0) < 0)
    g_error("%s: %s", path, g_strerror(errno));
}

static void add_specs(Maker *maker, GString *text, const char *key) {
  const char *const specs[] = {"interface-name:veth0",
                               "interface-name:=veth1",
                               "interface-name:~veth[12]",
                               "interface-name:veth?",
                               "interface-name:=veth?",
                               "veth2",
                               "except:interface-name:veth3",
                               "type:veth",
                               "type:ethernet",
                               "driver:veth",
                               "driver:e1000",
                               "driver:veth/*",
                               "*",
                               "except:*",
                               "except:type:ethernet",
                               "except:driver:veth",
                               "mac:52:54:00:12:34:56",
                               "52:54:00:12:34:57",
                               "veth\\,4",
                               NULL};
  static const char *const separators[] = {",", ";", " , ", NULL};
  const char *before = "";

  g_string_append_printf(text, "%s=", key);
  for (guint i = roll(maker, 3) + 1; i > 0; i--) {
    const char *spec = one_of(maker, specs);

    /* What takes all away leaves little to be seen. */
    if (chance(maker, 60) &&
        (strchr(spec, '*') != NULL || strstr(spec, "type:") != NULL || strstr(spec, "driver:") != NULL))
      spec = some_nic(maker)->name;
    g_string_append_printf(text, "%s%s", before, spec);
    before = one_of(maker, separators);
  }
  g_string_append_c(text, '\n');
}

static void add_allowed(Maker *maker, GString *text) {
  static const char *const kinds[] = {"id:p1", "id:p2", "except:id:p0", "except:id:p3", "id:P1", "*", "p2", "", NULL};

  g_string_append_printf(text, "allowed-connections=%s;", one_of(maker, kinds));
  if (maker->uuids->len > 0 && chance(maker, 60))
    g_string_append_printf(text, "%suuid:%s", chance(maker, 30) ? "except:" : "",
                           (const char *)g_ptr_array_index(maker->uuids, roll(maker, maker->uuids->len)));
  g_string_append_c(text, '\n');
}

/* Without stop-match: from 1.38 on NetworkManager takes a section that stops and says nothing of allowed-connections
 * for one that allows none. */
static void add_device_section(Maker *maker, GString *text, guint number) {
  static const char *const values[] = {"0", "1", "false", "true", "no", "yes", "maybe", NULL};

  g_string_append_printf(text, "[device%s%u]\n", chance(maker, 50) ? "-" : "", roll(maker, 3) * 10 + number % 2);
  if (chance(maker, 85))
    add_specs(maker, text, "match-device");
  if (chance(maker, 80))
    g_string_append_printf(text, "managed=%s\n", one_of(maker, values));
  if (chance(maker, 20))
    add_allowed(maker, text);
}

static void make_drop_in(Maker *maker, guint number) {
  static const char *const places[] = {"/etc/NetworkManager/conf.d", "/run/NetworkManager/conf.d",
                                       "/usr/lib/NetworkManager/conf.d", NULL};
  static const char *const keys[] = {"unmanaged-devices", "unmanaged-devices", "unmanaged-devices+",
                                     "unmanaged-devices-", NULL};
  g_autofree char *path = g_strdup_printf("%s/%u.conf", one_of(maker, places), roll(maker, 4));
  g_autoptr(GString) text = g_string_new(NULL);

  if (chance(maker, 10))
    g_string_append(text, "[.config]\nenable=no\n");
  if (chance(maker, 45)) {
    g_string_append(text, "[keyfile]\n");
    add_specs(maker, text, one_of(maker, keys));
  }
  for (guint i = roll(maker, 3); i > 0; i--)
    add_device_section(maker, text, number + i);
  write_file(path, text, 0644);
}

static void make_ifupdown(Maker *maker) {
  g_autoptr(GString) conf = g_string_new("[main]\nplugins=ifupdown,keyfile\n");
  g_autoptr(GString) interfaces = g_string_new("auto lo\niface lo inet loopback\n");

  if (chance(maker, 50))
    g_string_append_printf(conf, "[ifupdown]\nmanaged=false\n");
  g_string_append_printf(interfaces, "auto %s\niface %s inet manual\n", some_nic(maker)->name, some_nic(maker)->name);
  if (chance(maker, 30))
    g_string_append_printf(interfaces, "iface br0 inet manual\n  bridge_ports %s none\n", some_nic(maker)->name);
  write_file("/etc/NetworkManager/conf.d/plugins.conf", conf, 0644);
  write_file("/etc/network/interfaces", interfaces, 0644);
}

static void make_timestamps(Maker *maker) {
  g_autoptr(GString) text = g_string_new("[timestamps]\n");

  for (guint i = 0; i < maker->uuids->len; i++)
    if (chance(maker, 50))
      g_string_append_printf(text, "%s=%u\n", (const char *)g_ptr_array_index(maker->uuids, i), roll(maker, 3) * 100);
  write_file("/var/lib/NetworkManager/timestamps", text, 0644);
}

/* Without "=" and what a pattern or a list would take for a sign of its own. */
static char *word_of_command_line(void) {
  g_autofree char *line = NULL;

  if (!g_file_get_contents("/proc/cmdline", &line, NULL, NULL))
    return g_strdup("quiet");
  line[strcspn(line, " =\n;\\!&|")] = '\0';
  return g_strdup(line[0] != '\0' ? line : "quiet");
}

static void make_world(guint32 seed) {
  Maker maker = {.random = g_rand_new_with_seed(seed), .uuids = g_ptr_array_new_with_free_func(g_free)};

  find_nics(&maker.nics);
  maker.word = word_of_command_line();
  for (guint i = roll(&maker, 10) + 4; i > 0; i--)
    make_profile(&maker, i);
  for (guint i = chance(&maker, 55) ? roll(&maker, 3) + 1 : 0; i > 0; i--)
    make_drop_in(&maker, i);
  if (chance(&maker, 25))
    make_ifupdown(&maker);
  make_timestamps(&maker);
  g_free(maker.word);
  g_rand_free(maker.random);
  g_ptr_array_unref(maker.uuids);
}

/* --- what the agent says --- */

static SelectionWorld *read_world(const Root *root, const NicList *nics) {
  g_autoptr(GError) error = NULL;
  SelectionWorld *world = selection_world_read(root, root, NULL, nics, &error);

  if (world == NULL)
    g_error("%s", error->message);
  for (size_t i = 0; i < nics->count; i++)
    selection_world_describe(world, &(NetDevice){.name = nics->items[i].name, .type = "ethernet", .driver = "veth"});
  return world;
}

static void foretell_nic(const Selections *selections, const Nic *nic) {
  Selection selection = selections_on(selections, nic);
  g_autoptr(GPtrArray) fitting = selections_fitting(selections, nic);
  guint possible = 0;

  g_print("%s", nic->name);
  for (guint i = 0; i < fitting->len; i++) {
    const Profile *profile = g_ptr_array_index(fitting, i);

    if (!selections_may_come_up(selections, nic, profile))
      continue;
    if ((possible++ == 0) != (profile == selection.profile))
      g_error("%s is not the first", profile->path);
    g_print(" %s", profile->uuid);
  }
  if (selections_may_come_up(selections, nic, NULL)) {
    possible++;
    g_print(" -");
  }
  g_print("\n");
  if (selection.certain != (possible == 1))
    g_error("%s is said to be certain", nic->name);
}

static void foretell(void) {
  Root root = {.fd = -1};
  NicList nics = {0};
  g_autoptr(GError) error = NULL;

  find_nics(&nics);
  if (root_open(&root, "/") < 0)
    g_error("/");
  g_autoptr(NicMap) map = nic_map_new(&(NicList){0}, &nics);
  g_autoptr(SelectionWorld) world = read_world(&root, &nics);
  g_autoptr(Profiles) profiles = profiles_read(&root, map, &nics, &error);
  if (profiles == NULL)
    g_error("%s", error->message);
  g_autoptr(Selections) selections = selections_new(world, profiles, map, &nics, SELECTION_NOW);
  for (size_t i = 0; i < nics.count; i++)
    foretell_nic(selections, &nics.items[i]);
  root_close(&root);
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "make") == 0) {
    make_world((guint32)g_ascii_strtoull(argv[2], NULL, 10));
  } else if (argc == 2 && strcmp(argv[1], "foretell") == 0) {
    foretell();
  } else {
    g_printerr("usage: selection-driver make SEED | foretell\n");
    return 2;
  }
  return 0;
}
