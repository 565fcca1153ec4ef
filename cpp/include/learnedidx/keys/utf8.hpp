// Whether bytes are UTF-8, as Unicode defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/keys/strings.hpp"

namespace learnedidx {

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

// Writes what is written for a code of up to 21 bits, of a surrogate too, to `to`, which has room for four bytes; returns
// its size.
inline std::size_t put_character(std::uint32_t code, std::uint8_t* to) {
  if (code < 0x80) return to[0] = static_cast<std::uint8_t>(code), 1;
  const std::size_t bytes = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  constexpr unsigned first[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (std::size_t i = bytes; --i > 0; code >>= 6) to[i] = static_cast<std::uint8_t>(0x80 | (code & 0x3F));
  to[0] = static_cast<std::uint8_t>(first[bytes] | code);
  return bytes;
}

// The same for a character; 0, and nothing written, if the code point is none.
inline std::size_t write_utf8(std::uint32_t code, std::uint8_t* to) {
  return code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : put_character(code, to);
}

}  // namespace learnedidx
