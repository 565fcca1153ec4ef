// XXH64, a hash of bytes (Collet; its specification is public): of a string, and of one word, as Parquet hashes values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/compiler.hpp"

namespace learnedidx {

class Xxh64 {
 public:
  static LIDX_INLINE std::uint64_t of_eight(std::uint64_t value, std::uint64_t seed) { return ended(with_eight(seed + kFive + 8, value)); }
  static LIDX_INLINE std::uint64_t of_four(std::uint32_t value, std::uint64_t seed) { return ended(with_four(seed + kFive + 4, value)); }

  static std::uint64_t of_bytes(const std::uint8_t* data, std::size_t size, std::uint64_t seed) {
    const std::uint8_t* end = data + size;
    std::uint64_t hash = seed + kFive;
    if (size >= 32) hash = stripes(data, size, seed);
    hash += size;
    for (; end - data >= 8; data += 8) hash = with_eight(hash, load<std::uint64_t>(data));
    if (end - data >= 4) {
      hash = with_four(hash, load<std::uint32_t>(data));
      data += 4;
    }
    for (; data < end; ++data) hash = turned(hash ^ *data * kFive, 11) * kOne;
    return ended(hash);
  }

 private:
  static constexpr std::uint64_t kOne = 0x9E3779B185EBCA87u, kTwo = 0xC2B2AE3D27D4EB4Fu, kThree = 0x165667B19E3779F9u,
                                 kFour = 0x85EBCA77C2B2AE63u, kFive = 0x27D4EB2F165667C5u;

  template <class T> static T load(const std::uint8_t* data) {
    T value;
    std::memcpy(&value, data, sizeof value);
    return value;
  }
  static LIDX_INLINE std::uint64_t turned(std::uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }
  static LIDX_INLINE std::uint64_t step(std::uint64_t lane, std::uint64_t input) { return turned(lane + input * kTwo, 31) * kOne; }
  static LIDX_INLINE std::uint64_t with_eight(std::uint64_t hash, std::uint64_t value) { return turned(hash ^ step(0, value), 27) * kOne + kFour; }
  static LIDX_INLINE std::uint64_t with_four(std::uint64_t hash, std::uint64_t value) { return turned(hash ^ value * kOne, 23) * kTwo + kThree; }
  static LIDX_INLINE std::uint64_t ended(std::uint64_t hash) {
    hash = (hash ^ (hash >> 33)) * kTwo;
    hash = (hash ^ (hash >> 29)) * kThree;
    return hash ^ (hash >> 32);
  }

  // Takes whole stripes of 32 bytes and moves `data` behind them.
  static std::uint64_t stripes(const std::uint8_t*& data, std::size_t size, std::uint64_t seed) {
    std::uint64_t lanes[4] = {seed + kOne + kTwo, seed + kTwo, seed, seed - kOne};
    for (; size >= 32; size -= 32)
      for (std::uint64_t& lane : lanes) {
        lane = step(lane, load<std::uint64_t>(data));
        data += 8;
      }
    std::uint64_t hash = turned(lanes[0], 1) + turned(lanes[1], 7) + turned(lanes[2], 12) + turned(lanes[3], 18);
    for (const std::uint64_t lane : lanes) hash = (hash ^ step(0, lane)) * kOne + kFour;
    return hash;
  }
};

}  // namespace learnedidx
