/* record.c - what this disk remembers of the machine that owns it (/var/lib/reset-identity/record): its two copies */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/names.h"

enum { RECORD_LIMIT = 1 << 20 /* bytes: some thousand NICs */ };

const char *record_state_name(RecordState state) {
  return state == RECORD_TEMPLATE ? "template" : "settled";
}

typedef struct {
  const char *path;
  char *text; /* malloc'ed */
  size_t size;
  int result; /* 1: read; 0: not there; -EBADMSG: something is there, but no record: nobody guesses;
               * -EPROTONOSUPPORT: a record of a newer reset-identity */
} Copy;

/* Of this program, at this moment: the file is not to blame. */
static bool is_shortage(int result) {
  return result == -ENOMEM || result == -EMFILE || result == -ENFILE;
}

static void read_copy(const Root *root, Copy *copy, Problem *problem) {
  copy->result = root_read_file(root, copy->path, RECORD_LIMIT, &copy->text, &copy->size, problem);
  if (copy->result == 0)
    copy->result = 1;
  else if ((copy->result == -ENOENT || copy->result == -ENOTDIR) && !root_is_named(root, copy->path))
    copy->result = 0;
  else if (!is_shortage(copy->result))
    copy->result = -EBADMSG;
  if (copy->result == 0 && problem != NULL)
    problem->text[0] = '\0';
}

static void parse_copy(Copy *copy, Record *record, Problem *problem) {
  int result = copy->result == 1 ? record_parse(copy->text, copy->size, copy->path, record, problem) : 0;

  if (result < 0)
    copy->result = result == -EPROTONOSUPPORT ? result : -EBADMSG;
}

static bool is_newer(const Copy *copy) {
  return copy->result == -EPROTONOSUPPORT;
}

static bool are_alike(const Copy *first, const Copy *second) {
  return first->result == 1 && second->result == 1 && first->size == second->size &&
         memcmp(first->text, second->text, first->size) == 0;
}

/* The first one is whole: what is the second? */
static int keep_first(Copy *second, Record *record, Problem *problem) {
  Problem second_problem = {""};
  Record other;

  parse_copy(second, &other, &second_problem);
  if (second->result == 1)
    record_clear(&other);
  record->other_is_newer = is_newer(second);
  record->needs_repair = !record->other_is_newer;
  if (record->other_is_newer && problem != NULL)
    *problem = second_problem;
  return 1;
}

static int choose(Copy *first, Copy *second, Record *record, Problem *problem) {
  Problem second_problem = {""};
  const bool alike = are_alike(first, second);

  parse_copy(first, record, problem);
  if (first->result == 1)
    return alike ? 1 : keep_first(second, record, problem);
  parse_copy(second, record, &second_problem);
  record->other_is_newer = second->result == 1 && is_newer(first);
  record->needs_repair = second->result == 1 && !record->other_is_newer;
  if (problem != NULL && second_problem.text[0] != '\0' &&
      (first->result == 0 || (is_newer(second) && !is_newer(first))))
    *problem = second_problem;
  return second->result == 1 || first->result == 0 || is_newer(second) ? second->result : first->result;
}

int record_read(const Root *root, Record *record, Problem *problem) {
  Copy first = {.path = RI_RECORD_FILE}, second = {.path = RI_RECORD_COPY_FILE};
  int result;

  *record = (Record){.state = RECORD_SETTLED};
  read_copy(root, &first, problem);
  read_copy(root, &second, first.result == 0 ? problem : NULL);
  result = choose(&first, &second, record, problem);
  free(first.text);
  free(second.text);
  return result;
}

void record_clear(Record *record) {
  nics_clear(&record->nics);
  *record = (Record){.state = RECORD_SETTLED};
}
