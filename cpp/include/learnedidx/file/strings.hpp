// Strings in a .lidx file, and rows, which are strings there: what is said of them, and the checksums that tell whether
// others are the same.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/base/crc32c.hpp"
#include "learnedidx/base/inline_vector.hpp"
#include "learnedidx/file/format.hpp"
#include "learnedidx/keys/strings.hpp"

namespace learnedidx {

constexpr std::uint64_t kMostStoredStrings = (std::uint64_t{1} << 31) - 1;
constexpr std::size_t kMostStoredLayers = 24;
constexpr std::size_t kRunBytes = 32;  // of a segment of a layer
constexpr unsigned kMostStoredSpacing = 6;
constexpr std::size_t kMostStoredColumns = 64;

// What strings stand for, and how they lie: behind n + 1 offsets of 64 bits, or with one width.
enum class StringForm : std::uint8_t { text, bytes, uuid, ipv4, ipv6, rows };
enum class StoredLayout : std::uint8_t { offsets, fixed, trimmed };

// The section STRS.
struct StoredStrings {
  std::uint8_t form, layout;
  std::uint8_t spacing_bits;  // one string of 2^spacing_bits is in the layers
  std::uint8_t reserved;
  std::uint32_t width;  // of the layouts that have one, else 0

  bool has_offsets() const { return layout == static_cast<std::uint8_t>(StoredLayout::offsets); }
  bool trims() const { return layout == static_cast<std::uint8_t>(StoredLayout::trimmed); }
};
static_assert(sizeof(StoredStrings) == 8);

// Bytes of every string of a form; 0 if they differ.
constexpr std::uint32_t width_of(StringForm form) {
  if (form == StringForm::ipv4) return 4;
  return form == StringForm::uuid || form == StringForm::ipv6 ? 16 : 0;
}

inline bool can_be(const StoredStrings& s) {
  if (s.form > static_cast<std::uint8_t>(StringForm::rows)) return false;
  if (s.layout > static_cast<std::uint8_t>(StoredLayout::trimmed)) return false;
  if (s.reserved != 0 || s.spacing_bits > kMostStoredSpacing || s.has_offsets() != (s.width == 0)) return false;
  const std::uint32_t width = width_of(static_cast<StringForm>(s.form));
  return width == 0 || (s.width == width && !s.trims());
}

// An item of the section COLS: a column of rows. Its kind is that of numbers in the header, or kKeyTypes and the form of
// its strings.
struct StoredColumn {
  std::uint8_t kind, meaning, time_unit, reserved;
  std::uint32_t time_multiple;

  bool has_strings() const { return kind >= kKeyTypes; }
};
static_assert(sizeof(StoredColumn) == 8);
using StoredColumns = InlineVector<StoredColumn, kMostStoredColumns>;

inline bool can_be(const StoredColumn& c) {
  if (c.reserved != 0) return false;
  if (!c.has_strings()) return can_mean(c.kind, c.meaning, c.time_unit, c.time_multiple);
  const unsigned form = c.kind - static_cast<unsigned>(kKeyTypes);
  return form < static_cast<unsigned>(StringForm::rows) && c.meaning == 0 && c.time_unit == 0 && c.time_multiple == 0;
}

// Bytes of an encoded row; 0 if a column has strings.
inline std::uint32_t width_of(const StoredColumns& columns) {
  std::size_t width = 0;
  for (const StoredColumn& column : columns) {
    if (column.has_strings()) return 0;
    width += visit_key_type(static_cast<KeyType>(column.kind), [](auto tag) { return sizeof tag; });
  }
  return static_cast<std::uint32_t>(width);
}

// Rows have columns, and what encodes them; other strings have none.
inline bool can_be(const StoredStrings& s, const StoredColumns& columns) {
  if (s.form != static_cast<std::uint8_t>(StringForm::rows)) return columns.empty();
  for (const StoredColumn& column : columns)
    if (!can_be(column)) return false;
  return !columns.empty() && !s.trims() && s.width == width_of(columns);
}

// Adds a string to a checksum: its length, then its bytes.
inline std::uint32_t add_string(std::uint32_t crc, const Slice& string) {
  const std::uint64_t size = string.size;
  return crc32c(crc32c(crc, &size, sizeof size), string.data, string.size);
}

// Of all strings; false if stopped. O(bytes).
inline bool add_to_crc(std::uint32_t& crc, const Strings& strings, Cancellation cancellation) {
  return visit_strings(strings, [&](const auto& column) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < strings.n; ++i) {
      const Slice string = column[i];
      crc = add_string(crc, string);
      bytes += 16 + string.size;
      if (bytes < std::size_t{1} << 20) continue;
      bytes = 0;
      if (cancellation.requested()) return false;
    }
    return true;
  });
}

// Of those at the sampled positions. O(1).
inline std::uint32_t sampled_crc(const Strings& strings) {
  std::uint32_t crc = 0;
  for (std::uint64_t i = 0; strings.n > 0 && i < kSampledKeys; ++i)
    crc = add_string(crc, string_at(strings, static_cast<std::size_t>(sampled_position(i, strings.n))));
  return crc;
}

}  // namespace learnedidx
