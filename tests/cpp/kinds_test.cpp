// Run-time kinds and compile-time types name each other; what traits say of keys fits together.
#include "learnedidx/base/key_traits.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <iterator>
#include <limits>
#include <type_traits>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;

TEST_CASE_TEMPLATE("visit_key_type calls with the type of the kind", K, LIDX_TEST_KINDS) {
  const bool same = visit_key_type(KeyTypeOf<K>::value, [](auto tag) { return std::is_same_v<decltype(tag), K>; });
  CHECK(same);
  CHECK(key_type_index<K>() < kKeyTypes);
}

TEST_CASE("the numbers of key types are those that files hold") {
  constexpr KeyType in_files[] = {KeyType::u8,  KeyType::u16, KeyType::u32, KeyType::u64, KeyType::i8,
                                  KeyType::i16, KeyType::i32, KeyType::i64, KeyType::f32, KeyType::f64};
  for (std::size_t i = 0; i < std::size(in_files); ++i) CHECK(static_cast<std::size_t>(in_files[i]) == i);
}

TEST_CASE_TEMPLATE("codes are in the order of the keys and lead back to them", K, LIDX_TEST_KINDS) {
  const auto keys = tests::queries_for(tests::random_keys<K>(100, 5));
  for (const K key : keys) {
    CHECK(key_of_code<K>(key_code(key)) == key);
    for (const K other : keys) REQUIRE((key_code(key) < key_code(other)) == (key < other));
  }
}

TEST_CASE_TEMPLATE("the next key is the smallest above, and the ends are the ends", K, LIDX_TEST_KINDS) {
  for (const K key : tests::queries_for(tests::random_keys<K>(100, 5))) {
    CHECK((lowest_key<K>() <= key && key <= highest_key<K>()));
    CHECK_FALSE(is_missing(key, false));
    if (key == highest_key<K>()) continue;
    CHECK(next_key(key) == tests::neighbour(key, true));
    CHECK(key_code(next_key(key)) == key_code(key) + 1);
  }
  CHECK(is_missing(lowest_key<K>(), true) == std::is_same_v<K, std::int64_t>);  // NaT
  if constexpr (kIsReal<K>) CHECK(is_missing(std::numeric_limits<K>::quiet_NaN(), false));
}

TEST_CASE_TEMPLATE("bits_of tells any two bit patterns apart", K, LIDX_TEST_KINDS) {
  CHECK(sizeof(KeyBits<K>) == sizeof(K));
  const auto keys = tests::random_keys<K>(100, 5);
  for (std::size_t i = 1; i < keys.size(); ++i)
    CHECK((bits_of(keys[i - 1]) == bits_of(keys[i])) == (std::memcmp(&keys[i - 1], &keys[i], sizeof(K)) == 0));
}

}  // namespace
