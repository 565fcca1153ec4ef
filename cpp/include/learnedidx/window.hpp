// Window: the two cache lines of keys, aligned by address, in which an answer is counted.
// This is the only place where a predicted position becomes a range of keys.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kinds.hpp"

namespace learnedidx {

constexpr std::size_t kLineBytes = 64;
template <class K> constexpr std::size_t kLineKeys = kLineBytes / sizeof(K);
template <class K> constexpr std::size_t kWindowKeys = 2 * kLineKeys<K>;

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

// The start of the window for an answer expected at `position`, a quarter window from its start.
template <class K>
LIDX_INLINE std::int64_t window_start(std::int64_t position, const WindowFrame& frame) {
  constexpr auto line = static_cast<std::int64_t>(kLineKeys<K>);
  std::int64_t start = ((position - line / 2 + frame.phase) & -line) - frame.phase;
  start = start > 0 ? start : 0;
  return start < frame.last ? start : frame.last;
}

}  // namespace learnedidx
