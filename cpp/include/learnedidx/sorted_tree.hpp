// SortedTree: an ordered set or map of numbers that changes, a counted B+-tree with large leaves.
//
// Bayer, McCreight: Organization and Maintenance of Large Ordered Indices, Acta Informatica 1, 1972; counts as in
// Knuth, The Art of Computer Programming 3, 6.2.3. A slot in a leaf is guessed by interpolation between the
// separators beside it, which only decides what is prefetched: nothing is trained, and no key set is bad.
//
// Keys: uint32, uint64, int32, int64, float, double; no NaN; -0.0 equals 0.0. Values: trivially copyable, or
// Nothing for a set. Equal keys may be held several times (insert) or once (insert_unique). Every single change
// takes O(log n): keys of at most two leaves move, and one node a level is divided. No function throws; one that
// takes memory says so and leaves the tree as it was if there is none. One thread at a time may change a tree, and
// none may read it meanwhile.
//
//   SortedTree<std::int64_t, double> tree(widest_kernels().sorted);   // rows.hpp
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sorted_batch.hpp"
#include "sorted_check.hpp"

namespace learnedidx {

// What a batch does with a key that is there already.
enum class Equal : std::uint8_t {
  both,     // holds both
  skip,     // keeps the old value
  replace,  // takes the new value
};

template <class K, class V = Nothing> class SortedTree : public SortedBatch<K, V> {
 public:
  using Base = SortedBatch<K, V>;
  using typename Base::Leaf;
  using typename Base::Place;

  explicit SortedTree(const SortedRow& row, const SortedMemory& memory = kHeap) noexcept : Base(row, memory), row_(&row) {}

  void swap(SortedTree& other) noexcept {
    this->swap_all(other);
    const SortedRow* row = row_;
    row_ = other.row_;
    other.row_ = row;
  }

  // Null, or what is wrong with the tree. O(n).
  const char* check() const noexcept {
    return SortedCheck<K, V>().check(this->root_, this->first_, this->last_, this->size_);
  }

  // Takes n ascending keys and their values (null for a set) instead of those it holds. O(n).
  SortedStatus bulk_load(const K* keys, const V* values, std::size_t n) noexcept {
    SortedTree fresh(*row_, this->pool_.memory());
    const SortedStatus status = fresh.build(n, [&](K* to, V* held, std::size_t count) {
      std::memcpy(to, keys, count * sizeof(K));
      keys += count;
      if constexpr (Base::kHasValues) {
        std::memcpy(static_cast<void*>(held), values, count * sizeof(V));
        values += count;
      } else {
        (void)held;
      }
    });
    if (status == SortedStatus::ok) swap(fresh);
    return status;
  }

  // Adds n ascending keys. If memory runs out midway, none of them.
  SortedStatus insert_sorted(const K* keys, const V* values, std::size_t n, Equal equal = Equal::both) noexcept;

  // Erases, for each of n ascending keys, one key that equals it; returns how many there were.
  std::size_t erase_sorted(const K* keys, std::size_t n) noexcept {
    std::size_t erased = 0;
    for (std::size_t i = 0; i < n; ++i) erased += this->erase_one(keys[i]);
    return erased;
  }

  // Takes over all keys of another tree, which is empty afterwards; those that equal one go behind it. O(n + m).
  SortedStatus merge(SortedTree& other) noexcept;

  // Moves the keys from number `rank` on to another tree, which loses what it held. O(n - rank).
  SortedStatus split(std::size_t rank, SortedTree& behind) noexcept {
    if (rank > this->size_) rank = this->size_;
    SortedTree fresh(*row_, behind.pool_.memory());
    Place at = this->select(rank);
    const SortedStatus status = fresh.build(this->size_ - rank, [&](K* to, V* held, std::size_t count) {
      this->copy(at, count, to, held);
      at = this->scan(at, count, [](const K*, const V*, std::size_t) {});
    });
    if (status != SortedStatus::ok) return status;
    behind.swap(fresh);
    this->erase_range(rank, this->size_);
    return status;
  }

 private:
  const SortedRow* row_;
};

template <class K, class V>
SortedStatus SortedTree<K, V>::insert_sorted(const K* keys, const V* values, std::size_t n, Equal equal) noexcept {
  if (this->size_ == 0 && equal == Equal::both) return bulk_load(keys, values, n);
  for (std::size_t i = 0; i < n; ++i) {
    const V value = Base::kHasValues ? values[i] : V{};
    bool existing = false;
    Place place;
    const SortedStatus status =
        equal == Equal::both ? this->insert(keys[i], value) : this->insert_unique(keys[i], value, &place, &existing);
    if (status != SortedStatus::ok) return status;
    if constexpr (Base::kHasValues)
      if (existing && equal == Equal::replace) this->value(place) = value;
  }
  return SortedStatus::ok;
}

template <class K, class V> SortedStatus SortedTree<K, V>::merge(SortedTree& other) noexcept {
  if (this->size_ == 0) {
    swap(other);
    return SortedStatus::ok;
  }
  for (Place at = other.begin(); at; at = other.next(at)) {
    V value{};
    if constexpr (Base::kHasValues) value = other.value(at);
    const SortedStatus status = this->insert(other.key(at), value);
    if (status != SortedStatus::ok) return status;
  }
  other.clear();
  return SortedStatus::ok;
}

}  // namespace learnedidx
