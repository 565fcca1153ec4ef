// Batches of ascending keys inside one leaf of a counted B+-tree. See tree/leaf.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

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

// The first number from `from` on for which `before` does not hold: it holds for all keys up to there.
template <class K, class Before>
std::size_t gallop_past(const K* keys, std::size_t from, std::size_t n, Before&& before) noexcept {
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

template <class K, class V> struct SortedLeafBatch {
  using Leaf = SortedLeaf<K>;
  using Slots = SortedSlots<K, V>;
  using Part = SortedPart<K, V>;
  using SlotOf = unsigned (*)(const Leaf& leaf, K key);  // as SortedKernels has it
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

  // The slot in a leaf before which key number i of a part goes, which is the first that equals it or behind them.
  static unsigned slot_for(const Leaf& leaf, const Part& part, std::size_t i, SlotOf slot_of) noexcept {
    const K key = part.keys[i];
    if (part.unique()) return slot_of(leaf, key);
    return key < highest_key<K>() ? slot_of(leaf, next_key(key)) : leaf.end();
  }

  // The value of a key that slot_for says may be there: in that slot or, at the end of a leaf, first in the next one.
  static V* value_if_held(Leaf& leaf, unsigned slot, K key, bool* held) noexcept {
    Leaf* at = &leaf;
    if (slot == leaf.end()) {
      at = leaf.next;
      slot = at ? at->first : 0;
    }
    *held = at && at->keys()[slot] == key;
    if constexpr (kHasValues) return *held ? Slots::values(*at) + slot : nullptr;
    else return nullptr;
  }

  // Notes which keys of a part are in the leaf, or came before in the part; returns how many are new.
  static std::size_t note(const Leaf& leaf, const Part& part) noexcept {
    std::size_t seen = note_repeats(part), at = 0;
    const K* held = leaf.keys();
    const unsigned end = leaf.end();
    for (unsigned slot = leaf.first; slot <= end && at < part.n; ++slot) {
      const Leaf* where = slot < end ? &leaf : leaf.next;
      if (!where) break;
      const K key = slot < end ? held[slot] : where->front();
      at = gallop_past(part.keys, at, part.n, [key](K k) { return k < key; });
      if (at == part.n || !(part.keys[at] == key) || part.known[at]) continue;
      part.known[at] = true;
      ++seen;
    }
    return part.n - seen;
  }

  // Gives those keys of a part that are known their new values, if they are to have any.
  static void replace(Leaf& leaf, const Part& part, SlotOf slot_of) noexcept {
    if constexpr (kHasValues) {
      if (!part.old) return;
      for (std::size_t i = 0, next = 0; i < part.n; i = next) {
        next = part.behind_equals(i);
        bool held = false;
        V* value = part.known[i] ? value_if_held(leaf, slot_for(leaf, part, i, slot_of), part.keys[i], &held) : nullptr;
        if (!held) continue;
        part.old[i] = *value;
        *value = part.values[next - 1];
      }
    } else {
      (void)leaf, (void)part, (void)slot_of;
    }
  }

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
  static unsigned erase(Leaf& leaf, const K* keys, std::size_t n, std::size_t* used, SlotOf slot_of) noexcept {
    if (n * kSparse > leaf.count) return erase_many(leaf, keys, n, used);
    std::uint16_t gone[kLeafKeys / kSparse];
    unsigned count = 0, from = leaf.first;
    const unsigned first = leaf.first, end = leaf.end();
    const K last = leaf.back();
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
  // Notes which keys came before in a part; returns how many.
  static std::size_t note_repeats(const Part& part) noexcept {
    std::memset(part.known, 0, part.n);
    std::size_t seen = 0;
    unsigned equal = 0;  // most batches have none, which a loop without more to do finds out fast
    for (std::size_t i = 1; i < part.n; ++i) equal |= part.keys[i] == part.keys[i - 1];
    for (std::size_t i = 1; equal && i < part.n; ++i) seen += part.known[i] = part.keys[i] == part.keys[i - 1];
    return seen;
  }

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
    Slots::shift(leaf, from, to, n);
    return to + n;
  }

  static void put(Leaf& leaf, unsigned slot, const Part& part, const Plan& plan, unsigned i) noexcept {
    leaf.keys()[slot] = part.keys[plan.keys[i]];
    if constexpr (kHasValues) Slots::values(leaf)[slot] = part.values[plan.values[i]];
  }
};

}  // namespace learnedidx
