// Answers over strings that nothing proves yet, because the layers that gave them may hold anything.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/keys/strings.hpp"

namespace learnedidx {

// Proves the answers of a batch by the keys beside them. right: the first key above a query, not the first that is not below.
template <class Column> class AnswerProof {
 public:
  AnswerProof(const Column& keys, std::size_t n, bool right) : keys_(keys), n_(n), right_(right) {}

  // An answer that the keys beside it do not confirm is searched in all of them. equal may be null. O(count * log n).
  void prove(const Slice* queries, std::size_t count, std::int64_t* positions, std::uint8_t* equal) const {
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(positions[i]);
      if (at > 0) keys_.prefetch(at - 1);
      if (at < n_) keys_.prefetch(at);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const Slice& q = queries[i];
      if (!is_answer(static_cast<std::size_t>(positions[i]), q)) positions[i] = static_cast<std::int64_t>(bisect(q));
      if (!equal) continue;
      const auto place = static_cast<std::size_t>(positions[i]);
      const std::size_t key = right_ ? place - 1 : place;
      equal[i] = static_cast<std::uint8_t>(key < n_ && compare(keys_[key], q) == 0);
    }
  }

 private:
  bool is_answer(std::size_t at, const Slice& q) const {
    return (at == 0 || is_before(at - 1, q)) && (at == n_ || !is_before(at, q));
  }

  bool is_before(std::size_t i, const Slice& q) const {
    const int order = compare(keys_[i], q);
    return order < 0 || (right_ && order == 0);
  }

  std::size_t bisect(const Slice& q) const {
    std::size_t low = 0, high = n_;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (is_before(middle, q)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  const Column& keys_;
  const std::size_t n_;
  const bool right_;
};

}  // namespace learnedidx
