// Runs: many keys of a batch that belong to one leaf of a counted B+-tree. They become leaves as in a bulk load, which
// are attached behind it. See tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/tree/build.hpp"
#include "learnedidx/tree/leaf_batch.hpp"
#include "learnedidx/tree/state.hpp"
#include "learnedidx/tree/split.hpp"

namespace learnedidx {

template <class K, class V> struct SortedRuns {
  using State = SortedState<K, V>;
  using Leaf = SortedLeaf<K>;
  using Path = SortedPath<K>;
  using Slots = SortedSlots<K, V>;
  using Part = SortedPart<K, V>;
  using LeafBatch = SortedLeafBatch<K, V>;
  using Build = SortedBuild<K, V>;

  // Merges a part of a batch, all of which belongs to the leaf of a path. The keys before the first one stay there; all
  // others go to leaves behind it, dealt evenly. The path is stale then. False without memory: nothing has changed.
  static bool insert_run(State& tree, Path& path, const Part& part) noexcept {
    Leaf& leaf = *path.leaf;
    const std::size_t added = part.unique() ? LeafBatch::note(leaf, part) : part.n;
    if (added == 0) {
      LeafBatch::replace(leaf, part, tree.kernels->slot);
      return true;
    }
    const unsigned slot = LeafBatch::slot_for(leaf, part, 0, tree.kernels->slot);
    const unsigned head = slot - leaf.first, tail = leaf.count - head;
    const std::size_t total = leaf.count + added, share = total / Build::leaves_of(total);
    const std::size_t kept = head > share ? head : share, others = total - kept;
    const std::size_t leaves = Build::leaves_of(others);
    if (!tree.pool.promise(leaves, nodes_for(tree, leaves))) return false;
    LeafBatch::replace(leaf, part, tree.kernels->slot);
    Tail behind;
    behind.take(leaf, slot, tail);
    tree.add(path, static_cast<std::int64_t>(added));
    Writer writer{tree, path, others, leaves, kept, 0, nullptr};
    writer.open(leaf, head);
    merge_run(writer, behind, part, added < part.n);
    writer.close();
    path.leaf = nullptr;
    return true;
  }

 private:
  // Writes keys to leaf after leaf, and attaches each when it has them all.
  struct Writer {
    State& tree;
    Path& path;
    std::size_t others, leaves;  // keys and leaves behind the first one
    std::size_t left;            // keys that the leaf is still to get
    std::size_t number = 0;      // of leaves behind the first one that are open or done
    Leaf* leaf = nullptr;

    void open(Leaf& first, unsigned head) noexcept {
      leaf = &first;
      leaf->count = static_cast<std::uint16_t>(head);
      left -= head;
      if (leaf->end() + left > kLeafKeys) Slots::slide(*leaf, static_cast<unsigned>(kLeafKeys - head - left) / 2);
    }
    void close() noexcept {
      leaf->streak = 0;
      Slots::settle(*leaf);
    }

    void write(const K* keys, const V* values, std::size_t n) noexcept {
      while (n > 0) {
        if (left == 0) go_on();
        const std::size_t here = n < left ? n : left;
        const unsigned end = leaf->end();
        Slots::copy(keys, values, leaf->keys() + end, Slots::values_at(*leaf, end), here);
        keys += here;
        if constexpr (State::kHasValues) values += here;
        leaf->count = static_cast<std::uint16_t>(leaf->count + here);
        left -= here;
        n -= here;
      }
    }

    void go_on() noexcept {
      Leaf& fresh = *::new (tree.pool.take(SortedPool::leaf)) Leaf;
      const std::size_t from = others * number / leaves;
      left = others * ++number / leaves - from;
      close();
      Slots::begin(fresh, kLeafKeys, (kLeafKeys - left) / 2);
      tree.link(leaf, fresh);
      const bool divides = tree.root.height == 0 || path.nodes[0]->count == kFanout;
      SortedSplit<K, V>::attach(tree, path, 0, leaf, &fresh, leaf->back(), leaf->count);
      if (divides) path = tree.path_of(&fresh, 0);
      else ++path.child[0];
      leaf = &fresh;
    }
  };

  // The keys of a leaf behind a run.
  struct Tail {
    K keys[kLeafKeys];
    V values[State::kHasValues ? kLeafKeys : 1];
    unsigned count;

    void take(Leaf& leaf, unsigned slot, unsigned n) noexcept {
      count = n;
      Slots::copy(leaf.keys() + slot, Slots::values_at(leaf, slot), keys, values, n);
    }
    void write(Writer& writer, unsigned from, unsigned to) const noexcept {
      writer.write(keys + from, Slots::values_at(values, from), to - from);
    }
  };

  // The nodes that new children may cost at most: one that was divided takes 31 before it is divided again.
  static std::size_t nodes_for(const State& tree, std::size_t children) noexcept {
    constexpr std::size_t least = kFanout / 2 - 1;
    std::size_t nodes = 0;
    for (unsigned level = 0; level < tree.root.height; ++level) nodes += children = 1 + children / least;
    for (; children > 0; nodes += 1 + children) children /= least;  // and roots above
    return nodes;
  }

  static void merge_run(Writer& writer, const Tail& tail, const Part& part, bool some_known) noexcept {
    const bool both = !part.unique();
    std::size_t run = 0;
    unsigned held = 0;
    while (run < part.n) {
      const K key = part.keys[run];
      const unsigned from = held;
      while (held < tail.count && (tail.keys[held] < key || (both && tail.keys[held] == key))) ++held;
      tail.write(writer, from, held);
      std::size_t end = part.n;
      if (held < tail.count) end = gallop_past(part.keys, run, part.n, [&](K k) { return k < tail.keys[held]; });
      if (end == run) ++end;  // it is the one that is held
      write_new(writer, part.from(run, end - run), some_known);
      run = end;
    }
    tail.write(writer, held, tail.count);
  }

  static void write_new(Writer& writer, const Part& part, bool some_known) noexcept {
    if (!some_known) return writer.write(part.keys, part.values, part.n);
    for (std::size_t i = 0, next = 0; i < part.n; i = next) {
      next = part.behind_equals(i);
      if (!part.known[i]) writer.write(part.keys + i, part.values ? part.values + part.value_of(i, next) : nullptr, 1);
    }
  }
};

}  // namespace learnedidx
