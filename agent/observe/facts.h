/* facts.h - everything observe/ knows of the machine, in one plain struct. */
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "nics.h"
#include "product-uuid.h"

typedef enum {
  OVERRIDE_NONE,
  OVERRIDE_OFF,        /* off, 0, no, n, false, f in any case */
  OVERRIDE_FORCE,      /* force */
  OVERRIDE_UNREADABLE, /* another value: nothing is overridden, and that is said */
} Override;

typedef struct {
  ProductUuid uuid;
  char serial[128]; /* DMI product_serial; empty when absent or a known filler ("0", "None", "To be filled ...") */
  NicList nics;
  bool nics_read;        /* false: not looked at yet */
  Override override;     /* reset-identity=off|force on the kernel command line; the last one wins */
  bool first_boot;       /* systemd calls this the first boot: /run/systemd/first-boot below the root */
  bool open_transaction; /* a transaction directory is there */
  char machine_id[33];   /* of /etc/machine-id; empty when absent or no id */
  char hostname[256];    /* hostname_read(): of /etc/hostname; empty when absent */
} Facts;

/* facts_read_quick: all but the NICs: what is there at once, at any moment of the boot. */
int facts_read_quick(const Root *root, const Root *hardware, Facts *facts, Problem *problem);

/* facts_read_override, facts_read_open_transaction: these two alone, for the check of every boot. On an error
 * *IS_OPEN is true: what cannot be looked at may be one. */
int facts_read_override(const Root *hardware, Override *override);
int facts_read_open_transaction(const Root *root, bool *is_open);

/* facts_read_nics: (again) the NICs that are there now. */
int facts_read_nics(const Root *hardware, Facts *facts, Problem *problem);

/* facts_serial_is_filler: SERIAL is one character over and over, or what firmware makers leave in the field: it counts
 * as absent. */
bool facts_serial_is_filler(const char *serial);

void facts_clear(Facts *facts);
