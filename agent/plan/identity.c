/* identity.c - the identity that the machine shall have */
#include "identity.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <systemd/sd-id128.h>
#include <uuid/uuid.h>

#include "base/each.h"
#include "base/error.h"
#include "choice-source.h"
#include "decide/name-template.h"
#include "identity-addresses.h"
#include "kept-uuids.h"
#include "outcome.h"
#include "profile-maker.h"
#include "profiles/keyfile/connection-uuid.h"

/* Name spaces of our own for `derive`: the same product UUID gives the same identity for ever, so never change them. */
static const uuid_t machine_id_space = {0x7a, 0x6a, 0x5c, 0xfa, 0x74, 0x3f, 0x4b, 0x05,
                                        0x91, 0x1f, 0xa1, 0xd4, 0xbf, 0x12, 0xc3, 0x97};
static const uuid_t connection_space = {0xb1, 0x8c, 0x92, 0xaf, 0xe0, 0xc4, 0x4c, 0xd3,
                                        0x9d, 0x9e, 0x27, 0x0a, 0x9b, 0x0f, 0x51, 0xdb};

/* Everything as it is: what a rewired machine keeps, and what a choice that is switched off leaves. */
static Identity *identity_new(const PlanContext *context) {
  Identity *identity = g_new0(Identity, 1);
  const char *name = context->facts->hostname;

  if (context->record != NULL && context->record->template_name[0] != '\0')
    name = context->record->template_name;
  /* A machine without a name of its own is called this by the kernel's users. */
  identity->template_name = g_strdup(name[0] == '\0' ? "localhost" : name);
  identity->old_hostname = g_strdup(context->facts->hostname);
  identity->hostname = g_strdup(context->facts->hostname);
  identity->old_machine_id = g_strdup(context->facts->machine_id);
  identity->machine_id = g_strdup(context->facts->machine_id);
  identity->connection_uuids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  identity->new_uuids = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
  identity->assignments = g_ptr_array_new();
  identity->made = profiles_new();
  return identity;
}

void identity_free(Identity *identity) {
  g_free(identity->template_name);
  g_free(identity->old_hostname);
  g_free(identity->hostname);
  g_free(identity->old_machine_id);
  g_free(identity->machine_id);
  g_hash_table_unref(identity->connection_uuids);
  g_hash_table_unref(identity->new_uuids);
  g_ptr_array_unref(identity->assignments);
  profiles_free(identity->made);
  g_free(identity);
}

/* Takes SOURCE over. What is "" is not there. */
static void choose(Plan *plan, const char *name, const char *old, const char *new, char *source) {
  (void)plan_choose(plan, name, old == NULL || *old == '\0' ? NULL : old, new, source);
  g_free(source);
}

/* Version 5 (SHA-1) in SPACE of the product UUID, either byte order giving the same, and SUFFIX. */
static gboolean derive(const PlanContext *context, const char *key, const uuid_t space, const char *suffix,
                       uuid_t result, GError **error) {
  char product[PRODUCT_UUID_TEXT];

  if (!context->facts->uuid.present)
    return ri_error(error, RI_ERROR_POLICY,
                    "identity.%s = derive needs a product UUID, and this machine has none%s; set it to random", key,
                    context->facts->uuid.placeholder ? " but a placeholder that many share" : "");
  product_uuid_canonical(&context->facts->uuid, product);
  g_autofree char *name = g_strconcat(product, suffix, NULL);
  uuid_generate_sha1(result, space, name, strlen(name));
  return TRUE;
}

/* machine-id(5): systemd makes its ids in the form of a version 4 UUID, and so are the derived ones. */
static gboolean derive_machine_id(const PlanContext *context, sd_id128_t *id, GError **error) {
  if (!derive(context, "machine-id", machine_id_space, "", id->bytes, error))
    return FALSE;
  id->bytes[6] = (id->bytes[6] & 0x0f) | 0x40;
  id->bytes[8] = (id->bytes[8] & 0x3f) | 0x80;
  return TRUE;
}

static gboolean choose_machine_id(const PlanContext *context, Identity *identity, Plan *plan, GError **error) {
  const PolicyChoice choice = context->policy->machine_id;
  char text[SD_ID128_STRING_MAX];
  sd_id128_t id = SD_ID128_NULL;
  int result;

  if (!policy_step_enabled(context->policy, "machine-id", true))
    return TRUE;
  if (choice == CHOICE_KEEP && identity->old_machine_id[0] != '\0') {
    choose(plan, "machine-id", identity->old_machine_id, identity->machine_id,
           choice_source(choice, &context->policy->machine_id_at));
    return TRUE;
  }
  if (choice == CHOICE_DERIVE) {
    if (!derive_machine_id(context, &id, error))
      return FALSE;
  } else {
    result = sd_id128_randomize(&id);
    if (result < 0)
      return ri_error_errno(error, result, "cannot draw a random machine-id");
  }
  g_free(identity->machine_id);
  identity->machine_id = g_strdup(sd_id128_to_string(id, text));
  /* Without an id to be kept one is drawn. */
  choose(plan, "machine-id", identity->old_machine_id, identity->machine_id,
         choice_source(choice == CHOICE_DERIVE ? choice : CHOICE_RANDOM, NULL));
  return TRUE;
}

static gboolean make_connection_uuid(const PlanContext *context, const Profile *profile, char text[UUID_STR_LEN],
                                     GError **error) {
  uuid_t uuid = {0};

  if (context->policy->connection_uuid == CHOICE_RANDOM) {
    sd_id128_t id; /* as good, by one call to the kernel: libuuid stirs for each in what it knows of the process */
    int r = sd_id128_randomize(&id);

    if (r < 0)
      return ri_error_errno(error, r, "cannot draw a connection UUID");
    memcpy(uuid, id.bytes, sizeof id.bytes);
  } else {
    /* The file's path, which a reset never changes: a second run derives the same again, as from the old UUID it
     * would not. A file of another format holds several. */
    g_autofree char *name = profile->format != NULL ? g_strconcat(profile->path, "#", profile->id, NULL) : NULL;

    if (!derive(context, "connection-uuid", connection_space, name != NULL ? name : profile->path, uuid, error))
      return FALSE;
  }
  uuid_unparse_lower(uuid, text);
  return TRUE;
}

/* Does a profile that is not edited need OLD, the UUID of PROFILE? */
static gboolean stays(GHashTable *kept, const Profile *profile, const char *old, Plan *plan) {
  const Profile *referrer = old != NULL ? g_hash_table_lookup(kept, old) : NULL;

  if (referrer != NULL)
    plan_warn(plan, "%s: keeps the template's connection UUID %s, because %s, which is not edited, %s.", profile->path,
              old, referrer->path,
              connection_uuid_equal(referrer->uuid, old) ? "is hidden by it, and would come up" : "refers to it");
  return referrer != NULL;
}

static int compare_texts(gconstpointer left, gconstpointer right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* char *old -> char *new, of the profiles that get another one. Of profiles that nothing else ranks NetworkManager
 * brings up the one with the lowest UUID (nm-settings-connection.c, _cmp_last_resort): those that are drawn come in the
 * order of the old ones, so that the clone has up what the template had. */
static GHashTable *draw_in_order(const PlanContext *context, GHashTable *kept, GError **error) {
  g_autoptr(GHashTable) drawn = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GPtrArray) old = g_ptr_array_new();
  g_autoptr(GPtrArray) new = g_ptr_array_new_with_free_func(g_free);

  if (context->policy->connection_uuid != CHOICE_RANDOM)
    return g_steal_pointer(&drawn);
  list_each (const Profile *, profile, context->profiles->items) {
    g_autofree char *uuid = profile->uuid != NULL ? g_ascii_strdown(profile->uuid, -1) : NULL;
    char text[UUID_STR_LEN];

    if (uuid == NULL || !profile_is_edited(context, profile) || g_hash_table_contains(kept, uuid) ||
        g_hash_table_contains(drawn, uuid))
      continue;
    if (!make_connection_uuid(context, profile, text, error))
      return NULL;
    g_ptr_array_add(new, g_strdup(text));
    g_ptr_array_add(old, uuid);
    g_hash_table_insert(drawn, g_steal_pointer(&uuid), NULL);
  }
  g_ptr_array_sort(old, compare_texts);
  g_ptr_array_sort(new, compare_texts);
  for (guint i = 0; i < old->len; i++)
    g_hash_table_insert(drawn, g_strdup(old->pdata[i]), g_strdup(new->pdata[i]));
  return g_steal_pointer(&drawn);
}

/* Two files with one UUID stay two files with one UUID: a reference means the same as before. */
static gboolean choose_connection_uuids(const PlanContext *context, Identity *identity, Plan *plan, GError **error) {
  const PolicyChoice choice = context->policy->connection_uuid;
  g_autoptr(GHashTable) kept = NULL;
  g_autoptr(GHashTable) drawn = NULL;

  if (choice == CHOICE_KEEP)
    return TRUE;
  kept = kept_uuids(context);
  drawn = draw_in_order(context, kept, error);
  if (drawn == NULL)
    return FALSE;
  list_each (Profile *, profile, context->profiles->items) {
    g_autofree char *old = profile->uuid != NULL ? g_ascii_strdown(profile->uuid, -1) : NULL;
    g_autofree char *name = g_strconcat("connection-uuid ", profile->path, NULL);
    const char *known = NULL;
    const char *in_order = old != NULL ? g_hash_table_lookup(drawn, old) : NULL;
    char text[UUID_STR_LEN];

    if (!profile_is_edited(context, profile) || (profile->format != NULL && old == NULL) ||
        stays(kept, profile, old, plan))
      continue;
    if (old != NULL)
      known = g_hash_table_lookup(identity->connection_uuids, old);
    if (in_order != NULL)
      (void)g_strlcpy(text, in_order, sizeof text);
    else if (known == NULL && !make_connection_uuid(context, profile, text, error))
      return FALSE;
    if (known == NULL && g_strcmp0(old, text) == 0)
      continue;
    g_hash_table_insert(identity->new_uuids, profile, g_strdup(known == NULL ? text : known));
    choose(plan, name, old, known == NULL ? text : known, choice_source(choice, NULL));
    if (known == NULL && old != NULL)
      g_hash_table_insert(identity->connection_uuids, g_steal_pointer(&old), g_strdup(text));
  }
  return TRUE;
}

static gboolean choose_addresses(const PlanContext *context, Identity *identity, Plan *plan, GError **error) {
  /* steps.h refuses a policy with addresses that no step can place; what it is to be asked of the wire then is nothing.
   */
  if (!addresses_can_be_written(context))
    return TRUE;
  GPtrArray *assignments = identity_assign_addresses(context, identity->host, identity->made, plan, error);
  if (assignments == NULL)
    return FALSE;
  g_ptr_array_unref(identity->assignments);
  identity->assignments = assignments;
  if (context->wire != NULL && assignments->len > 0 &&
      !context->wire->are_free(assignments, plan, context->wire->data, error))
    return FALSE;
  identity_choose_addresses(context, assignments, plan);
  return TRUE;
}

/* The planned IPv4 address of the default route's NIC, else of any; NULL: none is planned. */
static const char *planned_ipv4(const HostPolicy *host) {
  const char *found = NULL;

  for (size_t i = 0; host != NULL && i < host->addresses.count; i++) {
    const PolicyAddress *address = &host->addresses.items[i];

    if (address->family != AF_INET)
      continue;
    if (address->nic[0] == '\0')
      return address->text;
    if (found == NULL)
      found = address->text;
  }
  return found;
}

static gboolean draw_hex_digits(char text[33], GError **error) {
  guint8 bytes[16];

  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
    return ri_error_errno(error, errno == 0 ? -EIO : -errno, "cannot draw random digits for the host name");
  for (gsize i = 0; i < sizeof bytes; i++)
    g_snprintf(text + 2 * i, 3, "%02x", bytes[i]);
  return TRUE;
}

/* The template that rules, and where it was written: *WHERE for messages, *SOURCE for the choice. */
static char *hostname_template(const PlanContext *context, const Identity *identity, char **where, char **source) {
  const char *domain = strchr(identity->template_name, '.');
  const HostPolicy *host = identity->host;

  if (host != NULL) {
    *where = g_strdup_printf("%s:%u: host %s.hostname", host->file, host->line, host->name);
    *source = choice_source_place(&host->hostname_at);
    return g_strdup(host->hostname != NULL ? host->hostname : host->name);
  }
  if (context->policy->hostname != NULL) {
    *where = g_strdup_printf("%s:%u: identity.hostname", context->policy->hostname_at.file,
                             context->policy->hostname_at.line);
    *source = choice_source_place(&context->policy->hostname_at);
    return g_strdup(context->policy->hostname);
  }
  *where = g_strdup("the default of identity.hostname (set it in the policy)");
  /* Written into the policy, what stands behind "default" gives the same name. */
  *source = g_strconcat("default " POLICY_DEFAULT_HOSTNAME, domain, NULL);
  return g_strconcat(POLICY_DEFAULT_HOSTNAME, domain, NULL);
}

static gboolean choose_hostname(const PlanContext *context, Identity *identity, Plan *plan, GError **error) {
  const Nic *nic = identity_default_nic(context);
  char uuid[PRODUCT_UUID_TEXT], random[33], name[256];
  g_autofree char *where = NULL;
  g_autofree char *source = NULL;
  Problem problem = {0};
  NameFacts facts;

  if (!policy_step_enabled(context->policy, "hostname", true))
    return TRUE;
  if (!draw_hex_digits(random, error))
    return FALSE;
  product_uuid_format(&context->facts->uuid, uuid);
  g_autofree char *text = hostname_template(context, identity, &where, &source);
  facts = (NameFacts){.uuid = context->facts->uuid.present ? uuid : NULL,
                      .mac = nic == NULL ? NULL : nic->mac,
                      .serial = context->facts->serial,
                      .template_name = identity->template_name,
                      .ipv4 = planned_ipv4(identity->host),
                      .random = random};
  if (name_template_expand(text, &facts, name, sizeof name, &problem) < 0)
    return ri_error(error, RI_ERROR_POLICY, "%s: %s: %s", where, text,
                    problem.text[0] == '\0' ? "no host name comes out of it" : problem.text);
  g_free(identity->hostname);
  identity->hostname = g_strdup(name);
  choose(plan, "hostname", identity->old_hostname, name, g_steal_pointer(&source));
  return TRUE;
}

/* Which [host] section this machine is; none, where there are some, is seldom what was meant. */
static gboolean choose_host(const PlanContext *context, Identity *identity, Plan *plan, GError **error) {
  static const char unmatched[] = IDENTITY_UNMATCHED;
  const Policy *policy = context->policy;
  const Facts *facts = context->facts;
  Problem problem = {""};
  int r = policy_host_for(policy, &facts->uuid, &facts->nics, facts->serial, &identity->host, &problem);

  if (r < 0)
    return ri_error(error, RI_ERROR_POLICY, "%s", *problem.text != '\0' ? problem.text : g_strerror(-r));
  if (r > 0 || policy->n_hosts == 0)
    return TRUE;
  if (policy->unmatched == UNMATCHED_REFUSE)
    return ri_error(
        error, RI_ERROR_POLICY,
        "%s, and [network] unmatched = refuse: give it one (`reset-identity status` shows its UUID, MACs and "
        "serial)",
        unmatched);
  plan_warn(plan, "%s (there %s %" G_GSIZE_FORMAT "): it gets what [identity] and [network] say", unmatched,
            policy->n_hosts == 1 ? "is" : "are", policy->n_hosts);
  return TRUE;
}

static gboolean choose_all(const PlanContext *context, Identity *identity, Plan *plan, GError **error) {
  return choose_host(context, identity, plan, error) && choose_addresses(context, identity, plan, error) &&
         choose_hostname(context, identity, plan, error) && choose_machine_id(context, identity, plan, error) &&
         choose_connection_uuids(context, identity, plan, error);
}

Identity *identity_choose(const PlanContext *context, Plan *plan, GError **error) {
  Identity *identity = identity_new(context);

  if (context->verdict == VERDICT_REWIRED || choose_all(context, identity, plan, error))
    return identity;
  identity_free(identity);
  return NULL;
}
