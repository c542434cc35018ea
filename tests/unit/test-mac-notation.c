/* agent/profiles/mac-notation.c: hardware addresses in every notation that NetworkManager reads. */
#include <NetworkManager.h>
#include <string.h>

#include "profiles/mac-notation.h"

static const struct {
  const char *text;
  const char *canonical;
} notations[] = {
    {"00:22:44:66:88:ff", "00:22:44:66:88:ff"},
    {"00:22:44:66:88:FF", "00:22:44:66:88:ff"},
    {"00-22-44-66-88-FF", "00:22:44:66:88:ff"},
    {"0;34;68;102;136;255;", "00:22:44:66:88:ff"},
    {"00;34;068;102;136;255", "00:22:44:66:88:ff"},
    {"99:88:77:66:55:44:AB:BC:CD:DE:EF:F0:0A:1B:2C:3D:4E:5F:6F:BA",
     "99:88:77:66:55:44:ab:bc:cd:de:ef:f0:0a:1b:2c:3d:4e:5f:6f:ba"},
    {"0;34;68;102;136;256;", NULL},
    {"0;34;68;102;136;", NULL},
    {"0;34;68;102;136;255;7;", NULL},
    {"00:22:44:66:88", NULL},
    {"00:22:44:66:88:fg", NULL},
    {"00:22:44:66:88:ff ", NULL},
    {"stable", NULL},
    {"", NULL},
    {";;;;;;", NULL},
};

static void every_notation_has_one_canonical_form(void) {
  for (gsize i = 0; i < G_N_ELEMENTS(notations); i++) {
    g_autofree char *canonical = mac_notation_canonical(notations[i].text);

    g_assert_cmpstr(canonical, ==, notations[i].canonical);
  }
}

/* What libnm makes of TEXT in a profile, in lower case; NULL when it ignores it. */
static char *as_libnm_reads(const char *text, const char *group) {
  g_autoptr(GKeyFile) keyfile = g_key_file_new();
  g_autoptr(GError) error = NULL;
  g_autoptr(NMConnection) connection = NULL;
  g_autofree char *mac = NULL;
  NMSetting *setting;

  g_key_file_set_value(keyfile, "connection", "type", group);
  g_key_file_set_value(keyfile, group, "mac-address", text);
  connection = nm_keyfile_read(keyfile, "/tmp", NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, &error);
  g_assert_no_error(error);
  setting = nm_connection_get_setting_by_name(connection, group);
  g_object_get(setting, "mac-address", &mac, NULL);
  return mac != NULL ? g_ascii_strdown(mac, -1) : NULL;
}

static void libnm_reads_the_same(void) {
  static const char *const more[] = {"0022446688ff",       "0:1:2:3:4:a",           "00:22-44:66:88:ff",
                                     " 00:22:44:66:88:ff", "0; 34;68;102;136;255;", "0x10;34;68;102;136;255;"};

  for (gsize i = 0; i < G_N_ELEMENTS(notations) + G_N_ELEMENTS(more); i++) {
    const char *text = i < G_N_ELEMENTS(notations) ? notations[i].text : more[i - G_N_ELEMENTS(notations)];
    g_autofree char *ethernet = as_libnm_reads(text, "802-3-ethernet");
    g_autofree char *infiniband = as_libnm_reads(text, "infiniband");
    g_autofree char *ours = mac_notation_canonical(text);

    g_test_message("%s", text);
    g_assert_cmpstr(ours, ==, ethernet != NULL ? ethernet : infiniband);
  }
}

static void a_new_address_is_written_like_the_old_one(void) {
  static const struct {
    const char *model;
    const char *written;
  } cases[] = {
      {"00:22:44:66:88:ff", "52:54:00:ab:cd:ef"},    {"00:22:44:66:88:FF", "52:54:00:AB:CD:EF"},
      {"00-22-44-66-88-FF", "52-54-00-AB-CD-EF"},    {"00-22-44-66-88-ff", "52-54-00-ab-cd-ef"},
      {"00:11:22:33:44:55", "52:54:00:ab:cd:ef"},    {"00:aA:22:33:44:55", "52:54:00:ab:cd:ef"},
      {"0;34;68;102;136;255;", "52:54:00:ab:cd:ef"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *written = mac_notation_like(cases[i].model, "52:54:00:ab:cd:ef");

    g_assert_cmpstr(written, ==, cases[i].written);
  }
}

static void systemd_reads_pairs_of_bytes_too(void) {
  static const char *const cases[][2] = {
      {"0022.4466.88ff", "00:22:44:66:88:ff"},
      {"0022.4466.88FF", "00:22:44:66:88:ff"},
      {"22.4466.8f", "00:22:44:66:00:8f"},
      {"00:22:44:66:88:ff", "00:22:44:66:88:ff"},
      {"00-22-44-66-88-FF", "00:22:44:66:88:ff"},
      {"0022.4466", NULL},
      {"0022.4466.88fg", NULL},
      {"00220.4466.88ff", NULL},
      {"0022..88ff", NULL},
      {"00.22.44.66.88.ff", NULL},
      {"10.0.0.1", NULL},
      {"9988.7766.5544.abbc.cdde.eff0.0a1b.2c3d.4e5f.6fba",
       "99:88:77:66:55:44:ab:bc:cd:de:ef:f0:0a:1b:2c:3d:4e:5f:6f:ba"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *mac = mac_notation_of_systemd(cases[i][0]);

    g_assert_cmpstr(mac, ==, cases[i][1]);
  }
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mac-notation/every-notation-has-one-canonical-form", every_notation_has_one_canonical_form);
  g_test_add_func("/mac-notation/libnm-reads-the-same", libnm_reads_the_same);
  g_test_add_func("/mac-notation/systemd-reads-pairs-of-bytes-too", systemd_reads_pairs_of_bytes_too);
  g_test_add_func("/mac-notation/a-new-address-is-written-like-the-old-one", a_new_address_is_written_like_the_old_one);
  return g_test_run();
}
