// Batches of ascending keys: one descent and one merge for each leaf that they belong to. See tree/tree.hpp.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/tree/runs.hpp"

namespace learnedidx {

template <class K, class V> class SortedBatch : public SortedRuns<K, V> {
 public:
  using Base = SortedRuns<K, V>;
  using typename Base::Leaf;
  using typename Base::Node;
  using typename Base::Part;
  using typename Base::Path;
  using typename Base::Place;
  using typename Base::Slots;
  using LeafBatch = SortedLeafBatch<K, V>;

  // Erases, for each of n ascending keys, one key that equals it; returns how many there were. The keys must not lie in
  // this tree: builds without NDEBUG stop then.
  std::size_t erase_sorted(const K* keys, std::size_t n) noexcept {
    assert(n == 0 || !this->owns(keys));
    std::size_t erased = 0;
    Path path;
    path.leaf = nullptr;
    for (std::size_t i = 0; i < n && this->size_ > 0;) {
      walk_to(path, keys[i]);
      if (last_in(*path.leaf) < keys[i] && !lead_on(path, keys, n, i)) continue;
      Leaf& leaf = *path.leaf;
      const K last = last_in(leaf);
      const std::size_t end = this->gallop(keys, i, n, [last](K key) { return !(last < key); });
      if (end < n) prefetch_behind(path, keys + end, n - end);
      std::size_t used = 0;
      const unsigned gone = LeafBatch::erase(leaf, keys + i, end - i, &used, this->kernels().slot);
      i += used;
      erased += gone;
      if (gone == 0) continue;
      const bool shrinks = leaf.count <= Base::kFewKeys;
      this->lose(path, gone);
      if (shrinks) path.leaf = nullptr;
    }
    return erased;
  }

 protected:
  using Base::Base;

  // Adds n ascending keys; none if memory runs out midway or cancellation says no.
  SortedStatus merge_sorted(const K* keys, const V* values, std::size_t n, Equal equal, Cancellation cancellation) noexcept {
    Part all{keys, Base::kHasValues ? values : nullptr, n, equal, nullptr, nullptr};
    SortedStatus status = begin_notes(all);
    Progress at{0, n};
    Path path;
    path.leaf = this->path_.leaf = nullptr;
    SeldomPoll poll(cancellation);
    while (at.done < n && status == SortedStatus::ok) {
      const std::size_t begun = at.done, count = belonging(path, all, begun);
      status = merge_here(path, all.from(begun, count < kMost ? count : kMost), at);
      if (status == SortedStatus::ok && !poll.may_continue(at.done - begun)) status = SortedStatus::stopped;
    }
    if (status != SortedStatus::ok) take_back(all.from(0, at.done));
    end_notes(all);
    return status;
  }

  // Do n ascending keys belong to so few leaves that these are better merged than all? Judged by keys evenly spread over
  // the batch: one that shares its leaf with m of them stands for 1 / m leaves.
  bool touches_few(const K* keys, std::size_t n) const noexcept {
    constexpr std::size_t samples = 32;
    if (this->root_.height == 0 || n < samples * kLeafKeys) return false;
    double leaves = 0;
    for (std::size_t i = 0; i < samples; ++i) {
      const std::size_t at = n * (2 * i + 1) / (2 * samples);
      Path path;
      this->kernels().seek_path(this->root_, keys[at], path);
      const K* low = bound_before(path);
      const K* high = bound_behind(path);
      const std::size_t from = low ? this->gallop(keys, 0, at, [low](K key) { return !(*low < key); }) : 0;
      const std::size_t to = high ? this->gallop(keys, at, n, [high](K key) { return !(*high < key); }) : n;
      leaves += static_cast<double>(n) / static_cast<double>(samples * (to > from ? to - from : 1));
    }
    return leaves * 2 * kLeafKeys < static_cast<double>(this->size_);
  }

 private:
  static K last_in(const Leaf& leaf) noexcept { return leaf.keys()[leaf.end() - 1]; }

  // Key number i is above those of a leaf: if the next leaf begins with it, the path leads there. Else i goes on behind
  // the keys that are nowhere, and it is false.
  bool lead_on(Path& path, const K* keys, std::size_t n, std::size_t& i) const noexcept {
    Leaf* next = path.leaf->next;
    if (!next) i = n;
    if (i == n) return false;
    const K first = next->keys()[next->first];
    i = this->gallop(keys, i, n, [first](K key) { return key < first; });
    if (i == n || first < keys[i]) return false;
    path = this->path_of(next, next->first);
    return true;
  }

  static constexpr std::size_t kMost = std::size_t{1} << 20;  // keys of a leaf that are merged before cancellation is asked
  static constexpr std::size_t kRun = kLeafKeys / 4;  // new keys of a leaf from which neighbours do not help

  struct Progress {
    std::size_t done;    // keys of the batch
    std::size_t helped;  // what `done` was when a neighbour took keys over: once, or they might come back
  };

  SortedStatus begin_notes(Part& all) noexcept {
    if (!all.unique()) return all.n > Base::kMostKeys - this->size_ ? SortedStatus::full : SortedStatus::ok;
    if (all.n == 0) return SortedStatus::ok;
    all.known = static_cast<bool*>(this->pool_.take_alone(all.n));
    if (!all.known) return SortedStatus::no_memory;
    if (!Base::kHasValues || all.equal == Equal::skip) return SortedStatus::ok;
    all.old = static_cast<V*>(this->pool_.take_alone(all.n * sizeof(V)));
    return all.old ? SortedStatus::ok : SortedStatus::no_memory;
  }
  void end_notes(const Part& all) noexcept {
    if (all.old) this->pool_.give_alone(all.old, all.n * sizeof(V));
    if (all.known) this->pool_.give_alone(all.known, all.n);
  }
  void take_back(const Part& done) noexcept {
    if (!Base::kHasValues && !done.unique()) {
      erase_sorted(done.keys, done.n);  // equal ones are alike
      return;
    }
    for (std::size_t i = done.n; i-- > 0;) {
      const K key = done.keys[i];
      if (!done.unique()) this->erase(this->previous(this->upper_bound(key)));  // the newest of those that are equal
      else if (!done.known[i]) i = take_back_new(done, i);
      else if (done.old && (i == 0 || done.keys[i - 1] < key)) assign(this->find(key), done.old[i]);
    }
  }
  // Erases key number `last` and those before it that were new too, all different; returns the number of the first one.
  std::size_t take_back_new(const Part& done, std::size_t last) noexcept {
    std::size_t first = last;
    while (first > 0 && !done.known[first - 1]) --first;
    erase_sorted(done.keys + first, last - first + 1);
    return first;
  }
  void assign(Place place, const V& value) noexcept {
    if constexpr (Base::kHasValues) this->value(place) = value;
    else (void)place, (void)value;
  }

  // Leads a path to the leaf of key number i; returns how many keys from there on belong to it.
  std::size_t belonging(Path& path, const Part& all, std::size_t i) noexcept {
    const K key = all.keys[i];
    const bool unique = all.unique();
    if (this->size_ == 0 || (unique ? this->key(this->last()) < key : !(key < this->key(this->last())))) {
      path = this->edge_path();
      return all.n - i;
    }
    walk_to(path, unique ? key : next_key(key));
    const K* bound = bound_behind(path);
    if (!bound) return all.n - i;
    const K high = *bound;
    const std::size_t end = unique ? this->gallop(all.keys, i, all.n, [high](K k) { return !(high < k); })
                                   : this->gallop(all.keys, i, all.n, [high](K k) { return k < high; });
    if (end < all.n) prefetch_behind(path, all.keys + end, all.n - end);
    return end - i;
  }

  // Merges a part that belongs to the leaf of a path, or makes room for it there.
  SortedStatus merge_here(Path& path, const Part& part, Progress& at) noexcept {
    if (!path.leaf || path.leaf->capacity < kLeafKeys) return merge_small(path, part, at);
    Leaf& leaf = *path.leaf;
    typename LeafBatch::Plan plan;
    const std::size_t room = kLeafKeys - static_cast<std::size_t>(leaf.count);
    const bool planned = part.n <= (part.unique() ? kLeafKeys : room);
    const std::size_t fresh = planned ? make_plan(leaf, part, plan) : part.n;
    if (fresh > Base::kMostKeys - this->size_) return SortedStatus::full;
    if (fresh > room) return merge_more(path, part, fresh, at);
    this->replace_known(leaf, part);
    if (fresh > 0) {
      LeafBatch::insert(leaf, part, plan);
      this->add_counts(path, plan.count);
      this->size_ += fresh;
      ++this->version_;
    }
    at.done += part.n;
    return SortedStatus::ok;
  }

  // Merges a part that is more than the leaf of a path has room for, or lets a neighbour take keys over.
  SortedStatus merge_more(Path& path, const Part& part, std::size_t fresh, Progress& at) noexcept {
    const Leaf& leaf = *path.leaf;
    const auto wanted = static_cast<unsigned>(leaf.count + fresh);
    const bool appends = !leaf.next && this->slot_for(leaf, part, 0) == leaf.end();
    if (fresh < kRun && !appends && at.helped != at.done && (this->hand_on(path, wanted) || this->hand_back(path, wanted))) {
      at.helped = at.done;
      path.leaf = nullptr;
      return SortedStatus::ok;
    }
    std::size_t added = 0;
    if (!this->insert_run(path, part, &added)) return SortedStatus::no_memory;
    at.done += part.n;
    return SortedStatus::ok;
  }

  // Plans a part of not more keys than a leaf holds; returns how many are new.
  std::size_t make_plan(Leaf& leaf, const Part& part, typename LeafBatch::Plan& plan) const noexcept {
    for (std::size_t i = 0, next = 0; i < part.n; i = next) {
      next = i + 1;
      const unsigned slot = this->slot_for(leaf, part, i);
      if (part.unique()) {
        next = part.behind_equals(i);
        this->value_if_held(leaf, slot, part.keys[i], part.known + i);
        for (std::size_t j = i + 1; j < next; ++j) part.known[j] = true;
        if (part.known[i]) continue;
      }
      plan.add(slot, i, part.value_of(i, next));
    }
    return plan.count;
  }

  // A tree without a leaf of full size takes the first key of a part alone.
  SortedStatus merge_small(Path& path, const Part& part, Progress& at) noexcept {
    path.leaf = nullptr;
    const V value = part.values ? part.values[0] : V{};
    Place place;
    const SortedStatus status = part.unique() ? this->insert_unique(part.keys[0], value, &place, part.known)
                                              : this->insert(part.keys[0], value);
    this->path_.leaf = nullptr;
    if (status != SortedStatus::ok) return status;
    ++at.done;
    if (part.old && *part.known) {
      if constexpr (Base::kHasValues) *part.old = this->value(place);
      assign(place, value);
    }
    return status;
  }

  // Leads a path from the leaf of a lower key to that of a key: often the next one.
  void walk_to(Path& path, K key) const noexcept {
    if (path.leaf && this->root_.height > 0) {
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
    this->kernels().seek_path(this->root_, key, path);
  }
  static constexpr std::size_t kSteps = 8;  // children that are looked at before a new descent

  // Asks for the leaf of the next keys behind that of a path: all of it if some of them go there, else its head and the
  // lines where the first one would be if keys lay evenly.
  void prefetch_behind(const Path& path, const K* keys, std::size_t n) const noexcept {
    if (this->root_.height == 0) return;
    const Node& node = *path.nodes[0];
    std::size_t c = path.child[0];
    while (c + 1 < node.count && node.separators[c] < keys[0]) ++c;
    if (c == 0 || c + 1 == node.count) return;
    const char* leaf = static_cast<const char*>(node.children[c]);
    if (n > kMany && !(node.separators[c] < keys[kMany])) return prefetch_lines(leaf, 0, Base::leaf_bytes(kLeafKeys));
    prefetch_lines(leaf, 0, sizeof(Leaf));
    const std::size_t guess = block_between(node.separators[c - 1], keys[0], node.separators[c]);
    prefetch_blocks(leaf + sizeof(Leaf), guess, sizeof(K));
    if constexpr (Base::kHasValues) prefetch_blocks(leaf + sizeof(Leaf) + kLeafKeys * sizeof(K), guess, sizeof(V));
  }
  static std::size_t block_between(K low, K key, K high) noexcept {
    const double above = static_cast<double>(key) - static_cast<double>(low);
    const double share = above / (static_cast<double>(high) - static_cast<double>(low));
    return static_cast<std::size_t>((share >= 0 && share < 1 ? share : 0.5) * (kLeafBlocks - 1));
  }
  static constexpr std::size_t kMany = 2;

  static void prefetch_blocks(const char* slots, std::size_t block, std::size_t bytes) noexcept {
    prefetch_lines(slots, block * kBlockKeys * bytes, (block + 2) * kBlockKeys * bytes);
  }
  static void prefetch_lines(const char* leaf, std::size_t from, std::size_t to) noexcept {
    for (std::size_t at = from; at < to; at += kLineBytes) prefetch(leaf + at);
  }

  // The separators beside the leaf of a path; null where there is no other leaf.
  const K* bound_behind(const Path& path) const noexcept {
    for (unsigned level = 0; level < this->root_.height; ++level)
      if (path.child[level] + 1u < path.nodes[level]->count) return &path.nodes[level]->separators[path.child[level]];
    return nullptr;
  }
  const K* bound_before(const Path& path) const noexcept {
    for (unsigned level = 0; level < this->root_.height; ++level)
      if (path.child[level] > 0) return &path.nodes[level]->separators[path.child[level] - 1];
    return nullptr;
  }
};

}  // namespace learnedidx
