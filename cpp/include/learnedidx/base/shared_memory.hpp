// Reads of memory that another process may change meanwhile, as of a file that is mapped; and whether two arrays overlap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "learnedidx/base/compiler.hpp"

namespace learnedidx {

// A value that was computed from such memory. It is loaded before this, once: the compiler cannot load it again after a
// check.
LIDX_INLINE std::uint64_t loaded_once(std::uint64_t value) {
#if defined(__GNUC__) || defined(__clang__)
  __asm__("" : "+r"(value));
  return value;
#else
  const volatile std::uint64_t kept = value;
  return kept;
#endif
}

// A copy of what lies in such memory, made once, at any address.
template <class T> void copy_once(const void* from, T& copy) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto* bytes = static_cast<const volatile unsigned char*>(from);
  for (std::size_t i = 0; i < sizeof copy; ++i) reinterpret_cast<unsigned char*>(&copy)[i] = bytes[i];
}

// Do two arrays of so many bytes share none?
inline bool are_apart(const void* a, std::size_t a_bytes, const void* b, std::size_t b_bytes) {
  const auto x = reinterpret_cast<std::uintptr_t>(a), y = reinterpret_cast<std::uintptr_t>(b);
  return x < y ? a_bytes <= y - x : b_bytes <= x - y;
}

}  // namespace learnedidx
