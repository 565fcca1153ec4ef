// A query of any number format, brought exactly to the format of the keys.
//
// Every search asks for the first key that is not below the query. So a query q becomes the
// smallest value of the key format that is >= q (ceil_to); for side="right" it becomes the smallest
// value that is > q (next_above). Both are exact by value, whatever the two formats, and the core
// needs one search, lower_bound, for both sides.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "learnedidx/base/key_traits.hpp"

namespace learnedidx {

enum class Fit : std::uint8_t {
  exact,    // the query is a value of the key format
  rounded,  // it is not: the value is the next one up
  past,     // no value of the key format is that large
  nan       // NaN or NaT: after every number
};

template <class K> struct Converted {
  K value;
  Fit fit;
};

template <class K> LIDX_INLINE Converted<K> past_all() {
  return {highest_key<K>(), Fit::past};
}

template <class F> LIDX_INLINE F two_to(int exponent) { return static_cast<F>(std::ldexp(1.0, exponent)); }

// Is the floating-point number f, itself rounded from the integer q, below q?
template <class F, class Q> LIDX_INLINE bool below(F f, Q q) {
  if (f >= two_to<F>(std::numeric_limits<Q>::digits)) return false;
  return static_cast<Q>(f) < q;
}

template <class K, class Q> LIDX_INLINE Converted<K> integer_to_real(Q q) {
  const K f = static_cast<K>(q);
  if (below(f, q)) return {next_key(f), Fit::rounded};
  const bool same = f < two_to<K>(std::numeric_limits<Q>::digits) && static_cast<Q>(f) == q;
  return {f, same ? Fit::exact : Fit::rounded};
}

template <class K, class Q> LIDX_INLINE Converted<K> integer_to_integer(Q q) {
  using Limits = std::numeric_limits<K>;
  if constexpr (std::is_signed_v<Q>) {
    if (q < 0) {
      if constexpr (!std::is_signed_v<K>) return {K{0}, Fit::rounded};
      else if (q < static_cast<Q>(Limits::min())) return {Limits::min(), Fit::rounded};
      else return {static_cast<K>(q), Fit::exact};
    }
  }
  const auto magnitude = static_cast<std::uint64_t>(q);
  if (magnitude > static_cast<std::uint64_t>(Limits::max())) return past_all<K>();
  return {static_cast<K>(q), Fit::exact};
}

template <class K> LIDX_INLINE Converted<K> real_to_integer(double q) {
  using Limits = std::numeric_limits<K>;
  if (q != q) return {Limits::max(), Fit::nan};
  const double up = std::ceil(q);
  if (up >= two_to<double>(Limits::digits)) return past_all<K>();
  if (up < static_cast<double>(Limits::min())) return {Limits::min(), Fit::rounded};
  return {static_cast<K>(up), up == q ? Fit::exact : Fit::rounded};
}

template <class K> LIDX_INLINE Converted<K> real_to_real(double q) {
  if (q != q) return {highest_key<K>(), Fit::nan};
  const K f = static_cast<K>(q);
  if (static_cast<double>(f) == q) return {f, Fit::exact};
  if (static_cast<double>(f) > q) return {f, Fit::rounded};
  return {next_key(f), Fit::rounded};
}

// The smallest K that is not below q. Q is a Wide type.
template <class K, class Q> LIDX_INLINE Converted<K> ceil_to(Q q) {
  if constexpr (kIsReal<K> && kIsReal<Q>) return real_to_real<K>(q);
  else if constexpr (kIsReal<K>) return integer_to_real<K>(q);
  else if constexpr (kIsReal<Q>) return real_to_integer<K>(q);
  else return integer_to_integer<K>(q);
}

// From "the first value not below q" to "the first value above q".
template <class K> LIDX_INLINE Converted<K> next_above(Converted<K> c) {
  if (c.fit != Fit::exact) return c;
  if (c.value == highest_key<K>()) return past_all<K>();
  return {next_key(c.value), Fit::rounded};
}

}  // namespace learnedidx
