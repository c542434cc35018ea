/* step-ifupdown.c - /etc/network/interfaces and what it sources: addresses, and NICs that are called otherwise */
#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/list.h"
#include "plan/fixed-identity.h"
#include "plan/ifupdown/ifupdown-edit.h"
#include "plan/ifupdown/ifupdown-routes.h"
#include "plan/plan-tree.h"
#include "plan/profile-maker.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"
#include "plan/yielding-entries.h"
#include "profiles/ifupdown/interfaces-fault.h"
#include "profiles/name-patterns.h"

static const char step_name[] = "ifupdown";

/* interfaces(5), bridge-utils-interfaces(5), vlan-interfaces(5), ifenslave's README; ifupdown-ng and ifupdown2. Only
 * "?" stands for both "_" and "-". */
static const FollowedKey table[] = {
    {NULL, "iface|mapping", RENAME_NIC, NULL},
    {NULL, "auto|allow-*|no-auto-down|no-scripts|rename", RENAME_NIC | RENAME_MAC, NULL},
    {"*", "bridge?ports|bridge?pathcost|bridge?portprio|bridge?hairpin|bridge?waitport|ovs?ports|ovs?bonds", RENAME_NIC,
     NULL},
    {"*", "bond?slaves|bond?members|bond?primary|bond?active?slave", RENAME_NIC, NULL},
    {"*", "vlan?raw?device|vxlan?physdev|tunnel?physdev|tunnel-dev|requires", RENAME_NIC, NULL},
    {"*", "bridge?hw", RENAME_NIC | RENAME_MAC, NULL},
    {"*", "bond?ad?actor?system|hwaddress|hwaddr|ovs?mac", RENAME_MAC, NULL},
    {"*", "address-virtual", RENAME_MAC | RENAME_ADDRESS, NULL},
    {"*", "vrrp", RENAME_ADDRESS, NULL},
    {"*", "hostname|dhcp-hostname", RENAME_HOST, NULL},
    {"*", "client|dhcp-client-id", RENAME_HOST | RENAME_MAC, NULL},
    {"*", "local|tunnel-local|vxlan?local*|dns-nameserver*", RENAME_ADDRESS, NULL},
};

typedef struct {
  const PlanContext *context;
  Interfaces *interfaces;
  Plan *plan;
  GPtrArray *reasons; /* char*, each once */
  const char *fault;  /* ifupdown refuses the files; NULL: it does not */
} Following;

static const Profile *profile_of(const PlanContext *context, const char *device) {
  list_each (const Profile *, profile, context->profiles->items)
    if (strcmp(profile_step(profile), step_name) == 0 && strcmp(profile->id, device) == 0)
      return profile;
  return NULL;
}

/* Why the stanza of LINE must stay as it is; NULL: it need not. */
static const char *why_not(const Following *following, const StanzaLine *line) {
  if (following->fault != NULL)
    return following->fault;
  list_each (const InterfacesStanza *, stanza, following->interfaces->stanzas) {
    const Profile *profile = stanza->head == line->head ? profile_of(following->context, stanza->device) : NULL;

    if (profile != NULL && profile->why_not != NULL)
      return profile->why_not;
  }
  return NULL;
}

/* ---- what is the template's follows ---- */

static void say_followed(const Token *token, const char *word, const Mention *mention, gpointer data) {
  const Following *following = data;

  list_say(following->reasons, "%s %s becomes %s", token->key, word, mention->replacement);
}

/* The raw value of LINE as a token of the file; the key and the value's offset in the line's own text. */
static Token token_of(const StanzaLine *line, const char *group) {
  gsize size = 0;

  if (line->n_words == 0)
    return (Token){0};
  const char *value = stanza_line_value(line, &size);
  return (Token){.group = group,
                 .key = line->n_words > 1 ? line->words[0] : NULL,
                 .value = value,
                 .size = size,
                 .line = stanza_line_value_number(line)};
}

static char *group_of(const StanzaLine *line) {
  const StanzaLine *head = line->kind == STANZA_OPTION ? line->head : NULL;

  return head == NULL ? NULL : g_strconcat(head->words[0], head->n_words > 1 ? " " : NULL, head->words[1], NULL);
}

/* The VLAN NAME lies over what it is called by: no vlan-raw-device says another. */
static gboolean is_called_by_its_nic(const Interfaces *interfaces, const char *name) {
  list_each (const InterfacesStanza *, stanza, interfaces->stanzas)
    if (strcmp(stanza->device, name) == 0 && interfaces_option(stanza, "vlan-raw-device", NULL) != NULL)
      return FALSE;
  return TRUE;
}

/* "eth0.100:1" where eth0 is called otherwise now, of a VLAN that has no stanza; NULL: it stays, or the table of
 * renames has it. */
static char *renamed_vlan(const Following *following, const char *word) {
  const char *dot = strrchr(word, '.');
  g_autofree char *nic = dot != NULL ? g_strndup(word, (gsize)(dot - word)) : NULL;
  g_autofree char *device = g_strndup(word, strcspn(word, ":"));
  const Rename *rename =
      nic != NULL && g_ascii_isdigit(dot[1]) ? renames_lookup(following->context->renames, RENAME_NIC, nic) : NULL;

  if (rename == NULL || rename->new_value == NULL || !is_called_by_its_nic(following->interfaces, device) ||
      renames_lookup(following->context->renames, RENAME_NIC, device) != NULL)
    return NULL;
  return g_strconcat(rename->new_value, dot, NULL);
}

static gboolean names_nics(const StanzaLine *line) {
  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if ((table[i].kinds & RENAME_NIC) != 0 && followed_fits(table[i].keys, line->words[0]))
      return TRUE;
  return FALSE;
}

/* WORDS: the line's as they were. */
static void follow_vlans(const Following *following, char **words, StanzaLine *line) {
  for (guint i = 1; i < line->n_words; i++) {
    g_autofree char *renamed = renamed_vlan(following, words[i]);

    if (renamed == NULL)
      continue;
    if (names_nics(line)) {
      list_say(following->reasons, "%s %s becomes %s", words[0], words[i], renamed);
      (void)stanza_line_set_word(line, i, renamed);
    }
  }
}

/* A MAC address that no NIC has had or has. */
static void warn_of_fixed_identity(const Following *following, const InterfacesFile *file, const StanzaLine *line) {
  if (following->context->verdict != VERDICT_CLONE || line->n_words < 2)
    return;
  if (stanza_line_is(line, "client") || stanza_line_is(line, "dhcp-client-id"))
    plan_warn(following->plan,
              "%s:%u: %s = %s is a fixed identity towards DHCP servers; every clone has the same: remove the line.",
              file->path, line->number, line->words[0], line->words[1]);
  if ((stanza_line_is(line, "hwaddress") || stanza_line_is(line, "bridge-hw")) &&
      strange_mac(following->context, line->words[line->n_words - 1]))
    plan_warn(following->plan, "%s:%u: %s %s" EVERY_CLONES_MAC, file->path, line->number, line->words[0],
              line->words[line->n_words - 1]);
}

static gboolean brings_up(const StanzaLine *line) {
  return stanza_line_is(line, "auto") || stanza_line_is(line, "no-auto-down") || stanza_line_is(line, "no-scripts") ||
         g_str_has_prefix(line->words[0], "allow-");
}

/* "/eth*=lan", a pattern of names (interfaces(5), INTERFACE SELECTION), does not fit eth0 where that is ens192 now:
 * " ens192=lan". */
static void add_lost(const Following *following, const StanzaLine *line, const char *word, GString *lost) {
  const char *logical = strchr(word, '=');
  g_autofree char *pattern = *word == '/' ? g_strndup(word + 1, strcspn(word + 1, "/=")) : NULL;
  const char *const patterns[] = {pattern, NULL};
  g_auto(GStrv) names = name_patterns_lost(following->context->nic_map, patterns);

  for (char **name = names; *name != NULL; name++)
    if (!g_strv_contains((const char *const *)line->words, *name))
      g_string_append_printf(lost, " %s%s", *name, logical != NULL ? logical : "");
}

static void follow_patterns(const Following *following, StanzaLine *line) {
  g_autoptr(GString) lost = g_string_new(NULL);
  gsize size = 0;

  for (guint i = 1; brings_up(line) && i < line->n_words; i++)
    add_lost(following, line, line->words[i], lost);
  if (lost->len == 0)
    return;
  const char *value = stanza_line_value(line, &size);
  g_autofree char *longer = g_strdup_printf("%.*s%s", (int)size, value, lost->str);
  if (stanza_line_set_value(line, longer))
    list_say(following->reasons, "%s no longer fits all that it did:%s", line->words[0], lost->str);
}

/* `iface NAME` of a stanza for no NIC, which keeps its name. */
static gboolean is_of_nobody(const Following *following, const StanzaLine *line) {
  g_autofree char *device = stanza_line_is(line, "iface") && line->n_words > 1
                                ? g_strndup(line->words[1], strcspn(line->words[1], ":"))
                                : NULL;

  return device != NULL && yielding_entry(following->context, step_name, device) != NULL;
}

static void follow_line(Following *following, const InterfacesFile *file, StanzaLine *line) {
  g_autofree char *group = group_of(line);
  const Token token = token_of(line, group);
  g_auto(GStrv) words = NULL;

  if (line->n_words < 2 || why_not(following, line) != NULL || is_of_nobody(following, line))
    return;
  words = g_strdupv(line->words);
  g_autofree char *followed =
      scanner_value(following->context->renames, table, G_N_ELEMENTS(table), &token, say_followed, following);
  if (followed != NULL)
    (void)stanza_line_set_value(line, followed);
  else
    warn_of_fixed_identity(following, file, line);
  follow_vlans(following, words, line);
  follow_patterns(following, line);
}

static void follow_file(Following *following, const InterfacesFile *file) {
  for (guint i = 0; i < file->text->lines->len; i++)
    follow_line(following, file, file->text->lines->pdata[i]);
}

/* ---- addresses ---- */

static void edit_profile(Following *following, const Profile *profile) {

  family_each (family) {
    g_auto(Outcome) outcome;

    outcome_of(following->context, profile, family, following->plan, &outcome);
    g_autofree char *reason = outcome_reason(following->context, &outcome);
    ifupdown_edit(following->interfaces, profile, &outcome);
    ifupdown_routes_check(following->interfaces, profile, &outcome, following->plan);
    if (reason != NULL)
      list_say(following->reasons, "%s: %s", profile->id, reason);
  }
}

static void add_made(Following *following, const Profile *made) {
  interfaces_add(following->interfaces, made->path, made->bytes);
  plan_make_parents(following->plan, following->context->root, step_name, made->path, "ifupdown's files go into it");
  list_say(following->reasons, "stanzas for %s, which has none", made->nic->name);
}

static void edit_profiles(Following *following) {
  g_autoptr(GPtrArray) profiles = profiles_of_step(following->context, step_name);

  list_each (const Profile *, profile, profiles) {
    if (profile->is_new && following->fault != NULL)
      continue;
    if (profile->is_new)
      add_made(following, profile);
    if (profile->yields_to != NULL)
      yielding_entry_warn(profile, following->plan);
    if (profile->why_not != NULL)
      plan_warn(following->plan, "%s:%u: %s is not edited: %s.", profile->path, profile->plain->line, profile->id,
                profile->why_not);
    else if (following->context->verdict == VERDICT_CLONE)
      edit_profile(following, profile);
  }
}

/* ---- what is left ---- */

static const StanzaLine *line_numbered(const StanzaText *text, guint number) {
  for (guint i = 0; i < text->lines->len; i++)
    if (((const StanzaLine *)text->lines->pdata[i])->number == number)
      return text->lines->pdata[i];
  return NULL;
}

static void warn_of_line(const Following *following, const InterfacesFile *file, const StanzaLine *line) {
  const StanzaLine *final = line_numbered(file->text, line->number);
  g_autofree char *group = group_of(line);
  const Token token = token_of(line, group);

  if (line->n_words == 0 || final == NULL || is_of_nobody(following, line))
    return;
  scanner_warn(following->context->renames, table, why_not(following, final) != NULL ? 0 : G_N_ELEMENTS(table),
               file->path, &token, final->raw->str, following->plan);
  for (guint i = 1; i < line->n_words; i++) {
    g_autofree char *renamed = renamed_vlan(following, line->words[i]);

    if (renamed != NULL && !names_nics(line))
      plan_warn(following->plan,
                "%s:%u: the VLAN %s is mentioned here (%s) and becomes %s; this line is not changed: check it.",
                file->path, token.line, line->words[i], line->words[0], renamed);
  }
}

static void warn_of_file(const Following *following, const InterfacesFile *file) {
  g_autoptr(StanzaText) before = file->bytes != NULL ? stanza_text_parse(file->bytes) : NULL;

  for (guint i = 0; before != NULL && i < before->lines->len; i++)
    warn_of_line(following, file, before->lines->pdata[i]);
}

/* ---- all of it ---- */

static void write_file(const Following *following, const InterfacesFile *file) {
  g_autoptr(GBytes) content = stanza_text_bytes(file->text);
  g_autofree char *why = list_join(following->reasons, "; ");
  Edit *edit = plan_write(following->plan, step_name, file->path, file->bytes, content, why);

  if (edit != NULL)
    edit->flags |= EDIT_KEYFILE;
}

/* ---- what runs ---- */

/* LINE is of STANZA, or of a stanza that has been added for the same interface. */
static gboolean is_said_of(const StanzaLine *line, const InterfacesStanza *stanza) {
  const StanzaLine *head = line->head;

  if (head == NULL || line->kind == STANZA_BLANK)
    return FALSE;
  return head == stanza->head || (head->number == 0 && g_strcmp0(head->words[1], stanza->head->words[1]) == 0);
}

/* All that the files say of DEVICE now. */
static char *said_of(const Interfaces *interfaces, const char *device) {
  GString *text = g_string_new(NULL);

  list_each (const InterfacesStanza *, stanza, interfaces->stanzas) {
    const GPtrArray *lines = stanza->file->text->lines;

    for (guint j = 0; strcmp(stanza->device, device) == 0 && j < lines->len; j++) {
      const StanzaLine *line = lines->pdata[j];
      if (is_said_of(line, stanza))
        g_string_append_len(text, line->raw->str, (gssize)line->raw->len);
    }
  }
  return g_string_free(text, FALSE);
}

/* Device -> what is said of it. */
static GHashTable *all_that_is_said(const Interfaces *interfaces) {
  GHashTable *said = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);

  for (guint i = 0; i < interfaces->stanzas->len; i++) {
    char *device = ((const InterfacesStanza *)interfaces->stanzas->pdata[i])->device;
    if (!g_hash_table_contains(said, device))
      g_hash_table_insert(said, device, said_of(interfaces, device));
  }
  return said;
}

/* Interfaces whose stanzas change, and what they are ports of: by their old names, which ifdown knows, and by the new,
 * which ifup will. */
static void act(const Following *following, GHashTable *before) {
  g_autoptr(GString) names = g_string_new(NULL);

  list_each (const InterfacesStanza *, stanza, following->interfaces->stanzas) {
    const Profile *profile = profile_of(following->context, stanza->device);
    g_autofree char *now = said_of(following->interfaces, stanza->device);

    if (g_strcmp0(now, g_hash_table_lookup(before, stanza->device)) == 0)
      continue;
    g_string_append_printf(names, "%s %.*s %s ", stanza->device, (int)strcspn(stanza->head->words[1], ":"),
                           stanza->head->words[1],
                           profile != NULL && profile->controller != NULL ? profile->controller : "");
  }
  if (names->len > 0)
    plan_act_stack(following->plan, step_name, "ifupdown", names->str, "ifupdown takes its files");
}

/* What ifup and ifdown run beside the files. */
static const ScannedFormat scripts = {.step = step_name, .reader = tokens_of_lines};
static const ScannedPlace searched[] = {
    {&scripts, "/etc/network/if-pre-up.d", "*"},
    {&scripts, "/etc/network/if-up.d", "*"},
    {&scripts, "/etc/network/if-down.d", "*"},
    {&scripts, "/etc/network/if-post-down.d", "*"},
};

gboolean step_ifupdown(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(Interfaces) interfaces = interfaces_read(context->root, error);
  g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *fault = interfaces != NULL ? interfaces_fault(context->root, interfaces) : NULL;
  Following following = {context, interfaces, plan, reasons, fault};

  g_autoptr(GHashTable) before = interfaces != NULL ? all_that_is_said(interfaces) : NULL;

  if (interfaces == NULL)
    return FALSE;
  for (guint i = 0; i < interfaces->unread->len; i++)
    plan_warn(plan, "%s: only a shell can tell which files these are; they are not edited.",
              (const char *)interfaces->unread->pdata[i]);
  if (fault != NULL)
    plan_warn(plan, "%s: ifupdown refuses that and brings nothing up; its files are not edited.", fault);
  for (guint i = 0; i < interfaces->files->len; i++)
    follow_file(&following, interfaces->files->pdata[i]);
  edit_profiles(&following);
  for (guint i = 0; i < interfaces->files->len; i++)
    warn_of_file(&following, interfaces->files->pdata[i]);
  for (guint i = 0; i < interfaces->files->len; i++)
    write_file(&following, interfaces->files->pdata[i]);
  act(&following, before);
  return scanner_places(context, searched, G_N_ELEMENTS(searched), plan, error);
}

void step_ifupdown_check(const Root *root, Plan *plan) {
  plan_check(plan, step_name, VERIFY_LINKS, "ifupdown", "what the files say");
}
