/* nic-permanent-mac.c - the address that a NIC was born with, whatever it goes by now */
#include "nic-permanent-mac.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/netlink.h"

enum { ETHERNET_LENGTH = 6, INFINIBAND_LENGTH = 20 }; /* bytes */

/* IFLA_PERM_ADDRESS, which the headers of our oldest systems lack. */
enum { PERMANENT_ADDRESS = 54 };

/* NET_ADDR_PERM and NET_ADDR_SET of linux/netdevice.h, as addr_assign_type shows them. */
enum { ASSIGNED_PERMANENT = 0, ASSIGNED_BY_SOMEBODY = 3 };

typedef struct {
  bool found;
  unsigned short type; /* ARPHRD_ETHER, ... */
  unsigned char address[INFINIBAND_LENGTH];
  size_t length; /* 0: none */
} Link;

typedef struct {
  struct nlmsghdr header;
  struct ifinfomsg link;
  struct rtattr name_header;
  char name[IFNAMSIZ];
} LinkRequest;

static void read_attributes(struct nlmsghdr *message, void *data) {
  struct ifinfomsg *info = NLMSG_DATA(message);
  Link *link = data;
  int left = (int)IFLA_PAYLOAD(message);

  if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof *info))
    return;
  link->found = true;
  link->type = info->ifi_type;
  for (struct rtattr *attribute = IFLA_RTA(info); RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    size_t length = RTA_PAYLOAD(attribute);

    if ((attribute->rta_type & NLA_TYPE_MASK) != PERMANENT_ADDRESS || length > sizeof link->address)
      continue;
    memcpy(link->address, RTA_DATA(attribute), length);
    link->length = length;
  }
}

/* What kernels before 5.6 answer. Any socket will do. */
static int ask_ethtool(const char *name, Link *link) {
  auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  union {
    struct ethtool_perm_addr header;
    unsigned char bytes[sizeof(struct ethtool_perm_addr) + INFINIBAND_LENGTH];
  } question = {.header = {.cmd = ETHTOOL_GPERMADDR, .size = INFINIBAND_LENGTH}};
  struct ifreq request = {.ifr_data = (char *)&question};

  memcpy(request.ifr_name, name, strlen(name));
  if (ioctl(fd, SIOCETHTOOL, &request) < 0)
    return errno == ENODEV || errno == EOPNOTSUPP ? 0 : -errno;
  if (question.header.size > INFINIBAND_LENGTH)
    return -EBADMSG;
  link->length = question.header.size;
  memcpy(link->address, question.bytes + sizeof question.header, link->length);
  return 1;
}

/* Returns 1 with LINK, 0 when there is no such interface. */
static int ask_kernel(const char *name, Link *link) {
  LinkRequest request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
      .link = {.ifi_family = AF_UNSPEC},
      .name_header = {.rta_len = sizeof(struct rtattr) + IFNAMSIZ, .rta_type = IFLA_IFNAME},
  };

  memcpy(request.name, name, strlen(name));
  int result = netlink_ask(&request.header, read_attributes, link);
  if (result < 0)
    return result == -ENODEV ? 0 : result;
  if (!link->found)
    return -EBADMSG;
  if (link->length == 0 && (link->type == ARPHRD_ETHER || link->type == ARPHRD_INFINIBAND))
    return ask_ethtool(name, link);
  return 1;
}

/* Returns the length of the line, 0 when there is no such file. */
static int read_attribute_file(const Root *hardware, const char *name, const char *file, char *line, size_t size) {
  char path[128];

  (void)snprintf(path, sizeof path, "/sys/class/net/%s/%s", name, file);
  int result = root_read_line(hardware, path, line, size);
  /* EINVAL: how sysfs answers for attributes that this kind of interface does not have */
  return result == -ENOENT || result == -ENOTDIR || result == -EINVAL ? 0 : result;
}

static int captured_type(const Root *hardware, const char *name) {
  char line[16];
  int result = read_attribute_file(hardware, name, "type", line, sizeof line);

  if (result < 0)
    return result;
  return result == 0 ? ARPHRD_ETHER : (int)strtol(line, NULL, 10);
}

static int captured_mac(const Root *hardware, const char *name, char mac[static NIC_MAC_TEXT]) {
  char line[NIC_MAC_TEXT + 1];
  const char *file = "address";
  int result = captured_type(hardware, name);

  if (result < 0 || (result != ARPHRD_ETHER && result != ARPHRD_INFINIBAND))
    return result < 0 ? result : 0;
  result = read_attribute_file(hardware, name, "addr_assign_type", line, sizeof line);
  if (result <= 0)
    return result;
  long assigned = strtol(line, NULL, 10);
  if (assigned == ASSIGNED_BY_SOMEBODY)
    file = "bonding_slave/perm_hwaddr";
  else if (assigned != ASSIGNED_PERMANENT)
    return 0;
  result = read_attribute_file(hardware, name, file, line, sizeof line);
  if (result <= 0)
    return result;
  return mac_canonical(line, mac) == 0;
}

static bool is_all_zero(const char *mac) {
  return mac[strspn(mac, "0:")] == '\0';
}

static void format_address(const Link *link, char mac[static NIC_MAC_TEXT]) {
  static const char digits[] = "0123456789abcdef";

  for (size_t i = 0; i < link->length; i++) {
    *mac++ = digits[link->address[i] >> 4];
    *mac++ = digits[link->address[i] & 15];
    *mac++ = i + 1 < link->length ? ':' : '\0';
  }
}

int nic_permanent_mac(const Root *hardware, const char *name, char mac[static NIC_MAC_TEXT]) {
  int result;

  if (hardware->is_host) {
    Link link = {.type = 0};

    result = ask_kernel(name, &link);
    if (result <= 0)
      return result;
    if ((link.type != ARPHRD_ETHER || link.length != ETHERNET_LENGTH) &&
        (link.type != ARPHRD_INFINIBAND || link.length != INFINIBAND_LENGTH))
      return 0;
    format_address(&link, mac);
  } else {
    result = captured_mac(hardware, name, mac);
    if (result <= 0)
      return result;
  }
  return is_all_zero(mac) ? 0 : 1;
}
