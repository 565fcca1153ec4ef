// What every Index<K> is asked, compared with std::lower_bound and std::upper_bound.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/index.hpp"

namespace tests {

using namespace learnedidx;

// Sorted keys of every density; of floats the last ones are NaN if wanted.
template <class K> std::vector<K> owned_keys(std::size_t n, std::uint64_t seed, bool with_nan) {
  std::vector<K> keys = seed % 2 ? random_keys<K>(n, seed) : even_keys<K>(n);
  if constexpr (kIsReal<K>)
    if (with_nan)
      for (std::size_t i = n - n / 10; i < n; ++i) keys[i] = std::numeric_limits<K>::quiet_NaN();
  return keys;
}

template <class K> class Asking {
 public:
  // Null if all answers of the index are those of a binary search over keys, which are in order, NaN last.
  static const char* wrong(const Index<K>& index, const std::vector<K>& keys, const std::vector<K>& queries) {
    return Asking(index, keys, queries).wrong();
  }

 private:
  Asking(const Index<K>& index, const std::vector<K>& keys, const std::vector<K>& queries)
      : index_(index), keys_(keys), queries_(queries), out_(queries.size()), more_(queries.size()) {
    numbers_ = static_cast<std::size_t>(std::find_if(keys.begin(), keys.end(), [](K k) { return k != k; }) - keys.begin());
    for (const K q : queries) {
      low_.push_back(place(q, false));
      high_.push_back(place(q, true));
    }
  }

  std::int64_t place(K q, bool right) const {
    if (q != q) return static_cast<std::int64_t>(right ? keys_.size() : numbers_);
    const auto end = keys_.begin() + static_cast<std::ptrdiff_t>(numbers_);
    return (right ? std::upper_bound(keys_.begin(), end, q) : std::lower_bound(keys_.begin(), end, q)) - keys_.begin();
  }
  std::int64_t found(std::size_t i) const { return low_[i] < high_[i] ? low_[i] : -1; }
  std::size_t next(std::size_t i) const { return (i + 1) % queries_.size(); }

  const char* wrong() {
    if (index_.size() != keys_.size()) return "size";
    for (std::size_t i = 0; i < queries_.size(); ++i)
      if (const char* what = wrong_one(i)) return what;
    return wrong_batch();
  }

  const char* wrong_one(std::size_t i) const {
    const K q = queries_[i], r = queries_[next(i)];
    const std::int64_t stop = std::max(low_[i], low_[next(i)]);
    if (index_.lower_bound(q) != low_[i]) return "lower_bound";
    if (index_.upper_bound(q) != high_[i]) return "upper_bound";
    if (index_.find(q) != found(i)) return "find";
    if (index_.contains(q) != (found(i) >= 0)) return "contains";
    if (index_.predecessor(q) != high_[i] - 1) return "predecessor";
    const KeyRange range = index_.range(q, r);
    if (range.start != low_[i] || range.stop != stop || index_.count(q, r) != stop - low_[i]) return "range";
    const Bounds b = index_.bounds(q);
    return 0 <= b.low && b.low <= low_[i] && low_[i] <= b.high && b.high <= size() ? nullptr : "bounds";
  }
  std::int64_t size() const { return static_cast<std::int64_t>(keys_.size()); }

  const char* wrong_batch() {
    const std::size_t n = queries_.size();
    const K* q = queries_.data();
    std::vector<std::uint8_t> yes(n);
    std::vector<K> turned;
    for (std::size_t i = 0; i < n; ++i) turned.push_back(queries_[next(i)]);
    const auto each = [&](auto&& wanted) {
      for (std::size_t i = 0; i < n; ++i)
        if (out_[i] != wanted(i)) return false;
      return true;
    };
    index_.lower_bound(q, n, out_.data());
    if (out_ != low_) return "lower_bound of a batch";
    index_.upper_bound(q, n, out_.data());
    if (out_ != high_) return "upper_bound of a batch";
    index_.find(q, n, out_.data());
    if (!each([&](std::size_t i) { return found(i); })) return "find of a batch";
    index_.predecessor(q, n, out_.data());
    if (!each([&](std::size_t i) { return high_[i] - 1; })) return "predecessor of a batch";
    index_.count(q, turned.data(), n, out_.data());
    if (!each([&](std::size_t i) { return std::max(low_[i], low_[next(i)]) - low_[i]; })) return "count of a batch";
    index_.range(q, turned.data(), n, out_.data(), more_.data());
    if (out_ != low_) return "range of a batch";
    index_.contains(q, n, yes.data());
    index_.bounds(q, n, out_.data(), more_.data());
    for (std::size_t i = 0; i < n; ++i) {
      if ((yes[i] != 0) != (found(i) >= 0)) return "contains of a batch";
      if (out_[i] > low_[i] || more_[i] < low_[i]) return "bounds of a batch";
    }
    return nullptr;
  }

  const Index<K>& index_;
  const std::vector<K>&keys_, &queries_;
  std::size_t numbers_ = 0;
  std::vector<std::int64_t> low_, high_, out_, more_;
};

// Queries on, beside and far from the keys, some in order, and NaN.
template <class K> std::vector<K> owned_queries(const std::vector<K>& keys, std::size_t most, std::uint64_t seed) {
  std::vector<K> all = queries_for(keys), queries = extremes<K>();
  if constexpr (kIsReal<K>) queries.push_back(std::numeric_limits<K>::quiet_NaN());
  Random random(seed);
  while (queries.size() < most) queries.push_back(random.below(4) ? all[random.below(all.size())] : random_key<K>(random));
  std::sort(queries.begin() + static_cast<std::ptrdiff_t>(most / 2), queries.end());
  return queries;
}

template <class K> std::vector<Choice> choices() {
  std::vector<Choice> all{Choice::automatic, Choice::none, Choice::rmi, Choice::btree, Choice::radix_spline, Choice::pgm};
  if (kIsNarrow<K>) all.push_back(Choice::direct);
  return all;
}

inline BuildOptions options_of(Choice model) {
  BuildOptions options;
  options.model = model;
  return options;
}

}  // namespace tests
