/* network-presence.h - what configures the network of this machine, and how long it is waited for. */
#pragma once

enum {
  LIVE_CALL_S = 15,       /* one call to NetworkManager */
  LIVE_GREETING_S = 45,   /* the first one: it may be starting, and waits for hostnamed meanwhile */
  LIVE_ACTIVATION_S = 60, /* until all is active again: NetworkManager's DHCP time-out is 45 */
  LIVE_TAKE_BACK_S = 180, /* what a run has from its restart to its end, else the timer undoes it */
};

typedef enum {
  NETWORK_MANAGER_RUNS,    /* and can be restarted */
  NETWORK_MANAGER_APART,   /* it runs, but not as a unit of systemd that adapts at its start: the files only */
  NETWORK_MANAGER_STOPPED, /* a bus, but no NetworkManager on it */
  NETWORK_NO_BUS,          /* early in the boot, or no D-Bus at all */
} NetworkPresence;

/* Called as a stage is reached: "restarting NetworkManager", "activating vpn again". */
typedef void (*LiveProgress)(const char *stage, gpointer data);
