// EliasFano: numbers below a universe, in log2(universe / n) + 2.2 bits each (Elias 1974, Fano 1971), whether any of them
// lies in an interval, and how many are below one. A number may be there several times.
//
// A number is a bucket, its upper bits, and low bits, which are stored as they are. Buckets are a string of bits: a zero
// for each, and behind it a one for each of its numbers. A line of 64 bytes holds 480 of these bits behind the count of
// ones before them. Every 512th bucket has its count of numbers before it in a directory; between two of them a line is
// guessed and then proved by its counts. So an answer takes one line of the directory, one of bits and one or two of low
// bits, and never more than O(log n) of them, however uneven the buckets are.
//
// Nothing in the arrays is trusted: what is read once is cut off before it is used.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/shared_memory.hpp"
#include "learnedidx/filters/bits.hpp"

namespace learnedidx {

struct EliasFanoSizes {
  std::uint64_t buckets, lines, directory, low_words;

  // In 64-bit words.
  std::uint64_t words() const { return lines * 8 + (directory + 1) / 2 + low_words; }
};

constexpr std::uint64_t kLineBits = 480, kDirectoryBuckets = 512;
constexpr unsigned kMostLowBits = 56;  // so that one load of 64 bits holds them

// The low bits that take the fewest bytes.
inline unsigned low_bits_for(std::uint64_t n, std::uint64_t universe) {
  const unsigned bits = n == 0 || universe <= n ? 0 : width_of(universe / n) - 1;
  return bits < kMostLowBits ? bits : kMostLowBits;
}

// universe: at least 1.
constexpr EliasFanoSizes elias_fano_sizes(std::uint64_t n, std::uint64_t universe, unsigned low_bits) {
  const std::uint64_t buckets = ((universe - 1) >> low_bits) + 1;
  return {buckets, (buckets + 1 + n + kLineBits - 1) / kLineBits, buckets / kDirectoryBuckets + 2, (n * low_bits + 63) / 64 + 2};
}

// A question under way: is there a number in [a, b]?
struct Probe {
  std::uint64_t a, b;
  std::uint64_t line;          // that may hold a's bucket
  std::uint64_t zero, behind;  // where a's bucket begins, and the bits behind
  unsigned known;              // how many of these are of its line
};

class EliasFano {
 public:
  EliasFano() = default;
  EliasFano(std::uint64_t n, std::uint64_t universe, unsigned low_bits, const std::uint64_t* words)
      : n_(n), universe_(universe), low_bits_(low_bits), sizes_(elias_fano_sizes(n, universe, low_bits)), lines_(words) {
    directory_ = reinterpret_cast<const std::uint32_t*>(words + sizes_.lines * 8);
    lows_ = reinterpret_cast<const unsigned char*>(words + sizes_.lines * 8 + (sizes_.directory + 1) / 2);
  }

  // The four steps of a question, each of which asks for the memory of the next. a and b below the universe.
  LIDX_INLINE void ask(const Probe& probe) const { prefetch_near(directory_ + (probe.a >> low_bits_) / kDirectoryBuckets); }

  LIDX_INLINE void aim(Probe& probe) const {
    probe.line = guess(probe.a >> low_bits_);
    prefetch_near(lines_ + probe.line * 8);
  }

  template <bool kFast> LIDX_INLINE void locate(Probe& probe) const {
    const std::uint64_t bucket = probe.a >> low_bits_;
    unsigned inside;
    probe.zero = zero_from<kFast>(bucket, probe.line, inside);
    const std::uint64_t* line = lines_ + probe.line * 8;
    const unsigned word = (inside + 1) / 64, shift = (inside + 1) % 64;
    probe.behind = line[std::min(word, 7u)] >> shift | line[std::min(word + 1, 7u)] << 1 << (63 - shift);
    probe.known = std::min(511 - inside, 64u);
    prefetch_near(lows_ + (rank(probe.zero, bucket) * low_bits_ >> 3));
  }

  // The first number that is not below a lies in a's bucket, or is the first of another one, which the next one of the string
  // tells. Nobody can foresee which, so there is no branch on it where the numbers are few and the string is known.
  template <bool kFast> LIDX_INLINE bool answer(const Probe& probe) const {
    const std::uint64_t bucket = probe.a >> low_bits_, last = probe.b >> low_bits_;
    const unsigned count = first_one(~probe.behind), gap = first_one(probe.behind >> std::min(count, 63u));
    const bool reaches = count + gap < probe.known || last - bucket < probe.known - count;
    if (count > kFew || count >= probe.known || !reaches) return answer_of_many<kFast>(probe);
    const std::uint64_t first = rank(probe.zero, bucket), a = probe.a & low_mask();
    std::uint64_t lows[kFew + 1];
    load_lows(first, lows);
    unsigned before = 0;
    for (unsigned k = 0; k < kFew; ++k) before += static_cast<unsigned>(k < count) & static_cast<unsigned>(lows[k] < a);
    const std::uint64_t of = bucket + if_true(before == count, gap);
    const bool lies = lows[before] <= (probe.b & low_mask());
    return (first + before < n_) & ((of < last) | ((of == last) & lies));
  }

  // In the place of an answer: how many numbers are below a.
  template <bool kFast> LIDX_INLINE std::uint64_t below(const Probe& probe) const {
    const std::uint64_t first = rank(probe.zero, probe.a >> low_bits_);
    return first_low(first, first + std::min(count_of<kFast>(probe), n_ - first), probe.a & low_mask());
  }

  template <bool kFast> bool any(std::uint64_t a, std::uint64_t b) const {
    if (n_ == 0 || a > b) return false;
    Probe probe{std::min(a, universe_ - 1), std::min(b, universe_ - 1), 0, 0, 0, 0};
    aim(probe);
    locate<kFast>(probe);
    return answer<kFast>(probe);
  }

  std::uint64_t n() const { return n_; }
  std::uint64_t universe() const { return universe_; }

 private:
  static constexpr std::uint64_t kFew = 4;
  static constexpr std::uint64_t kCrowded = 9 * kDirectoryBuckets / 4;  // bits between two entries: where even buckets are guessed wrongly

  std::uint64_t low_mask() const { return (std::uint64_t{1} << low_bits_) - 1; }

  // Numbers before the bucket that begins at a zero.
  LIDX_INLINE std::uint64_t rank(std::uint64_t zero, std::uint64_t bucket) const {
    return std::min(zero > bucket ? zero - bucket : 0, n_);
  }

  LIDX_INLINE std::uint64_t low(std::uint64_t i) const {
    std::uint64_t word;
    std::memcpy(&word, lows_ + (i * low_bits_ >> 3), sizeof word);
    return (loaded_once(word) >> (i * low_bits_ & 7)) & low_mask();
  }

  // The low bits from number `first` on; what is not there is anything.
  LIDX_INLINE void load_lows(std::uint64_t first, std::uint64_t* lows) const {
    if (low_bits_ * (kFew + 1) > 57) {
      for (unsigned k = 0; k <= kFew; ++k) lows[k] = low(std::min(first + k, n_));
      return;
    }
    std::uint64_t word;
    std::memcpy(&word, lows_ + (first * low_bits_ >> 3), sizeof word);
    word = loaded_once(word) >> (first * low_bits_ & 7);
    for (unsigned k = 0; k <= kFew; ++k, word >>= low_bits_) lows[k] = word & low_mask();
  }

  // Numbers of a's bucket.
  template <bool kFast> LIDX_INLINE std::uint64_t count_of(const Probe& probe) const {
    const unsigned count = first_one(~probe.behind);
    if (count < probe.known) return count;
    const std::uint64_t next = zero_at<kFast>((probe.a >> low_bits_) + 1);
    return next > probe.zero ? next - probe.zero - 1 : 0;
  }

  template <bool kFast> LIDX_RARE bool answer_of_many(const Probe& probe) const {
    const std::uint64_t bucket = probe.a >> low_bits_, last = probe.b >> low_bits_, count = count_of<kFast>(probe);
    const std::uint64_t first = rank(probe.zero, bucket), end = first + std::min(count, n_ - first);
    const std::uint64_t at = first_low(first, end, probe.a & low_mask());
    if (at < end) return last > bucket || low(at) <= (probe.b & low_mask());
    if (last <= bucket) return false;
    const std::uint64_t zero = last == bucket + 1 ? probe.zero + count + 1 : zero_at<kFast>(last);
    if (rank(zero, last) > at) return true;
    return at < n_ && bit(zero + 1) && low(at) <= (probe.b & low_mask());
  }

  // The first of [first, end), which ascend, whose low bits are not below x.
  LIDX_INLINE std::uint64_t first_low(std::uint64_t first, std::uint64_t end, std::uint64_t x) const {
    if (first == end) return end;
    for (std::uint64_t left = end - first; left > 1; left -= left / 2) first += if_true(low(first + left / 2 - 1) < x, left / 2);
    return first + (low(first) < x);
  }

  LIDX_INLINE bool bit(std::uint64_t position) const {
    const std::uint64_t line = std::min(position / kLineBits, sizes_.lines - 1), inside = position % kLineBits + 32;
    return (lines_[line * 8 + inside / 64] >> (inside % 64)) & 1;
  }

  // Where the zero of the directory's entry for a bucket is.
  LIDX_INLINE std::uint64_t entry(std::uint64_t i) const {
    return i * kDirectoryBuckets + std::min<std::uint64_t>(loaded_once(directory_[i]), n_);
  }

  LIDX_INLINE std::uint64_t guess(std::uint64_t bucket) const {
    const std::uint64_t i = bucket / kDirectoryBuckets, from = entry(i), to = std::max(entry(i + 1), from);
    if (to - from > kCrowded) return line_of(bucket);
    const std::uint64_t position = from + (to - from) * (bucket % kDirectoryBuckets) / kDirectoryBuckets;
    return std::min(position / kLineBits, sizes_.lines - 1);
  }

  LIDX_INLINE std::uint64_t zeros_before(std::uint64_t line) const { return line * kLineBits - (loaded_once(lines_[line * 8]) & 0xffffffffu); }

  // The line that holds the zero of a bucket: bisects those between two entries of the directory. O(log n), without branches on
  // what they hold.
  LIDX_INLINE std::uint64_t line_of(std::uint64_t bucket) const {
    const std::uint64_t i = bucket / kDirectoryBuckets, last = sizes_.lines - 1;
    std::uint64_t line = std::min(entry(i) / kLineBits, last);
    const std::uint64_t high = std::max(std::min(entry(i + 1) / kLineBits, last), line);
    for (std::uint64_t left = high - line + 1; left > 1; left -= left / 2) line += if_true(zeros_before(line + left / 2) <= bucket, left / 2);
    return line;
  }

  // The place in a line of zero number k of it, in bits of the line; 512 where it has not so many.
  template <bool kFast> LIDX_INLINE unsigned zero_in(std::uint64_t line, std::uint64_t k) const {
    const std::uint64_t* words = lines_ + line * 8;
    unsigned before[9] = {0, ones_of<kFast>(~words[0] >> 32)};
    for (unsigned i = 1; i < 8; ++i) before[i + 1] = before[i] + ones_of<kFast>(~words[i]);
    if (k >= before[8]) return 512;
    unsigned at = 0;
    for (unsigned i = 1; i < 8; ++i) at += before[i] <= k;
    const std::uint64_t zeros = at == 0 ? ~words[0] >> 32 << 32 : ~words[at];
    return at * 64 + (place_of_one<kFast>(zeros, static_cast<unsigned>(k) - before[at]) & 63);
  }

  // The position of a bucket's zero, its line and its place there; first in the line that was guessed.
  template <bool kFast> LIDX_INLINE std::uint64_t zero_from(std::uint64_t bucket, std::uint64_t& line, unsigned& inside) const {
    inside = zero_in<kFast>(line, bucket - zeros_before(line));
    if (inside >= 512) inside = search<kFast>(bucket, line);
    return line * kLineBits + inside - 32;
  }

  template <bool kFast> LIDX_RARE unsigned search(std::uint64_t bucket, std::uint64_t& line) const {
    line = line_of(bucket);
    return std::min(zero_in<kFast>(line, bucket - zeros_before(line)), 511u);
  }

  template <bool kFast> LIDX_RARE std::uint64_t zero_at(std::uint64_t bucket) const {
    std::uint64_t line = guess(bucket);
    unsigned inside;
    return zero_from<kFast>(bucket, line, inside);
  }

  std::uint64_t n_ = 0, universe_ = 1;
  unsigned low_bits_ = 0;
  EliasFanoSizes sizes_{};
  const std::uint64_t* lines_ = nullptr;
  const std::uint32_t* directory_ = nullptr;
  const unsigned char* lows_ = nullptr;
};

// Writes the words of n numbers that ascend, one after the other; memory is zeros before.
class EliasFanoWriter {
 public:
  EliasFanoWriter(std::uint64_t n, std::uint64_t universe, unsigned low_bits, std::uint64_t* words)
      : sizes_(elias_fano_sizes(n, universe, low_bits)), low_bits_(low_bits), lines_(words) {
    directory_ = reinterpret_cast<std::uint32_t*>(words + sizes_.lines * 8);
    lows_ = reinterpret_cast<unsigned char*>(words + sizes_.lines * 8 + (sizes_.directory + 1) / 2);
  }

  void add(std::uint64_t number) {
    const std::uint64_t bucket = number >> low_bits_, inside = (bucket + 1 + n_) % kLineBits + 32;
    const std::uint64_t line = (bucket + 1 + n_) / kLineBits;
    reach(line);
    for (; entries_ * kDirectoryBuckets <= bucket; ++entries_) directory_[entries_] = static_cast<std::uint32_t>(n_);
    lines_[line * 8 + inside / 64] |= std::uint64_t{1} << (inside % 64);
    std::uint64_t word;
    unsigned char* at = lows_ + (n_ * low_bits_ >> 3);
    std::memcpy(&word, at, sizeof word);
    word |= (number & ((std::uint64_t{1} << low_bits_) - 1)) << (n_ * low_bits_ & 7);
    std::memcpy(at, &word, sizeof word);
    ++n_;
  }

  void finish() {
    reach(sizes_.lines - 1);
    for (; entries_ < sizes_.directory; ++entries_) directory_[entries_] = static_cast<std::uint32_t>(n_);
  }

 private:
  // All lines up to this one begin with the count of ones before them.
  void reach(std::uint64_t line) {
    for (; counted_ <= line; ++counted_) lines_[counted_ * 8] |= n_;
  }

  EliasFanoSizes sizes_;
  unsigned low_bits_;
  std::uint64_t* lines_;
  std::uint32_t* directory_;
  unsigned char* lows_;
  std::uint64_t n_ = 0, counted_ = 0, entries_ = 0;
};

}  // namespace learnedidx
