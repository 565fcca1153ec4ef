// Second chances: queries whose first window did not prove the answer, searched together.
//
// What is left of a query's bracket is looked at at once if it is a window. Of a narrow bracket
// the window next to the first one goes first, since a model that is nearly right misses by
// little; else brackets are halved, those of all queries in step, until a window is left. The keys
// of every next look are fetched meanwhile. All of it is a hint: what two neighbouring keys do not
// confirm gallops alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/search/bisect.hpp"
#include "learnedidx/search/trace.hpp"
#include "learnedidx/search/window.hpp"

namespace learnedidx {

// Is `position` the number of keys below q?
template <class K>
LIDX_INLINE bool is_lower_bound(const K* keys, std::size_t n, std::size_t position, K q) {
  return (position == 0 || keys[position - 1] < q) && (position >= n || !(keys[position] < q));
}

// Brackets of up to so many windows count as narrow.
constexpr std::size_t kNarrow = 8;

template <class K, std::size_t Most, class AnyTracer = NoTrace> class Retry {
 public:
  Retry(const K* keys, std::size_t n, const AnyTracer& tracer = {}) : keys_(keys), n_(n), tracer_(tracer) {}

  std::size_t size() const { return size_; }
  bool is_full() const { return size_ == Most; }
  std::size_t first() const { return looks_[0].number; }  // of the queries that wait; there is one

  // Query number i, whose window at `start` counted up to `found`.
  void add(std::size_t i, Bracket bracket, std::size_t start, std::size_t found) {
    std::size_t low = bracket.low, high = bracket.high;
    if (found == start) high = high < start ? high : start;
    else low = low > found ? low : found;
    high = high < n_ ? high : n_;
    low = low < high ? low : high;
    const std::size_t left = high - low;
    if (left <= kWindow || left > kNarrow * kWindow) {
      keep(size_++, {i, low, left, 0, 0});
    } else {  // more than a window is left on this side, so the neighbour lies inside
      const std::size_t next = found == start ? high - kWindow : low;
      keep(size_++, {i, next, kWindow, low, high});
    }
  }

  void run(const K* queries, std::int64_t* out) {
    while (size_ > 0) size_ = step(queries, out);
  }

 private:
  static constexpr std::size_t kWindow = kWindowKeys<K>;

  // Where to look: keys[base, base + left); then, unless empty, between low and high.
  struct Look {
    std::size_t number, base, left, low, high;
  };

  void keep(std::size_t j, const Look& look) {
    looks_[j] = look;
    if (look.left > kWindow) {
      prefetch(keys_ + look.base + look.left / 2 - 1);
    } else {
      prefetch(keys_ + look.base);
      prefetch(keys_ + look.base + look.left);
    }
  }

  // Looks once for every query; returns how many are not answered.
  std::size_t step(const K* queries, std::int64_t* out) {
    std::size_t kept = 0;
    for (std::size_t j = 0; j < size_; ++j) {
      Look look = looks_[j];
      const K q = queries[look.number];
      if (look.left > kWindow) {
        const std::size_t half = look.left / 2;
        tracer_.halves(look.number, keys_, look.base, look.base + look.left);
        look.base += static_cast<std::size_t>(keys_[look.base + half - 1] < q) * half;
        look.left -= half;
        keep(kept++, look);
        continue;
      }
      const std::size_t position = look.base + lower_bound(keys_ + look.base, look.left, q);
      tracer_.looks(look.number, keys_, n_, look.base, look.left, look.low < look.high);
      if (is_lower_bound(keys_, n_, position, q)) {
        out[look.number] = static_cast<std::int64_t>(position);
      } else if (look.low < look.high) {  // not next door
        if (position == look.base) look.high = position;
        else look.low = position;
        keep(kept++, {look.number, look.low, look.high - look.low, 0, 0});
      } else {
        const std::size_t found = gallop(traced_keys(keys_, tracer_), n_, position, q);
        tracer_.gallops(look.number, position, found);
        out[look.number] = static_cast<std::int64_t>(found);
      }
    }
    return kept;
  }

  const K* keys_;
  std::size_t n_, size_ = 0;
  Look looks_[Most];
  AnyTracer tracer_;
};

}  // namespace learnedidx
