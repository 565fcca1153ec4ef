// Byte strings where they lie: an Arrow column, or strings of one width. They are ordered as memcmp orders them, a string
// before those that begin with it; for text in UTF-8 that is the order of its characters.
//
// Nothing that the columns say is believed: what lies outside the memory is cut off when it is read. So a column that
// another process changes, or a file, gives other strings and harms nobody.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/compiler.hpp"
#include "learnedidx/base/shared_memory.hpp"
#include "learnedidx/base/unaligned_array.hpp"

namespace learnedidx {

// One string, borrowed. `room` bytes, at least `size`, can be read from `data` on.
struct Slice {
  const std::uint8_t* data;
  std::size_t size, room;
};

inline Slice slice_of(const void* data, std::size_t size) { return {static_cast<const std::uint8_t*>(data), size, size}; }

// Without NULs at its end.
LIDX_INLINE Slice trimmed(Slice string) {
  for (std::uint64_t end; string.size >= sizeof end; string.size -= sizeof end) {
    std::memcpy(&end, string.data + string.size - sizeof end, sizeof end);
    if (end != 0) break;
  }
  while (string.size > 0 && string.data[string.size - 1] == 0) --string.size;
  return string;
}

// Bytes of memory that views of strings lead to.
struct Span {
  const std::uint8_t* data;
  std::size_t size;
};

enum class Layout : std::uint8_t { offsets32, offsets64, fixed, views };

// A column of strings, borrowed: `starts` holds n + 1 offsets into data, or n views of Arrow, of 16 bytes each.
struct Strings {
  Layout layout = Layout::offsets64;
  bool trims = false;      // fixed: NULs at the end of a string are no part of it
  std::size_t n = 0;
  std::size_t width = 0;   // fixed: bytes of a string
  const void* starts = nullptr;
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;    // bytes of data
  const Span* buffers = nullptr;  // that views lead to
  std::size_t n_buffers = 0;
};

// Asks for the bytes from `from` to `to`, up to six lines of them.
LIDX_INLINE void prefetch_bytes(const std::uint8_t* from, const std::uint8_t* to) {
  constexpr std::ptrdiff_t line = 64, most = 6 * line;
  if (from >= to) return;
  if (to - from > most) to = from + most;
  prefetch_near(from);
  prefetch_near(to - 1);
  for (from += line; from < to - 1; from += line) prefetch_near(from);
}

// The columns, one class for each layout: operator[] gives a string, prefetch(i) asks for what operator[] reads, and
// prefetch(from, to, known) for the bytes of the strings [from, to), of the first of them from `known` on.

template <class Offset> class OffsetColumn {
 public:
  explicit OffsetColumn(const Strings& s) : starts_(UnalignedArray<Offset>::at(s.starts)), data_(s.data), size_(s.size) {}
  LIDX_INLINE Slice operator[](std::size_t i) const {
    const auto start = static_cast<std::size_t>(loaded_once(static_cast<std::uint64_t>(starts_[i])));
    const auto end = static_cast<std::size_t>(loaded_once(static_cast<std::uint64_t>(starts_[i + 1])));
    const std::size_t from = std::min(start, size_), to = std::min(std::max(end, from), size_);
    return {data_ + from, to - from, size_ - from};
  }
  LIDX_INLINE void prefetch(std::size_t i) const { prefetch_near(starts_.address(i)); }
  LIDX_INLINE void prefetch(std::size_t from, std::size_t to, std::size_t known) const {
    const Slice first = (*this)[from];
    const Slice last = to == from + 1 ? first : (*this)[to - 1];
    prefetch_bytes(first.data + std::min(known, first.room), last.data + last.size);
  }

 private:
  UnalignedArray<Offset> starts_;
  const std::uint8_t* data_;
  std::size_t size_;
};

class FixedColumn {
 public:
  explicit FixedColumn(const Strings& s) : data_(s.data), n_(s.n), width_(s.width), trims_(s.trims) {}
  LIDX_INLINE Slice operator[](std::size_t i) const {
    const Slice string{data_ + i * width_, width_, (n_ - i) * width_};
    return trims_ ? trimmed(string) : string;
  }
  LIDX_INLINE void prefetch(std::size_t i) const { prefetch_near(data_ + i * width_); }
  LIDX_INLINE void prefetch(std::size_t from, std::size_t to, std::size_t known) const {
    prefetch_bytes(data_ + from * width_ + std::min(known, width_), data_ + to * width_);
  }

 private:
  const std::uint8_t* data_;
  std::size_t n_, width_;
  bool trims_;
};

// A view holds a length and up to 12 bytes, or 4 of them, the number of a buffer and an offset in it.
class ViewColumn {
 public:
  explicit ViewColumn(const Strings& s)
      : views_(static_cast<const std::uint8_t*>(s.starts)), n_(s.n), buffers_(s.buffers), n_buffers_(s.n_buffers) {}
  LIDX_INLINE Slice operator[](std::size_t i) const {
    const std::uint8_t* view = views_ + i * kView;
    const auto size = static_cast<std::size_t>(loaded_once(word(view)));
    if (size <= kInside) return {view + 4, size, (n_ - i) * kView - 4};
    const auto buffer = static_cast<std::size_t>(loaded_once(word(view + 8)));
    const auto start = static_cast<std::size_t>(loaded_once(word(view + 12)));
    if (buffer >= n_buffers_) return {view, 0, kView};
    const Span& bytes = buffers_[buffer];
    const std::size_t from = std::min(start, bytes.size);
    return {bytes.data + from, std::min(size, bytes.size - from), bytes.size - from};
  }
  LIDX_INLINE void prefetch(std::size_t i) const { prefetch_near(views_ + i * kView); }
  LIDX_INLINE void prefetch(std::size_t from, std::size_t to, std::size_t known) const {
    for (; from < to; ++from) {
      const Slice string = (*this)[from];
      prefetch_bytes(string.data + std::min(known, string.size), string.data + string.size);
    }
  }

 private:
  static constexpr std::size_t kView = 16, kInside = 12;
  static std::uint32_t word(const std::uint8_t* at) {
    std::uint32_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }

  const std::uint8_t* views_;
  std::size_t n_;
  const Span* buffers_;
  std::size_t n_buffers_;
};

// F(class) for each of them.
#define LIDX_FOR_ALL_COLUMNS(F) F(OffsetColumn<std::int32_t>) F(OffsetColumn<std::int64_t>) F(FixedColumn) F(ViewColumn)

// Calls f with the column of the strings' layout.
template <class F> decltype(auto) visit_strings(const Strings& strings, F&& f) {
  switch (strings.layout) {
    case Layout::offsets32: return f(OffsetColumn<std::int32_t>(strings));
    case Layout::fixed: return f(FixedColumn(strings));
    case Layout::views: return f(ViewColumn(strings));
    case Layout::offsets64: break;
  }
  return f(OffsetColumn<std::int64_t>(strings));
}

// A column of one string.
inline Strings strings_of(const Slice& string) {
  Strings one;
  one.layout = Layout::fixed;
  one.n = 1;
  one.width = one.size = string.size;
  one.data = string.data;
  return one;
}

inline Slice string_at(const Strings& strings, std::size_t i) {
  return visit_strings(strings, [&](const auto& column) { return column[i]; });
}

// Calls f(slices, size, done) for strings [from, from + count), at most kBlock at a time; `done` are behind. trims: they end
// before NULs.
template <std::size_t kBlock, class F> void in_blocks(const Strings& strings, std::size_t from, std::size_t count, bool trims, F&& f) {
  Slice block[kBlock];
  for (std::size_t done = 0; done < count; done += kBlock) {
    const std::size_t size = std::min(count - done, kBlock);
    visit_strings(strings, [&](const auto& column) {
      for (std::size_t i = 0; i < size; ++i) block[i] = column[from + done + i];
    });
    if (trims)
      for (std::size_t i = 0; i < size; ++i) block[i] = trimmed(block[i]);
    f(block, size, done);
  }
}

LIDX_INLINE std::uint64_t big_endian(std::uint64_t bytes) {
#if defined(__GNUC__) || defined(__clang__)
  return __builtin_bswap64(bytes);
#else
  std::uint64_t swapped = 0;
  for (int i = 0; i < 8; ++i) swapped |= ((bytes >> (8 * i)) & 0xFF) << (56 - 8 * i);
  return swapped;
#endif
}

// The eight bytes from `at` on as one number, whose order is theirs; zeros stand behind the end.
LIDX_INLINE std::uint64_t chunk_at(const Slice& string, std::size_t at) {
  const std::size_t from = std::min(at, string.size), left = string.size - from;
  std::uint64_t bytes = 0;
  if (string.room - from >= sizeof bytes) {
    std::memcpy(&bytes, string.data + from, sizeof bytes);
    const std::size_t half = 4 * std::min<std::size_t>(left, 8);  // without a branch, and no shift by all bits
    return big_endian(bytes) & ~(~std::uint64_t{0} >> half >> half);
  }
  if (left > 0) std::memcpy(&bytes, string.data + from, std::min(left, sizeof bytes));  // an empty one may lie nowhere
  return big_endian(bytes);
}

// Below 0, 0 or above 0, as memcmp; a string stands before those that begin with it. Both agree in the first `known` bytes,
// if zeros stood behind the shorter one.
LIDX_INLINE int compare(const Slice& a, const Slice& b, std::size_t known = 0) {
  const std::size_t common = std::min(a.size, b.size);
  if (known < common) {
    const std::uint64_t x = chunk_at(a, known), y = chunk_at(b, known);
    if (x != y) return x < y ? -1 : 1;
    known += sizeof x;
    const int order = known < common ? std::memcmp(a.data + known, b.data + known, common - known) : 0;
    if (order != 0) return order;
  }
  return a.size < b.size ? -1 : static_cast<int>(a.size > b.size);
}

// How two strings lie to each other: the number of first bytes in which they agree, and below 0, 0 or above 0 as memcmp says;
// a string stands before those that begin with it.
struct Parting {
  std::size_t agree;
  int order;
};

inline Parting parting_of(const Slice& a, const Slice& b, std::size_t known = 0) {
  const std::size_t end = std::min(a.size, b.size);
  const auto parted = [&](std::uint64_t x, std::uint64_t y, std::size_t at) {
    const std::size_t agree = at + static_cast<std::size_t>(__builtin_clzll(x ^ y)) / 8;
    return Parting{std::min(agree, end), x < y ? -1 : 1};
  };
  std::size_t at = known;
  for (std::uint64_t x, y; at + sizeof x <= end; at += sizeof x) {
    std::memcpy(&x, a.data + at, sizeof x);
    std::memcpy(&y, b.data + at, sizeof y);
    if (x != y) return parted(big_endian(x), big_endian(y), at);
  }
  if (at < end) {
    const std::uint64_t x = chunk_at(a, at), y = chunk_at(b, at);
    if (x != y) return parted(x, y, at);
  }
  return {end, static_cast<int>(a.size > b.size) - static_cast<int>(a.size < b.size)};
}

// The number of first bytes in which two strings agree; they do in the first `known`.
inline std::size_t common_prefix(const Slice& a, const Slice& b, std::size_t known = 0) { return parting_of(a, b, known).agree; }

}  // namespace learnedidx
