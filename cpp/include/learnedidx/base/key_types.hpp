// The ten number formats that keys may have in memory, and the one place that turns a run-time
// kind into a compile-time type. bool is u8; datetime64 and timedelta64 are i64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#if defined(__GNUC__) || defined(__clang__)
#define LIDX_INLINE __attribute__((always_inline)) inline
#define LIDX_STEP __attribute__((always_inline))  // of a lambda, after its parameters
#define LIDX_RARE __attribute__((noinline, cold))
#else
#define LIDX_INLINE __forceinline
#define LIDX_STEP [[msvc::forceinline]]
#define LIDX_RARE __declspec(noinline)
#endif

namespace learnedidx {

enum class KeyType : std::uint8_t { u8, u16, u32, u64, i8, i16, i32, i64, f32, f64 };
constexpr std::size_t kKeyTypes = 10;

template <class K> struct KeyTypeOf;
template <> struct KeyTypeOf<std::uint8_t> { static constexpr KeyType value = KeyType::u8; };
template <> struct KeyTypeOf<std::uint16_t> { static constexpr KeyType value = KeyType::u16; };
template <> struct KeyTypeOf<std::uint32_t> { static constexpr KeyType value = KeyType::u32; };
template <> struct KeyTypeOf<std::uint64_t> { static constexpr KeyType value = KeyType::u64; };
template <> struct KeyTypeOf<std::int8_t> { static constexpr KeyType value = KeyType::i8; };
template <> struct KeyTypeOf<std::int16_t> { static constexpr KeyType value = KeyType::i16; };
template <> struct KeyTypeOf<std::int32_t> { static constexpr KeyType value = KeyType::i32; };
template <> struct KeyTypeOf<std::int64_t> { static constexpr KeyType value = KeyType::i64; };
template <> struct KeyTypeOf<float> { static constexpr KeyType value = KeyType::f32; };
template <> struct KeyTypeOf<double> { static constexpr KeyType value = KeyType::f64; };

template <class K> constexpr std::size_t key_type_index() {
  return static_cast<std::size_t>(KeyTypeOf<K>::value);
}

// A value that was computed from memory which another process may change, as of a file that is mapped. It is
// loaded before this, once: the compiler cannot load it again after a check.
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

// Calls f with a value of the type that `kind` stands for; only the type of the argument matters.
template <class F> auto visit_key_type(KeyType kind, F&& f) {
  switch (kind) {
    case KeyType::u8: return f(std::uint8_t{});
    case KeyType::u16: return f(std::uint16_t{});
    case KeyType::u32: return f(std::uint32_t{});
    case KeyType::u64: return f(std::uint64_t{});
    case KeyType::i8: return f(std::int8_t{});
    case KeyType::i16: return f(std::int16_t{});
    case KeyType::i32: return f(std::int32_t{});
    case KeyType::i64: return f(std::int64_t{});
    case KeyType::f32: return f(float{});
    case KeyType::f64: break;
  }
  return f(double{});
}

}  // namespace learnedidx
