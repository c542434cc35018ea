/* netlink.c - one question to the kernel's rtnetlink, and its answers (rtnetlink(7)) */
#include "netlink.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 32768 };

/* Returns 1 at the end of the answer, 0 when more is to come, or a negative errno. */
static int read_part(char *buffer, ssize_t size, NetlinkEach each, void *data) {
  unsigned left = (unsigned)size;

  for (struct nlmsghdr *message = (void *)buffer; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
    if (message->nlmsg_type == NLMSG_DONE)
      return 1;
    if (message->nlmsg_type == NLMSG_ERROR) {
      int error = ((struct nlmsgerr *)NLMSG_DATA(message))->error;
      return error == 0 ? 1 : error;
    }
    if (each != NULL)
      each(message, data);
  }
  return 0;
}

int netlink_ask(const struct nlmsghdr *request, NetlinkEach each, void *data) {
  _Alignas(struct nlmsghdr) char buffer[BUFFER];
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  int r = fd < 0 || send(fd, request, request->nlmsg_len, 0) < 0 ? -errno : 0;

  while (r == 0) {
    ssize_t size = recv(fd, buffer, sizeof buffer, MSG_TRUNC);
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0 || (size_t)size > sizeof buffer)
      r = size < 0 ? -errno : size == 0 ? -EIO : -EMSGSIZE;
    else
      r = read_part(buffer, size, each, data);
  }
  if (fd >= 0)
    (void)close(fd);
  return r < 0 ? r : 0;
}
