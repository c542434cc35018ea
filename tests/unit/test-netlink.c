/* netlink.c: one question to the kernel, and its answers. */
#include <errno.h>
#include <glib.h>
#include <net/if.h>
#include <string.h>

#include "base/netlink.h"

typedef struct {
  struct nlmsghdr header;
  struct ifinfomsg about;
} LinkRequest;

static LinkRequest request_for(unsigned short flags, int index) {
  return (LinkRequest){
      .header = {.nlmsg_len = sizeof(LinkRequest), .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | flags},
      .about = {.ifi_family = AF_UNSPEC, .ifi_index = index}};
}

static void note(struct nlmsghdr *message, gpointer data) {
  const struct ifinfomsg *about = NLMSG_DATA(message);

  if (message->nlmsg_type == RTM_NEWLINK)
    g_array_append_val((GArray *)data, about->ifi_index);
}

static void a_dump_is_read_to_its_end(void) {
  const LinkRequest request = request_for(NLM_F_DUMP, 0);
  g_autoptr(GArray) told = g_array_new(FALSE, FALSE, sizeof(int));
  struct if_nameindex *names = if_nameindex();
  guint expected = 0;

  while (names[expected].if_index != 0)
    expected++;
  if_freenameindex(names);
  g_assert_cmpint(netlink_ask(&request.header, note, told), ==, 0);
  g_assert_cmpuint(told->len, ==, expected);
}

static void one_answer_ends_with_its_acknowledgement(void) {
  const int loopback = (int)if_nametoindex("lo");
  const LinkRequest request = request_for(NLM_F_ACK, loopback);
  g_autoptr(GArray) told = g_array_new(FALSE, FALSE, sizeof(int));

  g_assert_cmpint(netlink_ask(&request.header, note, told), ==, 0);
  g_assert_cmpuint(told->len, ==, 1);
  g_assert_cmpint(g_array_index(told, int, 0), ==, loopback);
}

static void the_kernels_refusal_is_the_result(void) {
  const LinkRequest request = request_for(NLM_F_ACK, G_MAXINT);

  g_assert_cmpint(netlink_ask(&request.header, NULL, NULL), ==, -ENODEV);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/netlink/a-dump-is-read-to-its-end", a_dump_is_read_to_its_end);
  g_test_add_func("/netlink/one-answer-ends-with-its-acknowledgement", one_answer_ends_with_its_acknowledgement);
  g_test_add_func("/netlink/the-kernels-refusal-is-the-result", the_kernels_refusal_is_the_result);
  return g_test_run();
}
