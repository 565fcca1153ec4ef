// Codes: four byte columns of a key, chosen for the keys of a node, as one number. Keys of a node that differ in a column
// before any other byte are ordered by their codes.
//
// A node skips the bytes before its first column and between its columns. All its keys agree there. A key that does not
// is told by `skipped_difference`; then the bytes before that place decide. Behind its end a key counts as zeros; keys
// that only their ends tell apart have one code, and are compared whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "learnedidx/base/compiler.hpp"

namespace learnedidx {

LIDX_INLINE std::uint32_t byte_at(std::string_view key, std::size_t i) {
  return i < key.size() ? static_cast<unsigned char>(key[i]) : 0u;
}

LIDX_INLINE std::uint64_t big_endian(const char* bytes, unsigned count) {
  std::uint64_t number = 0;
  for (unsigned i = 0; i < count; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

// As memcmp, a key before those that begin with it.
LIDX_INLINE int compare_bytes(std::string_view a, std::string_view b) {
  if (a.size() >= 8 && b.size() >= 8) {
    const std::uint64_t x = big_endian(a.data(), 8), y = big_endian(b.data(), 8);
    if (x != y) return x < y ? -1 : 1;
    a.remove_prefix(8);
    b.remove_prefix(8);
  }
  return a.compare(b);
}

// The first place in [from, to) where two keys differ, zeros behind their ends; `to` if there is none.
LIDX_INLINE std::size_t first_difference(std::string_view a, std::string_view b, std::size_t from, std::size_t to) {
  const std::size_t both = std::min(to, std::min(a.size(), b.size()));
  for (std::uint64_t x, y; from + sizeof x <= both; from += sizeof x) {
    std::memcpy(&x, a.data() + from, sizeof x);
    std::memcpy(&y, b.data() + from, sizeof y);
    if (x != y) break;
  }
  for (; from < both; ++from)
    if (a[from] != b[from]) return from;
  const std::size_t end = std::min(to, std::max(a.size(), b.size()));
  for (; from < end; ++from)
    if (byte_at(a, from) != byte_at(b, from)) return from;
  return to;
}

// What a node says of its keys, in one word: how many there are, how many first bytes they skip, and the places of four
// columns behind these, ascending; the first lies right behind them.
class Meta {
 public:
  static constexpr unsigned kColumns = 4;
  static constexpr std::size_t kNone = ~std::size_t{0};
  static constexpr std::size_t kMostPrefix = 0xffff;

  explicit Meta(std::uint64_t word = kFollowing << 32) : word_(word) {}
  // Columns behind so many bytes. The first may lie further on, where more bytes are alike than were counted: these are skipped, too.
  Meta(std::size_t prefix, const std::uint8_t* columns) : word_(static_cast<std::uint64_t>(prefix + columns[0]) << 16) {
    for (unsigned i = 0; i < kColumns; ++i) word_ |= static_cast<std::uint64_t>(columns[i] - columns[0]) << (32 + 8 * i);
  }
  std::uint64_t word() const { return word_; }
  unsigned count() const { return static_cast<unsigned>(word_ & 0xff); }
  Meta with(unsigned count) const { return Meta((word_ & ~std::uint64_t{0xff}) | count); }

  LIDX_INLINE std::uint32_t code(std::string_view key) const {
    const std::size_t from = prefix();
    if (follow() && from + kColumns <= key.size())
      return static_cast<std::uint32_t>(big_endian(key.data() + from, kColumns));
    std::uint32_t code = 0;
    for (unsigned i = 0; i < kColumns; ++i) code = code << 8 | byte_at(key, from + column(i));
    return code;
  }

  // The first place before the last column, and no column, where two keys differ; or kNone.
  LIDX_INLINE std::size_t skipped_difference(std::string_view a, std::string_view b) const {
    const std::size_t from = prefix();
    if (const std::size_t at = first_difference(a, b, 0, from); at < from) return at;
    if (follow()) return kNone;
    for (unsigned i = 0; i + 1 < kColumns; ++i) {
      const std::size_t next = from + column(i + 1);
      if (const std::size_t at = first_difference(a, b, from + column(i) + 1, next); at < next) return at;
    }
    return kNone;
  }

  // The bits of a code that come from columns before a place.
  std::uint32_t bits_before(std::size_t place) const {
    unsigned columns = 0;
    while (columns < kColumns && prefix() + column(columns) < place) ++columns;
    return columns == 0 ? 0 : ~std::uint32_t{0} << (32 - 8 * columns);
  }

 private:
  static constexpr std::uint64_t kFollowing = 0x03020100;  // columns beside each other

  std::size_t prefix() const { return word_ >> 16 & 0xffff; }
  std::size_t column(unsigned i) const { return word_ >> (32 + 8 * i) & 0xff; }
  bool follow() const { return word_ >> 32 == kFollowing; }

  std::uint64_t word_;
};

// Columns for `count` ascending keys, key(i) each: the first four places behind what all share where any two differ, as
// far as 64 bytes; what is left of the four follows the last.
template <class Key> Meta choose_columns(unsigned count, Key&& key) {
  constexpr std::size_t window = 64;
  const std::string_view first = key(0), last = key(count - 1);
  std::size_t prefix = first_difference(first, last, 0, Meta::kMostPrefix - window);
  if (prefix >= std::max(first.size(), last.size())) prefix = 0;  // nothing to tell apart: any will do
  std::uint64_t differ[window / 8] = {}, reference[window / 8], other[window / 8];
  const auto cut_out = [&](std::string_view bytes, std::uint64_t* out) {
    std::memset(out, 0, window);
    if (prefix < bytes.size()) std::memcpy(out, bytes.data() + prefix, std::min(window, bytes.size() - prefix));
  };
  cut_out(first, reference);
  for (unsigned i = 1; i < count; ++i) {
    cut_out(key(i), other);
    for (std::size_t w = 0; w < window / 8; ++w) differ[w] |= other[w] ^ reference[w];
  }
  std::uint8_t bytes[window], columns[Meta::kColumns];
  std::memcpy(bytes, differ, window);
  unsigned chosen = 0, place = 0;
  for (; place < window && chosen < Meta::kColumns; ++place)
    if (bytes[place] != 0) columns[chosen++] = static_cast<std::uint8_t>(place);
  for (place = chosen == 0 ? 0 : columns[chosen - 1] + 1u; chosen < Meta::kColumns; ++place)
    columns[chosen++] = static_cast<std::uint8_t>(place);
  return Meta(prefix, columns).with(count);
}

}  // namespace learnedidx
