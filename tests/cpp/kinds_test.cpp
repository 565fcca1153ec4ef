// Run-time kinds and compile-time types name each other.
#include "learnedidx/base/key_types.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <type_traits>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;

TEST_CASE_TEMPLATE("visit_key_type calls with the type of the kind", K, LIDX_TEST_KINDS) {
  const bool same = visit_key_type(KeyTypeOf<K>::value, [](auto tag) { return std::is_same_v<decltype(tag), K>; });
  CHECK(same);
  CHECK(key_type_index<K>() < kKeyTypes);
}

TEST_CASE_TEMPLATE("bits_of tells any two bit patterns apart", K, LIDX_TEST_KINDS) {
  CHECK(sizeof(KeyBits<K>) == sizeof(K));
  const auto keys = tests::random_keys<K>(100, 5);
  for (std::size_t i = 1; i < keys.size(); ++i)
    CHECK((bits_of(keys[i - 1]) == bits_of(keys[i])) == (std::memcmp(&keys[i - 1], &keys[i], sizeof(K)) == 0));
}

}  // namespace
