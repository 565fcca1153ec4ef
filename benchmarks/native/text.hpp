// Keys of text and of pairs, for an adapter over them.
//
// It is a class template over `Keys`: `Texts`, `Pairs` or `Numbers`, bound by `bind_keys`. Keys are sorted and distinct,
// and stay where they are for as long as the adapter lives. `lookup` answers one query, a `Keys::Key`, with a position,
// or with -1 if its answer is MATCH; if it is SUCCESSOR, with `keys.mark(found)`.
#pragma once

#include <string_view>
#include <utility>

#include "rival.hpp"

namespace rivals {

// Strings as Arrow keeps them: number i begins at data[first[i]] and ends before data[first[i + 1]].
struct Texts {
  using Key = std::string_view;
  using Arrays = std::tuple<Array<std::int64_t>, Array<std::uint8_t>>;
  static std::string name() { return "text"; }

  Texts(const Array<std::int64_t>& offsets, const Array<std::uint8_t>& letters)
      : first(offsets.data()), data(reinterpret_cast<const char*>(letters.data())),
        size(static_cast<std::size_t>(offsets.size() - 1)) {}
  Key key(const std::int64_t* at) const { return {data + at[0], static_cast<std::size_t>(at[1] - at[0])}; }
  std::int64_t mark(Key key) const { return key.data() - data; }  // where the string begins

  const std::int64_t* first;
  const char* data;
  std::size_t size;
};

// Two numbers a key, each in an array of its own.
struct Pairs {
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  using Arrays = std::tuple<Array<std::uint64_t>, Array<std::uint64_t>>;
  static std::string name() { return "pairs"; }

  Pairs(const Array<std::uint64_t>& high, const Array<std::uint64_t>& low)
      : first(high.data()), second(low.data()), size(static_cast<std::size_t>(high.size())) {}
  Key key(const std::uint64_t* at) const { return {*at, second[at - first]}; }
  std::int64_t mark(Key key) const {
    return static_cast<std::int64_t>(key.first * 0x9E3779B97F4A7C15 ^ key.second);
  }

  const std::uint64_t* first;
  const std::uint64_t* second;
  std::size_t size;
};

}  // namespace rivals
