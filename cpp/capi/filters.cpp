// Filters of files: opened in the caller's storage, and asked for keys of the kind that they were fitted to.
#ifndef NDEBUG
#define NDEBUG
#endif
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>

#include "learnedidx.h"
#include "learnedidx/file/filter.hpp"

namespace learnedidx::c {
namespace {

constexpr std::uint64_t kOpenFilter = 0x7265746C6966786Cu;
constexpr std::size_t kAsked = 256;  // queries whose codes lie on the stack

struct Filter {
  std::uint64_t state = 0;  // kOpenFilter, or it is not open
  OpenedFilter opened;
};
static_assert(sizeof(Filter) <= LIDX_FILTER_BYTES && alignof(Filter) <= alignof(lidx_filter));
static_assert(static_cast<int>(FilterForm::ranges) == LIDX_RANGE_FILTER && static_cast<int>(FilterForm::points) == LIDX_POINT_FILTER &&
              static_cast<int>(FilterForm::hash) == LIDX_LEARNED_HASH && static_cast<int>(FilterForm::learned) == LIDX_LEARNED_FILTER);
static_assert(sizeof(bool) == 1);

const OpenedFilter* opened(const lidx_filter* filter) {
  const auto* held = std::launder(reinterpret_cast<const Filter*>(filter));
  return held != nullptr && held->state == kOpenFilter ? &held->opened : nullptr;
}

bool is_narrow(KeyType kind) {
  return visit_key_type(kind, [](auto tag) { return kIsNarrow<decltype(tag)>; });
}

// Can this filter be asked for keys of type K by a verb that two forms have?
template <class K> lidx_status check(const lidx_filter* filter, bool with_arguments, FilterForm form, FilterForm other) {
  if (filter == nullptr || !with_arguments) return LIDX_NULL_ARGUMENT;
  const OpenedFilter* held = opened(filter);
  if (held == nullptr) return LIDX_NOT_OPEN;
  if (held->holds_strings || held->kind != KeyTypeOf<K>::value) return LIDX_WRONG_KIND;
  return held->form == form || held->form == other ? LIDX_OK : LIDX_WRONG_FILTER;
}

lidx_status check_prints(const OpenedFilter& filter) { return filter.hash.said().print_bits > 0 ? LIDX_OK : LIDX_WRONG_FILTER; }

template <class A, class B> bool apart(const A* a, const B* b, std::size_t count) { return are_apart(a, count * sizeof *a, b, count * sizeof *b); }

// At most kAsked of them.
template <class K> void ask_values(const OpenedFilter& filter, const K* q, std::size_t count, bool* may) {
  std::uint64_t codes[kAsked] = {}, ends[kAsked];
  if (filter.form == FilterForm::points) {
    hash_all(q, count, filter.points.said().seed, codes);
    filter.points.test(codes, count, may);
    for (std::size_t i = 0; i < count; ++i) may[i] = may[i] && !is_missing(q[i], filter.times);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const bool missing = is_missing(q[i], filter.times);
    codes[i] = missing ? 1 : key_code(q[i]);
    ends[i] = missing ? 0 : codes[i];
  }
  filter.ranges.any(codes, ends, count, may);
}

// NaN and NaT lie after all numbers: nothing is from them on, and all numbers are below them.
template <class K> void ask_ranges(const OpenedFilter& filter, const K* lo, const K* hi, std::size_t count, bool* may) {
  std::uint64_t a[kAsked], b[kAsked];
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t end = is_missing(hi[i], filter.times) ? 0 : key_code(hi[i]);
    const bool none = is_missing(lo[i], filter.times) || (end == 0 && !is_missing(hi[i], filter.times));
    a[i] = none ? 1 : key_code(lo[i]);
    b[i] = none ? 0 : end - 1;  // the last code where nothing is above
  }
  filter.ranges.any(a, b, count, may);
}

template <class K> void ask_hash(const OpenedFilter& filter, const K* q, std::size_t count, HashVerb ask, std::int64_t* out) {
  std::uint64_t codes[kAsked];
  const LearnedHash& hash = filter.hash;
  const bool bounds = ask == HashVerb::begin || ask == HashVerb::end;
  for (std::size_t i = 0; i < count; ++i) codes[i] = key_code(q[i]);
  hash.answer(codes, count, ask, out);
  for (std::size_t i = 0; i < count; ++i)
    if (is_missing(q[i], filter.times)) out[i] = bounds ? hash.keys() : -1;
}

template <class Use> void in_blocks(std::size_t count, Use&& use) {
  for (std::size_t at = 0; at < count; at += kAsked) use(at, std::min(kAsked, count - at));
}

template <class K> lidx_status values(const lidx_filter* filter, const K* q, std::size_t count, std::uint8_t* may) {
  const lidx_status status = check<K>(filter, count == 0 || (q && may), FilterForm::ranges, FilterForm::points);
  if (status != LIDX_OK || count == 0) return status;
  if (!apart(q, may, count)) return LIDX_OVERLAP;
  in_blocks(count, [&](std::size_t at, std::size_t m) { ask_values(*opened(filter), q + at, m, reinterpret_cast<bool*>(may + at)); });
  return LIDX_OK;
}

template <class K> lidx_status ranges(const lidx_filter* filter, const K* lo, const K* hi, std::size_t count, std::uint8_t* may) {
  const lidx_status status = check<K>(filter, count == 0 || (lo && hi && may), FilterForm::ranges, FilterForm::ranges);
  if (status != LIDX_OK || count == 0) return status;
  if (!apart(lo, may, count) || !apart(hi, may, count)) return LIDX_OVERLAP;
  in_blocks(count, [&](std::size_t at, std::size_t m) { ask_ranges(*opened(filter), lo + at, hi + at, m, reinterpret_cast<bool*>(may + at)); });
  return LIDX_OK;
}

template <class K> lidx_status places(const lidx_filter* filter, const K* q, std::size_t count, HashVerb ask, std::int64_t* out) {
  lidx_status status = check<K>(filter, count == 0 || (q && out), FilterForm::hash, FilterForm::hash);
  if (status == LIDX_OK && ask == HashVerb::may_find) status = check_prints(*opened(filter));
  if (status != LIDX_OK || count == 0) return status;
  if (!apart(q, out, count)) return LIDX_OVERLAP;
  in_blocks(count, [&](std::size_t at, std::size_t m) { ask_hash(*opened(filter), q + at, m, ask, out + at); });
  return LIDX_OK;
}

template <class K> lidx_status bounds(const lidx_filter* filter, const K* q, std::size_t count, std::int64_t* low, std::int64_t* high) {
  if (count > 0 && (low == nullptr || high == nullptr)) return LIDX_NULL_ARGUMENT;
  if (count > 0 && (!apart(low, high, count) || !apart(q, high, count))) return LIDX_OVERLAP;
  const lidx_status status = places(filter, q, count, HashVerb::begin, low);
  return status == LIDX_OK ? places(filter, q, count, HashVerb::end, high) : status;
}

// One answer, written only where there is one.
template <class Many> lidx_status one(int* may, Many&& many) {
  if (may == nullptr) return LIDX_NULL_ARGUMENT;
  std::uint8_t answer = 0;
  const lidx_status status = many(&answer);
  if (status == LIDX_OK) *may = answer;
  return status;
}

lidx_status check_strings(const lidx_filter* filter, bool with_arguments, FilterForm form, FilterForm other) {
  if (filter == nullptr || !with_arguments) return LIDX_NULL_ARGUMENT;
  const OpenedFilter* held = opened(filter);
  if (held == nullptr) return LIDX_NOT_OPEN;
  if (!held->holds_strings) return LIDX_WRONG_KIND;
  return held->form == form || held->form == other ? LIDX_OK : LIDX_WRONG_FILTER;
}

// At most kAsked of them.
void ask_strings(const OpenedFilter& filter, Slice* strings, std::size_t count, bool* may) {
  for (std::size_t i = 0; filter.trims && i < count; ++i) strings[i] = trimmed(strings[i]);
  if (filter.form == FilterForm::learned) return filter.learned.test(strings, count, may);
  std::uint64_t hashes[kAsked];
  for (std::size_t i = 0; i < count; ++i) hashes[i] = Xxh64::of_bytes(strings[i].data, strings[i].size, filter.points.said().seed);
  filter.points.test(hashes, count, may);
}

lidx_status one_string(const lidx_filter* filter, const void* q, std::size_t size, std::uint8_t* may) {
  const lidx_status status = check_strings(filter, q != nullptr || size == 0, FilterForm::points, FilterForm::learned);
  if (status != LIDX_OK) return status;
  Slice string = slice_of(q, size);
  ask_strings(*opened(filter), &string, 1, reinterpret_cast<bool*>(may));
  return LIDX_OK;
}

// use(strings, at, m): number `at` and the m - 1 behind it. Answers take so many bytes in all.
template <class Use> lidx_status each_string(const void* data, const std::uint64_t* starts, std::size_t count, const void* answers, std::size_t bytes, Use&& use) {
  for (std::size_t i = 0; i < count; ++i)
    if (starts[i] > starts[i + 1]) return LIDX_UNSORTED_KEYS;
  if (data == nullptr && starts[count] > 0) return LIDX_NULL_ARGUMENT;
  const auto* text = static_cast<const std::uint8_t*>(data);
  if (!are_apart(starts, (count + 1) * sizeof *starts, answers, bytes) || !are_apart(text, static_cast<std::size_t>(starts[count]), answers, bytes))
    return LIDX_OVERLAP;
  in_blocks(count, [&](std::size_t at, std::size_t m) {
    Slice strings[kAsked];
    for (std::size_t i = 0; i < m; ++i) {
      const std::uint64_t from = starts[at + i];
      strings[i] = slice_of(text + from, static_cast<std::size_t>(starts[at + i + 1] - from));
    }
    use(strings, at, m);
  });
  return LIDX_OK;
}

lidx_status many_strings(const lidx_filter* filter, const void* data, const std::uint64_t* starts, std::size_t count, std::uint8_t* may) {
  const lidx_status status = check_strings(filter, count == 0 || (starts && may), FilterForm::points, FilterForm::learned);
  if (status != LIDX_OK || count == 0) return status;
  return each_string(data, starts, count, may, count, [&](Slice* strings, std::size_t at, std::size_t m) {
    ask_strings(*opened(filter), strings, m, reinterpret_cast<bool*>(may + at));
  });
}

void ask_hash(const OpenedFilter& filter, Slice* strings, std::size_t count, HashVerb ask, std::int64_t* out) {
  for (std::size_t i = 0; filter.trims && i < count; ++i) strings[i] = trimmed(strings[i]);
  filter.hash.answer(strings, count, ask, out);
}

lidx_status check_places(const lidx_filter* filter, bool with_arguments, HashVerb ask) {
  const lidx_status status = check_strings(filter, with_arguments, FilterForm::hash, FilterForm::hash);
  return status == LIDX_OK && ask == HashVerb::may_find ? check_prints(*opened(filter)) : status;
}

lidx_status string_place(const lidx_filter* filter, const void* q, std::size_t size, HashVerb ask, std::int64_t* out) {
  const lidx_status status = check_places(filter, (q != nullptr || size == 0) && out != nullptr, ask);
  if (status != LIDX_OK) return status;
  Slice string = slice_of(q, size);
  ask_hash(*opened(filter), &string, 1, ask, out);
  return LIDX_OK;
}

lidx_status string_places(const lidx_filter* filter, const void* data, const std::uint64_t* starts, std::size_t count, HashVerb ask, std::int64_t* out) {
  const lidx_status status = check_places(filter, count == 0 || (starts && out), ask);
  if (status != LIDX_OK || count == 0) return status;
  return each_string(data, starts, count, out, count * sizeof *out, [&](Slice* strings, std::size_t at, std::size_t m) {
    ask_hash(*opened(filter), strings, m, ask, out + at);
  });
}

std::uint64_t keys_of(const OpenedFilter& filter) {
  if (filter.form == FilterForm::ranges) return filter.ranges.said().keys;
  if (filter.form == FilterForm::learned) return filter.learned.said().keys;
  return filter.form == FilterForm::points ? filter.points.said().keys : static_cast<std::uint64_t>(filter.hash.keys());
}

}  // namespace
}  // namespace learnedidx::c

using namespace learnedidx;
using namespace learnedidx::c;

#define LIDX_FILTER_VERBS(name, K)                                                                                                 \
  lidx_status lidx_filter_may_contain_##name(const lidx_filter* filter, K q, int* may) {                                           \
    return one(may, [&](std::uint8_t* answer) { return values<K>(filter, &q, 1, answer); });                                       \
  }                                                                                                                                \
  lidx_status lidx_filter_may_contain_range_##name(const lidx_filter* filter, K lo, K hi, int* may) {                              \
    return one(may, [&](std::uint8_t* answer) { return ranges<K>(filter, &lo, &hi, 1, answer); });                                 \
  }                                                                                                                                \
  lidx_status lidx_filter_position_##name(const lidx_filter* filter, K q, int64_t* position) {                                     \
    return places<K>(filter, &q, 1, HashVerb::position, position);                                                                      \
  }                                                                                                                                \
  lidx_status lidx_filter_may_find_##name(const lidx_filter* filter, K q, int64_t* position) {                                     \
    return places<K>(filter, &q, 1, HashVerb::may_find, position);                                                                      \
  }                                                                                                                                \
  lidx_status lidx_filter_bounds_##name(const lidx_filter* filter, K q, int64_t* low, int64_t* high) {                             \
    return bounds<K>(filter, &q, 1, low, high);                                                                                    \
  }                                                                                                                                \
  lidx_status lidx_filter_may_contain_many_##name(const lidx_filter* filter, const K* q, size_t count, uint8_t* may) {             \
    return values<K>(filter, q, count, may);                                                                                       \
  }                                                                                                                                \
  lidx_status lidx_filter_may_contain_ranges_##name(const lidx_filter* filter, const K* lo, const K* hi, size_t count, uint8_t* may) { \
    return ranges<K>(filter, lo, hi, count, may);                                                                                  \
  }                                                                                                                                \
  lidx_status lidx_filter_positions_##name(const lidx_filter* filter, const K* q, size_t count, int64_t* positions) {              \
    return places<K>(filter, q, count, HashVerb::position, positions);                                                                  \
  }                                                                                                                                \
  lidx_status lidx_filter_may_finds_##name(const lidx_filter* filter, const K* q, size_t count, int64_t* positions) {              \
    return places<K>(filter, q, count, HashVerb::may_find, positions);                                                                  \
  }                                                                                                                                \
  lidx_status lidx_filter_bounds_many_##name(const lidx_filter* filter, const K* q, size_t count, int64_t* low, int64_t* high) {   \
    return bounds<K>(filter, q, count, low, high);                                                                                 \
  }

extern "C" {

lidx_status lidx_filter_open(lidx_filter* filter, const void* blob, size_t bytes) {
  if (filter == nullptr) return LIDX_NULL_ARGUMENT;
  Filter& held = *new (filter) Filter;
  if (blob == nullptr) return LIDX_NULL_ARGUMENT;
  if (reinterpret_cast<std::uintptr_t>(blob) % alignof(std::uint64_t) != 0) return LIDX_MISALIGNED;
  const auto status = static_cast<lidx_status>(open_filter(blob, bytes, held.opened));
  if (status != LIDX_OK) return status;
  if (!held.opened.holds_strings && is_narrow(held.opened.kind)) return LIDX_UNSUPPORTED_KIND;
  held.state = kOpenFilter;
  return LIDX_OK;
}

int lidx_filter_form_of(const lidx_filter* filter) { return opened(filter) ? static_cast<int>(opened(filter)->form) : LIDX_NO_FORM; }
int lidx_filter_kind_of(const lidx_filter* filter) {
  return opened(filter) && !opened(filter)->holds_strings ? static_cast<int>(opened(filter)->kind) : 0;
}
uint64_t lidx_filter_n(const lidx_filter* filter) { return opened(filter) ? keys_of(*opened(filter)) : 0; }

LIDX_KEY_TYPES(LIDX_NO_KEY_TYPE, LIDX_FILTER_VERBS, )

lidx_status lidx_filter_may_contain_bytes(const lidx_filter* filter, const void* q, size_t size, int* may) {
  return one(may, [&](std::uint8_t* answer) { return one_string(filter, q, size, answer); });
}
lidx_status lidx_filter_may_contain_many_bytes(const lidx_filter* filter, const void* data, const uint64_t* starts, size_t count, uint8_t* may) {
  return many_strings(filter, data, starts, count, may);
}
lidx_status lidx_filter_position_bytes(const lidx_filter* filter, const void* q, size_t size, int64_t* position) {
  return string_place(filter, q, size, HashVerb::position, position);
}
lidx_status lidx_filter_may_find_bytes(const lidx_filter* filter, const void* q, size_t size, int64_t* position) {
  return string_place(filter, q, size, HashVerb::may_find, position);
}
lidx_status lidx_filter_bounds_bytes(const lidx_filter* filter, const void* q, size_t size, int64_t* low, int64_t* high) {
  if (high == nullptr) return LIDX_NULL_ARGUMENT;
  const lidx_status status = string_place(filter, q, size, HashVerb::begin, low);
  return status == LIDX_OK ? string_place(filter, q, size, HashVerb::end, high) : status;
}
lidx_status lidx_filter_positions_bytes(const lidx_filter* filter, const void* data, const uint64_t* starts, size_t count, int64_t* positions) {
  return string_places(filter, data, starts, count, HashVerb::position, positions);
}
lidx_status lidx_filter_may_finds_bytes(const lidx_filter* filter, const void* data, const uint64_t* starts, size_t count, int64_t* positions) {
  return string_places(filter, data, starts, count, HashVerb::may_find, positions);
}

}  // extern "C"
