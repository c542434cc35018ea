/* mask-words.c - secrets that stand among other words, in files that are no profiles: DHCP clients', kernel command
 * lines, scripts */
#include <string.h>

#include "diff.h"

/* What stands in quotes, also over a line end; quotes that nothing closes end with their line. */
#define QUOTED "(?:\"(?:[^\"\\\\]++|\\\\[\\s\\S])*+\"|'[^']*+'|[\"'][^\\r\\n]*+)"
/* A backslash keeps a line end in the word. A quote behind other letters may be the end of what the word stands in. */
#define PLAIN "(?:[^\\s;\"'\\\\]|\\\\(?:\\r?\\n|[\\s\\S]))"
#define VALUE "(?:" QUOTED "++" PLAIN "*+|" PLAIN "++)"
#define REST_OF_LINE "(?:" QUOTED "|" PLAIN "|[ \\t;])++"
/* dhclient.conf(5) has comments wherever it has blanks. */
#define GAP "(?:\\s|#[^\\n]*+\\n)"

/* NAME and its words before the one that follows. */
#define COMMAND(name) "((?:^|[\\s/|&;(\"'])" name "[ \\t](?:[^\\r\\n]{0,200}?[ \\t])??"

/* What is kept stands in the first group of each. Names have a bound: a file of one long line is gone through once. */
static const char *const patterns[] = {
    /* cifspass=, rd.iscsi.password=, "wpa_psk" = : psk-flags= says where a secret is kept, not what it is */
    "((?:passw(?:or)?d|passphrase|secret|psk|cifspass|mysql_pwd|rootpw|(?:api|access|auth)_?key|(?<![a-z])pass)[\\w.-]{"
    "0,40}(?"
    "<!-flags)[ \\t]*=[ \\t]*)" VALUE,
    /* # password: XXX */
    "((?:passw(?:or)?d|passphrase|secret|psk)[\\w.-]{0,40}(?<!-flags)[ \\t]*:[ \\t]+)" VALUE,
    /* dhclient.conf, over as many lines as it likes: key NAME { algorithm hmac-md5; secret XXX; } */
    "(\\bsecret" GAP "++)(?:\"[^\"]*+\"|[^\\s;#\"]++)(?=" GAP "*+[;}])",
    /* and where its quotes are not closed */
    "(\\bsecret" GAP "++)\"[^\\r\\n]*+",
    /* JSON, as in /etc/nvme/config.json: "dhchap_key": "DHHC-1:00:XXX"; in a script's quotes its own have backslashes
     */
    ("(\"[\\w.-]{0,40}(?:passw(?:or)?d|passphrase|secret|psk|token|key)\\\\?\"\\s*:\\s*)"
     "(?:\"(?:[^\"\\\\]|\\\\[\\s\\S])*+\"|\\\\\"(?:[^\\\\]|\\\\(?!\"))*+\\\\\")"),
    /* mysql --password XXX */
    ("((?:^|[ \\t])--?(?:[a-z]+-){0,3}(?:passw(?:or)?d|passphrase|secret|psk|token|private-key|preshared-key)"
     "(?:[ \\t]|\\\\\\r?\\n)++)(?!-)" VALUE),
    /* keys as words of commands: iwconfig NIC key s:XXX; iw dev NIC connect NETWORK keys 0:XXX; ip xfrm state add ...
     * enc ALGORITHM XXX; ip macsec add ... key ID XXX; wpa_cli set_network 0 psk XXX; openssl -passin pass:XXX */
    COMMAND("iw(?:config)?") "(?:keys?|enc(?:ryption)?)[ \\t]+)" REST_OF_LINE,
    COMMAND("xfrm") "(?:enc|auth(?:-trunc)?|aead)[ \\t]+\\S+[ \\t]+)" REST_OF_LINE,
    COMMAND("macsec") "key[ \\t]+[0-9a-f]{1,32}[ \\t]+)" VALUE,
    COMMAND("wpa_cli") "(?:sae_)?(?:psk|password|wep_key[0-3]|pin|passphrase)[ \\t]+)" REST_OF_LINE,
    COMMAND("openssl") "-pass(?:in|out)?[ \\t]+pass:)" VALUE,
    COMMAND("sshpass") "-p[ \\t]*+)" VALUE,
    /* curl -u USER:XXX; -H "Authorization: Bearer XXX", "X-Api-Key: XXX" */
    COMMAND("curl") "(?:-[uU]|--(?:proxy-)?user)[ \\t=]*+[\"']?[^\\s:\"']{1,100}:)[^\\s\"']++",
    "(\\b(?:(?:proxy-)?authorization|x-[\\w-]{0,40}(?:key|token)):[ \\t]*+(?:(?:basic|bearer|token)[ "
    "\\t]++)?)[^\"'\\r\\n]++",
    /* echo XXX | wg set wg0 private-key /dev/stdin, and what else reads it so */
    ("(\\b(?:echo|printf)[ \\t]++)[^\\r\\n|]{1,400}+"
     "(?=\\|[ \\t]*+(?:/\\S{1,100}/)?(?:wg|wpa_passphrase|chpasswd|passwd|cryptsetup|smbpasswd)\\b)"),
    "(\\b(?:private-key|preshared-key)[ \\t]++)<\\([^\\r\\n)]*+\\)",
    /* systemd.set_credential=passwd.hashed-password.root:XXX */
    "(\\bsystemd\\.set_credential(?:_binary)?=[^\\s:]{1,255}:)[^\\s\"']+",
    /* dhcpcd.conf; wpa_passphrase NETWORK PASSPHRASE */
    "(^[ \\t]*authtoken[ \\t]+|\\bwpa_passphrase[ \\t]+)" REST_OF_LINE,
    /* GRUB's and syslinux's own */
    "(^[ \\t]*+(?:#?password|#?[ \\t]*+password_pbkdf2)[ \\t]++)(?![=:])" REST_OF_LINE,
    "(^[ \\t]*+#?[ \\t]*+menu[ \\t]++(?:master[ \\t]++)?passwd[ \\t]++)" REST_OF_LINE,
    /* netroot=iscsi:USER:PASSWORD@..., http://USER:PASSWORD@... */
    "((?:root=iscsi:|://))[^\\s@\"'/]{1,400}(?=@)",
};

/* Made once: a plan may have thousands of files. Not compiled to machine code, which reads behind the text's end. */
static const GRegex *regex_of(gsize index) {
  static GRegex *regexes[G_N_ELEMENTS(patterns)];

  if (regexes[index] == NULL)
    regexes[index] = g_regex_new(patterns[index], G_REGEX_CASELESS | G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
  return regexes[index];
}

static char *mask_one(gsize index, const char *text, gsize size) {
  const GRegex *regex = regex_of(index);

  return regex != NULL ? g_regex_replace(regex, text, (gssize)size, 0, "\\1<hidden>", 0, NULL) : NULL;
}

char *diff_mask_words(const char *text, gsize size, gsize *masked_size) {
  char *masked = g_strndup(text, size);

  for (gsize i = 0; i < G_N_ELEMENTS(patterns); i++) {
    char *next = mask_one(i, masked, strlen(masked));
    g_free(masked);
    masked = next != NULL ? next : g_strdup("<hidden>\n");
  }
  *masked_size = strlen(masked);
  return masked;
}
