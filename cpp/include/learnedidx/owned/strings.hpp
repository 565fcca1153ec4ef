// Index<Bytes>: lookups in sorted strings of bytes, such as text in UTF-8, in one object that owns what it needs but the keys.
//
//   Index<Bytes> index;
//   const Status status = index.build(columns);           // borrows an Arrow column, strings of one width, or views of them
//   index.find("https://example.org/");                   // or many: index.find(queries, count, positions)
//   index.prefix("https://");                             // the keys that begin so
//
// All that is said of Index<K> (owned/numbers.hpp) holds: ownership, moves, threads, errors. Strings are ordered as memcmp orders
// them, one before those that begin with it; for UTF-8 that is the order of its characters. A string may hold any byte, NUL
// too. Steps of a lookup: O(log n) in each of at most 24 layers, and the comparison of a few keys.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/owned/numbers.hpp"
#include "learnedidx/text/build.hpp"
#include "learnedidx/text/hash_table.hpp"
#include "learnedidx/text/index.hpp"
#include "learnedidx/text/open.hpp"
#include "learnedidx/text/prefix.hpp"

namespace learnedidx {

struct Bytes;  // Index<Bytes>: over strings

inline Slice slice_of(std::string_view string) { return slice_of(string.data(), string.size()); }

// n strings that lie end to end in data: string i at [starts[i], starts[i + 1]), so there are n + 1 starts. As in Arrow.
inline Strings strings_of(const std::int64_t* starts, std::size_t n, const void* data, std::size_t bytes) {
  Strings strings;
  strings.n = n;
  strings.starts = starts;
  strings.data = static_cast<const std::uint8_t*>(data);
  strings.size = bytes;
  return strings;
}

// n strings of `width` bytes each.
inline Strings strings_of_width(std::size_t width, std::size_t n, const void* data) {
  Strings strings;
  strings.layout = Layout::fixed;
  strings.n = n;
  strings.width = width;
  strings.data = static_cast<const std::uint8_t*>(data);
  strings.size = n * width;
  return strings;
}

template <class Tag> class OwnedStrings {
 public:
  using Key = std::string_view;

  OwnedStrings() noexcept = default;  // of no keys
  OwnedStrings(OwnedStrings&& other) noexcept { swap(other); }
  OwnedStrings& operator=(OwnedStrings&& other) noexcept {
    OwnedStrings taken(std::move(other));
    swap(taken);
    return *this;
  }
  void swap(OwnedStrings& other) noexcept {
    std::swap(kernels_, other.kernels_);
    body_.swap(other.body_);
  }

  // Builds layers over strings, which ascend, and borrows them; options.model is that of each layer. O(bytes). Reasons:
  // unsorted_keys, bad_option, no_memory, too_many_keys.
  Status build(const Strings& keys, const BuildOptions& options = {}) noexcept;
  // The same of strings that lie anywhere: copies them, behind 8 bytes each.
  Status build_copy(const std::string_view* keys, std::size_t n, const BuildOptions& options = {}) noexcept;
  Status build_copy(const std::vector<std::string>& keys, const BuildOptions& options = {}) noexcept;

  // Opens a .lidx file of strings that holds its keys: text, bytes, UUIDs or addresses. O(1). Reasons: as of Index<K>.
  Status open(const char* path, const OpenOptions& options = {}) noexcept { return open(path, nullptr, options); }
  Status open(const std::string& path, const OpenOptions& options = {}) noexcept { return open(path.c_str(), options); }
  // keys: those that the file was saved with, if it does not hold them, borrowed; number and 1,024 of them are compared with its
  // fingerprint: other_keys.
  Status open(const char* path, const Strings* keys, const OpenOptions& options = {}) noexcept;
  Status open(const void* data, std::size_t bytes, const Strings* keys = nullptr) noexcept;  // data at a multiple of 8, borrowed

  // Makes a hash table of the positions, which answers find and contains: 5.8 bytes a key. Not while others ask; files do not
  // hold it. O(bytes). Reasons: no_memory.
  Status hash_keys() noexcept;

  // Compares all checksums of an opened file, and looks whether the keys are in order. O(bytes).
  Status verify() const noexcept;
  // As of Index<K>. form: what the strings are to Python, bytes or text, which must be UTF-8; addresses and UUIDs have one width.
  Status save(const char* path, const SaveOptions& options = {}, StringForm form = StringForm::bytes) const noexcept;
  Status save(const std::string& path, const SaveOptions& options = {}, StringForm form = StringForm::bytes) const noexcept {
    return save(path.c_str(), options, form);
  }
  template <class Sink>
  Status save_to(Sink&& sink, const SaveOptions& options = {}, StringForm form = StringForm::bytes) const noexcept {
    return write([&](const FilePlan& plan) { return write_file(plan, sink); },
                 [&](const void* data, std::size_t size) { return sink(data, size); }, options, form);
  }

  std::size_t size() const noexcept { return body_ ? body_->layers().keys.n : 0; }
  bool empty() const noexcept { return size() == 0; }
  std::string_view key(std::int64_t position) const noexcept {
    const Slice key = string_at(body_->layers().keys, static_cast<std::size_t>(position));
    return {reinterpret_cast<const char*>(key.data), key.size};
  }
  std::size_t layers() const noexcept { return body_ ? body_->layers().layers.size() : 0; }
  // Bytes of layers, models and copied keys, without borrowed keys and without what lies in a file.
  std::size_t bytes() const noexcept { return body_ ? body_->bytes_held() : 0; }
  const void* value(std::int64_t position) const noexcept {
    return body_ && body_->values.data ? body_->values.data + static_cast<std::size_t>(position) * body_->values.bytes_each : nullptr;
  }
  std::size_t value_bytes() const noexcept { return body_ ? body_->values.bytes_each : 0; }

  std::int64_t lower_bound(std::string_view q) const noexcept { return one(q, false, Verb::position); }
  std::int64_t upper_bound(std::string_view q) const noexcept { return one(q, true, Verb::position); }
  std::int64_t find(std::string_view q) const noexcept { return one(q, false, Verb::find); }  // -1: there is none
  bool contains(std::string_view q) const noexcept { return one(q, false, Verb::contains) != 0; }
  std::int64_t predecessor(std::string_view q) const noexcept { return one(q, true, Verb::pad); }  // -1: there is none
  KeyRange range(std::string_view low, std::string_view high) const noexcept {
    const std::int64_t start = lower_bound(low), stop = lower_bound(high);
    return {start, stop > start ? stop : start};
  }
  std::int64_t count(std::string_view low, std::string_view high) const noexcept { return range(low, high).size(); }
  // The keys that begin with `start`, in two lookups of no memory; of keys that are trimmed, with its bytes before NULs at the end.
  KeyRange prefix(std::string_view start) const noexcept;
  // What the layers leave open takes one comparison, so the bounds are the answer.
  Bounds bounds(std::string_view q) const noexcept {
    const std::int64_t at = lower_bound(q);
    return {at, at};
  }

  // The same for many queries in any order, several times faster than one by one: a column of them, or views. 96 KiB of stack.
  void lower_bound(const Strings& queries, std::int64_t* positions) const noexcept { many(queries, false, Verb::position, positions); }
  void upper_bound(const Strings& queries, std::int64_t* positions) const noexcept { many(queries, true, Verb::position, positions); }
  void find(const Strings& queries, std::int64_t* positions) const noexcept { many(queries, false, Verb::find, positions); }
  void contains(const Strings& queries, std::uint8_t* answers) const noexcept { many(queries, false, Verb::contains, answers); }
  void predecessor(const Strings& queries, std::int64_t* positions) const noexcept { many(queries, true, Verb::pad, positions); }
  // Of as many lows as highs.
  void range(const Strings& lows, const Strings& highs, std::int64_t* starts, std::int64_t* stops) const noexcept {
    lower_bound(lows, starts);
    lower_bound(highs, stops);
    for (std::size_t i = 0; i < lows.n; ++i) stops[i] = stops[i] > starts[i] ? stops[i] : starts[i];
  }
  void count(const Strings& lows, const Strings& highs, std::int64_t* counts) const noexcept;
  void bounds(const Strings& queries, std::int64_t* lows, std::int64_t* highs) const noexcept {
    lower_bound(queries, lows);
    std::copy_n(lows, queries.n, highs);
  }
  void lower_bound(const std::string_view* queries, std::size_t count, std::int64_t* positions) const noexcept {
    views(queries, count, false, Verb::position, positions);
  }
  void upper_bound(const std::string_view* queries, std::size_t count, std::int64_t* positions) const noexcept {
    views(queries, count, true, Verb::position, positions);
  }
  void find(const std::string_view* queries, std::size_t count, std::int64_t* positions) const noexcept {
    views(queries, count, false, Verb::find, positions);
  }
  void contains(const std::string_view* queries, std::size_t count, std::uint8_t* answers) const noexcept {
    views(queries, count, false, Verb::contains, answers);
  }
  void predecessor(const std::string_view* queries, std::size_t count, std::int64_t* positions) const noexcept {
    views(queries, count, true, Verb::pad, positions);
  }

 private:
  // A layer and the model over its column.
  struct Part {
    std::unique_ptr<Layer> layer;
    Fitted<std::uint64_t> fitted;
  };
  // What lookups point into.
  struct Body {
    FileBytes bytes;
    std::unique_ptr<OpenedStrings> file;        // null: built
    std::vector<std::unique_ptr<Part>> parts;
    LayersView built;
    HashTable table;
    std::vector<std::int64_t> starts;           // of copied keys
    std::vector<char> data;
    ValuesView values;

    const LayersView& layers() const { return file ? file->view : built; }
    LayersView& layers() { return file ? file->view : built; }
    std::size_t bytes_held() const;
  };

  std::int64_t one(std::string_view q, bool right, Verb verb) const noexcept {
    ScalarQuery asked;
    asked.form = ScalarQuery::Form::string;
    asked.string = slice_of(q);
    return body_ ? StringIndex(body_->layers(), *kernels_).search_one(asked, right, verb, *kernels_) : nothing(verb);
  }
  static std::int64_t nothing(Verb verb) { return verb == Verb::position || verb == Verb::contains ? 0 : -1; }
  void many(const Strings& queries, bool right, Verb verb, void* answers) const noexcept;
  void views(const std::string_view* queries, std::size_t count, bool right, Verb verb, void* answers) const noexcept;

  Status build_body(std::unique_ptr<Body> body, const Strings& keys, const BuildOptions& options);
  Status open_body(std::unique_ptr<Body> body, const void* data, std::size_t size, const Strings* keys);
  template <class ToPlan, class ToBytes>
  Status write(ToPlan&& to_plan, ToBytes&& to_bytes, const SaveOptions& options, StringForm form) const noexcept;
  template <class ToPlan>
  Status write_plan(ToPlan&& to_plan, const SaveOptions& options, const StoredStrings& said) const;

  const Kernels* kernels_ = &scalar_kernels;
  std::unique_ptr<Body> body_;
};

// A template, so that a library can hold it compiled (base/compiled.hpp).
template <> class Index<Bytes> : public OwnedStrings<Bytes> {};

}  // namespace learnedidx
