// Window: the two cache lines of keys, aligned by address, in which an answer is counted.
// This is the only place where a predicted position becomes a range of keys.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/compiler.hpp"

namespace learnedidx {

constexpr std::size_t kLineBytes = 64;
template <class K> constexpr std::size_t kLineKeys = kLineBytes / sizeof(K);
template <class K> constexpr std::size_t kWindowKeys = 2 * kLineKeys<K>;

// Which cache a prefetch fills. L2 can have more misses under way than L1 has buffers for; where that
// is no limit, L1 saves a step. A hint: it changes the time, never an answer.
enum class Hint : std::uint8_t { l1, l2 };

template <Hint kHint> LIDX_INLINE void prefetch_as(const void* address) {
  if constexpr (kHint == Hint::l2) prefetch(address);
  else prefetch_near(address);
}

template <Hint kHint, class K> LIDX_INLINE void prefetch_window(const K* start) {
  prefetch_as<kHint>(start);
  prefetch_as<kHint>(start + kLineKeys<K>);
}

// Prefetches address(i) for all i < count.
template <class Address> LIDX_INLINE void prefetch_each(Hint hint, std::size_t count, Address&& address) {
  if (hint == Hint::l2)
    for (std::size_t i = 0; i < count; ++i) prefetch(address(i));
  else
    for (std::size_t i = 0; i < count; ++i) prefetch_near(address(i));
}

// The same for kLines cache lines from address(i) on.
template <std::size_t kLines, class Address>
LIDX_INLINE void prefetch_lines(Hint hint, std::size_t count, Address&& address) {
  const auto each = [&](auto&& ask) {
    for (std::size_t i = 0; i < count; ++i) {
      const char* first = reinterpret_cast<const char*>(address(i));
      for (std::size_t line = 0; line < kLines; ++line) ask(first + line * kLineBytes);
    }
  };
  if (hint == Hint::l2) each([](const char* line) { prefetch(line); });
  else each([](const char* line) { prefetch_near(line); });
}

// How windows lie over an array: needs at least kWindowKeys<K> keys.
struct WindowFrame {
  std::int64_t phase;  // keys between the last cache-line border and the first key
  std::int64_t last;   // the last start that leaves a whole window inside the array
};

template <class K> WindowFrame frame_of(const K* keys, std::size_t n) {
  const auto address = reinterpret_cast<std::uintptr_t>(keys) / sizeof(K);
  return {static_cast<std::int64_t>(address % kLineKeys<K>),
          static_cast<std::int64_t>(n) - static_cast<std::int64_t>(kWindowKeys<K>)};
}

// How a point becomes the start of a window: a position is moved back by half a line, so that an
// answer a little to either side is inside, and down to a line; a tree's leaf is a window already.
struct WindowPlace {
  unsigned shift;
  std::int64_t add, mask, phase, last;
};

template <class K> WindowPlace place_of_position(const WindowFrame& frame, unsigned position_shift) {
  constexpr auto line = static_cast<std::int64_t>(kLineKeys<K>);
  return {position_shift, frame.phase - line / 2, -line, frame.phase, frame.last};
}

template <class K> WindowPlace place_of_leaf(const WindowFrame& frame) {
  unsigned shift = 0;
  while ((std::size_t{1} << shift) < kWindowKeys<K>) ++shift;
  return {shift, 0, -1, frame.phase, frame.last};
}

// The window that begins at the line of a position.
template <class K> WindowPlace place_of_line(const WindowFrame& frame) {
  return {0, frame.phase, -static_cast<std::int64_t>(kLineKeys<K>), frame.phase, frame.last};
}

// Minimum and maximum, not conditions: compilers give them to the vector units, which are idle here.
LIDX_INLINE std::uint64_t window_start(std::uint64_t point, const WindowPlace& place) {
  std::int64_t start = ((static_cast<std::int64_t>(point << place.shift) + place.add) & place.mask) - place.phase;
  start = start > 0 ? start : 0;
  return static_cast<std::uint64_t>(start < place.last ? start : place.last);
}

}  // namespace learnedidx
