/* product-uuid.h - the UUID that the firmware or the hypervisor gave this machine.
 *
 * Sources, in order: DMI (/sys/class/dmi/id/product_uuid), device tree (/proc/device-tree/vm,uuid), Xen
 * (/sys/hypervisor/uuid), s390x (/proc/sysinfo, "VM00 UUID"). SMBIOS before 2.6, Hyper-V generations and VMware
 * hardware versions disagree on the byte order of the first three fields, so both orders are the same machine.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"

enum { PRODUCT_UUID_TEXT = 37 }; /* 36 characters and the NUL */

typedef struct {
  bool present;       /* false: there is none, or what is there is a placeholder */
  bool placeholder;   /* a value was there, but one that many machines share */
  uint8_t bytes[16];  /* in the order in which it was printed */
  const char *source; /* static: "dmi", "device-tree", "xen", "s390" or NULL */
} ProductUuid;

/* product_uuid_parse: TEXT, 36 characters 8-4-4-4-12 in either case (white space at the end is allowed), into UUID;
 * placeholders (all-zero, all-ones, the known shared ones, either byte order) come out with present = false and
 * placeholder = true. Errors: -EINVAL when it is no UUID. */
int product_uuid_parse(const char *text, ProductUuid *uuid);

/* product_uuid_format: lower case, in the order it was read. */
void product_uuid_format(const ProductUuid *uuid, char text[static PRODUCT_UUID_TEXT]);

/* product_uuid_canonical: one text for both byte orders (the smaller of the two as bytes): what `derive` hashes. */
void product_uuid_canonical(const ProductUuid *uuid, char text[static PRODUCT_UUID_TEXT]);

/* product_uuid_equal: the same machine, whatever the case and byte order. Two absent ones are not equal. */
bool product_uuid_equal(const ProductUuid *a, const ProductUuid *b);

/* product_uuid_read: from the machine below HARDWARE. Nothing there is no error: present is false then. */
int product_uuid_read(const Root *hardware, ProductUuid *uuid);
