// An index over 8- or 16-bit keys by a table of all answers: every verb is one load, or two.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/lookup/index.hpp"
#include "learnedidx/models/direct_table.hpp"

namespace learnedidx {

// Answers from table[0, kSlots<K>), which is borrowed and was filled over the n keys of the index. Only
// nearest and limits read the keys themselves.
template <class K, class Entry> class DirectIndex final : public AnyIndex {
 public:
  explicit DirectIndex(const Entry* table, const K* keys = nullptr) : table_(table), keys_(keys) {}

  void search(const Queries& batch, std::size_t from, std::size_t count, bool right, Verb verb, const Kernels&,
              void* out) const noexcept override {
    if (verb == Verb::contains || verb == Verb::find) return find_equal(batch, from, count, verb, out);
    auto* positions = static_cast<std::int64_t*>(out);
    place(batch, from, count, right, positions);
    if (verb != Verb::position) near().settle(batch, from, count, verb, positions);
  }

  std::int64_t search_one(const ScalarQuery& query, bool right, Verb verb, const Kernels&) const noexcept override {
    const Converted<K> c = converted<K>(query);
    if (verb == Verb::position) return position_of(c, right);
    const std::size_t slot = c.fit == Fit::exact ? slot_of(c.value) : kPastSlot<K>;
    const bool equal = table_[slot] < table_[slot + 1];
    if (verb == Verb::contains) return std::int64_t{equal};
    return equal ? static_cast<std::int64_t>(table_[slot]) : -1;
  }

  void bounds(const Queries& batch, std::size_t from, std::size_t count, bool right, std::int64_t* lows,
              std::int64_t* highs) const noexcept override {
    std::uint32_t slots[kQueryBlock];
    for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
      const std::size_t m = end - from < kQueryBlock ? end - from : kQueryBlock;
      load_slots(batch, from, m, right ? SlotOf::right : SlotOf::left, slots);
      write_positions(slots, m, lows + from);
      write_positions(slots, m, highs + from);
    }
  }

  Bounds bounds_one(const ScalarQuery& query, bool right) const noexcept override {
    const std::int64_t position = position_of(converted<K>(query), right);
    return {position, position};
  }

  // The prediction is the answer; no key is read.
  Trace trace(const ScalarQuery& query, bool right, const Kernels&) const noexcept override {
    Trace t;
    const Tracer tracer(t);
    t.answer = position_of(converted<K>(query), right, tracer);
    t.predicted = t.window_low = t.window_high = t.answer;
    return t;
  }

 private:
  void place(const Queries& batch, std::size_t from, std::size_t count, bool right, std::int64_t* positions) const {
    if (batch.kind == KeyTypeOf<K>::value)
      return look_up(static_cast<const K*>(batch.data) + from, count, table_ + right, positions + from);
    std::uint32_t slots[kQueryBlock];
    for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
      const std::size_t m = end - from < kQueryBlock ? end - from : kQueryBlock;
      load_slots(batch, from, m, right ? SlotOf::right : SlotOf::left, slots);
      write_positions(slots, m, positions + from);
    }
  }

  void find_equal(const Queries& batch, std::size_t from, std::size_t count, Verb verb, void* out) const {
    std::uint32_t slots[kQueryBlock];
    for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
      const std::size_t m = end - from < kQueryBlock ? end - from : kQueryBlock;
      load_slots(batch, from, m, SlotOf::own, slots);
      if (verb == Verb::contains) write_contains(slots, m, static_cast<std::uint8_t*>(out) + from);
      else write_find(slots, m, static_cast<std::int64_t*>(out) + from);
    }
  }

  Near<K> near() const { return {keys_, table_[kPastSlot<K>], table_[kPastSlot<K>]}; }

  template <class AnyTracer = NoTrace>
  std::int64_t position_of(Converted<K> c, bool right, const AnyTracer& tracer = {}) const {
    if (right) c = next_above(c);
    const std::size_t slot = c.fit < Fit::past ? slot_of(c.value) : kPastSlot<K>;
    tracer.model(table_ + slot, sizeof(Entry));
    tracer.step(Visit::table, slot);
    return static_cast<std::int64_t>(table_[slot]);
  }

  static void look_up(const K* queries, std::size_t count, const Entry* table, std::int64_t* out) {
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::int64_t>(table[slot_of(queries[i])]);
  }

  template <SlotOf wanted, class Q>
  static void fill_slots(const Q* queries, std::size_t count, std::uint32_t* slots) {
    for (std::size_t i = 0; i < count; ++i) slots[i] = slot_for<K, wanted>(static_cast<Wide<Q>>(queries[i]));
  }

  static void load_slots(const Queries& batch, std::size_t from, std::size_t count, SlotOf wanted,
                         std::uint32_t* slots) {
    visit_key_type(batch.kind, [&](auto tag) {
      const auto* queries = static_cast<const decltype(tag)*>(batch.data) + from;
      if (wanted == SlotOf::left) fill_slots<SlotOf::left>(queries, count, slots);
      else if (wanted == SlotOf::right) fill_slots<SlotOf::right>(queries, count, slots);
      else fill_slots<SlotOf::own>(queries, count, slots);
    });
  }

  void write_positions(const std::uint32_t* slots, std::size_t count, std::int64_t* out) const {
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::int64_t>(table_[slots[i]]);
  }

  void write_contains(const std::uint32_t* slots, std::size_t count, std::uint8_t* out) const {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = static_cast<std::uint8_t>(table_[slots[i]] < table_[slots[i] + 1]);
  }

  void write_find(const std::uint32_t* slots, std::size_t count, std::int64_t* out) const {
    for (std::size_t i = 0; i < count; ++i) {
      const Entry first = table_[slots[i]];
      const auto absent = static_cast<std::int64_t>(first >= table_[slots[i] + 1]);
      out[i] = static_cast<std::int64_t>(first) | -absent;  // no branch: hits and misses come as they like
    }
  }

  const Entry* table_;
  const K* keys_;
};

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(class DirectIndex<K, std::uint32_t>) \
  LIDX_COMPILE(class DirectIndex<K, std::uint64_t>)
LIDX_FOR_NARROW_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
