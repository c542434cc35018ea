/* mask.c: which values of a profile are nobody's business. */
#include <glib.h>
#include <string.h>

#include "commit/diff.h"
#include "fixture.h"

static void assert_masked(const char *text, const char *expected) {
  gsize size = 0;
  g_autofree char *masked = diff_mask_secrets(text, strlen(text), &size);

  g_assert_cmpstr(masked, ==, expected);
  g_assert_cmpuint(size, ==, strlen(expected));
}

static void hides_what_is_secret(void) {
  static const char *const keys[] = {
      "psk",           "password",      "wep-key0",
      "leap-password", "private-key",   "preshared-key",
      "pin",           "mka-cak",       "token",
      "PASSWORD",      "client-secret", "Xauth password",
      "IPSec secret",  "password-raw",  "phase2-private-key",
      "psk[de]",       "sae-password",  "user.passphrase",
  };

  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
    g_autofree char *text = g_strdup_printf("[x]\n%s=hush\n", keys[i]);
    g_autofree char *expected = g_strdup_printf("[x]\n%s=<hidden>\n", keys[i]);
    assert_masked(text, expected);
  }
}

static void shows_what_is_not(void) {
  static const char *const lines[] = {
      "uuid=hush",      "gateway-ping-timeout=3", "psk-flags=1",        "password-flags = 0",
      "mapping=a",      "secondaries=a;b;",       "key-mgmt=wpa-psk",   "psk=",
      "not a pair psk", "# a comment on the psk", "may-fail-timeout=1",
  };

  for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
    g_autofree char *text = g_strdup_printf("[x]\n%s\n", lines[i]);
    assert_masked(text, text);
  }
}

static void a_lie_about_flags_is_hidden(void) {
  assert_masked("psk-flags=hush\n", "psk-flags=<hidden>\n");
}

static void hides_a_whole_group_of_secrets(void) {
  assert_masked("[vpn-secrets]\nanything=hush\n[vpn]\ngateway=g\n",
                "[vpn-secrets]\nanything=<hidden>\n[vpn]\ngateway=g\n");
  assert_masked("[vpn-secrets] \r\n a = hush\r\n", "[vpn-secrets] \r\n a =<hidden>\r\n");
}

static void hides_old_secrets_in_comments(void) {
  assert_masked("#psk=hush\n## ;  psk = hush\n", "#psk=<hidden>\n## ;  psk =<hidden>\n");
}

static void hides_options_of_interfaces(void) {
  assert_masked("iface wlan0 inet dhcp\n\twpa-psk \"hush\" # a\n  wpa-ssid golden\nwireless-key1 s:hush\n",
                "iface wlan0 inet dhcp\n\twpa-psk <hidden>\n  wpa-ssid golden\nwireless-key1 <hidden>\n");
  assert_masked("# wpa-psk a=b\nwpa-psk \\\n  hush \\\r\n\\\nhush\nup a\n",
                "# wpa-psk <hidden>\nwpa-psk <hidden>\n<hidden>\r\n<hidden>\n<hidden>\nup a\n");
}

static void keeps_every_other_byte(void) {
  assert_masked("", "");
  assert_masked("psk=hush", "psk=<hidden>");
  assert_masked("[x]\r\nid=\xe4\r\n psk = hush \r\n\r\n", "[x]\r\nid=\xe4\r\n psk =<hidden>\r\n\r\n");
}

static void hides_a_value_in_quotes_to_their_end(void) {
  assert_masked("WPA_PSK=\"hush\nhush\nhush\" # it's\nONBOOT=yes\n",
                "WPA_PSK=<hidden>\n<hidden>\n<hidden>\nONBOOT=yes\n");
  assert_masked("psk='it\n[ipv4]\nmethod=auto\n", "psk=<hidden>\n[ipv4]\nmethod=auto\n");
  assert_masked("[x]\npsk=it's\nkey-mgmt=wpa-psk\n", "[x]\npsk=<hidden>\nkey-mgmt=wpa-psk\n");
  assert_masked("WPA_PSK=\"hu\\\"\nsh\"'hu\nsh'\nA=b\n", "WPA_PSK=<hidden>\n<hidden>\n<hidden>\nA=b\n");
  assert_masked("WPA_PSK=hu\"sh\nhush\"\\\nhush\nA=b\n", "WPA_PSK=<hidden>\n<hidden>\n<hidden>\nA=b\n");
  assert_masked("wpa-psk it's\nup a\n", "wpa-psk <hidden>\nup a\n");
}

static void hides_a_continued_value_behind_a_comment(void) {
  assert_masked("[WireGuard]\nPrivateKey=hu\\\n# hush\n ; hush\nsh\nA=b\n",
                "[WireGuard]\nPrivateKey=<hidden>\n<hidden>\n<hidden>\n<hidden>\nA=b\n");
}

static void hides_what_was_wrapped_behind_a_secret(void) {
  assert_masked("[WireGuard]\nPrivateKey=hu\nsh\n\n# a\n  hush \nListenPort=1\nnot a pair\n",
                "[WireGuard]\nPrivateKey=<hidden>\n<hidden>\n\n# a\n<hidden>\nListenPort=1\nnot a pair\n");
  assert_masked("[WireGuard]\nPrivateKey=hu\\\n sh\nhush\n[WireGuardPeer]\nnot a pair\n",
                "[WireGuard]\nPrivateKey=<hidden>\n<hidden>\n<hidden>\n[WireGuardPeer]\nnot a pair\n");
}

static void hides_secrets_among_words(void) {
  static const char *const cases[][2] = {
      {"key \"x\" {\n  secret \"hush\";\n}\n", "key \"x\" {\n  secret <hidden>;\n}\n"},
      {"key y { algorithm hmac-md5; secret hush; };\n", "key y { algorithm hmac-md5; secret <hidden>; };\n"},
      {"key z {\n  secret\n    \"hush\"\n  ;\n}\n", "key z {\n  secret\n    <hidden>\n  ;\n}\n"},
      {"key v {\n  secret \"hush }\nsend a;\n", "key v {\n  secret <hidden>\nsend a;\n"},
      {"  up iwconfig eth0 essid x key s:hush\npre-up /sbin/iwconfig eth0 enc hush [2]\n",
       "  up iwconfig eth0 essid x key <hidden>\npre-up /sbin/iwconfig eth0 enc <hidden>\n"},
      {"up iw dev wlan0 connect -w x 2432 keys d:0:hush 1:hush\n", "up iw dev wlan0 connect -w x 2432 keys <hidden>\n"},
      {"up ip xfrm state add src 1 enc 'cbc(aes)' 0xhush auth sha1 0xhush\n",
       "up ip xfrm state add src 1 enc 'cbc(aes)' <hidden>\n"},
      {"up ip macsec add m0 tx sa 0 pn 1 on key 01 hush\nip macsec add m0 rx port 1 key 02 \"hush\"\n",
       "up ip macsec add m0 tx sa 0 pn 1 on key 01 <hidden>\nip macsec add m0 rx port 1 key 02 <hidden>\n"},
      {"up wpa_cli -i w set_network 0 psk '\"hu sh\"'\n", "up wpa_cli -i w set_network 0 psk <hidden>\n"},
      {"up curl -u joe:hush http://a\nup curl -H 'Authorization: Bearer hush' -H \"X-Api-Key: hush\" a\n",
       "up curl -u joe:<hidden> http://a\nup curl -H 'Authorization: Bearer <hidden>' -H \"X-Api-Key: <hidden>\" a\n"},
      {"up echo hush | wg set wg0 private-key /dev/stdin\nup wg set wg0 private-key <(echo hush) peer a\n",
       "up echo <hidden>| wg set wg0 private-key /dev/stdin\nup wg set wg0 private-key <hidden> peer a\n"},
      {"sshpass -p hush ssh a; openssl enc -pass pass:hush -k a\nMYSQL_PWD=hush API_KEY=hush a\n",
       "sshpass -p <hidden> ssh a; openssl enc -pass pass:<hidden> -k a\nMYSQL_PWD=<hidden> API_KEY=<hidden> a\n"},
      {"up ip route add 10.0.0.0/8 via 10.0.0.1\nup iwconfig eth0 essid key\nup ip tunnel add a key 1 ttl 9\n"
       "up echo 1 | tee /proc/x\nup wg set wg0 private-key /etc/wg.key\ncurl -u\nip link set a key\n",
       NULL},
      {"password root hush\n  password --md5 hush\n#password root hush\n# password_pbkdf2 root \\\n grub.hush\nset a\n",
       "password <hidden>\n  password <hidden>\n#password <hidden>\n# password_pbkdf2 <hidden>\nset a\n"},
      {"MENU MASTER PASSWD hush\n  menu passwd $4$hush\nquiet inst.rootpw=hush ro\n",
       "MENU MASTER PASSWD <hidden>\n  menu passwd <hidden>\nquiet inst.rootpw=<hidden> ro\n"},
      {"# password for all\n  password\nmenu password\npasswords go here\n", NULL},
      {"[{\"hostid\":\"a\",\"dhchap_key\":\"DHHC-1:00:hush:\", \"dhchap_ctrl_key\" : \"hu\\\"sh\"}]\n",
       "[{\"hostid\":\"a\",\"dhchap_key\":<hidden>, \"dhchap_ctrl_key\" : <hidden>}]\n"},
      {"key w {\n  secret # old\n  \"hu\n  sh\" # x\n;}\n", "key w {\n  secret # old\n  <hidden> # x\n;}\n"},
      {"PASSWORD=\"hu\nsh\\\"\nhush\"hush\nA=b\n", "PASSWORD=<hidden>\nA=b\n"},
      {"A=\"b password=hush\"\nC=\"d\"\n", "A=\"b password=<hidden>\"\nC=\"d\"\n"},
      {"psk='hu\nsh'; password=\\\nhu\\\n  sh\n", "psk=<hidden>; password=<hidden>  sh\n"},
      {"# old password: hush # x\n# wpa-psk : 'hu sh'\n", "# old password: <hidden> # x\n# wpa-psk : <hidden>\n"},
      {"key-mgmt: psk\nsecrets:\n- a\npsk-flags: 1\n", NULL},
      {"secret='hush\nA=b\n", "secret=<hidden>\nA=b\n"},
      {"up tool --password \\\n  \"hu\nsh\" -v\n", "up tool --password \\\n  <hidden> -v\n"},
      {"wpa_passphrase net \\\n  \"hu\nsh\"\nup a\n", "wpa_passphrase <hidden>\nup a\n"},
      {"up curl -d \"{\\\"password\\\": \\\"hu\\nsh\\\"}\"\n", "up curl -d \"{\\\"password\\\": <hidden>}\"\n"},
      {"  up tool --password hush --api-token 'hush' -v\n", "  up tool --password <hidden> --api-token <hidden> -v\n"},
      {"a systemd.set_credential=passwd.hashed-password.root:$6$hush b\n",
       "a systemd.set_credential=passwd.hashed-password.root:<hidden> b\n"},
      {" authtoken 1 \"\" forever hush\nclientid a\n", " authtoken <hidden>\nclientid a\n"},
      {"  up wpa_passphrase net hush | x\n", "  up wpa_passphrase <hidden>\n"},
      {"A=\"ro netroot=iscsi:user:hush@10.1.1.1::3260:: cifspass=hush quiet\"\n",
       "A=\"ro netroot=iscsi:<hidden>@10.1.1.1::3260:: cifspass=<hidden> quiet\"\n"},
      {"rd.iscsi.in.password=hush x PASSWORD = 'hush'\n", "rd.iscsi.in.password=<hidden> x PASSWORD = <hidden>\n"},
      {"url=http://user:hush@host/\n", "url=http://<hidden>@host/\n"},
      {"127.0.1.1 secret password psk\npsk-flags=1\ncompass=north\n--no-password -x\n{\"keyring\": \"a\"}\n# a comment "
       "on secret things\n",
       NULL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    gsize size = 0;
    g_autofree char *masked = diff_mask_words(cases[i][0], strlen(cases[i][0]), &size);
    g_assert_cmpstr(masked, ==, cases[i][1] != NULL ? cases[i][1] : cases[i][0]);
    g_assert_cmpuint(size, ==, strlen(masked));
  }
}

static void a_long_line_is_gone_through_once(void) {
  g_autoptr(GString) text = g_string_new(NULL);
  gsize size = 0;

  g_test_timer_start();
  for (guint i = 0; i < fixture_rounds(100000); i++)
    g_string_append(text, "passwordxroot=iscsi:");
  g_autofree char *masked = diff_mask_words(text->str, text->len, &size);
  g_assert_cmpuint(size, ==, strlen(masked));
  g_assert_cmpfloat(g_test_timer_elapsed(), <, 10);
}

static void assert_comments(const char *text, const char *expected) {
  gsize size = 0;
  g_autofree char *masked = diff_mask_comments(text, strlen(text), &size);

  g_assert_cmpstr(masked, ==, expected != NULL ? expected : text);
  g_assert_cmpuint(size, ==, strlen(masked));
}

static void hides_comments_beside_a_secret(void) {
  assert_comments("a: <hidden> # was hush\n", "a: <hidden> # <hidden>\n");
  assert_comments("secret <hidden>;# hush", "secret <hidden>;# <hidden>");
  assert_comments("# b\n\n# hush\n  ; hush\r\nA=<hidden>\n\t# hush\n#hush\nB=c\n# d\n",
                  "# b\n\n# <hidden>\n  # <hidden>\r\nA=<hidden>\n\t# <hidden>\n# <hidden>\nB=c\n# d\n");
  assert_comments("# a: <hidden>\n#   hush\n# - hush\nb: c\n", "# a: <hidden>\n# <hidden>\n# <hidden>\nb: c\n");
  assert_comments("a: b # c\n# d\ne: f\n", NULL);
  assert_comments("", NULL);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mask/hides-what-is-secret", hides_what_is_secret);
  g_test_add_func("/mask/shows-what-is-not", shows_what_is_not);
  g_test_add_func("/mask/a-lie-about-flags-is-hidden", a_lie_about_flags_is_hidden);
  g_test_add_func("/mask/hides-a-whole-group-of-secrets", hides_a_whole_group_of_secrets);
  g_test_add_func("/mask/hides-old-secrets-in-comments", hides_old_secrets_in_comments);
  g_test_add_func("/mask/hides-options-of-interfaces", hides_options_of_interfaces);
  g_test_add_func("/mask/keeps-every-other-byte", keeps_every_other_byte);
  g_test_add_func("/mask/hides-a-value-in-quotes-to-their-end", hides_a_value_in_quotes_to_their_end);
  g_test_add_func("/mask/hides-a-continued-value-behind-a-comment", hides_a_continued_value_behind_a_comment);
  g_test_add_func("/mask/hides-what-was-wrapped-behind-a-secret", hides_what_was_wrapped_behind_a_secret);
  g_test_add_func("/mask/hides-secrets-among-words", hides_secrets_among_words);
  g_test_add_func("/mask/hides-comments-beside-a-secret", hides_comments_beside_a_secret);
  g_test_add_func("/mask/a-long-line-is-gone-through-once", a_long_line_is_gone_through_once);
  return g_test_run();
}
