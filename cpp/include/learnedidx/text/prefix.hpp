// The keys that begin with a string.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/keys/strings.hpp"

namespace learnedidx {

// Where the keys end that begin with `prefix`, the first of which would be number `start`, its lower bound: leaps, then halves.
// O(log n); reads keys alone and allocates nothing. Of keys whose NULs at the end are trimmed, those of the prefix are no part of it.
inline std::int64_t prefix_end(const Strings& keys, std::size_t start, Slice prefix) {
  if (keys.trims) prefix = trimmed(prefix);
  const auto begins = [&](std::size_t i) {
    const Slice key = string_at(keys, i);
    return key.size >= prefix.size && (prefix.size == 0 || std::memcmp(key.data, prefix.data, prefix.size) == 0);
  };
  std::size_t low = start, high = start;
  for (std::size_t step = 1; high < keys.n && begins(high); step *= 2) {
    low = high + 1;
    high = keys.n - high > step ? high + step : keys.n;
  }
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (begins(middle)) low = middle + 1;
    else high = middle;
  }
  return static_cast<std::int64_t>(low);
}

}  // namespace learnedidx
