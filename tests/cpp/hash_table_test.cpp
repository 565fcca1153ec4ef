// The hash table beside layers: full buckets, equal keys, columns that change, and a build that is stopped. Hard keys: text_test.
#include "learnedidx/text/hash_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace learnedidx;
using Keys = std::vector<std::string>;

class Column {
 public:
  explicit Column(const Keys& keys) {
    for (const std::string& key : keys) starts_.push_back(static_cast<std::int64_t>((data_ += key).size()));
    strings_.n = keys.size();
    strings_.starts = starts_.data();
    strings_.data = reinterpret_cast<const std::uint8_t*>(data_.data());
    strings_.size = data_.size();
  }
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;

  // Another process writes into a file.
  void change_starts(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (std::int64_t& start : starts_) start = random() % 2 ? start : static_cast<std::int64_t>(random() >> random() % 64);
  }

  bool build(HashTable& table, Cancellation cancellation = {}) const {
    return table.build(OffsetColumn<std::int64_t>(strings_), strings_.n, cancellation);
  }
  std::int64_t find(const HashTable& table, const std::string& query) const {
    return table.find_one(OffsetColumn<std::int64_t>(strings_), strings_.n, slice_of(query.data(), query.size()));
  }
  std::vector<std::int64_t> find(const HashTable& table, const Keys& queries) const {
    std::vector<Slice> asked;
    for (const std::string& q : queries) asked.push_back(slice_of(q.data(), q.size()));
    std::vector<std::int64_t> positions(queries.size());
    table.find(OffsetColumn<std::int64_t>(strings_), strings_.n, asked.data(), asked.size(), positions.data());
    return positions;
  }

 private:
  std::vector<std::int64_t> starts_{0};
  std::string data_;
  Strings strings_;
};

}  // namespace

// Some buckets are full then, and some slots agree with queries that are not their keys.
TEST_CASE("many keys are found one by one and in batches, and no others") {
  Keys keys, others;
  for (int i = 1'000'000; i < 1'400'000; ++i) (i % 2 ? keys : others).push_back(std::to_string(i));
  const Column column(keys);
  HashTable table;
  REQUIRE(column.build(table));
  const std::vector<std::int64_t> found = column.find(table, keys), none = column.find(table, others);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    wrong += found[i] != at || none[i] != -1 || column.find(table, keys[i]) != at || column.find(table, others[i]) != -1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("of keys that are equal the first one has a slot") {
  Keys keys(100'000, "equal");
  keys.insert(keys.begin(), 3, "another");
  const Column column(keys);
  HashTable table;
  REQUIRE(column.build(table));
  CHECK(!table.empty());
  CHECK(column.find(table, Keys{"another", "equal", "none"}) == std::vector<std::int64_t>{0, 3, -1});
}

TEST_CASE("a column that changes behind a hash table harms nobody") {
  Keys keys;
  for (int i = 10'000; i < 12'000; ++i) keys.push_back(std::string(static_cast<std::size_t>(i % 40), 'x') + std::to_string(i));
  std::sort(keys.begin(), keys.end());
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Column column(keys);
    HashTable table;
    REQUIRE(column.build(table));
    column.change_starts(seed);
    const std::vector<std::int64_t> found = column.find(table, keys);
    for (std::size_t i = 0; i < keys.size(); ++i) REQUIRE((found[i] == -1 || (0 <= found[i] && found[i] < 2000)));
    REQUIRE(column.build(table));
  }
}

TEST_CASE("a hash table that is stopped holds nothing") {
  Keys keys;
  for (int i = 100'000; i < 300'000; ++i) keys.push_back(std::to_string(i));
  const Column column(keys);
  HashTable table;
  REQUIRE(!column.build(table, {[](void*) { return false; }, nullptr}));
  REQUIRE(table.empty());
}
