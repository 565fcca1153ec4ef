/* Filters answer as in the Python library: reads a list of cases from a folder and compares.
 *
 * A line of filters.txt names the kind (0: strings), the form and the stem of a case: STEM.lidx, and STEM.queries with the queries, after them
 * as many upper ends of ranges. Of filters, STEM.may has an answer for each query, and of range filters then for each range; of a learned hash
 * STEM.positions has what position, may_find and bounds say. Of strings, STEM.starts says where they begin. Files are opened
 * at the end of a page that cannot be read beyond. */
#include "client.h"

static void expect_status(const char *what, lidx_status got, lidx_status wanted) {
  ++answers;
  if (got != wanted) FAIL("%s: %s, not %s", what, lidx_message(got), lidx_message(wanted));
}

#define DEFINE_CHECKS(name, type)                                                                                             \
  static void check_values_##name(const lidx_filter *filter, const type *q, size_t count, const uint8_t *wanted) {            \
    uint8_t *batch = malloc(count + 1);                                                                                       \
    int may;                                                                                                                  \
    size_t i;                                                                                                                 \
    for (i = 0; i < count; ++i) {                                                                                             \
      expect_ok("may_contain", lidx_filter_may_contain_##name(filter, q[i], &may));                                           \
      expect("may_contain", may, wanted[i], i);                                                                               \
    }                                                                                                                         \
    expect_ok("may_contain_many", lidx_filter_may_contain_many_##name(filter, q, count, batch));                              \
    for (i = 0; i < count; ++i) expect("may_contain_many", batch[i], wanted[i], i);                                           \
    free(batch);                                                                                                              \
  }                                                                                                                           \
  static void check_ranges_##name(const lidx_filter *filter, const type *lo, const type *hi, size_t count,                    \
                                  const uint8_t *wanted) {                                                                    \
    uint8_t *batch = malloc(count + 1);                                                                                       \
    int may;                                                                                                                  \
    size_t i;                                                                                                                 \
    for (i = 0; i < count; ++i) {                                                                                             \
      expect_ok("may_contain_range", lidx_filter_may_contain_range_##name(filter, lo[i], hi[i], &may));                       \
      expect("may_contain_range", may, wanted[i], i);                                                                         \
    }                                                                                                                         \
    expect_ok("may_contain_ranges", lidx_filter_may_contain_ranges_##name(filter, lo, hi, count, batch));                     \
    for (i = 0; i < count; ++i) expect("may_contain_ranges", batch[i], wanted[i], i);                                         \
    free(batch);                                                                                                              \
  }                                                                                                                           \
  static void check_hash_##name(const lidx_filter *filter, const type *q, size_t count, const int64_t *wanted) {              \
    int64_t *batch = malloc(2 * (count + 1) * sizeof *batch), position, high;                                                 \
    size_t i;                                                                                                                 \
    for (i = 0; i < count; ++i) {                                                                                             \
      expect_ok("position", lidx_filter_position_##name(filter, q[i], &position));                                            \
      expect("position", position, wanted[i], i);                                                                             \
      expect_ok("may_find", lidx_filter_may_find_##name(filter, q[i], &position));                                            \
      expect("may_find", position, wanted[count + i], i);                                                                     \
      expect_ok("bounds", lidx_filter_bounds_##name(filter, q[i], &position, &high));                                         \
      expect("low", position, wanted[2 * count + i], i);                                                                      \
      expect("high", high, wanted[3 * count + i], i);                                                                         \
    }                                                                                                                         \
    expect_ok("positions", lidx_filter_positions_##name(filter, q, count, batch));                                            \
    for (i = 0; i < count; ++i) expect("positions", batch[i], wanted[i], i);                                                  \
    expect_ok("may_finds", lidx_filter_may_finds_##name(filter, q, count, batch));                                            \
    for (i = 0; i < count; ++i) expect("may_finds", batch[i], wanted[count + i], i);                                          \
    expect_ok("bounds_many", lidx_filter_bounds_many_##name(filter, q, count, batch, batch + count));                         \
    for (i = 0; i < 2 * count; ++i) expect("bounds_many", batch[i], wanted[2 * count + i], i);                                \
    free(batch);                                                                                                              \
  }                                                                                                                           \
  static void check_##name(const lidx_filter *filter, const void *queries, size_t count, const block *may, const void *positions) { \
    const type *q = queries;                                                                                                  \
    const uint8_t *wanted = may->data;                                                                                        \
    int answer = 7;                                                                                                           \
    int64_t place = 7;                                                                                                        \
    if (lidx_filter_form_of(filter) == LIDX_LEARNED_HASH) {                                                                   \
      check_hash_##name(filter, q, count, positions);                                                                         \
      expect_status("may_contain", lidx_filter_may_contain_##name(filter, q[0], &answer), LIDX_WRONG_FILTER);                 \
    } else {                                                                                                                  \
      check_values_##name(filter, q, count, wanted);                                                                          \
      expect_status("position", lidx_filter_position_##name(filter, q[0], &place), LIDX_WRONG_FILTER);                        \
    }                                                                                                                         \
    if (lidx_filter_form_of(filter) == LIDX_RANGE_FILTER)                                                                     \
      check_ranges_##name(filter, q, q + count, count, wanted + count);                                                       \
    else                                                                                                                      \
      expect_status("may_contain_range", lidx_filter_may_contain_range_##name(filter, q[0], q[0], &answer), LIDX_WRONG_FILTER); \
    expect("what was refused", answer == 7 && place == 7, 1, 0);                                                              \
  }

DEFINE_CHECKS(u32, uint32_t)
DEFINE_CHECKS(u64, uint64_t)
DEFINE_CHECKS(i32, int32_t)
DEFINE_CHECKS(i64, int64_t)
DEFINE_CHECKS(f32, float)
DEFINE_CHECKS(f64, double)

static void check_strings(const lidx_filter *filter, block queries, block starts, const uint8_t *wanted) {
  const size_t count = starts.bytes / 8 - 1;
  const uint64_t *start = starts.data;
  const char *data = queries.data;
  uint8_t *batch = malloc(count + 1);
  int may;
  size_t i;
  for (i = 0; i < count; ++i) {
    expect_ok("may_contain", lidx_filter_may_contain_bytes(filter, data + start[i], (size_t)(start[i + 1] - start[i]), &may));
    expect("may_contain of a string", may, wanted[i], i);
  }
  expect_ok("may_contain_many", lidx_filter_may_contain_many_bytes(filter, data, start, count, batch));
  for (i = 0; i < count; ++i) expect("may_contain_many of strings", batch[i], wanted[i], i);
  expect_status("a number", lidx_filter_may_contain_u64(filter, 1, &may), LIDX_WRONG_KIND);
  free(batch);
}

static void check_hash_of_strings(const lidx_filter *filter, block queries, block starts, const int64_t *wanted) {
  const size_t count = starts.bytes / 8 - 1;
  const uint64_t *start = starts.data;
  const char *data = queries.data;
  int64_t *batch = malloc((count + 1) * sizeof *batch), position, high;
  int may = 7;
  size_t i;
  for (i = 0; i < count; ++i) {
    const size_t size = (size_t)(start[i + 1] - start[i]);
    expect_ok("position", lidx_filter_position_bytes(filter, data + start[i], size, &position));
    expect("position of a string", position, wanted[i], i);
    expect_ok("may_find", lidx_filter_may_find_bytes(filter, data + start[i], size, &position));
    expect("may_find of a string", position, wanted[count + i], i);
    expect_ok("bounds", lidx_filter_bounds_bytes(filter, data + start[i], size, &position, &high));
    expect("low of a string", position, wanted[2 * count + i], i);
    expect("high of a string", high, wanted[3 * count + i], i);
  }
  expect_ok("positions", lidx_filter_positions_bytes(filter, data, start, count, batch));
  for (i = 0; i < count; ++i) expect("positions of strings", batch[i], wanted[i], i);
  expect_ok("may_finds", lidx_filter_may_finds_bytes(filter, data, start, count, batch));
  for (i = 0; i < count; ++i) expect("may_finds of strings", batch[i], wanted[count + i], i);
  expect_status("a number", lidx_filter_position_u64(filter, 1, &position), LIDX_WRONG_KIND);
  expect_status("may_contain", lidx_filter_may_contain_bytes(filter, data, 0, &may), LIDX_WRONG_FILTER);
  expect_status("no low", lidx_filter_bounds_bytes(filter, data, 0, NULL, &high), LIDX_NULL_ARGUMENT);
  expect_status("no high", lidx_filter_bounds_bytes(filter, data, 0, &position, NULL), LIDX_NULL_ARGUMENT);
  expect_status("over starts", lidx_filter_positions_bytes(filter, data, start, count, (int64_t *)starts.data), LIDX_OVERLAP);
  free(batch);
}

static void run_case(const char *folder, const char *stem, int kind, int form) {
  const block file = read_file(folder, stem, "lidx"), queries = read_file(folder, stem, "queries");
  const block may = read_file(folder, stem, "may"), positions = read_file(folder, stem, "positions");
  const block starts = read_file(folder, stem, "starts");
  const size_t item = kind == LIDX_U32 || kind == LIDX_I32 || kind == LIDX_F32 ? 4 : 8, count = queries.bytes / item / 2;
  unsigned char *blob = fenced(file.bytes, (8 - file.bytes % 8) % 8);
  lidx_filter filter, copied;
  int answer;
  memcpy(blob, file.data, file.bytes);
  expect_ok(stem, lidx_filter_open(&filter, blob, file.bytes));
  copied = filter;
  memset(&filter, 0, sizeof filter);
  if (lidx_filter_kind_of(&copied) != kind || lidx_filter_form_of(&copied) != form) FAIL("%s: kind or form", stem);
  expect_status("not open", lidx_filter_may_contain_u64(&filter, 1, &answer), LIDX_NOT_OPEN);
  expect_status("an odd address", lidx_filter_open(&filter, blob + 1, file.bytes - 1), LIDX_MISALIGNED);
  expect_status("a part", lidx_filter_open(&filter, blob, file.bytes - 1), LIDX_TRUNCATED);
  expect("what is not open", lidx_filter_n(&filter) == 0 && lidx_filter_form_of(&filter) == LIDX_NO_FORM, 1, 0);
  switch (kind) {
    case 0:
      if (form == LIDX_LEARNED_HASH) check_hash_of_strings(&copied, queries, starts, positions.data);
      else check_strings(&copied, queries, starts, may.data);
      break;
    case LIDX_U32: check_u32(&copied, queries.data, count, &may, positions.data); break;
    case LIDX_U64: check_u64(&copied, queries.data, count, &may, positions.data); break;
    case LIDX_I32: check_i32(&copied, queries.data, count, &may, positions.data); break;
    case LIDX_I64: check_i64(&copied, queries.data, count, &may, positions.data); break;
    case LIDX_F32: check_f32(&copied, queries.data, count, &may, positions.data); break;
    case LIDX_F64: check_f64(&copied, queries.data, count, &may, positions.data); break;
    default: FAIL("kind %d", kind);
  }
  if (kind != LIDX_U32) expect_status("another kind", lidx_filter_may_contain_u32(&copied, 1, &answer), LIDX_WRONG_KIND);
  unfence(blob, file.bytes, (8 - file.bytes % 8) % 8);
  free(file.data);
  free(queries.data);
  free(may.data);
  free(positions.data);
  free(starts.data);
}

int main(int count, char **arguments) {
  char stem[256];
  int kind, form, cases = 0;
  FILE *list;
  if (count != 2) FAIL("usage: filter_client FOLDER");
  list = open_list(arguments[1], "filters.txt");
  for (; fscanf(list, "%d %d %255s", &kind, &form, stem) == 3; ++cases) run_case(arguments[1], stem, kind, form);
  fclose(list);
  printf("%d cases, %ld answers\n", cases, answers);
  return 0;
}
