// The trace of a lookup. Lookups take a tracer as a template parameter: a Tracer writes every step down, and
// NoTrace has empty functions, of which nothing is compiled.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/inline_vector.hpp"
#include "learnedidx/base/compiler.hpp"
#include "learnedidx/base/unaligned_array.hpp"

namespace learnedidx {

// What a step looks at, roughly in this order; those from `neighbour` on are taken only where the first
// window does not prove the answer, or where there is no model. An index over strings enters a layer before those, and
// compares keys in a tie behind them.
enum class Visit : std::uint8_t { stage, table, points, segments, node, leaf, correction, window, neighbour, bisect, look, gallop, layer, tie };

constexpr std::int64_t kNoStep = -1;

struct TraceStep {
  Visit kind = Visit::stage;
  std::int64_t at = kNoStep;       // the model, bin, segment, node or leaf that was visited
  std::int64_t low = 0, high = 0;  // what was looked at: of the keys, of points or of segments
  std::int64_t reads = 0;          // items that were read one by one; 0: all of them at once
  std::int64_t lines = 0;          // cache lines that no step before had touched
};

// The cache lines that were touched, each once. What no longer fits is counted every time.
class LineSet {
 public:
  void add(const void* address, std::size_t bytes) {
    constexpr std::uintptr_t line_bytes = 64;
    const auto from = reinterpret_cast<std::uintptr_t>(address), last = (from + bytes - 1) / line_bytes;
    for (std::uintptr_t line = from / line_bytes; bytes > 0 && line <= last; ++line) count_ += !knows(line);
  }
  std::int64_t count() const { return count_; }

 private:
  bool knows(std::uintptr_t line) {
    for (std::size_t i = lines_.size(); i-- > 0;)
      if (lines_[i] == line) return true;
    lines_.push_back(line);
    return false;
  }

  InlineVector<std::uintptr_t, 192> lines_;
  std::int64_t count_ = 0;
};

// What happens in one lookup. kNoStep where a step does not apply.
struct Trace {
  std::int64_t leaf = kNoStep, predicted = kNoStep;
  std::int64_t window_low = 0, window_high = 0;  // the keys that are counted first
  bool proven = true;                            // the first window proves the answer
  std::int64_t answer = 0;
  std::int64_t retries = 0;                      // looks at keys after the first window, a gallop among them
  std::int64_t gallop_reads = 0;                 // keys that a gallop read
  LineSet model_lines, key_lines;
  InlineVector<TraceStep, 72> steps;                      // as many as the deepest model and all retries take
  std::int64_t reads = 0, told_lines = 0;        // of no step yet; lines that steps have told
};

struct NoTrace {
  static constexpr bool kTraces = false;
  LIDX_INLINE void model(const void*, std::size_t) const {}
  LIDX_INLINE void step(Visit, std::uint64_t, std::uint64_t = 0, std::uint64_t = 0) const {}
  LIDX_INLINE void leaf(std::uint64_t) const {}
  LIDX_INLINE void predicts(std::uint64_t) const {}
  LIDX_INLINE void searches(std::size_t) const {}
  template <class K> LIDX_INLINE void window(std::size_t, const K*, std::size_t, std::size_t) const {}
  LIDX_INLINE void proves(bool) const {}
  template <class K> LIDX_INLINE void halves(std::size_t, const K*, std::size_t, std::size_t) const {}
  template <class K> LIDX_INLINE void looks(std::size_t, const K*, std::size_t, std::size_t, std::size_t, bool) const {}
  LIDX_INLINE void gallops(std::size_t, std::size_t, std::size_t) const {}
};

// Writes one lookup down.
class Tracer {
 public:
  static constexpr bool kTraces = true;
  explicit Tracer(Trace& trace) : trace_(&trace) {}

  // Memory of the model, or of the keys, that is read; one item of an array that is read alone.
  void model(const void* address, std::size_t bytes) const { trace_->model_lines.add(address, bytes); }
  void keys(const void* address, std::size_t bytes) const { trace_->key_lines.add(address, bytes); }
  void read(const void* address, std::size_t bytes, bool of_keys) const {
    (of_keys ? trace_->key_lines : trace_->model_lines).add(address, bytes);
    ++trace_->reads;
  }

  // A step ends: what was read since the one before belongs to it.
  void step(Visit kind, std::uint64_t at, std::uint64_t low = 0, std::uint64_t high = 0) const {
    trace_->steps.push_back({kind, static_cast<std::int64_t>(at), static_cast<std::int64_t>(low),
                             static_cast<std::int64_t>(high), new_reads(), new_lines()});
  }
  void leaf(std::uint64_t number) const {
    trace_->leaf = static_cast<std::int64_t>(number);
    step(Visit::leaf, number);
  }
  void predicts(std::uint64_t position) const { trace_->predicted = static_cast<std::int64_t>(position); }

  // All keys were searched, without a model.
  void searches(std::size_t n) const { step_over_keys(Visit::bisect, 0, n); }

  // Query number i counts its first window.
  template <class K> void window(std::size_t, const K* all, std::size_t start, std::size_t size) const {
    trace_->window_low = static_cast<std::int64_t>(start);
    trace_->window_high = static_cast<std::int64_t>(start + size);
    keys(all + start, size * sizeof(K));
    step_over_keys(Visit::window, start, start + size);
  }
  void proves(bool proven) const { trace_->proven = proven; }

  // It halves [low, high). Halvings that follow each other are one step.
  template <class K> void halves(std::size_t, const K* all, std::size_t low, std::size_t high) const {
    read(all + low + (high - low) / 2 - 1, sizeof(K), true);
    InlineVector<TraceStep, 72>& steps = trace_->steps;
    if (steps.empty() || steps[steps.size() - 1].kind != Visit::bisect) return step_over_keys(Visit::bisect, low, high);
    TraceStep& last = steps[steps.size() - 1];
    last.lines += new_lines();
    last.reads += new_reads();
  }
  // It looks at keys[at, at + size), and what was found there is compared with the keys on both sides.
  template <class K>
  void looks(std::size_t, const K* all, std::size_t n, std::size_t at, std::size_t size, bool next_door) const {
    const std::size_t low = at > 0 ? at - 1 : 0, high = at + size < n ? at + size + 1 : n;
    keys(all + low, (high - low) * sizeof(K));
    step_over_keys(next_door ? Visit::neighbour : Visit::look, at, at + size);
    ++trace_->retries;
  }
  // It galloped from one position to another.
  void gallops(std::size_t, std::size_t from, std::size_t to) const {
    trace_->gallop_reads += trace_->reads;
    step_over_keys(Visit::gallop, from, to);
    ++trace_->retries;
  }

 private:
  void step_over_keys(Visit kind, std::size_t low, std::size_t high) const { step(kind, ~std::uint64_t{0}, low, high); }

  std::int64_t new_lines() const {
    const std::int64_t all = trace_->model_lines.count() + trace_->key_lines.count(), fresh = all - trace_->told_lines;
    trace_->told_lines = all;
    return fresh;
  }
  std::int64_t new_reads() const {
    const std::int64_t reads = trace_->reads;
    trace_->reads = 0;
    return reads;
  }

  Trace* trace_;
};

// An array that tells of every item that is read.
template <class Array> class TracedArray {
 public:
  TracedArray(Array array, const Tracer& tracer, bool of_keys) : array_(array), tracer_(&tracer), of_keys_(of_keys) {}

  auto operator[](std::size_t i) const {
    tracer_->read(address(array_, i), sizeof(array_[i]), of_keys_);
    return array_[i];
  }
  TracedArray operator+(std::size_t i) const { return {array_ + i, *tracer_, of_keys_}; }

 private:
  template <class T> static const void* address(const T* items, std::size_t i) { return items + i; }
  template <class T> static const void* address(const UnalignedArray<T>& items, std::size_t i) { return items.address(i); }

  Array array_;
  const Tracer* tracer_;
  bool of_keys_;
};

// The array as a tracer wants to see it.
template <class Array> LIDX_INLINE const Array& traced_keys(const Array& keys, const NoTrace&) { return keys; }
template <class Array> LIDX_INLINE const Array& traced_model(const Array& items, const NoTrace&) { return items; }
template <class Array> TracedArray<Array> traced_keys(const Array& keys, const Tracer& tracer) { return {keys, tracer, true}; }
template <class Array> TracedArray<Array> traced_model(const Array& items, const Tracer& tracer) { return {items, tracer, false}; }

}  // namespace learnedidx
