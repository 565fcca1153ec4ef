// The memtable in one thread, beside std::set and std::multimap.
#include <doctest/doctest.h>

#ifdef __unix__
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <csignal>
#include <iterator>
#include <map>
#include <memory>
#include <set>

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/memtable.hpp"
#include "memtable_keys.hpp"

namespace {

using namespace learnedidx;
using tests::key_families;

#ifdef LIDX_TEST_SLOW
constexpr std::size_t kKeys = 4000;
#else
constexpr std::size_t kKeys = 30000;
#endif

using Set = std::set<std::string>;

// Is the iterator where `at` is?
template <class Expected> bool is_at(const Memtable::Iterator& found, const Expected& keys, typename Expected::const_iterator at) {
  if (at == keys.end()) return !found.valid();
  return found.valid() && found.key() == *at;
}

bool seeks_rightly(const Memtable& table, const Set& keys, const std::string& q) {
  Memtable::Iterator at(table);
  at.seek(q);
  const auto expected = keys.lower_bound(q);
  if (!is_at(at, keys, expected)) return false;
  if (at.valid()) {
    at.prev();
    if (expected == keys.begin() ? at.valid() : !is_at(at, keys, std::prev(expected))) return false;
  }
  at.seek_for_prev(q);
  const auto above = keys.upper_bound(q);
  if (above == keys.begin() ? at.valid() : !is_at(at, keys, std::prev(above))) return false;
  return table.find(q) == (keys.count(q) == 1);
}

bool scans_rightly(const Memtable& table, const Set& keys) {
  Memtable::Iterator at(table);
  at.seek_to_first();
  for (const auto& key : keys) {
    if (!at.valid() || at.key() != key) return false;
    at.next();
  }
  if (at.valid()) return false;
  at.seek_to_last();
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    if (!at.valid() || at.key() != *key) return false;
    at.prev();
  }
  return !at.valid();
}

// An iterator that walks back and forth while keys come, beside the key that it stands at.
struct Walker {
  Walker(const Memtable& table) : at(table) {}
  bool step(const Set& keys, std::mt19937_64& random) {
    if (!at.valid()) {
      at.seek_to_first();
      if (!at.valid()) return keys.empty();
      where = std::string(at.key());
      return where == *keys.begin();
    }
    auto expected = keys.find(where);
    const bool forward = random() % 2;
    forward ? at.next() : at.prev();
    if (forward) ++expected;
    else expected = expected == keys.begin() ? keys.end() : std::prev(expected);
    if (!is_at(at, keys, expected)) return false;
    if (at.valid()) where = *expected;
    return true;
  }
  Memtable::Iterator at;
  std::string where;
};

}  // namespace

TEST_CASE("every family of keys, on every row, beside std::set") {
  const KernelRows rows = available_kernels();
  for (std::size_t row = 0; row < rows.count; ++row)
    for (const auto& family : key_families()) {
      CAPTURE(family.name);
      CAPTURE(rows.rows[row]->name);
      std::mt19937_64 random(row);
      Memtable table(*rows.rows[row]);
      Set keys;
      std::vector<Walker> walkers(3, Walker(table));
      for (std::size_t i = 0; i < kKeys; ++i) {
        const std::string key = family.key(random);
        const bool fresh = keys.insert(key).second;
        REQUIRE(table.insert(key, key + "!") == (fresh ? MemtableStatus::ok : MemtableStatus::exists));
        std::string_view value;
        REQUIRE(table.find(key, &value));
        REQUIRE(value == key + "!");
        REQUIRE(seeks_rightly(table, keys, family.key(random)));
        REQUIRE(walkers[i % walkers.size()].step(keys, random));
      }
      REQUIRE(table.size() == keys.size());
      CHECK(scans_rightly(table, keys));
      for (const auto& other : key_families()) CHECK(seeks_rightly(table, keys, other.key(random)));
    }
}

TEST_CASE("keys that rise, fall, or do so in several places, and how full leaves are") {
  constexpr std::size_t many = 30000;  // so that what a small table wastes does not count
  const auto bytes_a_key = [](auto&& number) {
    Memtable table(widest_kernels());
    Set keys;
    for (std::uint64_t i = 0; i < many; ++i) {
      const std::string key = tests::big_endian_bytes(number(i));
      keys.insert(key);
      REQUIRE(table.insert(key) == MemtableStatus::ok);
    }
    CHECK(scans_rightly(table, keys));
    return static_cast<double>(table.bytes()) / static_cast<double>(many) - 16;  // an entry takes 10 bytes, so 16
  };
  CHECK(bytes_a_key([](std::uint64_t i) { return i; }) < 15);
  CHECK(bytes_a_key([](std::uint64_t i) { return ~i; }) < 15);
  CHECK(bytes_a_key([](std::uint64_t i) { return (i / 1000 * 7919 % 64 << 32) + i; }) < 15);
  CHECK(bytes_a_key([](std::uint64_t i) { return (i / 1000 * 7919 % 64 << 32) - i; }) < 16);
  CHECK(bytes_a_key([](std::uint64_t i) { return (i % 16 << 32) + i; }) < 16);  // in turn
  CHECK(bytes_a_key([](std::uint64_t i) { return (i % 16 << 32) - i; }) < 16);
  CHECK(bytes_a_key([](std::uint64_t i) { return i < 63 ? i : ~i; }) < 17);  // behind a leaf that is nearly full
  CHECK(bytes_a_key([](std::uint64_t i) { return i * 0x9e3779b97f4a7c15; }) < 18);
}

TEST_CASE("equal keys stay in the order in which they came") {
  for (const auto& family : key_families()) {
    CAPTURE(family.name);
    std::mt19937_64 random(3);
    Memtable table(widest_kernels(), {EqualKeys::keep});
    std::multimap<std::string, std::string> expected;
    std::vector<std::string> pool(40);
    for (auto& key : pool) key = family.key(random);
    for (std::size_t i = 0; i < kKeys / 4; ++i) {
      const std::string key = random() % 3 ? pool[random() % pool.size()] : family.key(random);
      const std::string value = std::to_string(i);
      expected.emplace(key, value);
      REQUIRE(table.insert(key, value) == MemtableStatus::ok);
      std::string_view found;
      REQUIRE(table.find(key, &found));
      REQUIRE(found == expected.lower_bound(key)->second);
    }
    Memtable::Iterator at(table);
    at.seek_to_first();
    for (const auto& [key, value] : expected) {
      REQUIRE(at.valid());
      REQUIRE(at.key() == key);
      REQUIRE(at.value() == value);
      at.next();
    }
    CHECK(!at.valid());
    for (auto pair = expected.rbegin(); pair != expected.rend(); ++pair) {
      pair == expected.rbegin() ? at.seek_to_last() : at.prev();
      REQUIRE(at.valid());
      REQUIRE(at.value() == pair->second);
    }
    for (const auto& key : pool) {
      if (expected.count(key) == 0) continue;
      at.seek(key);
      CHECK(at.value() == expected.lower_bound(key)->second);
      at.seek_for_prev(key);
      CHECK(at.value() == std::prev(expected.upper_bound(key))->second);
    }
  }
}

TEST_CASE("keys whose first bytes are alike as far as a node can skip bytes, and further") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 12; ++round) {
    Memtable table(widest_kernels());
    Set keys;
    for (int i = 0; i < 70; ++i) {
      const std::string key = std::string(65460 + random() % 90, 'p') + std::to_string(random() % 30);
      const bool fresh = keys.insert(key).second;
      REQUIRE(table.insert(key) == (fresh ? MemtableStatus::ok : MemtableStatus::exists));
    }
    REQUIRE(scans_rightly(table, keys));
    for (const auto& key : keys) REQUIRE(seeks_rightly(table, keys, key));
  }
}

TEST_CASE("an empty table, and keys without bytes") {
  Memtable table(widest_kernels());
  CHECK(!table.find(""));
  Memtable::Iterator at(table);
  for (int way = 0; way < 4; ++way) {
    way == 0 ? at.seek("") : way == 1 ? at.seek_for_prev("x") : way == 2 ? at.seek_to_first() : at.seek_to_last();
    CHECK(!at.valid());
  }
  CHECK(table.insert("", "nothing") == MemtableStatus::ok);
  CHECK(table.insert(std::string(1, '\0')) == MemtableStatus::ok);
  CHECK(table.insert("") == MemtableStatus::exists);
  at.seek_to_first();
  CHECK(at.value() == "nothing");
  at.next();
  CHECK(at.key() == std::string(1, '\0'));
}

TEST_CASE("about how many keys lie between two: exactly, where that are few; else within a third") {
  for (const auto& family : key_families()) {
    CAPTURE(family.name);
    std::mt19937_64 random(11);
    Memtable table(widest_kernels());
    CHECK(table.about_count("", "z") == 0);
    Set keys;
    for (std::size_t i = 0; i < kKeys; ++i) {
      const std::string key = family.key(random);
      if (keys.insert(key).second) table.insert(key);
    }
    const std::vector<std::string> sorted(keys.begin(), keys.end());
    for (int i = 0; i < 300; ++i) {
      std::size_t low = random() % sorted.size(), high = i % 2 ? random() % sorted.size() : low + random() % 300;
      high = std::min(high, sorted.size() - 1);
      const std::uint64_t about = table.about_count(sorted[low], sorted[high]);
      if (high <= low) CHECK(about == 0);
      else if (high - low < 400) CHECK(about == high - low);
      else CHECK((about > (high - low) / 3 * 2 && about < (high - low) * 3 / 2));
    }
  }
}

TEST_CASE("numbers are kept in their order") {
  Memtable table(widest_kernels());
  std::set<double> numbers = {-0.5, 0, 1e300, -1e300, 3, -3, 1e-300};
  for (const double number : numbers) CHECK(table.insert(number_key(number)) == MemtableStatus::ok);
  CHECK(table.insert(number_key(-0.0)) == MemtableStatus::exists);
  Memtable::Iterator at(table);
  at.seek_to_first();
  for (const double number : numbers) {
    CHECK(NumberKey::number<double>(at.key()) == number);
    at.next();
  }
  CHECK(NumberKey::number<std::int64_t>(number_key<std::int64_t>(-5)) == -5);
}

TEST_CASE("memory is counted to the byte, and where it ends an insert fails and nothing else") {
  struct Counter {
    std::size_t bytes = 0, largest = ~std::size_t{0};
  };
  for (const bool by_budget : {true, false})
    for (std::size_t limit = 0; limit < 300000; limit += limit / 7 + 499) {
      Counter counter;
      if (!by_budget) counter.largest = limit;
      const MemorySource source = {
          [](void* context, std::size_t bytes) -> void* {
            auto& counted = *static_cast<Counter*>(context);
            if (counted.bytes + bytes > counted.largest) return nullptr;
            counted.bytes += bytes;
            return std::malloc(bytes);
          },
          [](void* context, void* memory, std::size_t bytes) {
            static_cast<Counter*>(context)->bytes -= bytes;
            std::free(memory);
          },
          &counter};
      {
        Memtable table(widest_kernels(), {EqualKeys::refuse, by_budget ? limit : ~std::size_t{0}, source});
        std::mt19937_64 random(limit);
        Set keys;
        std::size_t failed = 0;
        while (failed < 20) {
          const std::string key = key_families()[random() % 5].key(random);
          const std::string value(random() % 100 == 0 ? random() % 20000 : random() % 100, 'v');
          const MemtableStatus status = table.insert(key, value);
          if (status == MemtableStatus::exhausted) ++failed;
          else REQUIRE((status == MemtableStatus::ok) == keys.insert(key).second);
          REQUIRE(table.bytes() == sizeof table + counter.bytes);
          if (by_budget) REQUIRE(table.bytes() <= std::max(limit, sizeof table));
        }
        CHECK(table.size() == keys.size());
        CHECK(scans_rightly(table, keys));
      }
      CHECK(counter.bytes == 0);
    }
}

TEST_CASE("values larger than a chunk, and a size that no memory has") {
  Memtable table(widest_kernels());
  const std::string large(3 << 20, 'x');
  for (int i = 0; i < 200; ++i)
    REQUIRE(table.insert(number_key(i), std::string_view(large).substr(0, static_cast<std::size_t>(i % 20 == 0 ? 3 << 20 : i * 1000))) ==
            MemtableStatus::ok);
  for (int i = 0; i < 200; ++i) {
    std::string_view value;
    REQUIRE(table.find(number_key(i), &value));
    CHECK(value.size() == static_cast<std::size_t>(i % 20 == 0 ? 3 << 20 : i * 1000));
  }
  CHECK(table.insert("y", std::string_view("", ~std::size_t{0} / 2)) == MemtableStatus::exhausted);
  CHECK(table.size() == 200);
}

#if !defined(NDEBUG) && defined(__unix__)
TEST_CASE("an iterator that outlives its table ends a program that is built to check it") {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    std::fclose(stderr);
    auto table = std::make_unique<Memtable>(widest_kernels());
    const Memtable::Iterator at(*table);
    table.reset();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
}
#endif
