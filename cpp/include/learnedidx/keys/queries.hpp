// Queries of any format, turned block by block into values of the key format.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/base/key_traits.hpp"
#include "learnedidx/keys/convert.hpp"
#include "learnedidx/keys/strings.hpp"
#include "learnedidx/keys/times.hpp"

namespace learnedidx {

// What is asked of each query; the last three are answered by lookup/nearest.hpp.
enum class Verb : std::uint8_t { position, contains, find, pad, backfill, nearest };

// The largest distance from a query to a key that still counts.
struct Limit {
  bool set = false;
  std::uint64_t whole = 0;  // integer keys and times: its whole steps
  double part = 0;          // and the part of a step, rounded down; real keys: the limit, rounded
  double rest = 1;          // and one step less it, rounded up; real keys: what rounding took, rounded down
  std::int64_t ticks = 0, rest_ticks = 0;  // times of another unit: part and rest in units of a query
};

// A batch of queries as it lies in memory: contiguous and aligned, borrowed from the caller.
struct Queries {
  const void* data = nullptr;
  KeyType kind = KeyType::u64;
  bool times = false;       // int64 that counts time units: its smallest value is NaT
  TimeScale scale{};        // used when times
  Limit limit{};            // used by pad, backfill and nearest
  std::atomic<bool>* open = nullptr;  // set when they leave a query open, if not null
  const Strings* strings = nullptr;   // of an index over strings: the queries, instead of data
};

constexpr std::size_t kQueryBlock = 2048;  // values and fits of a block stay in the L1 cache
constexpr std::size_t kPlainBlock = 4 * kQueryBlock;  // as many as can be on the stack: each block fills the pipeline anew

template <class K> struct QueryBlock {
  K values[kQueryBlock];
  Fit fits[kQueryBlock];
  bool special = false;  // some fit is past or nan
};

template <class K, class Q>
void convert_block(const Q* queries, std::size_t count, bool right, QueryBlock<K>& block) {
  unsigned special = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Converted<K> c = ceil_to<K>(static_cast<Wide<Q>>(queries[i]));
    if (right) c = next_above(c);
    block.values[i] = c.value;
    block.fits[i] = c.fit;
    special |= static_cast<unsigned>(c.fit >= Fit::past);
  }
  block.special = special != 0;
}

// Are the queries of the keys' own format and unit?
template <class K> bool is_of_the_keys(const Queries& batch) {
  return batch.kind == KeyTypeOf<K>::value && (!batch.times || batch.scale.is_identity());
}

// Is a query the one value of an integer format? Without comparing, as SSE2 compares no numbers of 64 bits: (t - 1) & ~t has
// its highest bit only where t is 0.
template <class K> bool holds(const K* queries, std::size_t count, K value) {
  using Bits = KeyBits<K>;
  Bits marks = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto t = static_cast<Bits>(static_cast<Bits>(queries[i]) ^ static_cast<Bits>(value));
    marks = static_cast<Bits>(marks | (static_cast<Bits>(t - 1u) & static_cast<Bits>(~t)));
  }
  return marks >> (8 * sizeof(K) - 1) != 0;
}

// Is one missing or, on the right, past all keys?
template <class K> bool holds_special(const K* queries, std::size_t count, bool times, bool right) {
  if constexpr (kIsReal<K>) {
    KeyBits<K> special = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto missing = static_cast<KeyBits<K>>(is_missing(queries[i], times));
      const auto past = static_cast<KeyBits<K>>(right & static_cast<unsigned>(queries[i] == highest_key<K>()));
      special = static_cast<KeyBits<K>>(special | missing | past);
    }
    return special != 0;
  } else {
    return (right && holds(queries, count, highest_key<K>())) || (times && holds(queries, count, lowest_key<K>()));
  }
}

// Queries of the keys' own format and unit, as they are to be searched: on the left themselves, on the right the next
// keys, in `room`. Null if they are of another one, or one is missing or, on the right, past all keys. Loops of one step
// each, which compilers turn into steps of several queries.
template <class K>
const K* plain_queries(const Queries& batch, std::size_t from, std::size_t count, bool right, K* room) {
  if (!is_of_the_keys<K>(batch)) return nullptr;
  const K* queries = static_cast<const K*>(batch.data) + from;
  if (holds_special(queries, count, batch.times, right)) return nullptr;
  if (!right) return queries;
  for (std::size_t i = 0; i < count; ++i) room[i] = next_key(queries[i]);
  return room;
}

inline void convert_times(const std::int64_t* queries, std::size_t count, const TimeScale& scale,
                          bool right, QueryBlock<std::int64_t>& block) {
  unsigned special = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Converted<std::int64_t> c = in_key_units(queries[i], scale);
    if (right) c = next_above(c);
    block.values[i] = c.value;
    block.fits[i] = c.fit;
    special |= static_cast<unsigned>(c.fit >= Fit::past);
  }
  block.special = special != 0;
}

// Queries [from, from + count) of a batch; count <= kQueryBlock.
template <class K>
void load_block(const Queries& batch, std::size_t from, std::size_t count, bool right,
                QueryBlock<K>& block) {
  if constexpr (KeyTraits<K>::kTimes) {
    if (batch.times) {
      convert_times(static_cast<const std::int64_t*>(batch.data) + from, count, batch.scale, right,
                    block);
      return;
    }
  }
  visit_key_type(batch.kind, [&](auto tag) {
    convert_block(static_cast<const decltype(tag)*>(batch.data) + from, count, right, block);
  });
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(void load_block(const Queries&, std::size_t, std::size_t, bool, QueryBlock<K>&))
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
