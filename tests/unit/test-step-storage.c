/* step-storage.c, storage-volumes.c: names of its own on networks of storage; what finds its disks by itself is left.
 */
#include "plan-fixture.h"

#define INITIATOR "/etc/iscsi/initiatorname.iscsi"
#define NQN "/etc/nvme/hostnqn"
#define HOST_ID "/etc/nvme/hostid"
#define OLD_UUID "4dc56075-50f3-466d-98f2-79838106e82f"
#define EXPRESS "nqn.2014-08.org.nvmexpress:uuid:"

static const Choice *choice_of(const PlanFixture *machine, const char *name) {
  for (guint i = 0; i < machine->plan->choices->len; i++) {
    const Choice *choice = machine->plan->choices->pdata[i];

    if (strcmp(choice->name, name) == 0)
      return choice;
  }
  g_assert_not_reached();
}

static gboolean warns_of(const PlanFixture *machine, const char *word) {
  for (guint i = 0; i < machine->plan->warnings->len; i++)
    if (strstr(machine->plan->warnings->pdata[i], word) != NULL)
      return TRUE;
  return FALSE;
}

static void an_initiator_keeps_the_form_of_its_name(void) {
  static const struct {
    const char *old, *prefix;
  } names[] = {
      {"iqn.1993-08.org.debian:01:9b3c5d7e1f2", "iqn.1993-08.org.debian:01:"},
      {"iqn.1994-05.com.redhat:1f2e3d4c5b6a", "iqn.1994-05.com.redhat:"},
      {"iqn.1996-04.de.suse:01:1f2e3d4c5b6a", "iqn.1996-04.de.suse:01:"},
      {"iqn.2020-01.com.golden:storage", "iqn.2020-01.com.golden:"},
      {"iqn.2020-01.com.example", "iqn.2020-01.com.example:"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();
    g_autofree char *text = g_strdup_printf("## by hand\n InitiatorName=%s\n\n#InitiatorName=x\n", names[i].old);

    fixture_write(machine->fixture, INITIATOR, text);
    plan_fixture_run(machine, step_storage);
    const Choice *choice = choice_of(machine, "iscsi-initiator");
    g_assert_cmpstr(choice->old, ==, names[i].old);
    g_assert_cmpstr(choice->source, ==, "random");
    g_assert_true(g_str_has_prefix(choice->new, names[i].prefix));
    g_assert_cmpuint(strlen(choice->new), ==, strlen(names[i].prefix) + 12);
    g_autofree char *wanted = g_strdup_printf("## by hand\n InitiatorName=%s\n\n#InitiatorName=x\n", choice->new);
    assert_written(machine, INITIATOR, wanted);
    g_assert_cmpuint(machine->plan->actions->len, ==, 1);
    g_assert_cmpuint(machine->plan->warnings->len, ==, 0);
  }
}

static void two_clones_have_two_names(void) {
  g_autofree char *first = NULL;

  for (gsize i = 0; i < 2; i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();

    fixture_write(machine->fixture, INITIATOR, "InitiatorName=iqn.1993-08.org.debian:01:abc\n");
    plan_fixture_run(machine, step_storage);
    const char *name = choice_of(machine, "iscsi-initiator")->new;
    g_assert_cmpstr(first, !=, name);
    g_free(first);
    first = g_strdup(name);
  }
}

static void an_initiator_named_by_the_host_follows(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, INITIATOR, "InitiatorName=iqn.2020-01.com.example:golden\nInitiatorAlias=golden\n");
  plan_fixture_run(machine, step_storage);
  assert_written(machine, INITIATOR, "InitiatorName=iqn.2020-01.com.example:web-17\nInitiatorAlias=web-17\n");
  g_assert_cmpstr(choice_of(machine, "iscsi-initiator")->source, ==, "the host name");
}

static void a_name_that_is_still_to_be_made_is_none(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, INITIATOR, "GenerateName=yes\n");
  plan_fixture_run(machine, step_storage);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
  g_assert_cmpuint(machine->plan->actions->len, ==, 0);
}

static void a_name_of_another_form_is_named(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, INITIATOR, "InitiatorName=eui.02004567a425678d\n");
  plan_fixture_run(machine, step_storage);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
  g_assert_true(warns_of(machine, "eui.02004567a425678d"));
}

static void where_the_root_is_on_iscsi_the_name_stays(void) {
  static const struct {
    const char *path, *content;
    gboolean hardware;
  } signs[] = {
      {"/proc/cmdline", "quiet rd.iscsi.firmware=1\n", TRUE},
      {"/proc/cmdline", "iscsi_firmware\n", TRUE},
      {"/proc/cmdline", "root=/dev/sda netroot=iscsi:10.0.0.1::::iqn.x\n", TRUE},
      {"/sys/firmware/ibft/initiator/initiator-name", "iqn.x\n", TRUE},
      {"/etc/iscsi/iscsi.initramfs", "", FALSE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(signs); i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();
    g_autoptr(Fixture) hardware = fixture_new();

    machine->context.hardware = &hardware->root;
    fixture_write(machine->fixture, INITIATOR, "InitiatorName=iqn.1993-08.org.debian:01:abc\n");
    fixture_write(machine->fixture, NQN, EXPRESS OLD_UUID "\n");
    fixture_write(signs[i].hardware ? hardware : machine->fixture, signs[i].path, signs[i].content);
    plan_fixture_run(machine, step_storage);
    g_assert_null(plan_find(machine->plan, INITIATOR));
    g_assert_nonnull(plan_find(machine->plan, NQN));
    g_assert_true(warns_of(machine, INITIATOR " is kept"));
  }
}

static void a_target_of_the_boot_is_named(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, INITIATOR, "InitiatorName=iqn.1993-08.org.debian:01:abc\n");
  fixture_write(machine->fixture, "/etc/iscsi/nodes/iqn.a:t1/10.0.0.1,3260,1/default", "node.startup = automatic\n");
  fixture_write(machine->fixture, "/var/lib/iscsi/nodes/iqn.a:t2/10.0.0.2,3260", "node.startup = manual\n");
  plan_fixture_run(machine, step_storage);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
  g_assert_true(warns_of(machine, "iqn.a:t1/10.0.0.1,3260,1/default"));
}

static void both_names_of_an_nvme_host_have_one_uuid(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, NQN, EXPRESS OLD_UUID "\n");
  fixture_write(machine->fixture, HOST_ID, OLD_UUID);
  fixture_write(machine->fixture, "/etc/nvme/config.json",
                "[{\"hostnqn\": \"" EXPRESS OLD_UUID "\", \"hostid\": \"" OLD_UUID "\"}]\n");
  plan_fixture_run(machine, step_storage);
  const char *id = choice_of(machine, "nvme-hostid")->new;
  g_assert_cmpuint(strlen(id), ==, 36);
  g_assert_cmpstr(id, !=, OLD_UUID);
  g_autofree char *nqn = g_strconcat(EXPRESS, id, NULL);
  g_autofree char *line = g_strconcat(nqn, "\n", NULL);
  g_autofree char *json = g_strdup_printf("[{\"hostnqn\": \"%s\", \"hostid\": \"%s\"}]\n", nqn, id);
  g_assert_cmpstr(choice_of(machine, "nvme-hostnqn")->new, ==, nqn);
  assert_written(machine, NQN, line);
  assert_written(machine, HOST_ID, id);
  assert_written(machine, "/etc/nvme/config.json", json);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 0);
}

static void an_nvme_host_of_an_id_alone(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, HOST_ID, OLD_UUID "\n");
  fixture_write(machine->fixture, NQN, "\n");
  plan_fixture_run(machine, step_storage);
  g_assert_cmpuint(machine->plan->edits->len, ==, 1);
  g_assert_cmpuint(machine->plan->choices->len, ==, 1);
}

static void an_nvme_host_named_by_the_host_follows(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, NQN, "nqn.2020-01.com.example:golden\n");
  plan_fixture_run(machine, step_storage);
  assert_written(machine, NQN, "nqn.2020-01.com.example:web-17\n");
}

static void where_the_root_is_on_nvme_the_names_stay(void) {
  static const char *const signs[][2] = {{"/proc/cmdline", "rd.nvmf.discover=tcp,10.0.0.1\n"},
                                         {"/sys/firmware/acpi/tables/NBFT", "NBFT"}};

  for (gsize i = 0; i < G_N_ELEMENTS(signs); i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();
    g_autoptr(Fixture) hardware = fixture_new();

    machine->context.hardware = &hardware->root;
    fixture_write(machine->fixture, NQN, EXPRESS OLD_UUID "\n");
    fixture_write(machine->fixture, HOST_ID, OLD_UUID "\n");
    fixture_write(hardware, signs[i][0], signs[i][1]);
    plan_fixture_run(machine, step_storage);
    g_assert_cmpuint(machine->plan->edits->len, ==, 0);
    g_assert_true(warns_of(machine, NQN));
  }
}

#define DEVICES "/etc/lvm/devices/system.devices"
#define BY_DISK "IDTYPE=sys_serial IDNAME=QM00001 DEVNAME=/dev/sda2 PVID=abc PART=2\n"

/* lvmdevices(8) looks again where the machine is another than the one in the file: that must stay the template's. */
static void lvm_that_looks_again_is_left_alone(void) {
  static const char *const files[] = {
      ("PRODUCT_UUID=" OLD_UUID "\nVERSION=1.1.2\n" BY_DISK),
      ("HOSTNAME=golden\nVERSION=1.1.2\n" BY_DISK),
      "VERSION=1.1.2\nIDTYPE=devname IDNAME=/dev/vda2 DEVNAME=/dev/vda2 PVID=abc PART=2\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();

    fixture_write(machine->fixture, DEVICES, files[i]);
    plan_fixture_run(machine, step_storage);
    g_assert_cmpuint(machine->plan->edits->len, ==, 0);
    g_assert_cmpuint(machine->plan->warnings->len, ==, 0);
  }
}

static void lvm_that_does_not_is_named(void) {
  static const char *const cases[][3] = {
      {"VERSION=1.1.2\n" BY_DISK, "", DEVICES},
      {"VERSION=1.1.2\nIDTYPE=sys_wwid IDNAME=naa.5 DEVNAME=/dev/sda2\n", "# use_devicesfile = 0\n", DEVICES},
      {"HOSTNAME=golden\n" BY_DISK, "devices {\n\tdevice_ids_refresh = 0\n}\n", DEVICES},
      {"", "global {\n  system_id_source = \"machineid\"\n}\n", "extra_system_ids"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();

    fixture_write(machine->fixture, DEVICES, cases[i][0]);
    fixture_write(machine->fixture, "/etc/lvm/lvm.conf", cases[i][1]);
    plan_fixture_run(machine, step_storage);
    g_assert_cmpuint(machine->plan->edits->len, ==, 0);
    g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
    g_assert_true(warns_of(machine, cases[i][2]));
  }
}

static void lvm_that_needs_nothing_is_not(void) {
  static const char *const configurations[] = {
      "use_devicesfile = 0\n",
      "use_devicesfile=0\nsystem_id_source = \"none\"\n# system_id_source = \"uname\"\n",
      "use_devicesfile=0\nsystem_id_source = \"uname\"\n extra_system_ids = [ \"golden\" ]\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS(configurations); i++) {
    g_autoptr(PlanFixture) machine = plan_fixture_new();

    fixture_write(machine->fixture, DEVICES, BY_DISK);
    fixture_write(machine->fixture, "/etc/lvm/lvm.conf", configurations[i]);
    plan_fixture_run(machine, step_storage);
    g_assert_cmpuint(machine->plan->warnings->len, ==, 0);
  }
}

static void a_bound_disk_that_is_mounted_is_named(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/multipath/bindings",
                "# Format:\nmpatha 3600a0\nmpathb 3600b0\nmpathc 3600c0\n");
  fixture_write(machine->fixture, "/etc/fstab",
                "/dev/mapper/mpatha-part1 /srv ext4 defaults 0 2\n#/dev/mapper/mpathb /x ext4 defaults 0 2\n"
                "/dev/mapper/mpathcc /y ext4 defaults 0 2\n");
  plan_fixture_run(machine, step_storage);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
  g_assert_true(warns_of(machine, "/dev/mapper/mpatha,"));
}

#define TEST(name, function) g_test_add_func("/step-storage/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("an-initiator-keeps-the-form-of-its-name", an_initiator_keeps_the_form_of_its_name);
  TEST("two-clones-have-two-names", two_clones_have_two_names);
  TEST("an-initiator-named-by-the-host-follows", an_initiator_named_by_the_host_follows);
  TEST("a-name-that-is-still-to-be-made-is-none", a_name_that_is_still_to_be_made_is_none);
  TEST("a-name-of-another-form-is-named", a_name_of_another_form_is_named);
  TEST("where-the-root-is-on-iscsi-the-name-stays", where_the_root_is_on_iscsi_the_name_stays);
  TEST("a-target-of-the-boot-is-named", a_target_of_the_boot_is_named);
  TEST("both-names-of-an-nvme-host-have-one-uuid", both_names_of_an_nvme_host_have_one_uuid);
  TEST("an-nvme-host-of-an-id-alone", an_nvme_host_of_an_id_alone);
  TEST("an-nvme-host-named-by-the-host-follows", an_nvme_host_named_by_the_host_follows);
  TEST("where-the-root-is-on-nvme-the-names-stay", where_the_root_is_on_nvme_the_names_stay);
  TEST("lvm-that-looks-again-is-left-alone", lvm_that_looks_again_is_left_alone);
  TEST("lvm-that-does-not-is-named", lvm_that_does_not_is_named);
  TEST("lvm-that-needs-nothing-is-not", lvm_that_needs_nothing_is_not);
  TEST("a-bound-disk-that-is-mounted-is-named", a_bound_disk_that_is_mounted_is_named);
  return g_test_run();
}
