/* What the clients share: files of a case, fenced memory, and answers that are compared. */
#define _DEFAULT_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "learnedidx.h"

#define FAIL(...)                 \
  do {                            \
    fprintf(stderr, __VA_ARGS__); \
    fprintf(stderr, "\n");        \
    exit(1);                      \
  } while (0)

typedef struct {
  void *data;
  size_t bytes;
} block;

static long answers = 0;

static block read_file(const char *folder, const char *stem, const char *suffix) {
  char path[4096];
  block made = {NULL, 0};
  FILE *file;
  snprintf(path, sizeof path, "%s/%s.%s", folder, stem, suffix);
  file = fopen(path, "rb");
  if (file == NULL) return made;
  fseek(file, 0, SEEK_END);
  made.bytes = (size_t)ftell(file);
  rewind(file);
  made.data = malloc(made.bytes + 1);
  if (fread(made.data, 1, made.bytes, file) != made.bytes) FAIL("%s: cannot be read", path);
  fclose(file);
  return made;
}

/* The list of cases in a folder. */
static FILE *open_list(const char *folder, const char *name) {
  char path[4096];
  FILE *list;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  list = fopen(path, "r");
  if (list == NULL) FAIL("%s: cannot be opened", path);
  return list;
}

/* Memory that ends where a page ends that nobody may read beyond, less `room` bytes. */
static unsigned char *fenced(size_t bytes, size_t room) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t whole = (bytes + room + page - 1) / page * page;
  unsigned char *memory = mmap(NULL, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) FAIL("no memory");
  if (mprotect(memory + whole, page, PROT_NONE) != 0) FAIL("no fence");
  return memory + whole - room - bytes;
}

static void unfence(unsigned char *memory, size_t bytes, size_t room) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t whole = (bytes + room + page - 1) / page * page;
  munmap(memory + bytes + room - whole, whole + page);
}

static void expect(const char *what, int64_t got, int64_t wanted, size_t i) {
  ++answers;
  if (got != wanted) FAIL("%s of query %zu: %" PRId64 ", not %" PRId64, what, i, got, wanted);
}

static void expect_ok(const char *what, lidx_status status) {
  if (status != LIDX_OK) FAIL("%s: %s", what, lidx_message(status));
}
