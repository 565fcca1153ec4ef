// SortedTree: an ordered set or map of numbers that changes, a counted B+-tree with large leaves.
//
// Bayer, McCreight: Organization and Maintenance of Large Ordered Indices, Acta Informatica 1, 1972; counts as in
// Knuth, The Art of Computer Programming 3, 6.2.3. A slot in a leaf is guessed by interpolation between the
// separators beside it, which only decides what is prefetched: nothing is trained, and no key set is bad.
//
// Keys: uint32, uint64, int32, int64, float, double; no NaN; -0.0 equals 0.0. Values: trivially copyable, or
// Nothing for a set. Equal keys may be held several times (insert) or once (insert_unique). Every single change
// takes O(log n): keys of at most two leaves move, and one node a level is divided.
//
// Ownership: a tree owns its memory. It borrows kernels and the source of the memory, which must outlive it, and arrays
// for the length of a call. Lifetime: a place, and what scan hands out, is good until the next change of the tree.
// Threads: one may change a tree, and none may read it meanwhile; many may read it together. Errors: no function throws;
// one that takes memory returns a SortedStatus, and unless that is `ok` the tree is as it was.
//
//   SortedTree<std::int64_t, double> tree(widest_kernels().sorted);   // kernels/rows.hpp
//
// The files of this folder, each of which includes those before it that it needs:
//   nodes     pool (memory), leaf, leaf_batch (many keys in one leaf), inner
//   tree      state (what a tree consists of and answers), check (what must hold of it)
//   shape     split (a leaf needs room), join (leaves have few keys), build (bulk loads)
//   changes   writes (one key), runs <- batch (many keys), merge (with all that a tree holds)
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "learnedidx/tree/batch.hpp"
#include "learnedidx/tree/check.hpp"
#include "learnedidx/tree/merge.hpp"

namespace learnedidx {

template <class K, class V = Nothing> class SortedTree {
  using State = SortedState<K, V>;
  using Writes = SortedWrites<K, V>;
  using Build = SortedBuild<K, V>;
  using Batch = SortedBatch<K, V>;

 public:
  using Key = K;
  using Value = V;
  using Leaf = SortedLeaf<K>;
  using Place = SortedPlace<K>;  // of a key, or the end; any change of the tree makes it stale
  using Between = SortedBetween<K>;
  static constexpr bool kHasValues = State::kHasValues;
  static constexpr std::size_t kMostKeys = State::kMostKeys;

  explicit SortedTree(const SortedRow& row, const SortedMemory& memory = kHeap) noexcept : state_(row.of<K>(), memory) {}

  std::size_t size() const noexcept { return state_.size; }
  // Bytes taken, free blocks included, the tree object itself not.
  std::size_t bytes() const noexcept { return state_.pool.bytes(); }
  unsigned height() const noexcept { return state_.root.height; }  // levels of inner nodes
  // Differs after each change of keys or of their number; assigned values do not count.
  std::uint64_t version() const noexcept { return state_.version; }
  // Null, or what is wrong with the tree. O(n).
  const char* check() const noexcept { return SortedTreeCheck<K, V>().check(state_); }
#ifdef LIDX_COUNT_MOVES
  SortedMoves moves() const noexcept { return state_.moves; }
  void forget_moves() noexcept { state_.forget_moves(); }
#endif

  // The key and the value at a place that is not the end. O(1).
  K key(Place place) const noexcept { return State::key(place); }
  V& value(Place place) const noexcept { return State::value(place); }

  // O(1): the first key, the last key (the end if there is none), the end.
  Place begin() const noexcept { return state_.begin(); }
  Place last() const noexcept { return state_.last(); }
  Place end() const noexcept { return {}; }
  Place next(Place place) const noexcept { return State::next(place); }
  // The place before; of the end, the last key; of the first key, the end.
  Place previous(Place place) const noexcept { return state_.previous(place); }

  // The first key that is not below `key`, the first above it, the first equal one; else the end. O(log n).
  Place lower_bound(K key) const noexcept { return state_.lower_bound(key); }
  // lower_bound, where the `ahead` keys from there on and their values are read next: they are on their way already.
  Place lower_bound(K key, std::size_t ahead) const noexcept { return state_.lower_bound(key, ahead); }
  Place upper_bound(K key) const noexcept { return state_.upper_bound(key); }
  Place find(K key) const noexcept { return state_.find(key); }
  bool contains(K key) const noexcept { return static_cast<bool>(find(key)); }

  // The number of keys below `key`; of those not above it; of those equal to it. O(log n).
  std::size_t rank_left(K key) const noexcept { return state_.rank_left(key); }
  std::size_t rank_right(K key) const noexcept { return state_.rank_right(key); }
  std::size_t count(K key) const noexcept { return rank_right(key) - rank_left(key); }

  // The keys from `low` to `high`, both included: the first of them, the place behind the last, and how many.
  // Nothing is found if there are none. O(log n), as one descent.
  Between between(K low, K high) const noexcept { return state_.between(low, high); }

  // lower_bound, and the number of the key there (the size, for the end). O(log n), as one descent.
  Place locate(K key, std::size_t& rank) const noexcept { return state_.locate(key, rank); }

  // Key number i; the end if there are no more than i. O(log n).
  Place select(std::size_t i) const noexcept { return state_.select(i); }
  // The number of the key at a place; the size, for the end. O(log n).
  std::size_t rank(Place place) const noexcept { return state_.rank(place); }

  // Calls use(keys, values, count) for the stretches of up to n keys from a place on, in order, and returns
  // the place behind them. Values of a set are null. O(log n) is not needed: leaves are linked.
  template <class Use> Place scan(Place place, std::size_t n, Use&& use) const { return State::scan(place, n, use); }
  // Copies up to n keys (and values, unless null) from a place on; returns how many.
  std::size_t copy(Place place, std::size_t n, K* keys, V* values = nullptr) const noexcept {
    return State::copy(place, n, keys, values);
  }

  // out[i] = find(keys[i]); out[i] = rank_left or, with `right`, rank_right of keys[i]. `out` must not lie over the keys:
  // builds without NDEBUG stop then.
  void find_many(const K* keys, std::size_t n, Place* out) const noexcept {
    assert(are_apart(keys, n * sizeof(K), out, n * sizeof *out));
    state_.find_many(keys, n, out);
  }
  void rank_many(const K* keys, std::size_t n, bool right, std::int64_t* out) const noexcept {
    assert(are_apart(keys, n * sizeof(K), out, n * sizeof *out));
    state_.rank_many(keys, n, right, out);
  }

  // Adds a key behind those that equal it. O(log n). On success `where`, unless null, is its place. The value is a
  // copy: it may be one that the tree holds, which moves.
  SortedStatus insert(K key, V value = V{}, Place* where = nullptr) noexcept {
    return Writes::insert(state_, key, value, where);
  }
  // Adds a key unless one equals it; `existing` says which it was, and `where`, not null, is the place of either.
  SortedStatus insert_unique(K key, V value, Place* where, bool* existing) noexcept {
    return Writes::insert_unique(state_, key, value, where, existing);
  }

  // Adds a key that equals the one at a place, right behind it or right before it: so who tells apart what has equal keys
  // keeps an order of his own among them. O(log n).
  SortedStatus insert_beside(Place at, bool behind, V value = V{}) noexcept {
    return Writes::insert_beside(state_, at, behind, value);
  }

  // Erases the key at a place that is not the end. O(log n); needs no memory.
  void erase(Place place) noexcept { Writes::erase(state_, place); }
  // Erases the first key that equals `key`; false if there is none. Its value goes to `out` unless null. O(log n).
  bool erase_one(K key, V* out = nullptr) noexcept { return Writes::erase_one(state_, key, out); }
  // Erases keys number low to high - 1. O(log n) for each leaf that loses keys.
  void erase_range(std::size_t low, std::size_t high) noexcept { Writes::erase_range(state_, low, high); }
  // Erases, for each of n ascending keys, one key that equals it; returns how many there were. The keys must not lie in
  // this tree: builds without NDEBUG stop then.
  std::size_t erase_sorted(const K* keys, std::size_t n) noexcept {
    assert(n == 0 || !state_.owns(keys));
    return Batch::erase_sorted(state_, keys, n);
  }
  // Erases all and gives the memory back.
  void clear() noexcept { state_.clear(); }
  // Keys and memory: each tree allocates and frees where the other did.
  void swap(SortedTree& other) noexcept { state_.swap(other.state_); }

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
    const bool one_leaf = n <= kLeafKeys;
    ordered = !one_leaf || n == 0 || in_order(keys + 1, n - 1);
    if (!ordered) return SortedStatus::ok;
    std::size_t done = 0;
    K border[2] = {};  // the last key of the leaf before, and the first one of a leaf
    State fresh(*state_.kernels, state_.pool.memory());
    const SortedStatus status = Build::build(fresh, n, cancellation, [&](K* to, V* held, std::size_t count) {
      State::Slots::copy(keys + done, State::Slots::values_at(values, done), to, held, count);
      if (one_leaf) return count;
      border[1] = to[0];
      ordered = in_order(to + 1, count - 1) && (done == 0 || in_order(border + 1, 1));
      border[0] = to[count - 1];
      done += count;
      return ordered ? count : 0;
    });
    if (!ordered) return SortedStatus::ok;
    if (status == SortedStatus::ok) state_.swap(fresh);
    return status;
  }

  // Adds n ascending keys and their values (null for a set): one descent and one merge for each leaf that they
  // belong to; many keys of one leaf become leaves. Above an eighth of the size, unless they belong to few leaves, one
  // pass over all leaves. If memory runs out midway, or cancellation says no, none is added; while it is asked, the tree is
  // whole and may hold some of them. The arrays must not lie in this tree, as those do that scan hands out: builds
  // without NDEBUG stop then.
  SortedStatus insert_sorted(const K* keys, const V* values, std::size_t n, Equal equal = Equal::both,
                             Cancellation cancellation = {}) noexcept {
    assert(n == 0 || !(state_.owns(keys) || state_.owns(values)));
    if (n > size() / kRebuiltFrom && !Batch::touches_few(state_, keys, n)) return rebuild(keys, values, n, equal, cancellation);
    return Batch::merge_sorted(state_, keys, values, n, equal, cancellation);
  }

  // Takes over all m keys of another tree, which is empty afterwards; those that equal one go behind it. O(n + m); up to
  // an eighth of n O(m log n), and O(m + log n) if they belong to few leaves, as behind all others. Each keeps its memory.
  // With itself a tree stays as it is.
  SortedStatus merge(SortedTree& other) noexcept {
    const std::size_t n = other.size();
    if (&other == this || n == 0) return SortedStatus::ok;
    const SortedMemory memory = state_.pool.memory();
    if (size() == 0 && memory == other.state_.pool.memory()) return swap(other), SortedStatus::ok;
    // One block for all keys and, behind them, their values. It belongs to neither tree: a rebuilt one has another pool.
    const std::size_t key_bytes = (n * sizeof(K) + kSortedLine - 1) / kSortedLine * kSortedLine;
    const std::size_t bytes = key_bytes + (kHasValues ? n * sizeof(V) : 0);
    char* block = static_cast<char*>(memory.take(bytes, kSortedLine, memory.context));
    if (!block) return SortedStatus::no_memory;
    K* keys = reinterpret_cast<K*>(block);
    V* values = kHasValues ? reinterpret_cast<V*>(block + key_bytes) : nullptr;
    other.copy(other.begin(), n, keys, values);
    const SortedStatus status = insert_sorted(keys, values, n);
    memory.give(block, bytes, kSortedLine, memory.context);
    if (status == SortedStatus::ok) other.clear();
    return status;
  }

  // Moves the keys from number `rank` on to another tree, which loses what it held. The smaller side is copied, if both
  // trees have the same memory: O(min(rank, n - rank)), else O(n - rank). If `behind` is this tree, it stays as it is.
  SortedStatus split(std::size_t rank, SortedTree& behind) noexcept {
    if (&behind == this) return SortedStatus::ok;
    if (rank > size()) rank = size();
    const bool front = rank < size() / 2 && state_.pool.memory() == behind.state_.pool.memory();
    const std::size_t low = front ? 0 : rank, high = front ? rank : size();
    State fresh(*state_.kernels, behind.state_.pool.memory());
    Place at = select(low);
    const auto fill = [&](K* to, V* held, std::size_t count) { return State::copy(at, count, to, held); };
    const SortedStatus status = Build::build(fresh, high - low, {}, fill);
    if (status != SortedStatus::ok) return status;
    if (low < high) erase_range(low, high);
    if (front) state_.swap(fresh);
    behind.state_.swap(fresh);
    return status;
  }

 private:
  // In place, a batch of a tenth of 10 M keys took 59 ns a key, of 12 % 62, where a new tree took 94; from there on most
  // leaves are divided, and the tree grows to 23 bytes a pair where a new one has 19.
  static constexpr std::size_t kRebuiltFrom = 8;

  // Merges what the tree holds and a batch into a new tree, which takes its place.
  SortedStatus rebuild(const K* keys, const V* values, std::size_t n, Equal equal, Cancellation cancellation) noexcept {
    SortedMerge<K, V> merge(state_, keys, values, n, equal);
    State fresh(*state_.kernels, state_.pool.memory());
    const auto fill = [&](K* to, V* held, std::size_t count) { return merge.take(to, held, count); };
    const bool small = size() + n <= 4 * kLeafKeys;  // their leaves are as small as their number allows
    const bool counted = equal == Equal::both || small || n > kMostKeys - size();
    const SortedStatus status =
        counted ? Build::build(fresh, merge.total(), cancellation, fill) : Build::build_stream(fresh, cancellation, fill);
    if (status == SortedStatus::ok) state_.swap(fresh);
    return status;
  }

  State state_;
};

}  // namespace learnedidx
