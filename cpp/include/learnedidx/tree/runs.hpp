// Runs: many keys of a batch that belong to one leaf of a counted B+-tree. They become leaves as in a bulk load, which
// are attached behind it. See tree/tree.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/tree/build.hpp"
#include "learnedidx/tree/leaf_batch.hpp"

namespace learnedidx {

template <class K, class V> class SortedRuns : public SortedBuild<K, V> {
 public:
  using Base = SortedBuild<K, V>;
  using typename Base::Leaf;
  using typename Base::Path;
  using typename Base::Slots;
  using Part = SortedPart<K, V>;

 protected:
  using Base::Base;

  // Merges a part of a batch, all of which belongs to the leaf of a path. The keys before the first one stay there; all
  // others go to leaves behind it, dealt evenly. False without memory: nothing has changed then.
  bool insert_run(Path& path, const Part& part, std::size_t* added) noexcept {
    Leaf& leaf = *path.leaf;
    *added = part.unique() ? note_known(leaf, part) : part.n;
    if (*added == 0) {
      replace_known(leaf, part);
      return true;
    }
    const unsigned slot = slot_for(leaf, part, 0), head = slot - leaf.first, tail = leaf.count - head;
    const std::size_t total = leaf.count + *added, share = total / leaves_of(total);
    const std::size_t kept = head > share ? head : share, others = total - kept;
    const std::size_t leaves = leaves_of(others);
    if (!this->pool_.promise(SortedPool::leaf, leaves) || !this->pool_.promise(SortedPool::node, nodes_for(leaves)))
      return false;
    replace_known(leaf, part);
    Tail behind;
    behind.take(leaf, slot, tail);
    this->add_counts(path, static_cast<std::uint32_t>(*added));
    Writer writer{this, path, others, leaves, kept, 0, nullptr};
    writer.open(leaf, head);
    merge_run(writer, behind, part, *added < part.n);
    writer.close();
    path.leaf = nullptr;
    this->size_ += *added;
    ++this->version_;
    return true;
  }

  // The slot in a leaf before which key number i of a part goes, which is the first that equals it or behind them.
  unsigned slot_for(const Leaf& leaf, const Part& part, std::size_t i) const noexcept {
    const K key = part.keys[i];
    if (part.unique()) return this->kernels().slot(leaf, key);
    return key < highest_key<K>() ? this->kernels().slot(leaf, next_key(key)) : leaf.end();
  }

  // Where a key is that a slot says may be there: in that slot or, at the end of a leaf, first in the next one.
  static V* value_if_held(Leaf& leaf, unsigned slot, K key, bool* held) noexcept {
    Leaf* at = &leaf;
    if (slot == leaf.end()) {
      at = leaf.next;
      slot = at ? at->first : 0;
    }
    *held = at && at->keys()[slot] == key;
    if constexpr (Base::kHasValues) return *held ? Slots::values(*at) + slot : nullptr;
    else return nullptr;
  }

  // Gives those keys of a part that are known their new values, if they are to have any.
  void replace_known(Leaf& leaf, const Part& part) noexcept {
    if constexpr (Base::kHasValues) {
      if (!part.old) return;
      for (std::size_t i = 0, next = 0; i < part.n; i = next) {
        next = part.behind_equals(i);
        bool held = false;
        V* value = part.known[i] ? value_if_held(leaf, slot_for(leaf, part, i), part.keys[i], &held) : nullptr;
        if (!held) continue;
        part.old[i] = *value;
        *value = part.values[next - 1];
      }
    } else {
      (void)leaf, (void)part;
    }
  }

  // The first number from `from` on for which `before` does not hold: it holds for all keys up to there.
  template <class Before> static std::size_t gallop(const K* keys, std::size_t from, std::size_t n, Before&& before) noexcept {
    std::size_t low = from, step = 1;
    while (low + step <= n && before(keys[low + step - 1])) {
      low += step;
      step *= 2;
    }
    std::size_t high = low + step <= n ? low + step - 1 : n;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (before(keys[middle])) low = middle + 1;
      else high = middle;
    }
    return low;
  }

 private:
  // Writes keys to leaf after leaf, and attaches each when it has them all.
  struct Writer {
    SortedRuns* tree;
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
        std::memcpy(leaf->keys() + end, keys, here * sizeof(K));
        keys += here;
        if constexpr (Base::kHasValues) {
          std::memcpy(static_cast<void*>(Slots::values(*leaf) + end), static_cast<const void*>(values), here * sizeof(V));
          values += here;
        }
        leaf->count = static_cast<std::uint16_t>(leaf->count + here);
        left -= here;
        n -= here;
      }
    }

    void go_on() noexcept {
      Leaf& fresh = *::new (tree->pool_.take(SortedPool::leaf)) Leaf;
      const std::size_t from = others * number / leaves;
      left = others * ++number / leaves - from;
      close();
      fresh.capacity = kLeafKeys;
      fresh.first = static_cast<std::uint16_t>((kLeafKeys - left) / 2);
      fresh.count = fresh.recent = 0;
      tree->link_behind(*leaf, fresh);
      const bool divides = tree->root_.height == 0 || path.nodes[0]->count == kFanout;
      tree->attach(path, 0, leaf, &fresh, leaf->keys()[leaf->end() - 1], leaf->count);
      if (divides) path = tree->path_of(&fresh, 0);
      else ++path.child[0];
      leaf = &fresh;
    }
  };

  // The keys of a leaf behind a run.
  struct Tail {
    K keys[kLeafKeys];
    V values[Base::kHasValues ? kLeafKeys : 1];
    unsigned count;

    void take(Leaf& leaf, unsigned slot, unsigned n) noexcept {
      count = n;
      std::memcpy(keys, leaf.keys() + slot, n * sizeof(K));
      if constexpr (Base::kHasValues)
        std::memcpy(static_cast<void*>(values), static_cast<const void*>(Slots::values(leaf) + slot), n * sizeof(V));
    }
    void write(Writer& writer, unsigned from, unsigned to) const noexcept {
      writer.write(keys + from, Base::kHasValues ? values + from : nullptr, to - from);
    }
  };

  static std::size_t leaves_of(std::size_t keys) noexcept { return (keys + Base::kLoadedKeys - 1) / Base::kLoadedKeys; }

  // The nodes that new children may cost at most: one that was divided takes 31 before it is divided again.
  std::size_t nodes_for(std::size_t children) const noexcept {
    constexpr std::size_t least = kFanout / 2 - 1;
    std::size_t nodes = 0;
    for (unsigned level = 0; level < this->root_.height; ++level) nodes += children = 1 + children / least;
    for (; children > 0; nodes += 1 + children) children /= least;  // and roots above
    return nodes;
  }

  // Notes which keys came before in a part; returns how many.
  static std::size_t note_repeats(const Part& part) noexcept {
    std::memset(part.known, 0, part.n);
    std::size_t seen = 0;
    unsigned equal = 0;  // most batches have none, which a loop without more to do finds out fast
    for (std::size_t i = 1; i < part.n; ++i) equal |= part.keys[i] == part.keys[i - 1];
    for (std::size_t i = 1; equal && i < part.n; ++i) seen += part.known[i] = part.keys[i] == part.keys[i - 1];
    return seen;
  }

  // Notes which keys of a part are in the leaf, or came before in the part; returns how many are new.
  static std::size_t note_known(Leaf& leaf, const Part& part) noexcept {
    std::size_t seen = note_repeats(part), at = 0;
    const K* held = leaf.keys();
    const unsigned end = leaf.end();
    for (unsigned slot = leaf.first; slot <= end && at < part.n; ++slot) {
      const Leaf* where = slot < end ? &leaf : leaf.next;
      if (!where) break;
      const K key = slot < end ? held[slot] : where->keys()[where->first];
      at = gallop(part.keys, at, part.n, [key](K k) { return k < key; });
      if (at == part.n || !(part.keys[at] == key) || part.known[at]) continue;
      part.known[at] = true;
      ++seen;
    }
    return part.n - seen;
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
      if (held < tail.count) end = gallop(part.keys, run, part.n, [&](K k) { return k < tail.keys[held]; });
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
