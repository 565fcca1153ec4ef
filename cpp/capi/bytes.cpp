// Strings: an opened file in memory of the caller's allocator, and lookups in its layers.
#ifndef NDEBUG
#define NDEBUG
#endif
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "learnedidx.h"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/text/open.hpp"
#include "learnedidx/text/prefix.hpp"
#include "learnedidx/text/search.hpp"
#include "memory.hpp"

// The index as its user has it: the file, where it stays, and what it was allocated from.
struct lidx_strings {
  learnedidx::OpenedStrings opened;
  const learnedidx::Kernels* kernels;
  lidx_allocator allocator;
  bool has_allocator;
};

namespace learnedidx::c {
namespace {

enum class Ask { lower, upper, find, predecessor };

lidx_status open_into(lidx_strings& index, const void* blob, std::size_t bytes) {
  const FileStatus status = open_strings(blob, bytes, index.opened);
  const OpenedFile& file = index.opened.file;
  if (status == FileStatus::bad_sections && !file.holds_strings) return LIDX_WRONG_KIND;
  if (status != FileStatus::ok) return static_cast<lidx_status>(status);
  return file.string_data == nullptr && file.header.n > 0 ? LIDX_NO_KEYS : LIDX_OK;
}

const Strings& keys_of(const lidx_strings* index) { return index->opened.view.keys; }

// What a search found, as the verb says it; `equal` is read by find alone.
std::int64_t said(Ask ask, std::int64_t position, std::uint8_t equal) {
  if (ask == Ask::predecessor) return position - 1;
  return ask == Ask::find && equal == 0 ? -1 : position;
}

// Of the layouts of a column a file knows two: the search is made for these alone.
template <class Column>
void search_column(const lidx_strings* index, const Column& keys, const Strings& queries, Ask ask, std::int64_t* out) {
  const bool right = ask == Ask::upper || ask == Ask::predecessor;
  StringSearch<Column> search(index->opened.view, keys, *index->kernels, right);
  Slice block[kStringBlock];
  std::uint8_t equal[kStringBlock];
  for (std::size_t done = 0; done < queries.n; done += kStringBlock) {
    const std::size_t size = std::min(queries.n - done, kStringBlock);
    for (std::size_t i = 0; i < size; ++i) {
      block[i] = string_at(queries, done + i);
      if (keys_of(index).trims) block[i] = trimmed(block[i]);
    }
    search.run(block, size, {out + done, equal});
    for (std::size_t i = 0; i < size; ++i) out[done + i] = said(ask, out[done + i], equal[i]);
  }
}

void search_strings(const lidx_strings* index, const Strings& queries, Ask ask, std::int64_t* out) {
  const Strings& keys = keys_of(index);
  if (keys.layout == Layout::fixed) search_column(index, FixedColumn(keys), queries, ask, out);
  else search_column(index, OffsetColumn<std::int64_t>(keys), queries, ask, out);
}

lidx_status one_string(const lidx_strings* index, const void* q, std::size_t size, Ask ask, std::int64_t* position) {
  if (index == nullptr || position == nullptr || (q == nullptr && size > 0)) return LIDX_NULL_ARGUMENT;
  search_strings(index, strings_of(slice_of(q, size)), ask, position);
  return LIDX_OK;
}

lidx_status many_strings(const lidx_strings* index, const void* data, const std::uint64_t* starts, std::size_t count, Ask ask,
                         std::int64_t* out) {
  if (index == nullptr || (count > 0 && (starts == nullptr || out == nullptr))) return LIDX_NULL_ARGUMENT;
  if (count == 0) return LIDX_OK;
  for (std::size_t i = 0; i < count; ++i)
    if (starts[i] > starts[i + 1]) return LIDX_UNSORTED_KEYS;
  if (data == nullptr && starts[count] > 0) return LIDX_NULL_ARGUMENT;
  if (!are_apart(starts, (count + 1) * sizeof *starts, out, count * sizeof *out)) return LIDX_OVERLAP;
  Strings queries;
  queries.n = count;
  queries.starts = starts;
  queries.data = static_cast<const std::uint8_t*>(data);
  queries.size = static_cast<std::size_t>(starts[count]);
  if (!are_apart(data, queries.size, out, count * sizeof *out)) return LIDX_OVERLAP;
  search_strings(index, queries, ask, out);
  return LIDX_OK;
}

lidx_status verify_strings(const lidx_strings* index) {
  const OpenedFile& file = index->opened.file;
  if (verify_sections(file) != FileStatus::ok) return LIDX_DAMAGED_SECTION;
  const Strings& keys = keys_of(index);
  std::uint32_t crc = 0;
  add_to_crc(crc, keys, {});
  if (crc != file.header.keys_crc) return LIDX_OTHER_KEYS;
  for (std::size_t i = 1; i < keys.n; ++i)
    if (compare(string_at(keys, i - 1), string_at(keys, i)) > 0) return LIDX_UNSORTED;
  return LIDX_OK;
}

}  // namespace
}  // namespace learnedidx::c

using namespace learnedidx;
using namespace learnedidx::c;

extern "C" {

lidx_status lidx_open_bytes(lidx_strings** index, const void* blob, size_t bytes, const lidx_allocator* allocator) {
  if (index != nullptr) *index = nullptr;
  if (index == nullptr || blob == nullptr || !is_whole(allocator)) return LIDX_NULL_ARGUMENT;
  if (reinterpret_cast<std::uintptr_t>(blob) % alignof(std::uint64_t) != 0) return LIDX_MISALIGNED;
  void* memory = allocate(allocator, sizeof(lidx_strings));
  if (memory == nullptr) return LIDX_NO_MEMORY;
  auto* made = new (memory) lidx_strings;
  made->kernels = &widest_kernels();
  made->has_allocator = allocator != nullptr;
  if (allocator != nullptr) made->allocator = *allocator;
  const lidx_status status = open_into(*made, blob, bytes);
  if (status == LIDX_OK) *index = made;
  else lidx_close_bytes(made);
  return status;
}

void lidx_close_bytes(lidx_strings* index) {
  if (index == nullptr) return;
  const lidx_allocator allocator = index->allocator;
  lidx_release(index->has_allocator ? &allocator : nullptr, index, sizeof *index);
}

lidx_status lidx_verify_bytes(const lidx_strings* index) { return index ? verify_strings(index) : LIDX_NULL_ARGUMENT; }

uint64_t lidx_n_bytes(const lidx_strings* index) { return index ? keys_of(index).n : 0; }

lidx_status lidx_key_bytes(const lidx_strings* index, int64_t position, const void** key, size_t* size) {
  if (index == nullptr || key == nullptr || size == nullptr) return LIDX_NULL_ARGUMENT;
  if (position < 0 || static_cast<std::uint64_t>(position) >= keys_of(index).n) return LIDX_NOT_FOUND;
  const Slice found = string_at(keys_of(index), static_cast<std::size_t>(position));
  *key = found.data;
  *size = found.size;
  return LIDX_OK;
}

const void* lidx_values_bytes(const lidx_strings* index, uint64_t* bytes) {
  if (bytes != nullptr) *bytes = index ? index->opened.file.value_bytes : 0;
  return index ? index->opened.file.values : nullptr;
}

lidx_status lidx_contains_bytes(const lidx_strings* index, const void* q, size_t size, int* is_key) {
  if (is_key == nullptr) return LIDX_NULL_ARGUMENT;
  std::int64_t position = -1;
  const lidx_status status = one_string(index, q, size, Ask::find, &position);
  if (status == LIDX_OK) *is_key = position >= 0;
  return status;
}

lidx_status lidx_prefix_bytes(const lidx_strings* index, const void* q, size_t size, int64_t* start, int64_t* stop) {
  if (stop == nullptr) return LIDX_NULL_ARGUMENT;
  const lidx_status status = one_string(index, q, size, Ask::lower, start);
  if (status != LIDX_OK) return status;
  *stop = prefix_end(keys_of(index), static_cast<std::size_t>(*start), slice_of(q, size));
  return LIDX_OK;
}

#define LIDX_STRING_VERB(one_name, many_name, ask)                                                                     \
  lidx_status lidx_##one_name##_bytes(const lidx_strings* index, const void* q, size_t size, int64_t* position) {      \
    return one_string(index, q, size, Ask::ask, position);                                                             \
  }                                                                                                                    \
  lidx_status lidx_##many_name##_bytes(const lidx_strings* index, const void* data, const uint64_t* starts, size_t count, \
                                       int64_t* positions) {                                                           \
    return many_strings(index, data, starts, count, Ask::ask, positions);                                              \
  }
LIDX_STRING_VERB(lower_bound, lower_bounds, lower)
LIDX_STRING_VERB(upper_bound, upper_bounds, upper)
LIDX_STRING_VERB(find, finds, find)
LIDX_STRING_VERB(predecessor, predecessors, predecessor)

}  // extern "C"
