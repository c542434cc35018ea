/* netlink.h - one question to the kernel's rtnetlink, and its answers (rtnetlink(7)). */
#pragma once

#include <sys/socket.h>

#include <linux/rtnetlink.h>

/* Called with each message of an answer that is not an error. */
typedef void (*NetlinkEach)(struct nlmsghdr *message, void *data);

/* netlink_ask: sends REQUEST, whose length is in it, and reads until the kernel has answered: a whole dump
 * (NLM_F_DUMP), or an acknowledgement (NLM_F_ACK). EACH may be NULL. 0 or a negative errno, the kernel's own among
 * them. */
int netlink_ask(const struct nlmsghdr *request, NetlinkEach each, void *data);
