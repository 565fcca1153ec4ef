// LearnedHash: the position of a key among n sorted ones, without the keys: a monotone minimal perfect hash (Belazzougui,
// Boldi, Pagh, Vigna 2009; learned by LeMonHash: Ferragina, Lehmann, Sanders, Vinciguerra 2023).
//
// A knot, the code of a key, every `step` keys tells the segment. In it, a line from knot to knot leads to one of `step`
// buckets, whose sizes are a string of 2 * step bits, a cache line. Which of the c keys of a bucket it is, a fuse table
// says, one for each number of bits that c takes. Members get their position; others one of the same segment.
//
// Keys may be repeated. All of the above is about distinct keys then; for each key that equals the one before, an EliasFano
// holds the number of their value among the distinct ones. So many of these as are below a number lie before its first key.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/base/shared_memory.hpp"
#include "learnedidx/filters/binary_fuse.hpp"
#include "learnedidx/filters/bits.hpp"
#include "learnedidx/filters/elias_fano.hpp"

namespace learnedidx {

constexpr std::uint32_t kHashLayout = 32;  // beside the strategies and layouts of filters
constexpr unsigned kWidths = 8;

struct StoredHash {
  std::uint32_t layout, step;
  std::uint64_t keys, seed;  // distinct keys
  std::uint32_t print_bits, zero;
  std::uint64_t repeats;     // keys that equal the one before
  std::uint64_t zeros[3];
  std::uint64_t count[kWidths], again[kWidths];  // of each fuse table: keys, and the seed that they go with
};
static_assert(sizeof(StoredHash) == 192);

constexpr std::uint64_t kMostHashKeys = (std::uint64_t{1} << 40) - 1, kMostRepeats = 0xffffffffu;

// In 64-bit words from the beginning: where each part begins.
struct HashParts {
  std::uint64_t segments, lines, knots, tables[kWidths], prints, repeats, end;

  explicit HashParts(const StoredHash& said) {
    segments = (said.keys + said.step - 1) / said.step;
    lines = sizeof said / 8;
    knots = lines + segments * said.step / 32;
    std::uint64_t at = knots + segments + 1;
    for (unsigned w = 0; w < kWidths; ++w) {
      tables[w] = at;
      at += said.count[w] == 0 ? 0 : packed_words(fuse_sizes(said.count[w]).slots(), w + 1);
    }
    prints = at;
    repeats = prints + (said.keys * said.print_bits + 63) / 64;
    end = repeats + (said.repeats == 0 ? 0 : elias_fano_sizes(said.repeats, said.keys, low_bits_for(said.repeats, said.keys)).words());
  }
};

inline bool is_learned_hash(const StoredHash& said, std::uint64_t bytes) {
  bool right = said.layout == kHashLayout && (said.step == 64 || said.step == 128 || said.step == 256) && said.zero == 0;
  right = right && said.keys <= kMostHashKeys && said.repeats <= (said.keys == 0 ? 0 : kMostRepeats);
  right = right && (said.print_bits == 0 || said.print_bits == 8 || said.print_bits == 16);
  for (const std::uint64_t zero : said.zeros) right = right && zero == 0;
  for (const std::uint64_t count : said.count) right = right && count <= said.keys;
  return right && HashParts(said).end * 8 == bytes;
}

// The bucket of a code in a segment from one knot to the next.
LIDX_INLINE std::uint64_t bucket_in(std::uint64_t code, std::uint64_t knot, std::uint64_t next, std::uint64_t step) {
  const std::uint64_t span = next - knot, inside = std::min(code - knot, span);
  const unsigned shift = span >> 32 ? width_of(span >> 32) : 0;
  return (inside >> shift) * ((step << 32) / ((span >> shift) + 1)) >> 32;
}

// Bits that tell c keys apart.
LIDX_INLINE unsigned width_for(std::uint64_t c) { return c < 2 ? 0 : width_of(c - 1); }

class LearnedHash {
 public:
  static constexpr std::size_t kGroup = 32;

  // Reads what lies in so many bytes, which stay; they begin at a multiple of 8. False: no hash.
  bool open(const void* data, std::uint64_t bytes) {
    if (bytes < sizeof said_) return false;
    copy_once(data, said_);
    if (!is_learned_hash(said_, bytes)) return false;
    const auto* words = static_cast<const std::uint64_t*>(data);
    const HashParts parts(said_);
    segments_ = parts.segments;
    lines_ = words + parts.lines;
    knots_ = words + parts.knots;
    prints_ = reinterpret_cast<const unsigned char*>(words + parts.prints);
    for (unsigned w = 0; w < kWidths; ++w) {
      tables_[w] = said_.count[w] == 0 ? nullptr : words + parts.tables[w];
      sizes_[w] = fuse_sizes(said_.count[w]);
    }
    if (said_.repeats > 0) repeats_ = EliasFano(said_.repeats, said_.keys, low_bits_for(said_.repeats, said_.keys), words + parts.repeats);
    return true;
  }

  const StoredHash& said() const { return said_; }

  // All keys.
  std::int64_t keys() const { return static_cast<std::int64_t>(said_.keys + said_.repeats); }

  // Positions of members among these codes, the first of equal ones; of others one in their segment; -1 where there is no key.
  void positions(const std::uint64_t* codes, std::size_t count, bool proved, std::int64_t* out) const noexcept {
    const bool fast = has_bit_instructions();
    for (std::size_t from = 0; from < count; from += kGroup) {
      const std::size_t m = std::min(kGroup, count - from);
      if (said_.keys == 0) std::fill_n(out + from, m, -1);
      else if (fast) group<true>(codes + from, m, proved, out + from);
      else group<false>(codes + from, m, proved, out + from);
    }
  }

  // Where the segments of codes begin (ends: where the next ones do). The first key that is not below a code lies between the
  // two, `step` distinct keys apart at most.
  void bounds(const std::uint64_t* codes, std::size_t count, bool ends, std::int64_t* out) const noexcept {
    std::uint64_t at[kGroup];
    for (std::size_t from = 0; from < count; from += kGroup) {
      const std::size_t m = std::min(kGroup, count - from);
      last_not_above(knots_, segments_, codes + from, m, at);
      for (std::size_t i = 0; i < m; ++i) out[from + i] = static_cast<std::int64_t>(std::min((at[i] + ends) * said_.step, said_.keys));
      if (said_.repeats > 0) spread(out + from, m);
    }
  }

 private:
  // What is known of a question between two steps.
  struct Found {
    std::uint64_t hash, base, c;
    FusePlaces places;
    unsigned width;
  };

  template <bool kFast> void group(const std::uint64_t* codes, std::size_t m, bool proved, std::int64_t* out) const {
    std::uint64_t at[kGroup];
    Found found[kGroup];
    last_not_above(knots_, segments_, codes, m, at);
    for (std::size_t i = 0; i < m; ++i) prefetch_near(lines_ + at[i] * said_.step / 32);
    for (std::size_t i = 0; i < m; ++i) locate<kFast>(codes[i], at[i], found[i]);
    for (std::size_t i = 0; i < m; ++i) {
      const std::uint64_t position = std::min(found[i].base + inside(found[i]), said_.keys - 1);
      out[i] = static_cast<std::int64_t>(position);
      if (proved) prefetch_near(prints_ + position * said_.print_bits / 8);
    }
    for (std::size_t i = 0; proved && i < m; ++i)
      if (!has_print(found[i].hash, static_cast<std::uint64_t>(out[i]))) out[i] = -1;
    if (said_.repeats > 0) spread(out, m);
  }

  // Numbers of distinct keys, or how many there are, become positions among all; -1 stays. At most kGroup.
  void spread(std::int64_t* at, std::size_t m) const {
    if (has_bit_instructions()) spread_by<true>(at, m);
    else spread_by<false>(at, m);
  }

  template <bool kFast> void spread_by(std::int64_t* at, std::size_t m) const {
    Probe probes[kGroup];
    const auto distinct = static_cast<std::int64_t>(said_.keys);
    for (std::size_t i = 0; i < m; ++i) {
      probes[i].a = static_cast<std::uint64_t>(std::min(std::max(at[i], std::int64_t{0}), distinct - 1));
      repeats_.ask(probes[i]);
    }
    for (std::size_t i = 0; i < m; ++i) repeats_.aim(probes[i]);
    for (std::size_t i = 0; i < m; ++i) repeats_.locate<kFast>(probes[i]);
    for (std::size_t i = 0; i < m; ++i) {
      const std::uint64_t before = at[i] >= distinct ? said_.repeats : repeats_.below<kFast>(probes[i]);
      if (at[i] >= 0) at[i] += static_cast<std::int64_t>(before);
    }
  }

  // Fills in place: a copy of what was just written in halves waits for it.
  template <bool kFast> LIDX_INLINE void locate(std::uint64_t code, std::uint64_t segment, Found& found) const {
    const std::uint64_t step = said_.step, knot = loaded_once(knots_[segment]);
    const std::uint64_t bucket = std::min(bucket_in(std::max(code, knot), knot, loaded_once(knots_[segment + 1]), step), step - 1);
    const std::uint64_t* line = lines_ + segment * step / 32;
    unsigned before[9] = {};
    for (unsigned i = 0; i < step / 32; ++i) before[i + 1] = before[i] + ones_of<kFast>(~line[i]);
    const std::uint64_t start = bucket == 0 ? 0 : zero<kFast>(line, before, bucket - 1) + 1;
    const std::uint64_t end = std::max(zero<kFast>(line, before, bucket), start);
    found.hash = mixed(code, said_.seed);
    found.base = segment * step + std::min(start - std::min(bucket, start), step - 1);
    found.c = end - start;
    found.width = std::min(width_for(found.c), kWidths);
    if (found.width == 0 || tables_[found.width - 1] == nullptr) {
      found.width = 0;
      return;
    }
    const unsigned w = found.width - 1;
    const FusePlaces places = fuse_places(mixed(found.hash, said_.again[w]), sizes_[w]);
    for (unsigned k = 0; k < 3; ++k) {
      found.places.at[k] = places.at[k];
      prefetch_near(reinterpret_cast<const unsigned char*>(tables_[w]) + places.at[k] * found.width / 8);
    }
  }

  // Where zero number k of a line is.
  template <bool kFast> LIDX_INLINE std::uint64_t zero(const std::uint64_t* line, const unsigned* before, std::uint64_t k) const {
    const unsigned words = said_.step / 32;
    unsigned at = 0;
    for (unsigned i = 1; i < words; ++i) at += before[i] <= k;
    return at * 64 + (place_of_one<kFast>(~line[at], static_cast<unsigned>(k) - before[at]) & 63);
  }

  // Which of the keys of its bucket it is.
  LIDX_INLINE std::uint64_t inside(const Found& found) const {
    if (found.width == 0) return 0;
    return std::min(packed_xor(tables_[found.width - 1], found.width, found.places), found.c - 1);
  }

  LIDX_INLINE bool has_print(std::uint64_t hash, std::uint64_t position) const {
    if (said_.print_bits == 8) return prints_[position] == hash >> 56;
    return (prints_[2 * position] | prints_[2 * position + 1] << 8) == static_cast<int>(hash >> 48);
  }

  StoredHash said_{};
  std::uint64_t segments_ = 0;
  const std::uint64_t *lines_ = nullptr, *knots_ = nullptr, *tables_[kWidths] = {};
  FuseSizes sizes_[kWidths];
  EliasFano repeats_;
  const unsigned char* prints_ = nullptr;
};

}  // namespace learnedidx
