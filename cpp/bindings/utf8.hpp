// Whether bytes are UTF-8, as Unicode defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/keys/strings.hpp"

namespace learnedidx::bindings {

// The size of the character that begins here; 0 if none does.
inline std::size_t character_size(const std::uint8_t* at, std::size_t left) {
  const std::uint8_t first = at[0];
  if (first < 0x80) return 1;
  const std::size_t size = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (size == 0 || size > left) return 0;
  const std::uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (at[1] < low || at[1] > high) return 0;
  for (std::size_t i = 2; i < size; ++i)
    if ((at[i] & 0xC0) != 0x80) return 0;
  return size;
}

// Are all bytes from the beginning of one string to the end of another below 0x80?
inline bool is_ascii(const Slice& first, const Slice& last) {
  const std::uint8_t *at = first.data, *end = last.data + last.size;
  std::uint64_t seen = 0, eight;
  for (; end - at >= 8; at += 8) {
    std::memcpy(&eight, at, sizeof eight);
    seen |= eight;
  }
  for (; at < end; ++at) seen |= *at;
  return (seen & 0x8080808080808080u) == 0;
}

inline bool is_utf8(const Slice& string) {
  constexpr std::uint64_t high_bits = 0x8080808080808080u;
  for (std::size_t at = 0; at < string.size;) {
    if ((chunk_at(string, at) & high_bits) == 0) {
      at += 8;
      continue;
    }
    while (at < string.size && string.data[at] < 0x80) ++at;
    while (at < string.size && string.data[at] >= 0x80) {
      const std::size_t size = character_size(string.data + at, string.size - at);
      if (size == 0) return false;
      at += size;
    }
  }
  return true;
}

// Writes the character of a code point to `to`, which has room for four bytes; returns its size, 0 if there is none.
inline std::size_t write_utf8(std::uint32_t code, std::uint8_t* to) {
  const auto last = [&](int shift) { return static_cast<std::uint8_t>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) return to[0] = static_cast<std::uint8_t>(code), 1;
  if (code < 0x800) return to[0] = static_cast<std::uint8_t>(0xC0 | (code >> 6)), to[1] = last(0), 2;
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return 0;
  if (code < 0x10000)
    return to[0] = static_cast<std::uint8_t>(0xE0 | (code >> 12)), to[1] = last(6), to[2] = last(0), 3;
  return to[0] = static_cast<std::uint8_t>(0xF0 | (code >> 18)), to[1] = last(12), to[2] = last(6), to[3] = last(0), 4;
}

}  // namespace learnedidx::bindings
