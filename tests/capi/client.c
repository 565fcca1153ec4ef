/* Answers as the Python library did: reads a list of cases from a folder and compares.
 *
 * A line of cases.txt names the kind and the stem of a case: STEM.lidx, STEM.queries, and STEM.answers with the lower and
 * the upper bound of each query; STEM.keys if the file does not hold its keys. Files are opened at the end of a
 * page that cannot be read beyond, at every offset to a multiple of 8. */
#include "client.h"

#define DEFINE_CHECKS(name, type)                                                                               \
  static void check_##name(const lidx_view *view, const void *queries, size_t count, const int64_t *wanted) {   \
    const type *q = queries;                                                                                    \
    int64_t *batch = malloc((count + 1) * sizeof *batch);                                                       \
    int64_t low, high, position;                                                                                \
    int is_key;                                                                                                 \
    size_t i;                                                                                                   \
    for (i = 0; i < count; ++i) {                                                                               \
      expect_ok("lower_bound", lidx_lower_bound_##name(view, q[i], &position));                                 \
      expect("lower_bound", position, wanted[i], i);                                                            \
      expect_ok("upper_bound", lidx_upper_bound_##name(view, q[i], &position));                                 \
      expect("upper_bound", position, wanted[count + i], i);                                                    \
      high = position > wanted[i] ? wanted[i] : -1;                                                             \
      expect_ok("find", lidx_find_##name(view, q[i], &position));                                               \
      expect("find", position, high, i);                                                                        \
      expect_ok("contains", lidx_contains_##name(view, q[i], &is_key));                                         \
      expect("contains", is_key, high >= 0, i);                                                                 \
      expect_ok("predecessor", lidx_predecessor_##name(view, q[i], &position));                                 \
      expect("predecessor", position, wanted[count + i] - 1, i);                                                \
      expect_ok("bounds", lidx_bounds_##name(view, q[i], &low, &high));                                         \
      expect("bounds", low <= wanted[i] && wanted[i] <= high && high <= (int64_t)lidx_n(view), 1, i);           \
      expect_ok("range", lidx_range_##name(view, q[i], q[(i + 1) % count], &low, &high));                       \
      expect("start of range", low, wanted[i], i);                                                              \
      position = wanted[(i + 1) % count];                                                                       \
      expect("stop of range", high, position > low ? position : low, i);                                        \
    }                                                                                                           \
    expect_ok("lower_bounds", lidx_lower_bounds_##name(view, q, count, batch));                                 \
    for (i = 0; i < count; ++i) expect("lower_bounds", batch[i], wanted[i], i);                                 \
    expect_ok("upper_bounds", lidx_upper_bounds_##name(view, q, count, batch));                                 \
    for (i = 0; i < count; ++i) expect("upper_bounds", batch[i], wanted[count + i], i);                         \
    expect_ok("finds", lidx_finds_##name(view, q, count, batch));                                               \
    for (i = 0; i < count; ++i)                                                                                 \
      expect("finds", batch[i], wanted[i] < wanted[count + i] ? wanted[i] : -1, i);                             \
    expect_ok("predecessors", lidx_predecessors_##name(view, q, count, batch));                                 \
    for (i = 0; i < count; ++i) expect("predecessors", batch[i], wanted[count + i] - 1, i);                     \
    free(batch);                                                                                                \
  }

DEFINE_CHECKS(u32, uint32_t)
DEFINE_CHECKS(u64, uint64_t)
DEFINE_CHECKS(i32, int32_t)
DEFINE_CHECKS(i64, int64_t)
DEFINE_CHECKS(f32, float)
DEFINE_CHECKS(f64, double)

static void check(const lidx_view *view, block queries, const int64_t *wanted) {
  const int kind = lidx_kind_of(view);
  const size_t item = kind == LIDX_U32 || kind == LIDX_I32 || kind == LIDX_F32 ? 4 : 8;
  const size_t count = queries.bytes / item;
  int64_t position;
  switch (kind) {
    case LIDX_U32: check_u32(view, queries.data, count, wanted); break;
    case LIDX_U64: check_u64(view, queries.data, count, wanted); break;
    case LIDX_I32: check_i32(view, queries.data, count, wanted); break;
    case LIDX_I64: check_i64(view, queries.data, count, wanted); break;
    case LIDX_F32: check_f32(view, queries.data, count, wanted); break;
    case LIDX_F64: check_f64(view, queries.data, count, wanted); break;
    default: FAIL("kind %d", kind);
  }
  if (kind != LIDX_U32 && lidx_lower_bound_u32(view, 1, &position) != LIDX_WRONG_KIND) FAIL("kind not checked");
  if (kind != LIDX_F64 && lidx_lower_bound_f64(view, 1, &position) != LIDX_WRONG_KIND) FAIL("kind not checked");
}

static void open_at(const unsigned char *blob, size_t bytes, block keys, lidx_kind kind, lidx_view *view) {
  if (keys.data == NULL) {
    expect_ok("open", lidx_open(view, blob, bytes));
  } else {
    const size_t item = kind == LIDX_U32 || kind == LIDX_I32 || kind == LIDX_F32 ? 4 : 8;
    int64_t position;
    expect_ok("open the model", lidx_open(view, blob, bytes));
    if (lidx_lower_bound_u64(view, 1, &position) == LIDX_OK) FAIL("a position without keys");
    expect_ok("open with keys", lidx_open_with_keys(view, blob, bytes, keys.data, keys.bytes / item, kind));
  }
  expect_ok("verify", lidx_verify(view, 1));
}

/* No part of a file is a file: near every border of a section, and near both ends. */
static void check_truncated(const block *file) {
  lidx_view view;
  uint32_t sections, s;
  uint64_t border;
  int off;
  memcpy(&sections, (const char *)file->data + 24, sizeof sections);
  for (s = 0; s <= sections + 2; ++s) {
    border = s == sections ? 0 : s == sections + 1 ? 128 : file->bytes;
    if (s < sections) memcpy(&border, (const char *)file->data + 128 + 32 * s + 8, sizeof border);
    for (off = -3; off <= 3; ++off) {
      const int64_t size = (int64_t)border + off;
      unsigned char *part;
      if (size < 0 || size >= (int64_t)file->bytes) continue;
      part = fenced((size_t)size, 0);
      memcpy(part, file->data, (size_t)size);
      expect("open a part", lidx_open(&view, part, (size_t)size) != LIDX_OK && lidx_n(&view) == 0, 1, s);
      unfence(part, (size_t)size, 0);
    }
  }
}

static void run_case(const char *folder, const char *stem, int kind) {
  const block file = read_file(folder, stem, "lidx"), queries = read_file(folder, stem, "queries");
  const block wanted = read_file(folder, stem, "answers"), keys = read_file(folder, stem, "keys");
  size_t offset;
  lidx_view view, copied;
  if (file.data == NULL || queries.data == NULL || wanted.data == NULL) FAIL("%s: a file is missing", stem);
  for (offset = 0; offset < 8; ++offset) {
    unsigned char *blob = fenced(file.bytes, offset);
    memcpy(blob, file.data, file.bytes);
    open_at(blob, file.bytes, keys, (lidx_kind)kind, &view);
    if (lidx_kind_of(&view) != kind) FAIL("%s: kind %d", stem, lidx_kind_of(&view));
    copied = view;
    memset(&view, 0, sizeof view);
    check(&copied, queries, wanted.data);
    unfence(blob, file.bytes, offset);
  }
  check_truncated(&file);
  free(file.data);
  free(queries.data);
  free(wanted.data);
  free(keys.data);
}

int main(int count, char **arguments) {
  char stem[256];
  int kind, cases = 0;
  FILE *list;
  if (count != 2) FAIL("usage: client FOLDER");
  if (lidx_abi_version() != LIDX_ABI_VERSION) FAIL("header and library differ");
  list = open_list(arguments[1], "cases.txt");
  for (; fscanf(list, "%d %255s", &kind, stem) == 2; ++cases) run_case(arguments[1], stem, kind);
  fclose(list);
  printf("%d cases, %ld answers\n", cases, answers);
  return 0;
}
