/* nics.c - the machine's NICs and what of them stays the same for their whole life */
#include "nics.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "nic-permanent-mac.h"

#define NETWORK_CLASS "/sys/class/net"
#define DEVICES "/sys/devices/"

enum { LINK_PATH = 64, LINK_TEXT = 4096 };

const Nic *nics_find_mac(const NicList *list, const char *mac) {
  char canonical[NIC_MAC_TEXT];

  if (mac_canonical(mac, canonical) < 0)
    return NULL;
  for (size_t i = 0; i < list->count; i++)
    if (mac_equal(list->items[i].mac, canonical))
      return &list->items[i];
  return NULL;
}

/* As the kernel has it (dev_valid_name), and nothing that is another path. */
static bool is_interface_name(const char *name) {
  size_t length = strlen(name);

  return length > 0 && length < NIC_NAME && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
         strcmp(name, "..") != 0;
}

/* Drivers of phones and modems: what they show is made up, or the same for every phone of a kind. */
static bool is_tether_driver(const char *driver) {
  static const char *const tethers[] = {"rndis_host", "ipheth",     "cdc_mbim", "huawei_cdc_ncm",
                                        "qmi_wwan",   "sierra_net", "hso"};

  for (size_t i = 0; i < sizeof tethers / sizeof tethers[0]; i++)
    if (strcmp(driver, tethers[i]) == 0)
      return true;
  return false;
}

/* Drivers that serve both real USB NICs and phones (and the USB NICs that a BMC shows its host). */
static bool is_ambiguous_driver(const char *driver) {
  return strcmp(driver, "cdc_ether") == 0 || strcmp(driver, "cdc_ncm") == 0 || strcmp(driver, "cdc_eem") == 0 ||
         strcmp(driver, "cdc_subset") == 0;
}

/* The universal/local bit of IEEE 802: set where no maker has assigned the address. */
static bool is_locally_administered(const char *mac) {
  return strchr("2367abef", mac[1]) != NULL;
}

static bool is_tether(const Nic *nic) {
  if (is_tether_driver(nic->driver) || strstr(nic->bus_path, "/bluetooth/") != NULL)
    return true;
  return is_ambiguous_driver(nic->driver) && is_locally_administered(nic->mac);
}

/* Name of the driver that DEVICE is bound to; empty when there is none. */
static void read_driver(int device, char driver[static NIC_DRIVER]) {
  char target[LINK_TEXT];
  ssize_t length = readlinkat(device, "driver", target, sizeof target - 1);

  driver[0] = '\0';
  if (length < 0)
    return;
  target[length] = '\0';
  const char *name = strrchr(target, '/');
  name = name != NULL ? name + 1 : target;
  if (strlen(name) < NIC_DRIVER)
    memcpy(driver, name, strlen(name) + 1);
}

/* A NIC that is driven through another NIC: the pass-through half of Hyper-V's and virtio's accelerated networking,
 * which has the address of the NIC that everything is configured on. */
static bool is_half_of_another(const Root *hardware, const char *name) {
  char path[LINK_PATH];

  (void)snprintf(path, sizeof path, NETWORK_CLASS "/%s/master/device", name);
  return root_exists(hardware, path);
}

/* sysfs as the kernel makes it: /sys/class/net/X is a link to ../../devices/BUS-PATH/net/X. One call instead of a walk
 * over every directory on the way. */
static bool bus_path_from_class_link(const Root *hardware, const char *name, char bus_path[static NIC_BUS_PATH]) {
  static const char before[] = "../../devices/";
  char target[LINK_TEXT], after[NIC_NAME + sizeof "/net/"];
  auto_close int directory = root_open_at(hardware, NETWORK_CLASS, O_PATH | O_DIRECTORY);
  ssize_t length = directory < 0 ? -1 : readlinkat(directory, name, target, sizeof target - 1);
  size_t around = strlen(before) + (size_t)snprintf(after, sizeof after, "/net/%s", name);

  if (length < 0 || (size_t)length <= around || (size_t)length - around >= NIC_BUS_PATH)
    return false;
  target[length] = '\0';
  if (strncmp(target, before, strlen(before)) != 0 || strcmp(target + length - strlen(after), after) != 0)
    return false;
  memcpy(bus_path, target + strlen(before), (size_t)length - around);
  bus_path[(size_t)length - around] = '\0';
  return true;
}

/* A captured machine may hold directories where sysfs has links. */
static int read_bus_path(const Root *hardware, const char *name, char bus_path[static NIC_BUS_PATH]) {
  auto_free char *resolved = NULL;
  char path[LINK_PATH];

  if (bus_path_from_class_link(hardware, name, bus_path))
    return 0;
  (void)snprintf(path, sizeof path, NETWORK_CLASS "/%s/device", name);
  int result = root_resolve(hardware, path, &resolved);
  if (result < 0)
    return result;
  const char *inside = strncmp(resolved, DEVICES, strlen(DEVICES)) == 0 ? resolved + strlen(DEVICES) : resolved;
  (void)snprintf(bus_path, NIC_BUS_PATH, "%s", inside);
  return 0;
}

/* Interfaces come and go while we look. */
static bool means_gone(int error) {
  return error == -ENOENT || error == -ENOTDIR || error == -ENODEV || error == -ENXIO;
}

int nic_read(const Root *hardware, const char *name, Nic *nic) {
  char path[LINK_PATH];
  auto_close int device = -1;

  *nic = (Nic){.position = 0};
  if (!is_interface_name(name))
    return 0;
  memcpy(nic->name, name, strlen(name) + 1);
  (void)snprintf(path, sizeof path, NETWORK_CLASS "/%s/device", name);
  device = root_open_at(hardware, path, O_PATH | O_DIRECTORY);
  if (device < 0)
    return means_gone(device) ? 0 : device;
  if (faccessat(device, "physfn", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    return 0;
  read_driver(device, nic->driver);
  int result = nic_permanent_mac(hardware, name, nic->mac);
  if (result <= 0)
    return means_gone(result) ? 0 : result;
  result = read_bus_path(hardware, name, nic->bus_path);
  if (result < 0)
    return means_gone(result) ? 0 : result;
  return is_tether(nic) || is_half_of_another(hardware, name) ? 0 : 1;
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* A number in a bus path is decimal (virtio10) or hexadecimal of fixed width (0000:0a:1f.0): both compare rightly as
 * hexadecimal numbers that begin with a decimal digit. */
static size_t number_length(const char *text) {
  return is_digit(*text) ? strspn(text, "0123456789abcdef") : 0;
}

static int compare_numbers(const char *a, size_t a_length, const char *b, size_t b_length) {
  while (a_length > 1 && *a == '0')
    a++, a_length--;
  while (b_length > 1 && *b == '0')
    b++, b_length--;
  if (a_length != b_length)
    return a_length < b_length ? -1 : 1;
  return memcmp(a, b, a_length);
}

static int compare_naturally(const char *a, const char *b) {
  const char *whole_a = a, *whole_b = b;

  while (*a != '\0' && *b != '\0') {
    size_t a_number = number_length(a), b_number = number_length(b);
    int order = a_number > 0 && b_number > 0 ? compare_numbers(a, a_number, b, b_number)
                                             : (unsigned char)*a - (unsigned char)*b;

    if (order != 0)
      return order;
    a += a_number > 0 ? a_number : 1;
    b += b_number > 0 ? b_number : 1;
  }
  if (*a != '\0' || *b != '\0')
    return *a != '\0' ? 1 : -1;
  return strcmp(whole_a, whole_b);
}

static int compare_nics(const void *a, const void *b) {
  const Nic *one = a, *other = b;
  int order = compare_naturally(one->bus_path, other->bus_path);

  return order != 0 ? order : compare_naturally(one->name, other->name);
}

static int add_nic(NicList *list, const Nic *nic) {
  Nic *larger = realloc(list->items, (list->count + 1) * sizeof *larger);

  if (larger == NULL)
    return -ENOMEM;
  list->items = larger;
  list->items[list->count++] = *nic;
  return 0;
}

static int read_directory(const Root *hardware, DIR *directory, NicList *list) {
  const struct dirent *entry;

  while ((errno = 0, entry = readdir(directory)) != NULL) {
    Nic nic;
    int result = nic_read(hardware, entry->d_name, &nic);

    if (result > 0)
      result = add_nic(list, &nic);
    if (result < 0)
      return result;
  }
  return -errno;
}

int nics_read(const Root *hardware, NicList *list) {
  DIR *directory = root_open_directory(hardware, NETWORK_CLASS);

  *list = (NicList){.count = 0};
  if (directory == NULL)
    return means_gone(-errno) ? 0 : -errno;
  int result = read_directory(hardware, directory, list);
  (void)closedir(directory);
  if (result < 0) {
    nics_clear(list);
    return result;
  }
  if (list->count > 1)
    qsort(list->items, list->count, sizeof list->items[0], compare_nics);
  for (size_t i = 0; i < list->count; i++)
    list->items[i].position = (unsigned)i;
  return 0;
}

void nics_clear(NicList *list) {
  free(list->items);
  *list = (NicList){.count = 0};
}
