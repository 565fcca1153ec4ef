// The filter of a .lidx file, alone or beside keys, opened where it lies.
//
// Nothing proves what a filter denies. So its checksum is compared here, before the first answer, which takes O(its bytes);
// the bytes must stay as they are afterwards. What they hold is cut off when it is read, so that others give wrong answers
// and nothing worse.
#pragma once

#include <cstdint>

#include "learnedidx/file/open.hpp"
#include "learnedidx/filters/learned_filter.hpp"
#include "learnedidx/filters/learned_hash.hpp"
#include "learnedidx/filters/point_filter.hpp"
#include "learnedidx/filters/range_filter.hpp"

namespace learnedidx {

enum class FilterForm : std::uint8_t { none, ranges, points, hash, learned };

// What keys were, and the one that `form` names. It may be copied; it points into the file alone.
struct OpenedFilter {
  FilterForm form = FilterForm::none;
  KeyType kind = KeyType::u64;  // of numbers
  bool holds_strings = false, trims = false;
  bool times = false;           // NaT is no member
  RangeFilter ranges;
  PointFilter points;
  LearnedHash hash;
  LearnedFilter learned;  // of strings
};

// Of the words of a filter. False: they are none.
inline bool open_filter_words(const void* words, std::uint64_t bytes, OpenedFilter& filter) {
  filter.form = FilterForm::none;
  if (filter.ranges.open(words, bytes)) filter.form = FilterForm::ranges;
  else if (filter.points.open(words, bytes)) filter.form = FilterForm::points;
  else if (filter.hash.open(words, bytes) && filter.hash.of_strings() == filter.holds_strings) filter.form = FilterForm::hash;
  else if (filter.holds_strings && filter.learned.open(words, bytes)) filter.form = FilterForm::learned;
  return filter.form != FilterForm::none;
}

// Of data[0, bytes), which begins at a multiple of 8 and stays as it is. no_filter: the file has none.
inline FileStatus open_filter(const void* data, std::uint64_t bytes, OpenedFilter& filter) noexcept {
  filter = {};
  OpenedFile file;
  const FileStatus status = open_file(data, bytes, file, true);
  if (status != FileStatus::ok) return status;
  const SectionEntry* entry = file.find(kFilter);
  if (entry == nullptr) return FileStatus::no_filter;
  if (verify_section(file, *entry) != FileStatus::ok) return FileStatus::damaged_section;
  filter.kind = file.kind();
  filter.holds_strings = file.holds_strings;
  filter.trims = file.holds_strings && file.strings.trims();
  filter.times = has_times(file.header);
  return open_filter_words(file.data + entry->offset, entry->bytes, filter) ? FileStatus::ok : FileStatus::bad_filter;
}

}  // namespace learnedidx
