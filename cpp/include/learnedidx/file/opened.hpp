// An opened .lidx file as its readers see it: numbers that were copied and checked, views into its bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/inline_vector.hpp"
#include "learnedidx/file/format.hpp"
#include "learnedidx/file/strings.hpp"
#include "learnedidx/models/error_bounds.hpp"
#include "learnedidx/models/radix_spline.hpp"

namespace learnedidx {

// An opened file: its numbers, and views into the bytes, which must outlive it.
struct OpenedFile {
  const unsigned char* data = nullptr;
  FileHeader header{};
  InlineVector<SectionEntry, kMostSections> sections;
  const void* keys = nullptr;    // null: it holds the model only
  const void* values = nullptr;  // null: none
  std::uint64_t value_bytes = 0;  // of all values
  RmiView rmi;
  GroupErrorsView errors;
  PgmView pgm;
  ErrorBounds pgm_errors;
  RadixSplineView spline;
  std::int64_t spline_error = 0;  // the largest
  unsigned node = 16;             // of a tree
  const void* array = nullptr;    // separators of a tree, or the table of all answers
  bool holds_strings = false;     // in the place of numbers
  StoredStrings strings{};
  StoredColumns columns;          // of rows, which are strings
  const void* starts = nullptr;   // offsets of strings
  const void* string_data = nullptr;  // null: it holds the layers only
  std::uint64_t string_bytes = 0;
  const void* places = nullptr;   // of a layer over strings
  const void* runs = nullptr;     // of a layer over strings
  std::uint64_t n_runs = 0;
  bool is_filter = false;         // alone, of keys of which the file has none

  KeyType kind() const { return static_cast<KeyType>(header.kind); }
  StoredModel model() const { return static_cast<StoredModel>(header.model); }
  std::size_t numbers() const { return static_cast<std::size_t>(header.numbers); }
  bool is_aligned() const { return reinterpret_cast<std::uintptr_t>(data) % alignof(std::uint64_t) == 0; }

  const SectionEntry* find(const char* type) const {
    for (const SectionEntry& entry : sections)
      if (same_type(entry.type, type)) return &entry;
    return nullptr;
  }
};

// A tree in a file begins at a leaf's border, wherever its keys lie. Needs a window of numbers.
template <class K> BTreeView<K> tree_of(const OpenedFile& file) {
  const auto last = static_cast<std::int64_t>(file.numbers()) - static_cast<std::int64_t>(kWindowKeys<K>);
  BTreeView<K> tree = lay_out_tree<K>(file.numbers(), {0, last}, file.node);
  tree.separators = UnalignedArray<K>::at(file.array);
  tree.guarded = true;
  return tree;
}

// The strings of a file that holds them.
inline Strings strings_of(const OpenedFile& file) {
  Strings strings;
  strings.layout = file.strings.has_offsets() ? Layout::offsets64 : Layout::fixed;
  strings.trims = file.strings.trims();
  strings.n = static_cast<std::size_t>(file.header.n);
  strings.width = file.strings.width;
  strings.starts = file.starts;
  strings.data = static_cast<const std::uint8_t*>(file.string_data);
  strings.size = static_cast<std::size_t>(file.string_bytes);
  return strings;
}

// Is this file a layer over strings: a sorted column with the runs of keys that its entries are?
inline bool is_layer(const OpenedFile& file) {
  return !file.holds_strings && file.kind() == KeyType::u64 && file.header.meaning == 0 && file.keys != nullptr &&
         file.values == nullptr && file.n_runs > 0 && file.n_runs <= kMostStoredStrings && file.header.n > 0 &&
         file.header.n <= kMostStoredStrings;
}

// Hands out the sections of a file in the order in which its model needs them.
class SectionCursor {
 public:
  explicit SectionCursor(const OpenedFile& file) : file_(file) {}

  // The next section that is known, if it has that type and exactly so many bytes; else null, for good.
  const unsigned char* take(const char* type, std::uint64_t bytes) {
    const SectionEntry* entry = peek();
    right_ = right_ && entry != nullptr && same_type(entry->type, type) && entry->bytes == bytes;
    if (!right_) return nullptr;
    ++at_;
    return file_.data + entry->offset;
  }
  template <class T> UnalignedArray<T> take_items(const char* type, std::uint64_t count) {
    return UnalignedArray<T>::at(take(type, count * sizeof(T)));
  }
  // The next section that is known; null: there is none.
  const SectionEntry* peek() {
    while (at_ < file_.sections.size() && !is_known(file_.sections[at_])) ++at_;
    return at_ < file_.sections.size() ? &file_.sections[at_] : nullptr;
  }
  bool next_is(const char* type) {
    const SectionEntry* entry = peek();
    return entry != nullptr && same_type(entry->type, type);
  }
  bool is_right() const { return right_; }
  bool is_done() { return right_ && peek() == nullptr; }

  static bool is_known(const SectionEntry& entry) {
    for (const char* type : {kMeta, kModel, kKnots, kLeaves, kLines, kErrors, kSeparators, kPointsX, kPointsY, kRadix,
                             kSplits, kBefore, kSegments, kCorrections, kTable, kKeys, kValues, kStrings, kLayer,
                             kColumns, kOffsets, kData, kPlaces, kRuns, kFilter})
      if (same_type(entry.type, type)) return true;
    return false;
  }

 private:
  const OpenedFile& file_;
  std::size_t at_ = 0;
  bool right_ = true;
};

}  // namespace learnedidx
