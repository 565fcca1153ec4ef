// Batches of ascending keys in a counted B+-tree: one descent and one merge for each leaf that they belong to. Keys and
// values are borrowed for the call and lie outside the tree. See tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/tree/runs.hpp"
#include "learnedidx/tree/writes.hpp"

namespace learnedidx {

template <class K, class V> struct SortedBatch {
  using State = SortedState<K, V>;
  using Leaf = SortedLeaf<K>;
  using Node = SortedNode<K>;
  using Path = SortedPath<K>;
  using Place = SortedPlace<K>;
  using Part = SortedPart<K, V>;
  using Writes = SortedWrites<K, V>;
  using LeafBatch = SortedLeafBatch<K, V>;

  // Erases, for each of n ascending keys, one key that equals it; returns how many there were.
  static std::size_t erase_sorted(State& tree, const K* keys, std::size_t n) noexcept {
    std::size_t erased = 0;
    Path path;
    path.leaf = nullptr;
    for (std::size_t i = 0; i < n && tree.size > 0;) {
      walk_to(tree, path, keys[i]);
      if (path.leaf->back() < keys[i] && !lead_on(tree, path, keys, n, i)) continue;
      Leaf& leaf = *path.leaf;
      const K last = leaf.back();
      const std::size_t end = gallop_past(keys, i, n, [last](K key) { return !(last < key); });
      if (end < n) prefetch_behind(tree, path, keys + end, n - end);
      std::size_t used = 0;
      const unsigned gone = LeafBatch::erase(leaf, keys + i, end - i, &used, tree.kernels->slot);
      i += used;
      erased += gone;
      if (gone == 0) continue;
      const bool shrinks = leaf.count <= SortedJoin<K, V>::kFewKeys;
      Writes::lose(tree, path, gone);
      if (shrinks) path.leaf = nullptr;
    }
    return erased;
  }

  // Adds n ascending keys; none if memory runs out midway or cancellation says no.
  static SortedStatus merge_sorted(State& tree, const K* keys, const V* values, std::size_t n, Equal equal,
                                   Cancellation cancellation) noexcept {
    Part all{keys, State::kHasValues ? values : nullptr, n, equal, nullptr, nullptr};
    SortedStatus status = begin_notes(tree, all);
    Progress at{0, n};
    Path path;
    path.leaf = tree.path.leaf = nullptr;
    SeldomPoll poll(cancellation);
    while (at.done < n && status == SortedStatus::ok) {
      const std::size_t begun = at.done, count = belonging(tree, path, all, begun);
      status = merge_here(tree, path, all.from(begun, count < kMost ? count : kMost), at);
      if (status == SortedStatus::ok && !poll.may_continue(at.done - begun)) status = SortedStatus::stopped;
    }
    if (status != SortedStatus::ok) take_back(tree, all.from(0, at.done));
    end_notes(tree, all);
    return status;
  }

  // Do n ascending keys belong to so few leaves that these are better merged than all? Judged by keys evenly spread over
  // the batch: one that shares its leaf with m of them stands for 1 / m leaves.
  static bool touches_few(const State& tree, const K* keys, std::size_t n) noexcept {
    constexpr std::size_t samples = 32;
    if (tree.root.height == 0 || n < samples * kLeafKeys) return false;
    double leaves = 0;
    for (std::size_t i = 0; i < samples; ++i) {
      const std::size_t at = n * (2 * i + 1) / (2 * samples);
      Path path;
      tree.kernels->seek_path(tree.root, keys[at], path);
      const K* low = bound_before(tree, path);
      const K* high = bound_behind(tree, path);
      const std::size_t from = low ? gallop_past(keys, 0, at, [low](K key) { return !(*low < key); }) : 0;
      const std::size_t to = high ? gallop_past(keys, at, n, [high](K key) { return !(*high < key); }) : n;
      leaves += static_cast<double>(n) / static_cast<double>(samples * (to > from ? to - from : 1));
    }
    return leaves * 2 * kLeafKeys < static_cast<double>(tree.size);
  }

 private:
  // Key number i is above those of a leaf: if the next leaf begins with it, the path leads there. Else i goes on behind
  // the keys that are nowhere, and it is false.
  static bool lead_on(const State& tree, Path& path, const K* keys, std::size_t n, std::size_t& i) noexcept {
    Leaf* next = path.leaf->next;
    if (!next) i = n;
    if (i == n) return false;
    const K first = next->front();
    i = gallop_past(keys, i, n, [first](K key) { return key < first; });
    if (i == n || first < keys[i]) return false;
    path = tree.path_of(next, next->first);
    return true;
  }

  static constexpr std::size_t kMost = std::size_t{1} << 20;  // keys of a leaf that are merged before cancellation is asked
  static constexpr std::size_t kRun = kLeafKeys / 4;  // new keys of a leaf from which neighbours do not help

  struct Progress {
    std::size_t done;    // keys of the batch
    std::size_t helped;  // what `done` was when a neighbour took keys over: once, or they might come back
  };

  static SortedStatus begin_notes(State& tree, Part& all) noexcept {
    if (!all.unique()) return all.n > State::kMostKeys - tree.size ? SortedStatus::full : SortedStatus::ok;
    if (all.n == 0) return SortedStatus::ok;
    all.known = static_cast<bool*>(tree.pool.take_alone(all.n));
    if (!all.known) return SortedStatus::no_memory;
    if (!State::kHasValues || all.equal == Equal::skip) return SortedStatus::ok;
    all.old = static_cast<V*>(tree.pool.take_alone(all.n * sizeof(V)));
    return all.old ? SortedStatus::ok : SortedStatus::no_memory;
  }
  static void end_notes(State& tree, const Part& all) noexcept {
    if (all.old) tree.pool.give_alone(all.old, all.n * sizeof(V));
    if (all.known) tree.pool.give_alone(all.known, all.n);
  }
  static void take_back(State& tree, const Part& done) noexcept {
    if (!State::kHasValues && !done.unique()) return (void)erase_sorted(tree, done.keys, done.n);  // equal ones are alike
    for (std::size_t i = done.n; i-- > 0;) {
      const K key = done.keys[i];
      if (!done.unique()) Writes::erase(tree, tree.previous(tree.upper_bound(key)));  // the newest of those that are equal
      else if (!done.known[i]) i = take_back_new(tree, done, i);
      else if (done.old && (i == 0 || done.keys[i - 1] < key)) assign(tree.find(key), done.old[i]);
    }
  }
  // Erases key number `last` and those before it that were new too, all different; returns the number of the first one.
  static std::size_t take_back_new(State& tree, const Part& done, std::size_t last) noexcept {
    std::size_t first = last;
    while (first > 0 && !done.known[first - 1]) --first;
    erase_sorted(tree, done.keys + first, last - first + 1);
    return first;
  }
  static void assign(Place place, const V& value) noexcept {
    if constexpr (State::kHasValues) State::value(place) = value;
    else (void)place, (void)value;
  }

  // Leads a path to the leaf of key number i; returns how many keys from there on belong to it.
  static std::size_t belonging(const State& tree, Path& path, const Part& all, std::size_t i) noexcept {
    const K key = all.keys[i];
    const bool unique = all.unique();
    if (tree.size == 0 || (unique ? State::key(tree.last()) < key : !(key < State::key(tree.last())))) {
      tree.lead_to_end(path);
      return all.n - i;
    }
    walk_to(tree, path, unique ? key : next_key(key));
    const K* bound = bound_behind(tree, path);
    if (!bound) return all.n - i;
    const K high = *bound;
    const std::size_t end = unique ? gallop_past(all.keys, i, all.n, [high](K k) { return !(high < k); })
                                   : gallop_past(all.keys, i, all.n, [high](K k) { return k < high; });
    if (end < all.n) prefetch_behind(tree, path, all.keys + end, all.n - end);
    return end - i;
  }

  // Merges a part that belongs to the leaf of a path, or makes room for it there.
  static SortedStatus merge_here(State& tree, Path& path, const Part& part, Progress& at) noexcept {
    if (!path.leaf || path.leaf->capacity < kLeafKeys) return merge_small(tree, path, part, at);
    Leaf& leaf = *path.leaf;
    typename LeafBatch::Plan plan;
    const std::size_t room = kLeafKeys - static_cast<std::size_t>(leaf.count);
    const bool planned = part.n <= (part.unique() ? kLeafKeys : room);
    const std::size_t fresh = planned ? make_plan(tree, leaf, part, plan) : part.n;
    if (fresh > State::kMostKeys - tree.size) return SortedStatus::full;
    if (fresh > room) return merge_more(tree, path, part, fresh, at);
    LeafBatch::replace(leaf, part, tree.kernels->slot);
    if (fresh > 0) {
      LeafBatch::insert(leaf, part, plan);
      tree.add(path, plan.count);
    }
    at.done += part.n;
    return SortedStatus::ok;
  }

  // Merges a part that is more than the leaf of a path has room for, or lets a neighbour take keys over.
  static SortedStatus merge_more(State& tree, Path& path, const Part& part, std::size_t fresh, Progress& at) noexcept {
    const Leaf& leaf = *path.leaf;
    const auto wanted = static_cast<unsigned>(leaf.count + fresh);
    const bool appends = !leaf.next && LeafBatch::slot_for(leaf, part, 0, tree.kernels->slot) == leaf.end();
    if (fresh < kRun && !appends && at.helped != at.done && SortedSplit<K, V>::hand_over(tree, path, wanted)) {
      at.helped = at.done;
      path.leaf = nullptr;
      return SortedStatus::ok;
    }
    if (!SortedRuns<K, V>::insert_run(tree, path, part)) return SortedStatus::no_memory;
    at.done += part.n;
    return SortedStatus::ok;
  }

  // Plans a part of not more keys than a leaf holds; returns how many are new.
  static std::size_t make_plan(const State& tree, Leaf& leaf, const Part& part, typename LeafBatch::Plan& plan) noexcept {
    for (std::size_t i = 0, next = 0; i < part.n; i = next) {
      next = i + 1;
      const unsigned slot = LeafBatch::slot_for(leaf, part, i, tree.kernels->slot);
      if (part.unique()) {
        next = part.behind_equals(i);
        LeafBatch::value_if_held(leaf, slot, part.keys[i], part.known + i);
        for (std::size_t j = i + 1; j < next; ++j) part.known[j] = true;
        if (part.known[i]) continue;
      }
      plan.add(slot, i, part.value_of(i, next));
    }
    return plan.count;
  }

  // A tree without a leaf of full size takes the first key of a part alone.
  static SortedStatus merge_small(State& tree, Path& path, const Part& part, Progress& at) noexcept {
    path.leaf = nullptr;
    const V value = part.values ? part.values[0] : V{};
    Place place;
    const SortedStatus status = part.unique() ? Writes::insert_unique(tree, part.keys[0], value, &place, part.known)
                                              : Writes::insert(tree, part.keys[0], value, nullptr);
    tree.path.leaf = nullptr;
    if (status != SortedStatus::ok) return status;
    ++at.done;
    if (part.old && *part.known) {
      if constexpr (State::kHasValues) *part.old = State::value(place);
      assign(place, value);
    }
    return status;
  }

  // Leads a path from the leaf of a lower key to that of a key: often the next one.
  static void walk_to(const State& tree, Path& path, K key) noexcept {
    if (path.leaf && tree.root.height > 0) {
      const Node& node = *path.nodes[0];
      std::size_t c = path.child[0];
      const std::size_t most = c + kSteps + 1 < node.count ? c + kSteps + 1 : node.count;
      while (c + 1 < most && node.separators[c] < key) ++c;
      if (c + 1 < most) {
        path.child[0] = static_cast<std::uint8_t>(c);
        path.leaf = static_cast<Leaf*>(node.children[c]);
        return;
      }
    }
    tree.kernels->seek_path(tree.root, key, path);
  }

  // Asks for the leaf of the next keys behind that of a path: all of it if some of them go there, else its head and the
  // lines where the first one would be if keys lay evenly.
  static void prefetch_behind(const State& tree, const Path& path, const K* keys, std::size_t n) noexcept {
    if (tree.root.height == 0) return;
    const Node& node = *path.nodes[0];
    std::size_t c = path.child[0];
    while (c + 1 < node.count && node.separators[c] < keys[0]) ++c;
    if (c == 0 || c + 1 == node.count) return;
    const char* leaf = static_cast<const char*>(node.children[c]);
    if (n > kMany && !(node.separators[c] < keys[kMany])) return prefetch_lines(leaf, 0, State::leaf_bytes(kLeafKeys));
    prefetch_lines(leaf, 0, sizeof(Leaf));
    const std::size_t guess = block_between(node.separators[c - 1], keys[0], node.separators[c]);
    prefetch_blocks(leaf + sizeof(Leaf), guess, sizeof(K));
    if constexpr (State::kHasValues) prefetch_blocks(leaf + sizeof(Leaf) + kLeafKeys * sizeof(K), guess, sizeof(V));
  }

  // The separators beside the leaf of a path; null where there is no other leaf.
  static const K* bound_behind(const State& tree, const Path& path) noexcept {
    for (unsigned level = 0; level < tree.root.height; ++level)
      if (path.child[level] + 1u < path.nodes[level]->count) return &path.nodes[level]->separators[path.child[level]];
    return nullptr;
  }
  static const K* bound_before(const State& tree, const Path& path) noexcept {
    for (unsigned level = 0; level < tree.root.height; ++level)
      if (path.child[level] > 0) return &path.nodes[level]->separators[path.child[level] - 1];
    return nullptr;
  }

  static constexpr std::size_t kSteps = 8;  // children that are looked at before a new descent
  static constexpr std::size_t kMany = 2;   // keys of a batch for which all of a leaf is asked for
  static std::size_t block_between(K low, K key, K high) noexcept {
    const double above = static_cast<double>(key) - static_cast<double>(low);
    const double share = above / (static_cast<double>(high) - static_cast<double>(low));
    return static_cast<std::size_t>((share >= 0 && share < 1 ? share : 0.5) * (kLeafBlocks - 1));
  }

  static void prefetch_blocks(const char* slots, std::size_t block, std::size_t bytes) noexcept {
    prefetch_lines(slots, block * kBlockKeys * bytes, (block + 2) * kBlockKeys * bytes);
  }
  static void prefetch_lines(const char* leaf, std::size_t from, std::size_t to) noexcept {
    for (std::size_t at = from; at < to; at += kLineBytes) prefetch(leaf + at);
  }
};

}  // namespace learnedidx
