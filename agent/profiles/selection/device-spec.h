/* device-spec.h - NetworkManager's lists of devices and of profiles (NetworkManager.conf(5), "Device List Format" and
 * "Connection List Format"), as in unmanaged-devices=, match-device= and allowed-connections=.
 *
 * A list is split at "," and ";"; a backslash takes a separator its meaning, "\s" is a blank that counts. An item is
 * "*", TAG:VALUE or, for a device without a tag, a MAC address or a name. "except:" in front of an item takes the
 * device or profile out; a list of such items only takes all others in (nm-core-utils.c, nm_match_spec_device and
 * match_spec_connection).
 */
#pragma once

#include <glib.h>

/* A network device as such a list sees it. Borrowed texts; NULL: unknown, and no item about it matches. */
typedef struct {
  const char *name;
  const char *type;   /* "ethernet", "wifi", "infiniband" */
  const char *driver; /* "virtio_net" */
  const char *mac;    /* permanent, canonical */
} NetDevice;

/* And a profile. Borrowed texts; NULL: it has none. */
typedef struct {
  const char *id;
  const char *uuid;
  const char *origin; /* what wrote it says so in its [user] group: "nm-initrd-generator" */
} NetConnection;

typedef enum {
  DEVICE_SPEC_SILENT,   /* no item is about it */
  DEVICE_SPEC_MATCHES,  /* it is meant */
  DEVICE_SPEC_EXCEPTED, /* it is taken out by an "except:" */
} DeviceSpecResult;

/* device_specs_split: the items of the raw VALUE; NULL-terminated, the caller frees with g_strfreev. */
char **device_specs_split(const char *value);
/* device_specs_join: what device_specs_split makes SPECS of again. The caller frees. */
char *device_specs_join(const char *const *specs);

DeviceSpecResult device_specs_match(const char *const *specs, const NetDevice *device);
DeviceSpecResult device_specs_match_connection(const char *const *specs, const NetConnection *connection);
