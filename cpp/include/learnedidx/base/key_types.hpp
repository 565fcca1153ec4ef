// The list of key types, and the one place that turns the number of a key type into a type of C++.
//
// A new key type is a line of the list and a KeyTraits (base/key_traits.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

// Calls narrow(name, type) for each key type of 8 or 16 bits and wide(name, type) for the others, with `then` between two
// calls. The place in the list is the number of the type in files (FORMAT.md): a new type goes to the end. A direct table
// serves narrow types alone; sorted trees and the C library serve wide ones.
// bool is u8; datetime64 and timedelta64 are i64.
#define LIDX_KEY_TYPES(narrow, wide, then) \
  narrow(u8, std::uint8_t) then            \
  narrow(u16, std::uint16_t) then          \
  wide(u32, std::uint32_t) then            \
  wide(u64, std::uint64_t) then            \
  narrow(i8, std::int8_t) then             \
  narrow(i16, std::int16_t) then           \
  wide(i32, std::int32_t) then             \
  wide(i64, std::int64_t) then             \
  wide(f32, float) then                    \
  wide(f64, double)
#define LIDX_NO_KEY_TYPE(name, type)

namespace learnedidx {

#define LIDX_NAME(name, type) name,
enum class KeyType : std::uint8_t { LIDX_KEY_TYPES(LIDX_NAME, LIDX_NAME, ) };
#undef LIDX_NAME

template <class K> struct KeyTypeOf;
#define LIDX_NUMBER(name, type) \
  template <> struct KeyTypeOf<type> { static constexpr KeyType value = KeyType::name; };
LIDX_KEY_TYPES(LIDX_NUMBER, LIDX_NUMBER, )
#undef LIDX_NUMBER

template <class K> constexpr std::size_t key_type_index() {
  return static_cast<std::size_t>(KeyTypeOf<K>::value);
}

// The list as a type, for templates that need one thing for each key type.
template <class... K> struct TypeList {
  static constexpr std::size_t size = sizeof...(K);
  template <class T> static constexpr bool has = (std::is_same_v<K, T> || ...);
  template <template <class...> class Other> using as = Other<K...>;
};
template <class... A, class... B> TypeList<A..., B...> operator+(TypeList<A...>, TypeList<B...>);

#define LIDX_TAKEN(name, type) TypeList<type>{}
#define LIDX_LEFT_OUT(name, type) TypeList<>{}
using KeyTypes = decltype(LIDX_KEY_TYPES(LIDX_TAKEN, LIDX_TAKEN, +));
using NarrowKeyTypes = decltype(LIDX_KEY_TYPES(LIDX_TAKEN, LIDX_LEFT_OUT, +));
using WideKeyTypes = decltype(LIDX_KEY_TYPES(LIDX_LEFT_OUT, LIDX_TAKEN, +));
#undef LIDX_TAKEN
#undef LIDX_LEFT_OUT

constexpr std::size_t kKeyTypes = KeyTypes::size;
template <class K> constexpr bool kIsNarrow = NarrowKeyTypes::has<K>;

// Calls f with a value of the type that `kind`, a number of the list, stands for; only the type of the argument matters.
template <class F> auto visit_key_type(KeyType kind, F&& f) {
#define LIDX_CASE(name, type) \
  case KeyType::name: return f(type{});
  switch (kind) {
    default:
      LIDX_KEY_TYPES(LIDX_CASE, LIDX_CASE, )
  }
#undef LIDX_CASE
}

}  // namespace learnedidx
