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
//   SortedTree<std::int64_t, double> tree(widest_kernels().sorted);   // kernels/rows.hpp
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/tree/batch.hpp"
#include "learnedidx/tree/check.hpp"
#include "learnedidx/tree/merge.hpp"

namespace learnedidx {

template <class K, class V = Nothing> class SortedTree : public SortedBatch<K, V> {
 public:
  using Base = SortedBatch<K, V>;
  using typename Base::Leaf;
  using typename Base::Place;

  explicit SortedTree(const SortedRow& row, const SortedMemory& memory = kHeap) noexcept : Base(row, memory), row_(&row) {}

  void swap(SortedTree& other) noexcept {
    if (&other == this) return;
    this->swap_all(other);
    const SortedRow* row = row_;
    row_ = other.row_;
    other.row_ = row;
  }

  // Null, or what is wrong with the tree. O(n).
  const char* check() const noexcept {
    return SortedTreeCheck<K, V>().check(this->root_, this->first_, this->last_, this->size_);
  }

  // Takes n ascending keys and their values (null for a set) instead of those it holds. O(n).
  SortedStatus bulk_load(const K* keys, const V* values, std::size_t n) noexcept {
    bool known = true;
    return bulk_load_if(keys, values, n, [](const K*, std::size_t) { return true; }, known);
  }

  // The same where keys may not ascend: in_order(keys, count) says of each stretch, after the first key, whether every
  // key may follow the one before it. As soon as one may not, `ordered` is false and nothing has changed. Of more than
  // a leaf, it is asked about what the tree took: another thread that writes to the keys meanwhile cannot spoil it.
  template <class InOrder>
  SortedStatus bulk_load_if(const K* keys, const V* values, std::size_t n, InOrder&& in_order, bool& ordered,
                            Cancellation cancellation = {}) noexcept {
    SortedTree fresh(*row_, this->pool_.memory());
    const bool one_leaf = n <= kLeafKeys;
    ordered = !one_leaf || n == 0 || in_order(keys + 1, n - 1);
    if (!ordered) return SortedStatus::ok;
    SeldomPoll poll(cancellation);
    bool goes_on = true;
    std::size_t done = 0;
    K last{};
    const SortedStatus status = fresh.build(n, [&](K* to, V* held, std::size_t count) {
      copy_to(to, held, keys, values, done, count);
      if (one_leaf) return count;
      ordered = follows(done, last, to, count, in_order);
      goes_on = poll.may_continue(count);
      last = to[count - 1];
      done += count;
      return ordered && goes_on ? count : std::size_t{0};
    });
    if (!goes_on) return SortedStatus::stopped;
    if (status == SortedStatus::ok && ordered) swap(fresh);
    return status;
  }

  // Adds n ascending keys and their values (null for a set): one descent and one merge for each leaf that they
  // belong to; many keys of one leaf become leaves. Above an eighth of the size, unless they belong to few leaves, one
  // pass over all leaves. If memory runs out midway, or cancellation says no, none is added; while it is asked, the tree is
  // whole and may hold some of them. The arrays must not lie in this tree, as those do that scan hands out: builds
  // without NDEBUG stop then.
  SortedStatus insert_sorted(const K* keys, const V* values, std::size_t n, Equal equal = Equal::both,
                             Cancellation cancellation = {}) noexcept {
    assert(n == 0 || !(this->owns(keys) || this->owns(values)));
    if (n > this->size_ / kRebuiltFrom && !this->touches_few(keys, n)) return rebuild(keys, values, n, equal, cancellation);
    return this->merge_sorted(keys, values, n, equal, cancellation);
  }

  // Takes over all m keys of another tree, which is empty afterwards; those that equal one go behind it. O(n + m); up to
  // an eighth of n O(m log n), and O(m + log n) if they belong to few leaves, as behind all others. With itself a tree
  // stays as it is.
  SortedStatus merge(SortedTree& other) noexcept;

  // Moves the keys from number `rank` on to another tree, which loses what it held. The smaller side is copied, if both
  // trees have the same memory: O(min(rank, n - rank)), else O(n - rank). If `behind` is this tree, it stays as it is.
  SortedStatus split(std::size_t rank, SortedTree& behind) noexcept {
    if (&behind == this) return SortedStatus::ok;
    if (rank > this->size_) rank = this->size_;
    const bool front = rank < this->size_ / 2 && this->pool_.memory() == behind.pool_.memory();
    const std::size_t low = front ? 0 : rank, high = front ? rank : this->size_;
    SortedTree fresh(*row_, behind.pool_.memory());
    Place at = this->select(low);
    const SortedStatus status = fresh.build(high - low, [&](K* to, V* held, std::size_t count) {
      this->copy(at, count, to, held);
      at = this->scan(at, count, [](const K*, const V*, std::size_t) {});
      return count;
    });
    if (status != SortedStatus::ok) return status;
    if (low < high) this->erase_range(low, high);
    if (front) swap(fresh);
    behind.swap(fresh);
    return status;
  }

 private:
  static void copy_to(K* to, V* held, const K* keys, const V* values, std::size_t at, std::size_t count) noexcept {
    std::memcpy(to, keys + at, count * sizeof(K));
    if constexpr (Base::kHasValues) std::memcpy(static_cast<void*>(held), values + at, count * sizeof(V));
    else (void)held, (void)values;
  }

  // Are `count` keys in order, and the first of them behind `last` unless none is `before` it?
  template <class InOrder>
  static bool follows(std::size_t before, K last, const K* keys, std::size_t count, InOrder& in_order) {
    const K border[2] = {last, keys[0]};
    return in_order(keys + 1, count - 1) && (before == 0 || in_order(border + 1, 1));
  }

  // In place, a batch of a tenth of 10 M keys took 59 ns a key, of 12 % 62, where a new tree took 94; from there on most
  // leaves are divided, and the tree grows to 23 bytes a pair where a new one has 19.
  static constexpr std::size_t kRebuiltFrom = 8;

  SortedStatus rebuild(const K* keys, const V* values, std::size_t n, Equal equal, Cancellation cancellation) noexcept {
    SortedMerge<K, V> merge(*this, keys, values, n, equal);
    SortedTree fresh(*row_, this->pool_.memory());
    SeldomPoll poll(cancellation);
    bool goes_on = true;
    const auto fill = [&](K* to, V* held, std::size_t count) {
      goes_on = poll.may_continue(count);
      return goes_on ? merge.take(to, held, count) : 0;
    };
    const bool small = this->size_ + n <= 4 * kLeafKeys;  // their leaves are as small as their number allows
    const bool counted = equal == Equal::both || small || n > Base::kMostKeys - this->size_;
    const SortedStatus status = counted ? fresh.build(merge.total(), fill) : fresh.build_stream(fill);
    if (!goes_on) return SortedStatus::stopped;
    if (status == SortedStatus::ok) swap(fresh);
    return status;
  }

  const SortedRow* row_;
};

template <class K, class V> SortedStatus SortedTree<K, V>::merge(SortedTree& other) noexcept {
  if (&other == this) return SortedStatus::ok;
  if (this->size_ == 0) {
    swap(other);
    return SortedStatus::ok;
  }
  const std::size_t n = other.size_;
  if (n == 0) return SortedStatus::ok;
  // One block for all keys and, behind them, their values. It belongs to neither tree: a rebuilt one has another pool.
  const SortedMemory memory = this->pool_.memory();
  const std::size_t key_bytes = (n * sizeof(K) + kSortedLine - 1) / kSortedLine * kSortedLine;
  const std::size_t bytes = key_bytes + (Base::kHasValues ? n * sizeof(V) : 0);
  char* block = static_cast<char*>(memory.take(bytes, kSortedLine, memory.context));
  if (!block) return SortedStatus::no_memory;
  K* keys = reinterpret_cast<K*>(block);
  V* values = Base::kHasValues ? reinterpret_cast<V*>(block + key_bytes) : nullptr;
  other.copy(other.begin(), n, keys, values);
  const SortedStatus status = insert_sorted(keys, values, n);
  memory.give(block, bytes, kSortedLine, memory.context);
  if (status == SortedStatus::ok) other.clear();
  return status;
}

}  // namespace learnedidx
