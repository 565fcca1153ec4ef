// The direct table: for 8- and 16-bit keys, the answer to every query there can be.
//
// A format of w bits has 2^w values; slot s stands for the s-th of them, and its entry is the number
// of keys below it. Slot 2^w stands for what is above all values: its entry is the number of keys.
// One more entry repeats it, so that the last value has a next one too. "Above v" is the slot after
// that of v, so both sides are one load from one table, and no keys are read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/base/key_traits.hpp"
#include "learnedidx/search/bisect.hpp"

namespace learnedidx {

template <class K> constexpr std::int64_t kLowestValue = lowest_key<K>();
template <class K> constexpr std::int64_t kHighestValue = highest_key<K>();
template <class K> constexpr std::size_t kPastSlot = static_cast<std::size_t>(kHighestValue<K> - kLowestValue<K> + 1);
template <class K> constexpr std::size_t kSlots = kPastSlot<K> + 2;

template <class K> LIDX_INLINE std::size_t slot_of(K value) {
  return static_cast<std::size_t>(std::int64_t{value} - kLowestValue<K>);
}

// One store a key: the last of equal keys stays. O(n + 2^w).
template <class K, class Entry> void fill_from_each(const K* keys, std::size_t n, Entry* table) noexcept {
  for (std::size_t slot = 0; slot < kSlots<K>; ++slot) table[slot] = 0;
  for (std::size_t i = 0; i < n; ++i) table[slot_of(keys[i]) + 1] = static_cast<Entry>(i + 1);
  for (std::size_t slot = 1; slot < kPastSlot<K>; ++slot)
    table[slot] = table[slot] > table[slot - 1] ? table[slot] : table[slot - 1];
}

// From one distinct key to the next. O(2^w + distinct keys * log(n / distinct keys)).
template <class K, class Entry> void fill_from_runs(const K* keys, std::size_t n, Entry* table) noexcept {
  std::size_t slot = 0, position = 0;
  while (position < n) {
    const K key = keys[position];
    for (const std::size_t own = slot_of(key); slot <= own; ++slot) table[slot] = static_cast<Entry>(position);
    if (key == highest_key<K>()) break;
    const std::size_t next = gallop(keys + position, n - position, std::size_t{1}, next_key(key));
    position += next > 0 ? next : 1;  // a key that changes meanwhile must not hold us up
  }
  for (; slot < kPastSlot<K>; ++slot) table[slot] = static_cast<Entry>(n);
}

// Fills table[0, kSlots<K>) from sorted keys; Entry holds n. Of keys in disorder it makes a table
// that rises from 0 to n all the same.
template <class K, class Entry> void fill_direct(const K* keys, std::size_t n, Entry* table) noexcept {
  constexpr std::size_t long_runs = 64;  // measured: from there on, leaping is faster than storing
  if (n / long_runs < kPastSlot<K>) fill_from_each(keys, n, table);
  else fill_from_runs(keys, n, table);
  table[kPastSlot<K>] = table[kPastSlot<K> + 1] = static_cast<Entry>(n);
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(void fill_direct(const K*, std::size_t, std::uint32_t*) noexcept) \
  LIDX_COMPILE(void fill_direct(const K*, std::size_t, std::uint64_t*) noexcept)
LIDX_FOR_NARROW_KEYS(LIDX_THESE)
#undef LIDX_THESE

// What a slot is wanted for: the first key not below the query, the first key above it, or the
// query's own value, for want of which it is kPastSlot.
enum class SlotOf : std::uint8_t { left, right, own };

// The value of K, or one beside its ends, whose slot a query asks for, in [low, high].
template <SlotOf wanted> LIDX_INLINE std::int64_t rounded_into(double query, std::int64_t low, std::int64_t high) {
  const auto bottom = static_cast<double>(low), top = static_cast<double>(high);
  double inside = query < top ? query : top;  // NaN is above all values
  inside = inside > bottom ? inside : bottom;
  const auto cut = static_cast<std::int32_t>(inside);  // towards zero
  if constexpr (wanted == SlotOf::right) return cut - static_cast<std::int32_t>(static_cast<double>(cut) > inside);
  else return cut + static_cast<std::int32_t>(static_cast<double>(cut) < inside);
}

// The slot of a query of any format. Q is a Wide type.
template <class K, SlotOf wanted, class Q> LIDX_INLINE std::uint32_t slot_for(Q query) {
  constexpr std::int64_t step = wanted == SlotOf::right;
  constexpr std::int64_t low = kLowestValue<K> - step, high = kHighestValue<K> + 1 - step;
  std::int64_t value;
  if constexpr (kIsReal<Q>) {
    value = rounded_into<wanted>(query, low, high);
  } else if constexpr (std::is_unsigned_v<Q>) {
    value = static_cast<std::int64_t>(query < static_cast<Q>(high) ? query : static_cast<Q>(high));
  } else {
    value = query < high ? query : high;
    value = value > low ? value : low;
  }
  const auto slot = static_cast<std::uint32_t>(value - kLowestValue<K> + step);
  if constexpr (wanted == SlotOf::own)
    return static_cast<Q>(value) == query ? slot : static_cast<std::uint32_t>(kPastSlot<K>);
  return slot;
}

}  // namespace learnedidx
