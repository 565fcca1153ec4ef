// A hash table of the places of strings, beside layers, for lookups of equal keys alone: one cache line of slots, then the key.
//
// A bucket is a cache line of 16 slots. A slot holds the place of a key and, in the bits above it, some of the key's hash: 12
// for a million keys, 5 for a hundred million, one for the most. Where a bucket is full, the next one is used (linear probing:
// D. E. Knuth, TAOCP 3, section 6.4). Nothing is removed. The key at a place proves that it is there; nothing proves a "no", so
// a table is made over the keys at hand and comes from no file.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/base/compiled.hpp"
#include "learnedidx/base/compiler.hpp"
#include "learnedidx/base/product.hpp"
#include "learnedidx/keys/strings.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace learnedidx {

// A hash of 64 bits, by products whose halves are folded together. Who knows the seed can make strings whose hashes agree.
LIDX_INLINE std::uint64_t hash_of(const Slice& string, std::uint64_t seed) {
  constexpr std::uint64_t spread = 0x9E3779B97F4A7C15u;
  const auto word = [&](std::size_t at) {
    std::uint64_t bytes;
    std::memcpy(&bytes, string.data + at, sizeof bytes);
    return bytes;
  };
  std::uint64_t hash = seed ^ (string.size * spread), first = 0, second = 0;
  if (string.size <= 16) {
    first = chunk_at(string, 0);
    second = chunk_at(string, 8);
  } else {
    for (std::size_t at = 0; at + 16 < string.size; at += 16) hash = folded_product(word(at) ^ seed, word(at + 8) ^ hash);
    first = word(string.size - 16);
    second = word(string.size - 8);
  }
  return folded_product(folded_product(first ^ seed, second ^ hash) ^ spread, seed);
}

// The same bytes?
LIDX_INLINE bool are_equal(const Slice& a, const Slice& b) {
  if (a.size != b.size) return false;
  if (a.size <= 8) return chunk_at(a, 0) == chunk_at(b, 0);
  std::uint64_t differ = 0, x, y;
  for (std::size_t at = 0;; at = std::min(at + 8, a.size - 8)) {
    std::memcpy(&x, a.data + at, sizeof x);
    std::memcpy(&y, b.data + at, sizeof y);
    differ |= x ^ y;
    if (differ != 0 || at + 8 == a.size) return differ == 0;
  }
}

struct alignas(64) HashBucket {
  static constexpr std::uint32_t kEmpty = ~std::uint32_t{0};
  static constexpr std::size_t kSlots = 16;
  std::uint32_t slots[kSlots];

  // Slots are filled in their order, and none is emptied.
  bool is_full() const { return slots[kSlots - 1] != kEmpty; }

  // A bit for each slot that agrees with `slot` where mask has ones.
  LIDX_INLINE unsigned agreeing(std::uint32_t slot, std::uint32_t mask) const {
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi32(static_cast<int>(slot)), ones = _mm_set1_epi32(static_cast<int>(mask));
    const auto four = [&](int i) {
      const __m128i held = _mm_load_si128(reinterpret_cast<const __m128i*>(slots) + i);
      return _mm_cmpeq_epi32(_mm_and_si128(held, ones), wanted);
    };
    const __m128i low = _mm_packs_epi32(four(0), four(1)), high = _mm_packs_epi32(four(2), four(3));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(low, high)));
#else
    unsigned found = 0;
    for (std::size_t i = 0; i < kSlots; ++i) found |= static_cast<unsigned>((slots[i] & mask) == slot) << i;
    return found;
#endif
  }
};

// Owns its buckets, and borrows no keys.
class HashTable {
 public:
  bool empty() const { return buckets_.empty(); }
  std::size_t bytes() const { return buckets_.size() * sizeof(HashBucket); }

  // Places the first of each run of equal keys, which are sorted. The seed is drawn: who chooses keys does not know where they
  // go. False if stopped; the table is empty then. O(bytes of the keys).
  template <class Column> bool build(const Column& keys, std::size_t n, Cancellation cancellation);

  // positions[i]: the first key that equals query i, or -1.
  template <class Column>
  void find(const Column& keys, std::size_t n, const Slice* queries, std::size_t count, std::int64_t* positions) const;

  template <class Column> std::int64_t find_one(const Column& keys, std::size_t n, const Slice& query) const {
    return probe(keys, n, query, hash_of(query, seed_));
  }

 private:
  static constexpr std::size_t kAtOnce = 512, kAhead = 16;
  static constexpr std::size_t kFilled = 11;  // of 16 slots, on average: so there is a bucket that is not full

  std::size_t bucket_of(std::uint64_t hash) const {
    return static_cast<std::size_t>(high_product(hash, buckets_.size()));
  }
  std::size_t next(std::size_t bucket) const { return bucket + 1 < buckets_.size() ? bucket + 1 : 0; }
  std::uint32_t mask() const { return ~(~std::uint32_t{0} >> (32 - place_bits_)); }
  std::uint32_t tag_of(std::uint64_t hash) const { return static_cast<std::uint32_t>(hash) & mask(); }

  static std::uint64_t drawn_seed() {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
  }

  template <class Column> bool fill(const Column& keys, std::size_t n, Cancellation cancellation);

  void put(std::uint64_t hash, std::size_t place) {
    std::size_t bucket = bucket_of(hash);
    while (buckets_[bucket].is_full()) bucket = next(bucket);
    std::uint32_t* slots = buckets_[bucket].slots;
    *std::find(slots, slots + HashBucket::kSlots, HashBucket::kEmpty) = tag_of(hash) | static_cast<std::uint32_t>(place);
  }

  template <class Column> std::int64_t probe(const Column& keys, std::size_t n, const Slice& query, std::uint64_t hash) const {
    for (std::size_t bucket = bucket_of(hash);; bucket = next(bucket)) {
      const HashBucket& held = buckets_[bucket];
      for (unsigned found = held.agreeing(tag_of(hash), mask()); found != 0; found &= found - 1) {
        const std::size_t place = held.slots[__builtin_ctz(found)] & ~mask();
        if (place < n && are_equal(keys[place], query)) return static_cast<std::int64_t>(place);
      }
      if (!held.is_full()) return -1;
    }
  }

  // The steps of a batch.
  std::uint64_t asked(const Slice& query) const {
    const std::uint64_t hash = hash_of(query, seed_);
    prefetch_near(&buckets_[bucket_of(hash)]);
    return hash;
  }
  std::uint32_t first_place(std::uint64_t hash, std::size_t n) const {
    const HashBucket& held = buckets_[bucket_of(hash)];
    const unsigned found = held.agreeing(tag_of(hash), mask()), last = 1u << (HashBucket::kSlots - 1);
    const std::uint32_t place = held.slots[__builtin_ctz(found | last)] & ~mask();
    return found != 0 && place < n ? place : HashBucket::kEmpty;
  }
  template <class Column> static void ask_for(const Column& keys, std::size_t place) { keys.prefetch(place, place + 1, 0); }
  template <class Column>
  std::int64_t settled(const Column& keys, std::size_t n, const Slice& query, std::uint64_t hash, std::uint32_t place) const {
    if (place != HashBucket::kEmpty && are_equal(keys[place], query)) return place;
    if (place == HashBucket::kEmpty && !buckets_[bucket_of(hash)].is_full()) return -1;
    return probe(keys, n, query, hash);
  }

  Table<HashBucket> buckets_;
  unsigned place_bits_ = 1;  // 2^place_bits > n, so that no place looks like an empty slot
  std::uint64_t seed_ = 0;
};

template <class Column> bool HashTable::build(const Column& keys, std::size_t n, Cancellation cancellation) {
  for (place_bits_ = 1; n >> place_bits_ != 0;) ++place_bits_;
  HashBucket none;
  std::fill_n(none.slots, HashBucket::kSlots, HashBucket::kEmpty);
  seed_ = drawn_seed();
  buckets_.assign(n / kFilled + 1, none);
  const bool done = fill(keys, n, cancellation);
  if (!done) Table<HashBucket>().swap(buckets_);
  return done;
}

template <class Column> bool HashTable::fill(const Column& keys, std::size_t n, Cancellation cancellation) {
  std::uint64_t hashes[kAtOnce];
  std::uint32_t places[kAtOnce];
  SeldomPoll poll(cancellation);
  Slice before{};
  for (std::size_t from = 0; from < n; from += kAtOnce) {
    const std::size_t end = std::min(from + kAtOnce, n);
    if (!poll.may_continue(end - from)) return false;
    std::size_t count = 0;
    for (std::size_t i = from; i < end; ++i) {
      const Slice key = keys[i];
      hashes[count] = hash_of(key, seed_);
      places[count] = static_cast<std::uint32_t>(i);
      prefetch_near(&buckets_[bucket_of(hashes[count])]);
      count += static_cast<std::size_t>(i == 0 || !are_equal(before, key));
      before = key;
    }
    for (std::size_t i = 0; i < count; ++i) put(hashes[i], places[i]);
  }
  return true;
}

// A query waits three times: for its bucket, for where its key begins, and for the key.
template <class Column>
void HashTable::find(const Column& keys, std::size_t n, const Slice* queries, std::size_t count, std::int64_t* positions) const {
  std::uint64_t hashes[kAtOnce];
  std::uint32_t places[kAtOnce];  // where the first slot that agrees leads, or kEmpty
  for (std::size_t size = 0; count > 0; count -= size, queries += size, positions += size) {
    size = std::min(count, kAtOnce);
    for (std::size_t i = 0; i < size + 3 * kAhead; ++i) {
      if (i < size) hashes[i] = asked(queries[i]);
      if (const std::size_t at = i - kAhead; at < size) {
        places[at] = first_place(hashes[at], n);
        if (places[at] != HashBucket::kEmpty) keys.prefetch(places[at]);
      }
      if (const std::size_t at = i - 2 * kAhead; at < size && places[at] != HashBucket::kEmpty) ask_for(keys, places[at]);
      if (const std::size_t at = i - 3 * kAhead; at < size) positions[at] = settled(keys, n, queries[at], hashes[at], places[at]);
    }
  }
}

#define LIDX_THESE(Column) \
  LIDX_COMPILE(bool HashTable::build(const Column&, std::size_t, Cancellation)) \
  LIDX_COMPILE(void HashTable::find(const Column&, std::size_t, const Slice*, std::size_t, std::int64_t*) const)
LIDX_FOR_ALL_COLUMNS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
