// Batches of ascending keys inside one leaf of a counted B+-tree. See tree/leaf.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/tree/leaf.hpp"

namespace learnedidx {

// What a batch does with a key that is there already.
enum class Equal : std::uint8_t {
  both,     // holds both
  skip,     // keeps the old value
  replace,  // takes the new value; of equal keys held, the first does
};

// A part of a batch. Where keys are held once, `known` takes down which were there, or came before in the batch;
// where values are replaced, `old` takes down what they were, beside the first of those that are equal.
template <class K, class V> struct SortedPart {
  const K* keys;
  const V* values;  // null for a set
  std::size_t n;
  Equal equal;
  bool* known;  // null where both are held
  V* old;       // null unless values are replaced

  bool unique() const noexcept { return equal != Equal::both; }
  SortedPart from(std::size_t i, std::size_t count) const noexcept {
    return {keys + i, values ? values + i : nullptr, count, equal, known ? known + i : nullptr, old ? old + i : nullptr};
  }
  // Behind the last key from number i on that equals key i.
  std::size_t behind_equals(std::size_t i) const noexcept {
    std::size_t next = i + 1;
    while (next < n && keys[next] == keys[i]) ++next;
    return next;
  }
  // The number of the value that stays of equal keys [i, next).
  std::size_t value_of(std::size_t i, std::size_t next) const noexcept { return equal == Equal::replace ? next - 1 : i; }
};

template <class K, class V> struct SortedLeafBatch {
  using Leaf = SortedLeaf<K>;
  using Slots = SortedSlots<K, V>;
  using Part = SortedPart<K, V>;
  static constexpr bool kHasValues = Slots::kHasValues;

  // The new keys of a part: the slot before which each goes, and the numbers of it and of its value in the part.
  struct Plan {
    unsigned count = 0;
    std::uint16_t slots[kLeafKeys];
    std::uint32_t keys[kLeafKeys];
    std::uint32_t values[kLeafKeys];

    void add(unsigned slot, std::size_t key, std::size_t value) noexcept {
      slots[count] = static_cast<std::uint16_t>(slot);
      keys[count] = static_cast<std::uint32_t>(key);
      values[count++] = static_cast<std::uint32_t>(value);
    }
  };

  // Puts the keys of a plan, for which there is room, where they belong: keys before some of them move towards the
  // front, keys behind the others towards the end, so that free slots are dealt evenly.
  static void insert(Leaf& leaf, const Part& part, const Plan& plan) noexcept {
    if (plan.count <= kFewKeys) return insert_few(leaf, part, plan);
    const unsigned first = leaf.first, end = leaf.end(), added = plan.count;
    const unsigned spare = (leaf.capacity - static_cast<unsigned>(leaf.count) - added) / 2;
    const unsigned least = first > added ? first - added : 0;
    const unsigned begin = spare < least ? least : spare < first ? spare : first;
    unsigned from = first, to = begin, i = 0;
    for (; to < from; ++i) {
      to = move_on(leaf, from, to, plan.slots[i] - from);
      from = plan.slots[i];
      put(leaf, to++, part, plan, i);
    }
    unsigned source = end, target = begin + static_cast<unsigned>(leaf.count) + added;
    for (unsigned j = added; j > i; --j) {
      const unsigned n = source - plan.slots[j - 1];
      source -= n;
      target -= n;
      move_on(leaf, source, target, n);
      put(leaf, --target, part, plan, j - 1);
    }
    leaf.first = static_cast<std::uint16_t>(begin);
    leaf.count = static_cast<std::uint16_t>(leaf.count + added);
    leaf.streak = 0;
    Slots::settle(leaf);
  }

  // A few keys are quicker put one by one: only what moves is read.
  static constexpr unsigned kFewKeys = 3;
  static void insert_few(Leaf& leaf, const Part& part, const Plan& plan) noexcept {
    const unsigned first = leaf.first;
    for (unsigned i = plan.count; i-- > 0;) {
      const unsigned slot = plan.slots[i] - first + leaf.first;
      Slots::insert(leaf, slot, part.keys[plan.keys[i]], part.values ? part.values[plan.values[i]] : V{});
    }
  }

  // Erases, for each of n ascending keys that are not above the last one held, one that equals it; returns how many
  // there were. `used` is how many of the n are done with: those that equal the last one held may have equals in
  // the next leaf.
  template <class SlotOf>
  static unsigned erase(Leaf& leaf, const K* keys, std::size_t n, std::size_t* used, SlotOf&& slot_of) noexcept {
    if (n * kSparse > leaf.count) return erase_many(leaf, keys, n, used);
    std::uint16_t gone[kLeafKeys / kSparse];
    unsigned count = 0, from = leaf.first;
    const unsigned first = leaf.first, end = leaf.end();
    const K last = leaf.keys()[end - 1];
    for (*used = 0; *used < n; ++*used) {
      const K key = keys[*used];
      const unsigned slot = slot_of(leaf, key);
      if (from < slot) from = slot;
      if (from < end && leaf.keys()[from] == key) gone[count++] = static_cast<std::uint16_t>(from++);
      else if (key == last) break;
    }
    if (count > kFewKeys) close_gaps(leaf, gone, count);
    else
      for (unsigned i = count; i-- > 0;) Slots::erase(leaf, gone[i] - first);
    return count;
  }

 private:
  static constexpr unsigned kSparse = 8;  // keys of a leaf for each one of a batch from which each is searched

  static unsigned erase_many(Leaf& leaf, const K* keys, std::size_t n, std::size_t* used) noexcept {
    const K* held = leaf.keys();
    const unsigned end = leaf.end();
    unsigned to = leaf.first;
    std::size_t next = 0;
    for (unsigned from = leaf.first; from < end; ++from) {
      while (next < n && keys[next] < held[from]) ++next;
      if (next < n && keys[next] == held[from]) ++next;
      else to = from == to ? to + 1 : move_on(leaf, from, to, 1);
    }
    *used = next;
    leaf.count = static_cast<std::uint16_t>(to - leaf.first);
    leaf.streak = 0;
    Slots::settle(leaf);
    return end - to;
  }

  // Keys before those that are gone move towards the end in the first half of a leaf, others towards the front.
  static void close_gaps(Leaf& leaf, const std::uint16_t* gone, unsigned count) noexcept {
    const unsigned end = leaf.end(), middle = leaf.first + leaf.count / 2u;
    unsigned low = 0;
    while (low < count && gone[low] < middle) ++low;
    unsigned to = low < count ? gone[low] : end;
    for (unsigned i = low; i < count; ++i) to = move_on(leaf, gone[i] + 1u, to, (i + 1 < count ? gone[i + 1] : end) - gone[i] - 1u);
    unsigned begin = low > 0 ? gone[low - 1] + 1u : leaf.first;
    for (unsigned i = low; i-- > 0;) {
      const unsigned from = i > 0 ? gone[i - 1] + 1u : leaf.first, n = gone[i] - from;
      begin -= n;
      move_on(leaf, from, begin, n);
    }
    leaf.first = static_cast<std::uint16_t>(begin);
    leaf.count = static_cast<std::uint16_t>(to - begin);
    leaf.streak = 0;
    Slots::settle(leaf);
  }

  // Moves n keys between slots; returns the slot behind them.
  static unsigned move_on(Leaf& leaf, unsigned from, unsigned to, unsigned n) noexcept {
    if (n == 0) return to;
    std::memmove(leaf.keys() + to, leaf.keys() + from, n * sizeof(K));
    if constexpr (kHasValues)
      std::memmove(static_cast<void*>(Slots::values(leaf) + to), static_cast<const void*>(Slots::values(leaf) + from), n * sizeof(V));
    return to + n;
  }

  static void put(Leaf& leaf, unsigned slot, const Part& part, const Plan& plan, unsigned i) noexcept {
    leaf.keys()[slot] = part.keys[plan.keys[i]];
    if constexpr (kHasValues) Slots::values(leaf)[slot] = part.values[plan.values[i]];
  }
};

}  // namespace learnedidx
