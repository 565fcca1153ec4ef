// What the core has to know of a key type: its order, its ends, the next value, a 64-bit code, and what is no number.
//
// Keys compare by < and ==. NaN, and NaT among times, lie after all numbers in sorted keys (is_missing); they are counted
// when keys are checked, and no search compares with them.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "learnedidx/base/compiler.hpp"
#include "learnedidx/base/key_types.hpp"

namespace learnedidx {

// The unsigned integer as wide as a key, and the bits of a key in it.
template <class K>
using KeyBits = std::conditional_t<
    sizeof(K) == 1, std::uint8_t,
    std::conditional_t<sizeof(K) == 2, std::uint16_t,
                       std::conditional_t<sizeof(K) == 4, std::uint32_t, std::uint64_t>>>;

template <class K> LIDX_INLINE std::uint64_t bits_of(K key) {
  KeyBits<K> bits;
  std::memcpy(&bits, &key, sizeof key);
  return bits;
}

// The key of bits; those that it has no room for are lost.
template <class K> LIDX_INLINE K key_of_bits(std::uint64_t bits) {
  const auto own = static_cast<KeyBits<K>>(bits);
  K key;
  std::memcpy(&key, &own, sizeof key);
  return key;
}

template <class K> struct IntegerTraits {
  using Wide = std::conditional_t<std::is_same_v<K, std::uint64_t>, std::uint64_t, std::int64_t>;
  static constexpr bool kReal = false, kTimes = std::is_same_v<K, std::int64_t>;
  static constexpr std::uint64_t kSign = std::is_signed_v<K> ? std::uint64_t{1} << 63 : 0;

  static constexpr K lowest() { return std::numeric_limits<K>::min(); }
  static constexpr K highest() { return std::numeric_limits<K>::max(); }
  static LIDX_INLINE K next(K key) { return static_cast<K>(static_cast<KeyBits<K>>(static_cast<KeyBits<K>>(key) + 1u)); }
  static LIDX_INLINE bool is_missing(K key, bool times) { return kTimes && times && key == lowest(); }
  static LIDX_INLINE std::uint64_t code(K key) { return static_cast<std::uint64_t>(static_cast<Wide>(key)) ^ kSign; }
  static LIDX_INLINE K key_of_code(std::uint64_t code) { return static_cast<K>(code ^ kSign); }
  // Halved: signed numbers convert in one step.
  static LIDX_INLINE float rough_distance(K low, K high) {
    const auto between = static_cast<KeyBits<K>>(static_cast<KeyBits<K>>(high) - static_cast<KeyBits<K>>(low));
    return static_cast<float>(static_cast<std::make_signed_t<K>>(between >> 1));
  }
};

template <class K> struct RealTraits {
  using Wide = double;
  using Bits = KeyBits<K>;
  static constexpr bool kReal = true, kTimes = false;
  static constexpr Bits kSign = static_cast<Bits>(Bits{1} << (8 * sizeof(K) - 1));

  static constexpr K lowest() { return -std::numeric_limits<K>::infinity(); }
  static constexpr K highest() { return std::numeric_limits<K>::infinity(); }
  // One bit up, or down below zero; -0.0 + 0.0 is 0.0. Without a branch, so that a loop of these takes several at once.
  static LIDX_INLINE K next(K key) {
    const auto bits = static_cast<Bits>(bits_of(static_cast<K>(key + K{0})));
    return key_of_bits<K>(static_cast<Bits>(bits + 1u - 2u * (bits >> (8 * sizeof(K) - 1))));
  }
  static LIDX_INLINE bool is_missing(K key, bool) { return key != key; }
  // The bits, turned so that they are in order; -0.0 meets 0.0.
  static LIDX_INLINE std::uint64_t code(K key) {
    const auto bits = static_cast<Bits>(bits_of(key));
    return static_cast<Bits>(bits & kSign ? Bits{0} - bits : bits | kSign);
  }
  static LIDX_INLINE K key_of_code(std::uint64_t code) {
    return key_of_bits<K>(code & kSign ? code ^ kSign : std::uint64_t{0} - code);
  }
  static LIDX_INLINE float rough_distance(K low, K high) { return static_cast<float>(high) - static_cast<float>(low); }
};

// Wide: int64, uint64 or double, whichever holds every key exactly. Queries are converted and distances taken in it.
// kReal: keys are rounded numbers, among which there are infinities and NaN. kTimes: keys may count units of time.
template <class K> struct KeyTraits : std::conditional_t<std::is_floating_point_v<K>, RealTraits<K>, IntegerTraits<K>> {};

template <class K> using Wide = typename KeyTraits<K>::Wide;
template <class K> constexpr bool kIsReal = KeyTraits<K>::kReal;

// The smallest and the largest key, the infinities among them; not NaN.
template <class K> constexpr K lowest_key() { return KeyTraits<K>::lowest(); }
template <class K> constexpr K highest_key() { return KeyTraits<K>::highest(); }

// The smallest key above one that is not the highest; -0.0 is 0.0.
template <class K> LIDX_INLINE K next_key(K key) { return KeyTraits<K>::next(key); }

// Is a key no number but NaN or, among times, NaT?
template <class K> LIDX_INLINE bool is_missing(K key, bool times) { return KeyTraits<K>::is_missing(key, times); }

// A number in the order of the keys; only keys that are equal share one.
template <class K> LIDX_INLINE std::uint64_t key_code(K key) { return KeyTraits<K>::code(key); }
template <class K> LIDX_INLINE K key_of_code(std::uint64_t code) { return KeyTraits<K>::key_of_code(code); }

}  // namespace learnedidx
