/* ARP and neighbour discovery as bytes (agent/network/neighbour-frames.c). */
#include <arpa/inet.h>
#include <string.h>

#include <glib.h>

#include "fixture.h"
#include "network/neighbour-frames.h"

static const unsigned char mac[FRAME_MAC] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};

static struct in_addr ipv4(const char *text) {
  struct in_addr address;

  g_assert_cmpint(inet_pton(AF_INET, text, &address), ==, 1);
  return address;
}

static struct in6_addr ipv6(const char *text) {
  struct in6_addr address;

  g_assert_cmpint(inet_pton(AF_INET6, text, &address), ==, 1);
  return address;
}

/* RFC 5227, section 1.1: an ARP probe; the bytes as on the wire. */
static void test_arp_probe(void) {
  static const unsigned char expected[] = {0, 1, 8, 0, 6, 4, 0, 1, 0x52, 0x54, 0,   0x12, 0x34, 0x56,
                                           0, 0, 0, 0, 0, 0, 0, 0, 0,    0,    192, 0,    2,    77};
  struct in_addr address = ipv4("192.0.2.77");
  Frame frame;

  frame_ask_ipv4(&frame, mac, NULL, &address);
  g_assert_cmpmem(frame.bytes, frame.size, expected, sizeof expected);
  g_assert_cmpint(frame.to[0], ==, 0xff);
}

static void test_arp_question_with_a_sender(void) {
  struct in_addr address = ipv4("192.0.2.1"), sender = ipv4("192.0.2.10");
  Frame frame;

  frame_ask_ipv4(&frame, mac, &sender, &address);
  g_assert_cmpmem(frame.bytes + 14, 4, &sender, 4);
  g_assert_cmpint(frame_read_ipv4(frame.bytes, frame.size, &sender), ==, FRAME_HOLDS);
  g_assert_cmpint(frame_read_ipv4(frame.bytes, frame.size, &address), ==, FRAME_OTHER);
}

static void test_arp_probe_of_another(void) {
  struct in_addr address = ipv4("192.0.2.77"), other = ipv4("192.0.2.78");
  Frame frame;

  frame_ask_ipv4(&frame, mac, NULL, &address);
  g_assert_cmpint(frame_read_ipv4(frame.bytes, frame.size, &address), ==, FRAME_WANTS);
  g_assert_cmpint(frame_read_ipv4(frame.bytes, frame.size, &other), ==, FRAME_OTHER);
}

static guint sum_words(const unsigned char *bytes, gsize size, guint sum) {
  for (gsize i = 0; i < size; i += 2)
    sum += (guint)bytes[i] << 8 | bytes[i + 1];
  return sum;
}

/* RFC 4861, sections 4.3 and 7.2.2; the checksum of a right packet adds up to all ones. */
static void test_neighbour_solicitation(void) {
  static const unsigned char group[] = {0x33, 0x33, 0xff, 0, 0, 0x77};
  struct in6_addr address = ipv6("2001:db8::77"), destination = ipv6("ff02::1:ff00:77");
  Frame frame;
  guint sum;

  frame_ask_ipv6(&frame, mac, NULL, &address);
  g_assert_cmpint(frame.size, ==, 64);
  g_assert_cmpmem(frame.to, FRAME_MAC, group, sizeof group);
  g_assert_cmpmem(frame.bytes + 24, 16, &destination, 16);
  g_assert_cmpint(frame.bytes[7], ==, 255);
  g_assert_cmpint(frame.bytes[40], ==, 135);
  sum = sum_words(frame.bytes + 8, frame.size - 8, (guint)(frame.size - 40) + 58);
  g_assert_cmpint((sum & 0xffff) + (sum >> 16), ==, 0xffff);
  g_assert_cmpint(frame_read_ipv6(frame.bytes, frame.size, &address), ==, FRAME_WANTS);
}

static void test_solicitation_with_a_sender_carries_the_mac(void) {
  struct in6_addr address = ipv6("2001:db8::1"), sender = ipv6("2001:db8::10");
  Frame frame;

  frame_ask_ipv6(&frame, mac, &sender, &address);
  g_assert_cmpint(frame.size, ==, 72);
  g_assert_cmpmem(frame.bytes + 66, FRAME_MAC, mac, FRAME_MAC);
  g_assert_cmpint(frame_read_ipv6(frame.bytes, frame.size, &address), ==, FRAME_OTHER);
}

static void test_advertisement(void) {
  struct in6_addr address = ipv6("2001:db8::77");
  Frame frame;

  frame_ask_ipv6(&frame, mac, NULL, &address);
  frame.bytes[40] = 136;
  g_assert_cmpint(frame_read_ipv6(frame.bytes, frame.size, &address), ==, FRAME_HOLDS);
  frame.bytes[7] = 64; /* it came through a router: not our neighbour */
  g_assert_cmpint(frame_read_ipv6(frame.bytes, frame.size, &address), ==, FRAME_OTHER);
}

/* Of exactly this size, so that a read behind its end is seen. */
static unsigned char *copy_of(const unsigned char *bytes, gsize size) {
  unsigned char *copy = g_malloc(MAX(size, 1));

  memcpy(copy, bytes, size);
  return copy;
}

/* Every length of every frame, and random bytes: nothing is read behind the end (under the sanitizers), nothing of it
 * means anything. */
static void test_anything(void) {
  struct in_addr v4 = ipv4("192.0.2.77");
  struct in6_addr v6 = ipv6("2001:db8::77");
  Frame frame;

  frame_ask_ipv6(&frame, mac, NULL, &v6);
  for (gsize size = 0; size < 64; size++) {
    g_autofree unsigned char *cut = copy_of(frame.bytes, size);
    g_assert_cmpint(frame_read_ipv6(cut, size, &v6), ==, FRAME_OTHER);
  }
  frame_ask_ipv4(&frame, mac, NULL, &v4);
  for (gsize size = 0; size < 28; size++) {
    g_autofree unsigned char *cut = copy_of(frame.bytes, size);
    g_assert_cmpint(frame_read_ipv4(cut, size, &v4), ==, FRAME_OTHER);
  }
  for (guint round = 0; round < fixture_rounds(20000); round++) {
    gsize size = (gsize)g_test_rand_int_range(1, 100);
    g_autofree unsigned char *noise = g_malloc(size);
    for (gsize i = 0; i < size; i++)
      noise[i] = (unsigned char)g_test_rand_int_range(0, 256);
    g_assert_cmpint(frame_read_ipv4(noise, size, &v4), ==, FRAME_OTHER);
    g_assert_cmpint(frame_read_ipv6(noise, size, &v6), ==, FRAME_OTHER);
  }
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/neighbour-frames/arp-probe", test_arp_probe);
  g_test_add_func("/neighbour-frames/arp-question-with-a-sender", test_arp_question_with_a_sender);
  g_test_add_func("/neighbour-frames/arp-probe-of-another", test_arp_probe_of_another);
  g_test_add_func("/neighbour-frames/neighbour-solicitation", test_neighbour_solicitation);
  g_test_add_func("/neighbour-frames/solicitation-with-a-sender-carries-the-mac",
                  test_solicitation_with_a_sender_carries_the_mac);
  g_test_add_func("/neighbour-frames/advertisement", test_advertisement);
  g_test_add_func("/neighbour-frames/anything", test_anything);
  return g_test_run();
}
