/* agent/decide/nic-map.c: each recorded card finds the one that took its place, or none is guessed. */
#include "decide/nic-map.h"

#define CARDS(array)                                                                                                   \
  { .items = (array), .count = G_N_ELEMENTS(array) }

static Nic card(const char *name, const char *mac, const char *bus_path, unsigned position) {
  Nic nic = {.position = position};

  g_strlcpy(nic.name, name, sizeof nic.name);
  g_strlcpy(nic.mac, mac, sizeof nic.mac);
  g_strlcpy(nic.bus_path, bus_path, sizeof nic.bus_path);
  return nic;
}

static void assert_succession(const NicMap *map, const char *recorded, const char *present, const char *by) {
  const NicSuccession *item = nic_map_by_name(map, recorded);

  g_assert_nonnull(item);
  g_assert_cmpstr(item->present != NULL ? item->present->name : NULL, ==, present);
  g_assert_cmpstr(item->by, ==, by);
}

static void the_same_cards_map_to_themselves(void) {
  Nic cards[] = {card("eth0", "00:50:56:00:00:01", "pci/3", 0), card("eth1", "00:50:56:00:00:02", "pci/4", 1)};
  NicList list = CARDS(cards);
  g_autoptr(NicMap) map = nic_map_new(&list, &list);

  assert_succession(map, "eth0", "eth0", "MAC");
  assert_succession(map, "eth1", "eth1", "MAC");
  g_assert_true(nic_map_by_mac(map, "00:50:56:00:00:02")->present == &cards[1]);
  g_assert_null(nic_map_by_mac(map, "00:50:56:00:00:03"));
  g_assert_null(nic_map_by_name(map, "eth2"));
}

static void a_mac_beats_bus_path_and_name(void) {
  Nic old_cards[] = {card("eth0", "00:50:56:00:00:01", "pci/3", 0), card("eth1", "00:50:56:00:00:02", "pci/4", 1)};
  Nic new_cards[] = {card("eth0", "00:50:56:00:00:02", "pci/3", 0), card("eth1", "00:50:56:00:00:01", "pci/4", 1)};
  NicList old_list = CARDS(old_cards), new_list = CARDS(new_cards);
  g_autoptr(NicMap) map = nic_map_new(&old_list, &new_list);

  assert_succession(map, "eth0", "eth1", "MAC");
  assert_succession(map, "eth1", "eth0", "MAC");
}

static void a_bus_path_beats_a_name(void) {
  Nic old_cards[] = {card("eth0", "00:50:56:00:00:01", "pci/3", 0), card("eth1", "00:50:56:00:00:02", "pci/4", 1)};
  Nic new_cards[] = {card("eth1", "00:50:56:00:00:11", "pci/3", 0), card("eth0", "00:50:56:00:00:12", "pci/4", 1)};
  NicList old_list = CARDS(old_cards), new_list = CARDS(new_cards);
  g_autoptr(NicMap) map = nic_map_new(&old_list, &new_list);

  assert_succession(map, "eth0", "eth1", "bus path");
  assert_succession(map, "eth1", "eth0", "bus path");
}

static void ports_of_one_adapter_are_told_apart_by_name(void) {
  Nic old_cards[] = {card("p0", "00:50:56:00:00:01", "pci/3", 0), card("p1", "00:50:56:00:00:02", "pci/3", 1)};
  Nic new_cards[] = {card("p1", "00:50:56:00:00:11", "pci/3", 0), card("p0", "00:50:56:00:00:12", "pci/3", 1)};
  NicList old_list = CARDS(old_cards), new_list = CARDS(new_cards);
  g_autoptr(NicMap) map = nic_map_new(&old_list, &new_list);

  assert_succession(map, "p0", "p0", "name");
  assert_succession(map, "p1", "p1", "name");
}

static void another_hypervisor_maps_by_position(void) {
  Nic old_cards[] = {card("ens192", "00:50:56:00:00:01", "vmw/1", 0), card("ens224", "00:50:56:00:00:02", "vmw/2", 1)};
  Nic new_cards[] = {card("enp2s0", "52:54:00:00:00:02", "kvm/2", 1), card("enp1s0", "52:54:00:00:00:01", "kvm/1", 0)};
  NicList old_list = CARDS(old_cards), new_list = CARDS(new_cards);
  g_autoptr(NicMap) map = nic_map_new(&old_list, &new_list);

  assert_succession(map, "ens192", "enp1s0", "position");
  assert_succession(map, "ens224", "enp2s0", "position");
}

static void one_replaced_card_of_two_is_the_one_left_over(void) {
  Nic old_cards[] = {card("a0", "00:50:56:00:00:01", "x/1", 0), card("a1", "00:50:56:00:00:02", "x/2", 1)};
  Nic new_cards[] = {card("a1", "00:50:56:00:00:02", "x/2", 0), card("b7", "52:54:00:00:00:01", "y/9", 1)};
  NicList old_list = CARDS(old_cards), new_list = CARDS(new_cards);
  g_autoptr(NicMap) map = nic_map_new(&old_list, &new_list);

  assert_succession(map, "a1", "a1", "MAC");
  assert_succession(map, "a0", "b7", "position");
}

static void a_different_count_is_ambiguous(void) {
  Nic old_cards[] = {card("ens192", "00:50:56:00:00:01", "vmw/1", 0)};
  Nic new_cards[] = {card("enp1s0", "52:54:00:00:00:01", "kvm/1", 0), card("enp2s0", "52:54:00:00:00:02", "kvm/2", 1)};
  NicList old_list = CARDS(old_cards), new_list = CARDS(new_cards);
  g_autoptr(NicMap) more = nic_map_new(&old_list, &new_list);
  g_autoptr(NicMap) fewer = nic_map_new(&new_list, &old_list);

  assert_succession(more, "ens192", NULL, NULL);
  assert_succession(fewer, "enp1s0", NULL, NULL);
  assert_succession(fewer, "enp2s0", NULL, NULL);
}

static void each_present_card_is_taken_once(void) {
  Nic old_cards[] = {card("eth0", "00:50:56:00:00:01", "pci/3", 0), card("eth1", "00:50:56:00:00:02", "pci/4", 1)};
  Nic new_cards[] = {card("eth1", "00:50:56:00:00:01", "pci/9", 0)};
  NicList old_list = CARDS(old_cards), new_list = CARDS(new_cards);
  g_autoptr(NicMap) map = nic_map_new(&old_list, &new_list);

  assert_succession(map, "eth0", "eth1", "MAC");
  assert_succession(map, "eth1", NULL, NULL);
}

static void no_record_and_no_card_are_no_error(void) {
  Nic cards[] = {card("eth0", "00:50:56:00:00:01", "pci/3", 0)};
  NicList list = CARDS(cards), none = {0};
  g_autoptr(NicMap) unrecorded = nic_map_new(NULL, &list);
  g_autoptr(NicMap) unplugged = nic_map_new(&list, &none);

  g_assert_cmpuint(unrecorded->items->len, ==, 0);
  assert_succession(unplugged, "eth0", NULL, NULL);
}

static void slots_that_moved_on_keep_the_order(void) {
  Nic old_cards[] = {card("ens3", "00:50:56:00:00:01", "pci/3", 0), card("ens4", "00:50:56:00:00:02", "pci/4", 1)};
  Nic new_cards[] = {card("ens4", "00:50:56:00:00:11", "pci/4", 0), card("ens5", "00:50:56:00:00:12", "pci/5", 1)};
  NicList old_list = CARDS(old_cards), new_list = CARDS(new_cards);
  g_autoptr(NicMap) on = nic_map_new(&old_list, &new_list);
  g_autoptr(NicMap) back = nic_map_new(&new_list, &old_list);

  g_assert_true(on->slots_moved);
  assert_succession(on, "ens3", "ens4", "position");
  assert_succession(on, "ens4", "ens5", "position");
  g_assert_true(back->slots_moved);
  assert_succession(back, "ens4", "ens3", "position");
  assert_succession(back, "ens5", "ens4", "position");
}

static void slots_that_moved_under_the_kernels_names_keep_the_order(void) {
  Nic old_cards[] = {card("eth0", "00:50:56:00:00:01", "pci/3", 0), card("eth1", "00:50:56:00:00:02", "pci/4", 1)};
  Nic new_cards[] = {card("eth0", "00:50:56:00:00:11", "pci/4", 0), card("eth1", "00:50:56:00:00:12", "pci/5", 1)};
  NicList old_list = CARDS(old_cards), new_list = CARDS(new_cards);
  g_autoptr(NicMap) map = nic_map_new(&old_list, &new_list);

  g_assert_true(map->slots_moved);
  assert_succession(map, "eth0", "eth0", "position");
  assert_succession(map, "eth1", "eth1", "position");
}

/* One MAC that is still there anchors the rest, and names that all stay are what profiles go by. */
static void a_mac_or_the_names_tell_that_an_order_really_turned(void) {
  Nic old_cards[] = {card("ens3", "00:50:56:00:00:01", "pci/3", 0), card("ens4", "00:50:56:00:00:02", "pci/4", 1)};
  Nic anchored[] = {card("ens4", "00:50:56:00:00:02", "pci/4", 0), card("ens5", "00:50:56:00:00:12", "pci/5", 1)};
  Nic named[] = {card("ens4", "00:50:56:00:00:11", "pci/4", 0), card("ens3", "00:50:56:00:00:12", "pci/9", 1)};
  NicList old_list = CARDS(old_cards), anchored_list = CARDS(anchored), named_list = CARDS(named);
  g_autoptr(NicMap) by_mac = nic_map_new(&old_list, &anchored_list);
  g_autoptr(NicMap) by_name = nic_map_new(&old_list, &named_list);

  g_assert_false(by_mac->slots_moved);
  assert_succession(by_mac, "ens4", "ens4", "MAC");
  assert_succession(by_mac, "ens3", "ens5", "position");
  g_assert_false(by_name->slots_moved);
  assert_succession(by_name, "ens3", "ens3", "name");
}

static void infiniband_and_ethernet_never_take_each_others_place(void) {
  const char *mac = "80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:01:02:03";
  Nic old_cards[] = {card("ib0", mac, "pci/3", 0), card("eth0", "00:50:56:00:00:01", "pci/4", 1)};
  Nic new_cards[] = {card("ib0", "00:50:56:00:00:11", "pci/3", 0)};
  NicList old_list = CARDS(old_cards), new_list = CARDS(new_cards);
  g_autoptr(NicMap) map = nic_map_new(&old_list, &new_list);

  assert_succession(map, "ib0", NULL, NULL);
  assert_succession(map, "eth0", "ib0", "position");
}

/* NICs that only profiles know: all their positions are 0. */
static void what_has_no_order_is_taken_by_name_or_alone(void) {
  Nic old_cards[] = {card("ens3", "00:50:56:00:00:01", "", 0), card("", "00:50:56:00:00:02", "", 0)};
  Nic new_cards[] = {card("ens4", "00:50:56:00:00:11", "pci/3", 0), card("ens3", "00:50:56:00:00:12", "pci/4", 1)};
  Nic others[] = {card("ens7", "00:50:56:00:00:11", "pci/3", 0), card("ens8", "00:50:56:00:00:12", "pci/4", 1)};
  NicList old_list = CARDS(old_cards), new_list = CARDS(new_cards), other_list = CARDS(others);
  g_autoptr(NicMap) named = nic_map_new(&old_list, &new_list);
  g_autoptr(NicMap) nameless = nic_map_new(&old_list, &other_list);

  assert_succession(named, "ens3", "ens3", "name");
  g_assert_true(nic_map_by_mac(named, "00:50:56:00:00:02")->present == &new_cards[0]);
  assert_succession(nameless, "ens3", NULL, NULL);
  g_assert_null(nic_map_by_mac(nameless, "00:50:56:00:00:02")->present);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/nic-map/the-same-cards-map-to-themselves", the_same_cards_map_to_themselves);
  g_test_add_func("/nic-map/a-mac-beats-bus-path-and-name", a_mac_beats_bus_path_and_name);
  g_test_add_func("/nic-map/a-bus-path-beats-a-name", a_bus_path_beats_a_name);
  g_test_add_func("/nic-map/ports-of-one-adapter-are-told-apart-by-name", ports_of_one_adapter_are_told_apart_by_name);
  g_test_add_func("/nic-map/another-hypervisor-maps-by-position", another_hypervisor_maps_by_position);
  g_test_add_func("/nic-map/one-replaced-card-of-two-is-the-one-left-over",
                  one_replaced_card_of_two_is_the_one_left_over);
  g_test_add_func("/nic-map/a-different-count-is-ambiguous", a_different_count_is_ambiguous);
  g_test_add_func("/nic-map/each-present-card-is-taken-once", each_present_card_is_taken_once);
  g_test_add_func("/nic-map/no-record-and-no-card-are-no-error", no_record_and_no_card_are_no_error);
  g_test_add_func("/nic-map/slots-that-moved-on-keep-the-order", slots_that_moved_on_keep_the_order);
  g_test_add_func("/nic-map/slots-that-moved-under-the-kernels-names-keep-the-order",
                  slots_that_moved_under_the_kernels_names_keep_the_order);
  g_test_add_func("/nic-map/a-mac-or-the-names-tell-that-an-order-really-turned",
                  a_mac_or_the_names_tell_that_an_order_really_turned);
  g_test_add_func("/nic-map/infiniband-and-ethernet-never-take-each-others-place",
                  infiniband_and_ethernet_never_take_each_others_place);
  g_test_add_func("/nic-map/what-has-no-order-is-taken-by-name-or-alone", what_has_no_order_is_taken_by_name_or_alone);
  return g_test_run();
}
