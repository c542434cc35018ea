/* Who carries an old machine-id (agent/system/stale-services.c, process-memory.c): real processes, this test among
 * them as "another" one. */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "system/process-memory.h"
#include "system/stale-services.h"

/* This program maps itself as code, so it "knows" this text. */
static const char known_text[] = "a text that only this test program has in it";

static void test_what_a_program_has_loaded(void) {
  g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) unknown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *nowhere = g_uuid_string_random();

  g_assert_true(process_maps_knowing("/proc", getpid(), known_text, known));
  g_assert_false(process_maps_knowing("/proc", getpid(), nowhere, unknown));
}

static GBytes *needle_of(const char *text) {
  return g_bytes_new(text, strlen(text));
}

/* A child that holds what is made at run time, so that it is in its memory and not in its program. */
static pid_t child_with(const char *text, int *ready) {
  int ends[2];
  char byte = 0;

  g_assert_cmpint(pipe(ends), ==, 0);
  pid_t child = fork();
  if (child == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    g_autofree char *copy = g_strdup(text);
    g_assert_cmpint((int)write(ends[1], copy, 1), ==, 1);
    (void)pause();
    _exit(*copy == 'x');
  }
  g_assert_cmpint((int)read(ends[0], &byte, 1), ==, 1);
  (void)close(ends[1]);
  *ready = ends[0];
  return child;
}

static void end(pid_t child, int ready) {
  (void)kill(child, SIGKILL);
  (void)waitpid(child, NULL, 0);
  (void)close(ready);
}

static void test_memory_of_another_process(void) {
  g_autofree char *id = g_uuid_string_random(), *other = g_uuid_string_random();
  g_autoptr(GBytes) needle = needle_of(id), absent = needle_of(other);
  GBytes *both[] = {absent, needle};
  gint64 later = g_get_monotonic_time() + (gint64)60 * G_USEC_PER_SEC;
  int ready = -1;
  pid_t child = child_with(id, &ready);

  g_assert_cmpint(process_memory_holds("/proc", child, both, 2, later), ==, MEMORY_WITH);
  g_assert_cmpint(process_memory_holds("/proc", child, both, 2, 0), !=, MEMORY_WITHOUT);
  end(child, ready);
  g_assert_cmpint(process_memory_holds("/proc", child, both, 2, later), ==, MEMORY_UNREADABLE);
}

/* A captured /proc: the maps know the path, the memory cannot be read: it may hold the id. */
static void test_unreadable_memory_is_a_maybe(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *proc = fixture_path(fixture, "/proc");
  g_autoptr(GError) error = NULL;

  fixture_write_bytes(fixture, "/proc/4711/root/usr/lib/libknows.so", "..\0/etc/machine-id\0..", 21, 0644);
  fixture_write(fixture, "/proc/4711/maps", "1000-2000 r-xp 00000000 08:01 42    /usr/lib/libknows.so\nnonsense\n-\n");
  fixture_write(fixture, "/proc/4711/comm", "some-daemon\n");
  fixture_write(fixture, "/proc/4711/cgroup", "0::/system.slice/system-x.slice/some@1.service/inner\n");
  fixture_write(fixture, "/proc/4712/maps", "1000-2000 r-xp 00000000 08:01 42    /usr/lib/libother.so\n");
  fixture_write(fixture, "/proc/4713/comm", "kthread\n");
  fixture_write(fixture, "/proc/self-made", "no process");
  g_autoptr(GPtrArray) services = stale_services_find(proc, "0123456789abcdef0123456789abcdef", &error);
  g_assert_no_error(error);
  g_assert_cmpint(services->len, ==, 1);
  const StaleService *service = services->pdata[0];
  g_assert_cmpstr(service->unit, ==, "some@1.service");
  g_assert_cmpstr(service->command, ==, "some-daemon");
  g_assert_cmpint(service->pid, ==, 4711);
  g_assert_false(service->certain);
}

static void test_no_proc_is_an_error(void) {
  g_autoptr(GError) error = NULL;

  g_assert_null(stale_services_find("/nonexistent", "0123456789abcdef0123456789abcdef", &error));
  g_assert_nonnull(error);
}

static void test_no_old_id_is_nobody(void) {
  g_autoptr(GPtrArray) services = stale_services_find("/proc", "", NULL);

  g_assert_cmpint(services->len, ==, 0);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/process-memory/what-a-program-has-loaded", test_what_a_program_has_loaded);
  g_test_add_func("/process-memory/memory-of-another-process", test_memory_of_another_process);
  g_test_add_func("/stale-services/unreadable-memory-is-a-maybe", test_unreadable_memory_is_a_maybe);
  g_test_add_func("/stale-services/no-proc-is-an-error", test_no_proc_is_an_error);
  g_test_add_func("/stale-services/no-old-id-is-nobody", test_no_old_id_is_nobody);
  return g_test_run();
}
