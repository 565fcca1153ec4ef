// Index<K>: lookups in sorted numbers by a model, in one object that owns what it needs but the keys.
//
//   Index<std::uint64_t> index;
//   const Status status = index.build(keys.data(), keys.size());   // borrows the keys
//   if (!status) return fail(status.message());
//   index.lower_bound(queries, count, positions);                  // or one: index.lower_bound(7)
//   index.save("keys.lidx");                                       // and: index.open("keys.lidx"), which maps it
//
// Ownership: model and arrays belong to the index, and so does a file that it opened by name. Keys that it was built over, or
// bytes that it was opened from, are borrowed: they stay where they are, unchanged, as long as the index is used. Moves are
// cheap, and what was moved from is an index of no keys. Threads: lookups are const, allocate nothing, write nothing but their
// answers and take no lock, so any number of threads may use one index; build, open and moves need it alone. Errors: nothing
// throws; a Status says what went wrong, and then the index is as it was.
//
// Order: numbers ascend, -0.0 equals 0.0, and NaN lies after all numbers, as does NaT in a file of times (int64). A model may
// be wrong, an answer may not: keys prove it. Steps of a lookup: O(log n) at worst, few where the model is good.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/file/open.hpp"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/lookup/direct_index.hpp"
#include "learnedidx/lookup/index.hpp"
#include "learnedidx/owned/files.hpp"
#include "learnedidx/fitting/fitted.hpp"
#include "learnedidx/owned/saved.hpp"
#include "learnedidx/training/order_check.hpp"

namespace learnedidx {

// Keys [start, stop).
struct KeyRange {
  std::int64_t start, stop;
  std::int64_t size() const { return stop - start; }
};

template <class K> class Index {
 public:
  using Key = K;

  Index() noexcept = default;  // of no keys
  Index(Index&& other) noexcept { swap(other); }
  Index& operator=(Index&& other) noexcept {
    Index taken(std::move(other));
    swap(taken);
    return *this;
  }
  void swap(Index& other) noexcept {
    std::swap(typed_, other.typed_);
    std::swap(kernels_, other.kernels_);
    std::swap(total_, other.total_);
    std::swap(times_, other.times_);
    body_.swap(other.body_);
  }

  // Fits a model to keys[0, n), which ascend, and borrows them. O(n) time, O(model) memory. Reasons: unsorted_keys,
  // bad_option, no_memory, too_many_keys.
  Status build(const K* keys, std::size_t n, const BuildOptions& options = {}) noexcept;
  Status build(const std::vector<K>& keys, const BuildOptions& options = {}) noexcept {
    return build(keys.data(), keys.size(), options);
  }
  Status build(std::vector<K>&&, const BuildOptions& = {}) = delete;  // they would be gone before the first lookup

  // Opens a .lidx file that holds its keys, written here, from C or by Python. Header and table are checked, arrays are not
  // read; a damaged one costs time, never an answer. O(1) but for keys of 8 or 16 bits. Reasons: bad_file (status.file says
  // more), cannot_read, other_kind, no_keys, misaligned, no_memory.
  Status open(const char* path, const OpenOptions& options = {}) noexcept { return open(path, nullptr, 0, options); }
  Status open(const std::string& path, const OpenOptions& options = {}) noexcept { return open(path.c_str(), options); }
  // One that holds the model alone, over the keys that it was saved with, which are borrowed. Number, ends and 1,024 of them
  // are compared with the file's fingerprint: other_keys.
  Status open(const char* path, const K* keys, std::size_t n, const OpenOptions& options = {}) noexcept;
  // The same of bytes in memory, borrowed, at a multiple of 8; keys null: they lie in them.
  Status open(const void* data, std::size_t bytes, const K* keys = nullptr, std::size_t n = 0) noexcept;

  // Compares all checksums of an opened file, and looks whether the keys are in order. O(n). Reasons: bad_file, other_keys,
  // unsorted_keys.
  Status verify() const noexcept;
  // Writes a .lidx file beside the one of that name and puts it in its place. O(n). An index that was opened writes the
  // file that it was opened from, and takes no options. Reasons: bad_option, no_memory, cannot_write.
  Status save(const char* path, const SaveOptions& options = {}) const noexcept;
  Status save(const std::string& path, const SaveOptions& options = {}) const noexcept { return save(path.c_str(), options); }
  // The same, handed to sink(data, bytes) -> go on?; false from it is cannot_write.
  template <class Sink> Status save_to(Sink&& sink, const SaveOptions& options = {}) const noexcept {
    return write([&](const FilePlan& plan) { return write_file(plan, sink); }, [&](const void* data, std::size_t size) { return sink(data, size); },
                 options);
  }

  std::size_t size() const noexcept { return total_; }
  bool empty() const noexcept { return total_ == 0; }
  const K* keys() const noexcept { return typed_.engine().keys; }
  K key(std::int64_t position) const noexcept { return keys()[position]; }
  // What was fitted, chosen or opened.
  Choice model() const noexcept { return body_ ? body_->model() : Choice::none; }
  // Bytes of model and arrays, without keys and without what lies in a file.
  std::size_t bytes() const noexcept { return body_ ? sizeof(Body) + body_->fitted.bytes() : 0; }
  // The value of a key in an opened file; null: it holds none.
  const void* value(std::int64_t position) const noexcept {
    return body_ && body_->values.data ? body_->values.data + static_cast<std::size_t>(position) * body_->values.bytes_each : nullptr;
  }
  std::size_t value_bytes() const noexcept { return body_ ? body_->values.bytes_each : 0; }

  // The number of keys below q: where it is, or belongs. For NaN, the number of numbers.
  std::int64_t lower_bound(K q) const noexcept { return position(q, false); }
  // The number of keys that are not above q. For NaN, size().
  std::int64_t upper_bound(K q) const noexcept { return position(q, true); }
  // The first key that equals q; -1: there is none. NaN is found where there are NaN.
  std::int64_t find(K q) const noexcept {
    const std::int64_t at = position(q, false);
    return is_at(at, q) ? at : -1;
  }
  bool contains(K q) const noexcept { return is_at(position(q, false), q); }
  // The last key that is not above q; -1: there is none.
  std::int64_t predecessor(K q) const noexcept { return position(q, true) - 1; }
  // The keys with low <= key < high; none, at the place of low, if high is not above low.
  KeyRange range(K low, K high) const noexcept {
    const std::int64_t start = position(low, false), stop = position(high, false);
    return {start, stop > start ? stop : start};
  }
  std::int64_t count(K low, K high) const noexcept { return range(low, high).size(); }
  // low <= lower_bound(q) <= high without a search: what the model is sure of.
  Bounds bounds(K q) const noexcept { return any().bounds_one(scalar(q), false); }

  // The same for many queries in any order, several times faster than one by one and fastest if they ascend. 96 KiB of stack.
  // Answers must not lie over the queries. A batch is answered in the thread that calls; parts of it may go to several.
  void lower_bound(const K* queries, std::size_t count, std::int64_t* positions) const noexcept {
    search(queries, count, false, Verb::position, positions);
  }
  void upper_bound(const K* queries, std::size_t count, std::int64_t* positions) const noexcept {
    search(queries, count, true, Verb::position, positions);
  }
  void find(const K* queries, std::size_t count, std::int64_t* positions) const noexcept {
    search(queries, count, false, Verb::find, positions);
  }
  void contains(const K* queries, std::size_t count, std::uint8_t* answers) const noexcept {  // 1 or 0
    search(queries, count, false, Verb::contains, answers);
  }
  void predecessor(const K* queries, std::size_t count, std::int64_t* positions) const noexcept {
    search(queries, count, true, Verb::pad, positions);
  }
  void range(const K* lows, const K* highs, std::size_t count, std::int64_t* starts, std::int64_t* stops) const noexcept {
    lower_bound(lows, count, starts);
    lower_bound(highs, count, stops);
    for (std::size_t i = 0; i < count; ++i) stops[i] = stops[i] > starts[i] ? stops[i] : starts[i];
  }
  void count(const K* lows, const K* highs, std::size_t count, std::int64_t* counts) const noexcept;
  void bounds(const K* queries, std::size_t count, std::int64_t* lows, std::int64_t* highs) const noexcept {
    any().bounds(batch(queries), 0, count, false, lows, highs);
  }

 private:
  // What lookups point into: on the heap, so that it stays where it is when the index moves.
  struct Body {
    FileBytes bytes;
    OpenedFile file;       // n = 0 and no data: built, not opened
    BTreeView<K> tree;     // of the file
    ValuesView values;
    Fitted<K> fitted;
    std::unique_ptr<AnyIndex> table;  // over keys of 8 or 16 bits: a direct table

    bool is_opened() const { return file.data != nullptr; }
    Choice model() const;
    void use_table(const K* keys);
    void use_fitted(TypedIndex<K>& index, std::size_t numbers);
    void use_opened(TypedIndex<K>& index, std::size_t numbers);
  };

  std::int64_t numbers() const noexcept { return static_cast<std::int64_t>(typed_.engine().n); }
  const AnyIndex& any() const noexcept {
    if (kIsNarrow<K> && body_ && body_->table) return *body_->table;
    return typed_;
  }
  Queries batch(const K* queries) const noexcept {
    Queries asked;
    asked.data = queries;
    asked.kind = KeyTypeOf<K>::value;
    asked.times = times_;
    return asked;
  }
  ScalarQuery scalar(K q) const noexcept {
    ScalarQuery asked;
    asked.form = kIsReal<K> ? ScalarQuery::Form::f64 : std::is_unsigned_v<K> ? ScalarQuery::Form::u64 : ScalarQuery::Form::i64;
    if (times_) asked.form = ScalarQuery::Form::time;
    if constexpr (kIsReal<K>) asked.f = static_cast<double>(q);
    else if constexpr (std::is_unsigned_v<K>) asked.u = q;
    else asked.i = q;
    return asked;
  }

  std::int64_t position(K q, bool right) const noexcept {
    if constexpr (kIsNarrow<K>)
      if (body_ && body_->table) return body_->table->search_one(scalar(q), right, Verb::position, *kernels_);
    if (is_missing(q, times_)) return right ? static_cast<std::int64_t>(total_) : numbers();
    if (right && q == highest_key<K>()) return numbers();
    return lower_bound_one(typed_.engine(), *kernels_, right ? next_key(q) : q);
  }
  bool is_at(std::int64_t at, K q) const noexcept {
    if (is_missing(q, times_)) return static_cast<std::size_t>(at) < total_;
    return at < numbers() && keys()[at] == q;
  }
  void search(const K* queries, std::size_t count, bool right, Verb verb, void* answers) const noexcept {
    any().search(batch(queries), 0, count, right, verb, *kernels_, answers);
  }

  Status open_body(std::unique_ptr<Body> body, const void* data, std::size_t size, const K* keys, std::size_t n);
  Status plan(FilePlan& plan, const SaveOptions& options, const MetaText& meta, BTree<K>& moved) const;
  // Hands a plan to to_plan, or the bytes of the opened file to to_bytes.
  template <class ToPlan, class ToBytes> Status write(ToPlan&& to_plan, ToBytes&& to_bytes, const SaveOptions& options) const noexcept;

  TypedIndex<K> typed_{nullptr, 0, 0};
  const Kernels* kernels_ = &scalar_kernels;
  std::size_t total_ = 0;
  bool times_ = false;
  std::unique_ptr<Body> body_;
};

}  // namespace learnedidx
