// LearnedHash: the position of a key among n sorted ones, without the keys: a monotone minimal perfect hash (Belazzougui,
// Boldi, Pagh, Vigna 2009; learned by LeMonHash: Ferragina, Lehmann, Sanders, Vinciguerra 2023).
//
// A knot, the code of a key, every `step` keys tells the segment. In it, a line from knot to knot leads to one of `step`
// buckets, whose sizes are a string of 2 * step bits, a cache line. Which of the c keys of a bucket it is, a fuse table
// says, one for each number of bits that c takes. Members get their position; others one of the same segment.
//
// A segment of strings has a separator, the shortest string that is above all strings before and not above its own. The code of
// a string is what arithmetic coding makes of its bytes, behind those that all strings of its segment begin with: the order is
// theirs, and frequent bytes get more room (order-preserving compression: Zhang et al., HOPE, SIGMOD 2020).
//
// Keys may be repeated. All of the above is about distinct keys then; for each key that equals the one before, an EliasFano
// holds the number of their value among the distinct ones. So many of these as are below a number lie before its first key.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/shared_memory.hpp"
#include "learnedidx/base/unaligned_array.hpp"
#include "learnedidx/filters/binary_fuse.hpp"
#include "learnedidx/filters/bits.hpp"
#include "learnedidx/filters/elias_fano.hpp"
#include "learnedidx/filters/search_root.hpp"
#include "learnedidx/filters/xxh64.hpp"
#include "learnedidx/keys/strings.hpp"

namespace learnedidx {

constexpr std::uint32_t kHashLayout = 32, kStringHashLayout = 33;  // beside the strategies and layouts of filters
constexpr unsigned kWidths = 8;

struct StoredHash {
  std::uint32_t layout, step;
  std::uint64_t keys, seed;  // distinct keys
  std::uint32_t print_bits, zero;
  std::uint64_t repeats;     // keys that equal the one before
  std::uint64_t text;        // bytes of the separators of strings
  std::uint64_t shared;      // of these, at first: what all strings begin with, which separators leave out
  std::uint64_t zero_too;
  std::uint64_t count[kWidths], again[kWidths];  // of each fuse table: keys, and the seed that they go with
};
static_assert(sizeof(StoredHash) == 192);

constexpr std::uint64_t kMostHashKeys = (std::uint64_t{1} << 40) - 1, kMostRepeats = 0xffffffffu;

// Of a segment of strings: the first eight bytes of its separator; the lowest and the highest code, in two halves; where its
// separator ends, below how many bytes its strings begin with in common.
constexpr unsigned kStringKnot = 3, kTextBits = 40;
constexpr std::uint64_t kMostText = (std::uint64_t{1} << kTextBits) - 1, kMostShared = (std::uint64_t{1} << (64 - kTextBits)) - 1;

// begins[byte]: where the share of each byte begins, in 2^-16; that of the end of a string lies below. The code of a string from
// `from` on, in 32 bits: as strings ascend, so does it. As many bytes count as there is room for.
constexpr unsigned kShareBits = 16, kShareWords = 256 * sizeof(std::uint16_t) / 8;
template <class Begins> LIDX_INLINE std::uint64_t string_code(const Begins& begins, const Slice& string, std::size_t from) {
  std::uint64_t low = 0, unit = ~std::uint64_t{0} >> kShareBits;
  for (; from < string.size && unit >> kShareBits > 0; ++from) {
    const unsigned byte = string.data[from];
    const std::uint64_t begin = begins[byte], end = byte == 255 ? std::uint64_t{1} << kShareBits : begins[byte + 1];
    low += unit * begin;
    unit = unit * ((end - begin) & 0xffff) >> kShareBits;
  }
  return low >> 32;
}

// In 64-bit words from the beginning: where each part begins.
struct HashParts {
  std::uint64_t segments, lines, knots, shares, text, tables[kWidths], prints, repeats, end;

  explicit HashParts(const StoredHash& said) {
    segments = (said.keys + said.step - 1) / said.step;
    lines = sizeof said / 8;
    knots = lines + segments * said.step / 32;
    const bool strings = said.layout == kStringHashLayout;
    shares = knots + (strings ? segments * kStringKnot : segments + 1);
    text = shares + (strings ? kShareWords : 0);
    std::uint64_t at = text + (said.text + 7) / 8;
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
  bool right = said.layout == kHashLayout ? said.text == 0 : said.layout == kStringHashLayout && said.text <= kMostText;
  right = right && said.shared <= said.text && said.zero_too == 0;
  right = right && (said.step == 64 || said.step == 128 || said.step == 256) && said.zero == 0;
  right = right && said.keys <= kMostHashKeys && said.repeats <= (said.keys == 0 ? 0 : kMostRepeats);
  right = right && (said.print_bits == 0 || said.print_bits == 8 || said.print_bits == 16);
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
LIDX_INLINE unsigned width_for(std::uint64_t c) { return width_of((c - (c > 0)) << 1 | 1) - 1; }

// What a hash is asked: positions of members, those with a fingerprint that agrees, or where segments begin and end.
enum class HashVerb : std::uint8_t { position, may_find, begin, end };

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
    root_.learn(knots_, segments_);
    shares_ = UnalignedArray<std::uint16_t>::at(words + parts.shares);
    text_ = reinterpret_cast<const std::uint8_t*>(words + parts.text);
    prints_ = reinterpret_cast<const unsigned char*>(words + parts.prints);
    for (unsigned w = 0; w < kWidths; ++w) {
      tables_[w + 1] = said_.count[w] > 0 ? words + parts.tables[w] : kNoSlots;
      sizes_[w + 1] = fuse_sizes(said_.count[w]);
    }
    if (said_.repeats > 0) repeats_ = EliasFano(said_.repeats, said_.keys, low_bits_for(said_.repeats, said_.keys), words + parts.repeats);
    return true;
  }

  const StoredHash& said() const { return said_; }
  bool of_strings() const { return said_.layout == kStringHashLayout; }

  // All keys.
  std::int64_t keys() const { return static_cast<std::int64_t>(said_.keys + said_.repeats); }

  // Codes, or strings of a hash of strings.
  template <class Query> void answer(const Query* asked, std::size_t count, HashVerb verb, std::int64_t* out) const noexcept {
    if (verb == HashVerb::begin || verb == HashVerb::end) bounds(asked, count, verb == HashVerb::end, out);
    else positions(asked, count, verb == HashVerb::may_find, out);
  }

  // Positions of members among these codes, or strings, the first of equal ones; of others one in their segment; -1 where there
  // is no key.
  template <class Query> void positions(const Query* asked, std::size_t count, bool proved, std::int64_t* out) const noexcept {
    const bool fast = has_bit_instructions();
    for (std::size_t from = 0; from < count; from += kGroup) {
      const std::size_t m = std::min(kGroup, count - from);
      if (said_.keys == 0) std::fill_n(out + from, m, -1);
      else if (fast) group_of<true>(asked + from, m, proved, out + from);
      else group_of<false>(asked + from, m, proved, out + from);
    }
  }

  // Where the segments of codes, or strings, begin (ends: where the next ones do). The first key that is not below one lies
  // between the two, `step` distinct keys apart at most.
  template <class Query> void bounds(const Query* asked, std::size_t count, bool ends, std::int64_t* out) const noexcept {
    std::uint64_t at[kGroup];
    for (std::size_t from = 0; from < count; from += kGroup) {
      const std::size_t m = std::min(kGroup, count - from);
      segments_of(asked + from, m, at);
      for (std::size_t i = 0; i < m; ++i) out[from + i] = static_cast<std::int64_t>(std::min((at[i] + ends) * said_.step, said_.keys));
      if (said_.repeats > 0) spread(out + from, m);
    }
  }

 private:
  // A question in its segment, whose keys have codes from `first` to `last`.
  struct Asked {
    std::uint64_t code, first, last, hash;
  };

  // What is known of a question between two steps: that c keys are in its bucket, and how many come before.
  struct Found {
    std::uint64_t hash, base, c;
    std::uint64_t bits[3];  // where it has its slots in the table of a width
    unsigned width;
  };

  void segments_of(const std::uint64_t* codes, std::size_t m, std::uint64_t* at) const { root_.find(knots_, codes, m, at); }

  void segments_of(const Slice* strings, std::size_t m, std::uint64_t* at) const {
    std::uint64_t heads[kGroup];
    Slice rests[kGroup];
    for (std::size_t i = 0; i < m; ++i) {
      rests[i] = rest_of(strings[i]);
      heads[i] = rests[i].data == nullptr ? ~std::uint64_t{0} : chunk_at(rests[i], 0);
    }
    root_.find(knots_, heads, m, at);
    for (std::size_t i = 0; i < m; ++i)
      if (rests[i].data != nullptr && loaded_once(knots_[at[i]]) == heads[i]) at[i] = last_among_equal(heads[i], rests[i], at[i]);
  }

  // A string behind what all keys begin with; nothing of it if it is below all, nullptr if it is above.
  Slice rest_of(const Slice& string) const {
    const auto shared = static_cast<std::size_t>(said_.shared), common = std::min(shared, string.size);
    const int order = common == 0 ? 0 : std::memcmp(string.data, text_, common);
    if (order > 0) return {nullptr, 0, 0};
    if (order < 0 || string.size < shared) return {text_, 0, 0};
    return {shared == 0 && string.size == 0 ? text_ : string.data + shared, string.size - shared, string.room - shared};
  }

  // The last of the separators from 0 to `last` that is not above a string, whose head that one has.
  std::uint64_t last_among_equal(std::uint64_t head, const Slice& rest, std::uint64_t last) const {
    std::uint64_t below = 0, above = last + 1;  // separator 0 is below all strings
    while (above - below > 1) {
      const std::uint64_t middle = below + (above - below) / 2;
      const std::uint64_t its = loaded_once(knots_[middle]);
      if (its < head || (its == head && compare(separator(middle), rest) <= 0)) below = middle;
      else above = middle;
    }
    return below;
  }

  std::uint64_t place_of(std::uint64_t segment) const { return loaded_once(knots_[2 * segments_ + segment]); }

  Slice separator(std::uint64_t segment) const {
    const std::uint64_t to = std::min(std::max(place_of(segment) & kMostText, said_.shared), said_.text);
    const std::uint64_t from = std::min(segment == 0 ? said_.shared : std::max(place_of(segment - 1) & kMostText, said_.shared), to);
    return {text_ + from, static_cast<std::size_t>(to - from), static_cast<std::size_t>(said_.text - from)};
  }

  LIDX_INLINE Asked asked_in(std::uint64_t segment, std::uint64_t code) const {
    return {code, loaded_once(knots_[segment]), loaded_once(knots_[segment + 1]), mixed(code, said_.seed)};
  }

  LIDX_INLINE Asked asked_in(std::uint64_t segment, const Slice& string) const {
    const std::uint64_t codes = loaded_once(knots_[segments_ + segment]), first = codes & 0xffffffffu;
    return {string_code(shares_, string, static_cast<std::size_t>(place_of(segment) >> kTextBits)), first, std::max(first, codes >> 32),
            Xxh64::of_bytes(string.data, string.size, said_.seed)};
  }

  template <bool kFast, class Query> LIDX_INLINE void group_of(const Query* asked, std::size_t m, bool proved, std::int64_t* out) const {
    if (said_.step == 256) group<kFast, 8>(asked, m, proved, out);
    else if (said_.step == 128) group<kFast, 4>(asked, m, proved, out);
    else group<kFast, 2>(asked, m, proved, out);
  }

  template <bool kFast, unsigned kWords, class Query> void group(const Query* asked, std::size_t m, bool proved, std::int64_t* out) const {
    std::uint64_t at[kGroup];
    Found found[kGroup];
    segments_of(asked, m, at);
    for (std::size_t i = 0; i < m; ++i) prefetch_near(lines_ + at[i] * kWords);
    for (std::size_t i = 0; i < m; ++i) locate<kFast, kWords>(asked_in(at[i], asked[i]), at[i], found[i]);
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
  template <bool kFast, unsigned kWords> LIDX_INLINE void locate(const Asked& asked, std::uint64_t segment, Found& found) const {
    constexpr std::uint64_t step = 32 * kWords;
    const std::uint64_t bucket = std::min(bucket_in(std::max(asked.code, asked.first), asked.first, asked.last, step), step - 1);
    const std::uint64_t* line = lines_ + segment * kWords;
    const std::uint64_t start = bucket == 0 ? 0 : zero<kFast, kWords>(line, bucket - 1) + 1, word = start / 64, shift = start % 64;
    const std::uint64_t last = kWords - 1;
    const std::uint64_t behind = line[std::min(word, last)] >> shift | line[std::min(word + 1, last)] << 1 << (63 - shift);
    found.hash = asked.hash;
    found.base = segment * step + std::min(start - std::min(bucket, start), step - 1);
    found.c = first_one(~behind);
    if (found.c == 64) found.c = std::max(zero<kFast, kWords>(line, bucket), start) - start;
    const unsigned w = std::min(width_for(found.c), kWidths);
    found.width = w;
    find_slots(tables_[w], w, fuse_places(mixed(found.hash, said_.again[w - (w > 0)]), sizes_[w]), found.bits);
  }

  // Where zero number k of a line is, of which it has more. Without branches.
  template <bool kFast, unsigned kWords> static LIDX_INLINE std::uint64_t zero(const std::uint64_t* line, std::uint64_t k) {
    std::uint64_t before = 0, at = 0, skipped = 0;
    for (unsigned i = 0; i + 1 < kWords; ++i) {
      before += 64 - ones_of<kFast>(line[i]);
      at += before <= k;
      skipped = before <= k ? before : skipped;
    }
    k -= skipped;
    return at * 64 + (place_of_one<kFast>(~line[at], static_cast<unsigned>(k)) & 63);
  }

  // Which of the keys of its bucket it is.
  LIDX_INLINE std::uint64_t inside(const Found& found) const {
    return std::min(packed_xor(tables_[found.width], found.width, found.bits), found.c - 1);
  }

  LIDX_INLINE bool has_print(std::uint64_t hash, std::uint64_t position) const {
    if (said_.print_bits == 8) return prints_[position] == hash >> 56;
    return (prints_[2 * position] | prints_[2 * position + 1] << 8) == static_cast<int>(hash >> 48);
  }

  StoredHash said_{};
  std::uint64_t segments_ = 0;
  SearchRoot root_;
  const std::uint64_t *lines_ = nullptr, *knots_ = nullptr;
  const std::uint64_t* tables_[kWidths + 1] = {kNoSlots, kNoSlots, kNoSlots, kNoSlots, kNoSlots,
                                               kNoSlots, kNoSlots, kNoSlots, kNoSlots};  // by width
  FuseSizes sizes_[kWidths + 1];
  EliasFano repeats_;
  const unsigned char* prints_ = nullptr;
  UnalignedArray<std::uint16_t> shares_;
  const std::uint8_t* text_ = nullptr;
};

}  // namespace learnedidx
