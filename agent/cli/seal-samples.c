/* seal-samples.c - what a template's clones would be given */
#include "seal-samples.h"

#include <string.h>

#include "base/each.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/tree-memory.h"
#include "base/tree.h"
#include "commit/checks.h"
#include "profiles/bound-nics.h"

/* A clone of its own: UUID, MACs and serial number that nobody has. Locally administered MACs, one for each NIC. */
static const char sample_uuid[] = "6f1d2c3b-4a59-4687-9bad-c0ffee102030";

enum { DIGITS, LETTERS, NIC_LIMIT = 100 };

/* The template as its record will have it, and a clone of it. */
typedef struct {
  Machine machine;              /* borrows all but what stands here */
  GArray *template_nics, *nics; /* Nic */
  const HostPolicy *host;       /* NULL: a clone that none of them names */
  GPtrArray *warnings;
  GHashTable *said;
} Sample;

static void add_nic(GArray *nics, const char *name, const char *mac) {
  Nic nic = {.position = nics->len};

  (void)g_strlcpy(nic.name, name, sizeof nic.name);
  (void)g_strlcpy(nic.mac, mac, sizeof nic.mac);
  (void)g_snprintf(nic.bus_path, sizeof nic.bus_path, "sample/%u", nic.position);
  g_array_append_val(nics, nic);
}

static gboolean knows_nics(const Machine *machine) {
  return !machine_is_sealed_from_outside(machine) && machine->facts.nics.count > 0;
}

static gboolean is_called(const GArray *nics, const char *name) {
  array_each (const Nic *, nic, nics)
    if (strcmp(nic->name, name) == 0)
      return TRUE;
  return *name == '\0';
}

/* Nobody knows the clones' NICs: those that its profiles are bound to. */
static gboolean add_bound_nics(const Machine *machine, GArray *nics, GError **error) {
  g_autoptr(GArray) bound = g_array_new(FALSE, TRUE, sizeof(Nic));
  gboolean all;

  if (!bound_nics_read(&machine->root, bound, &all, error))
    return FALSE;
  array_each (const Nic *, nic, bound) {
    g_autofree char *made_up = g_strdup_printf("nic%u", nics->len);

    if (nics->len < NIC_LIMIT)
      add_nic(nics, !is_called(nics, nic->name) ? nic->name : made_up, nic->mac);
  }
  return TRUE;
}

static gboolean find_template_nics(const Machine *machine, GArray *nics, GError **error) {
  if (knows_nics(machine)) {
    g_array_append_vals(nics, machine->facts.nics.items, (guint)machine->facts.nics.count);
    return TRUE;
  }
  if (!add_bound_nics(machine, nics, error))
    return FALSE;
  if (nics->len == 0)
    add_nic(nics, "eth0", "52:54:00:00:00:01");
  return TRUE;
}

/* InfiniBand's 20 bytes end in what tells one port from another. */
static void set_end(char mac[static NIC_MAC_TEXT], const char *end) {
  const gsize size = strlen(mac), length = strlen(end);

  (void)g_strlcpy(mac + (size > length ? size - length : 0), end, NIC_MAC_TEXT - (size > length ? size - length : 0));
}

static void replace_macs(Sample *sample, guint kind) {
  g_array_set_size(sample->nics, 0);
  g_array_append_vals(sample->nics, sample->template_nics->data, sample->template_nics->len);
  for (guint i = 0; i < sample->nics->len; i++) {
    g_autofree char *mac = kind == DIGITS ? g_strdup_printf("52:54:00:10:%02u:%02u", 20 + i / NIC_LIMIT, i % NIC_LIMIT)
                                          : g_strdup_printf("52:54:00:ab:c%u:%02u", i / NIC_LIMIT % 10, i % NIC_LIMIT);
    set_end(g_array_index(sample->nics, Nic, i).mac, mac);
  }
}

/* Another machine's: of the same form, because its length and its characters are what a name is made of. */
static void replace_serial(char *serial) {
  char *last = *serial != '\0' ? serial + strlen(serial) - 1 : serial;

  if (g_ascii_isdigit(*last))
    *last = *last == '0' ? '1' : '0';
  else if (g_ascii_isalpha(*last))
    *last = g_ascii_tolower(*last) == 'a' ? 'b' : 'a';
}

static gboolean has_mac(const GArray *nics, const char *mac) {
  for (guint i = 0; i < nics->len; i++)
    if (strcmp(g_array_index(nics, Nic, i).mac, mac) == 0)
      return TRUE;
  return FALSE;
}

static gboolean has_plain_address(const HostPolicy *host) {
  for (size_t i = 0; i < host->addresses.count; i++)
    if (host->addresses.items[i].nic[0] == '\0')
      return TRUE;
  return FALSE;
}

/* Of the kind that has such an address, the next that none is chosen for: how many are is in NEXT, for each kind. */
enum { ETHERNET, INFINIBAND, KINDS };

static guint kind_of(const char *mac) {
  return mac_is_infiniband(mac) ? INFINIBAND : ETHERNET;
}

static gboolean take_mac(const Sample *sample, const char *mac, guint next[static KINDS]) {
  guint left = next[kind_of(mac)];

  array_each (Nic *, nic, sample->nics) {
    if (kind_of(nic->mac) != kind_of(mac) || left-- > 0)
      continue;
    (void)g_strlcpy(nic->mac, mac, NIC_MAC_TEXT);
    next[kind_of(mac)]++;
    return TRUE;
  }
  return FALSE;
}

/* A NIC that HOST gives an address by its MAC is one of the machine's: one that no match-mac has, and not the first
 * where an address without a NIC is meant for that; else one more. */
static void take_named_macs(Sample *sample, const HostPolicy *host, guint next[static KINDS]) {
  guint *first = sample->nics->len > 0 ? &next[kind_of(g_array_index(sample->nics, Nic, 0).mac)] : NULL;

  if (first != NULL && has_plain_address(host))
    *first = MAX(*first, 1U);
  for (size_t i = 0; i < host->addresses.count; i++) {
    char mac[NIC_MAC_TEXT];

    if (mac_canonical(host->addresses.items[i].nic, mac) < 0 || has_mac(sample->nics, mac) ||
        take_mac(sample, mac, next))
      continue;
    g_autofree char *name = g_strdup_printf("nic%u", sample->nics->len);
    add_nic(sample->nics, name, mac);
  }
}

/* What makes the machine HOST: the first of each kind that it may be known by. */
static void become_host(Sample *sample, const HostPolicy *host) {
  Facts *facts = &sample->machine.facts;
  guint next[KINDS] = {0};

  sample->host = host;
  if (host->n_match_uuid > 0)
    facts->uuid = host->match_uuid[0];
  for (guint i = 0; i < host->n_match_mac; i++)
    (void)take_mac(sample, host->match_mac[i], next);
  if (host->match_serial != NULL && host->match_serial[0] != NULL)
    (void)g_strlcpy(facts->serial, host->match_serial[0], sizeof facts->serial);
  take_named_macs(sample, host, next);
  facts->nics = (NicList){(Nic *)(void *)sample->nics->data, sample->nics->len};
}

/* What becomes of an old value (another one, nothing) is every sample's own, and the line is the same. */
static void say_once(Sample *sample, const char *warning) {
  const char *mention = strstr(warning, " is mentioned here");
  const char *own = mention != NULL ? strstr(mention, " and ") : NULL;

  if (g_hash_table_add(sample->said, own != NULL ? g_strndup(warning, (gsize)(own - warning)) : g_strdup(warning)))
    g_ptr_array_add(sample->warnings, g_strdup(warning));
}

static void become(Sample *sample, const Machine *machine, guint kind) {
  Facts *facts = &sample->machine.facts;

  replace_macs(sample, kind);
  sample->host = NULL;
  facts->nics = (NicList){(Nic *)(void *)sample->nics->data, sample->nics->len};
  /* What the clones of an image have nobody knows here: both. */
  if (facts->uuid.present || machine_is_sealed_from_outside(machine))
    (void)product_uuid_parse(sample_uuid, &facts->uuid);
  (void)g_strlcpy(facts->serial, machine_is_sealed_from_outside(machine) ? "1" : machine->facts.serial,
                  sizeof facts->serial);
  replace_serial(facts->serial);
}

static char *name_of(const Sample *sample) {
  if (sample->host != NULL)
    return g_strdup_printf("The clone that [host %s] names", sample->host->name);
  return g_strdup_printf("A clone with the MAC %s",
                         sample->nics->len > 0 ? g_array_index(sample->nics, Nic, 0).mac : "of no NIC");
}

/* That no section names a clone which is made up is no news. */
static void keep_warnings(Sample *sample, const Plan *plan) {
  for (guint i = 0; i < plan->warnings->len; i++)
    if (sample->host != NULL || !g_str_has_prefix(plan->warnings->pdata[i], IDENTITY_UNMATCHED))
      say_once(sample, plan->warnings->pdata[i]);
}

/* Both are lists of addresses, with a prefix or without. */
static gboolean share_an_address(const char *old, const char *new) {
  g_auto(GStrv) before = g_strsplit_set(old, ", ", -1);
  g_auto(GStrv) after = g_strsplit_set(new, ", ", -1);

  for (char **address = after; *address != NULL; address++) {
    (*address)[strcspn(*address, "/")] = '\0';
    for (char **own = before; *own != NULL; own++) {
      (*own)[strcspn(*own, "/")] = '\0';
      if (**own != '\0' && strcmp(*own, *address) == 0)
        return TRUE;
    }
  }
  return FALSE;
}

static gboolean is_the_templates(const Choice *choice) {
  if (strcmp(choice->name, "hostname") == 0)
    return g_ascii_strcasecmp(choice->old, choice->new) == 0;
  return g_str_has_prefix(choice->name, "address") && share_an_address(choice->old, choice->new);
}

/* The policy's word counts, and the template is off as a rule; but who starts it has two of them. */
static void warn_of_template_values(Sample *sample, const Plan *plan) {
  for (guint i = 0; sample->host != NULL && i < plan->choices->len; i++) {
    const Choice *choice = plan->choices->pdata[i];
    if (choice->old == NULL || choice->new == NULL || !is_the_templates(choice))
      continue;
    g_autofree char *text = g_strdup_printf(
        "%s: [host %s] gets %s, which is the template's own %s: they collide when both run", choice->source,
        sample->host->name, choice->new, *choice->name == 'h' ? "host name" : "address");
    say_once(sample, text);
  }
}

/* What stands in the way on this disk as it is now (a directory that is not mounted here, an immutable file) need not
 * be there when a clone boots: it is said. The record's directories are there when the template is sealed. */
static void keep_checks(Sample *sample, Plan *plan) {
  const Root root = {.fd = sample->machine.root.fd, .is_host = sample->machine.root.is_host};
  g_autoptr(GError) cause = NULL;

  for (guint i = plan->edits->len; i-- > 0;)
    if ((((const Edit *)plan->edits->pdata[i])->flags & EDIT_LAST) != 0)
      g_ptr_array_remove_index(plan->edits, i);
  if (!checks_run(&root, plan, &cause))
    plan_warn(plan, "A clone of this disk as it is now would be refused: %s", cause->message);
}

static gboolean plan_sample(Sample *sample, GError **error) {
  g_autoptr(GError) cause = NULL;
  g_autoptr(Proposal) proposal = machine_propose(&sample->machine, FALSE, NULL, &cause);

  if (proposal != NULL) {
    keep_checks(sample, proposal->plan);
    keep_warnings(sample, proposal->plan);
    warn_of_template_values(sample, proposal->plan);
    return TRUE;
  }
  g_autofree char *name = name_of(sample);
  g_set_error(error, cause->domain, cause->code, "%s could not be given an identity, so nothing is sealed: %s", name,
              cause->message);
  return FALSE;
}

static gboolean plan_all(Sample *sample, const Machine *machine, GError **error) {
  const Policy *policy = &machine->policy;
  const gboolean only_hosts = policy->n_hosts > 0 && policy->unmatched == UNMATCHED_REFUSE;

  for (guint kind = DIGITS; !only_hosts && kind <= LETTERS; kind++) {
    become(sample, machine, kind);
    if (!plan_sample(sample, error))
      return FALSE;
  }
  for (size_t i = 0; i < policy->n_hosts; i++) {
    become(sample, machine, DIGITS);
    become_host(sample, &policy->hosts[i]);
    if (!plan_sample(sample, error))
      return FALSE;
  }
  return TRUE;
}

/* The template as its record will have it, into SAMPLE, whose arrays are there. */
static gboolean begin(Sample *sample, const Machine *machine, GError **error) {
  Record *record = &sample->machine.record;

  sample->machine = *machine;
  if (!find_template_nics(machine, sample->template_nics, error))
    return FALSE;
  sample->machine.verdict.kind = VERDICT_CLONE;
  sample->machine.presence = RECORD_PRESENT;
  *record = (Record){.state = RECORD_TEMPLATE};
  if (knows_nics(machine))
    record->nics = machine->facts.nics;
  (void)g_strlcpy(record->template_name, machine->facts.hostname, sizeof record->template_name);
  return TRUE;
}

gboolean seal_samples_plan(const Machine *machine, GPtrArray *warnings, GError **error) {
  g_autoptr(GArray) template_nics = g_array_new(FALSE, TRUE, sizeof(Nic));
  g_autoptr(GArray) nics = g_array_new(FALSE, TRUE, sizeof(Nic));
  g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  /* One disk, looked at once for all samples: a policy may have thousands of hosts. */
  g_autoptr(TreeMemory) of_root = tree_memory_new();
  g_autoptr(TreeMemory) of_hardware = tree_memory_new();
  Sample sample = {.template_nics = template_nics, .nics = nics, .warnings = warnings, .said = said};

  if (!begin(&sample, machine, error))
    return FALSE;
  sample.machine.root.memory = of_root;
  sample.machine.hardware.memory = of_hardware;
  tree_look_around(&sample.machine.root);
  return plan_all(&sample, machine, error);
}

static const char *nearest_host(const Policy *policy, const char *word) {
  g_autofree const char **names = g_new0(const char *, policy->n_hosts + 1);

  for (size_t i = 0; i < policy->n_hosts; i++)
    names[i] = policy->hosts[i].name;
  return nearest_name(word, names);
}

/* A UUID or MAC that a [host] is known by: that one has its other NICs, too. */
static void become_its_host(Sample *sample) {
  const Facts *facts = &sample->machine.facts;
  const ProductUuid uuid = facts->uuid;
  const HostPolicy *host = NULL;
  char mac[NIC_MAC_TEXT] = "";

  if (policy_host_for(&sample->machine.policy, &uuid, &facts->nics, facts->serial, &host, NULL) != 1)
    return;
  if (sample->nics->len > 0)
    (void)g_strlcpy(mac, g_array_index(sample->nics, Nic, 0).mac, sizeof mac);
  become_host(sample, host);
  if (host->n_match_uuid > 0 && uuid.present)
    sample->machine.facts.uuid = uuid;
  for (guint i = 0; i < host->n_match_mac; i++)
    if (strcmp(host->match_mac[i], mac) == 0 && !has_mac(sample->nics, mac))
      (void)g_strlcpy(g_array_index(sample->nics, Nic, 0).mac, mac, NIC_MAC_TEXT);
}

/* What no [host] can be matched by is no clone's either: the same rule, and the same words. */
static gboolean may_be_named(const char *as, const char *fault, GError **error) {
  return fault == NULL || ri_error(error, RI_ERROR_FAILED, "--as=%s: %s %s", as, as, fault);
}

/* SAMPLE as the clone that a person calls AS: a [host] section's name, a UUID or a MAC. */
static gboolean become_named(Sample *sample, const char *as, GError **error) {
  const Policy *policy = &sample->machine.policy;
  char mac[NIC_MAC_TEXT];
  ProductUuid uuid;

  for (size_t i = 0; i < policy->n_hosts; i++)
    if (strcmp(policy->hosts[i].name, as) == 0) {
      become_host(sample, &policy->hosts[i]);
      return TRUE;
    }
  if (product_uuid_parse(as, &uuid) == 0) {
    if (!may_be_named(as, policy_uuid_fault(&uuid), error))
      return FALSE;
    sample->machine.facts.uuid = uuid;
    become_its_host(sample);
    return TRUE;
  }
  if (mac_canonical(as, mac) == 0 && sample->nics->len > 0) {
    if (!may_be_named(as, policy_mac_fault(mac), error))
      return FALSE;
    (void)g_strlcpy(g_array_index(sample->nics, Nic, 0).mac, mac, NIC_MAC_TEXT);
    become_its_host(sample);
    return TRUE;
  }
  const char *nearest = nearest_host(policy, as);
  return ri_error(error, RI_ERROR_FAILED,
                  "--as=%s: neither a [host] section of the policy, nor a product UUID, nor a MAC address%s%s%s", as,
                  nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

static gboolean is_named_mac(const HostPolicy *host, const char *as, const char *mac) {
  char named[NIC_MAC_TEXT];

  for (guint i = 0; host != NULL && i < host->n_match_mac; i++)
    if (strcmp(host->match_mac[i], mac) == 0)
      return TRUE;
  for (size_t i = 0; host != NULL && i < host->addresses.count; i++)
    if (mac_canonical(host->addresses.items[i].nic, named) == 0 && strcmp(named, mac) == 0)
      return TRUE;
  return mac_canonical(as, named) == 0 && strcmp(named, mac) == 0;
}

/* What a person did not name is a sample's, and must not be taken for what the clone will show. */
static void tell_made_up(Sample *sample, const char *as) {
  Verdict *verdict = &sample->machine.verdict;
  const HostPolicy *host = sample->host;
  const Facts *facts = &sample->machine.facts;
  ProductUuid named;
  const gboolean is_uuid = host == NULL && product_uuid_parse(as, &named) == 0;
  g_autoptr(GPtrArray) made_up = g_ptr_array_new_with_free_func(g_free);

  if (facts->uuid.present && !(host != NULL ? host->n_match_uuid > 0 : is_uuid))
    g_ptr_array_add(made_up, g_strdup("product UUID"));
  array_each (const Nic *, nic, sample->nics)
    if (!is_named_mac(host, as, nic->mac))
      g_ptr_array_add(made_up, g_strdup_printf("MAC %s of %s", nic->mac, nic->name));
  if (*facts->serial != '\0' && (host == NULL || host->match_serial == NULL))
    g_ptr_array_add(made_up, g_strdup("serial number"));
  if (made_up->len == 0)
    return;
  g_ptr_array_add(made_up, NULL);
  g_autofree char *list = g_strjoinv(", ", (char **)made_up->pdata);
  (void)g_snprintf(verdict->reasons[verdict->n_reasons++], sizeof verdict->reasons[0],
                   "made up for this plan, because it is not known yet: %s", list);
}

gboolean seal_samples_show(const Machine *machine, const char *as, SampleShow show, gpointer data, GError **error) {
  g_autoptr(GArray) template_nics = g_array_new(FALSE, TRUE, sizeof(Nic));
  g_autoptr(GArray) nics = g_array_new(FALSE, TRUE, sizeof(Nic));
  Sample sample = {.template_nics = template_nics, .nics = nics};
  Verdict *verdict = &sample.machine.verdict;
  Machine template = *machine;

  /* A copy that is not reset yet still has the template's files, bound to the NICs that the record knows. */
  if (machine->presence == RECORD_PRESENT && machine->verdict.kind == VERDICT_CLONE)
    template.facts.nics = machine->record.nics;
  if (!begin(&sample, &template, error))
    return FALSE;
  become(&sample, machine, LETTERS);
  if (!become_named(&sample, as, error))
    return FALSE;
  verdict->n_reasons = 1;
  (void)g_snprintf(verdict->reasons[0], sizeof verdict->reasons[0], "this machine is taken for %s (--as)", as);
  tell_made_up(&sample, as);
  g_autoptr(Proposal) proposal = machine_propose(&sample.machine, FALSE, NULL, error);
  return proposal != NULL && show(&sample.machine, proposal, data, error);
}
