// Byte strings that are hard for layers, asked by every kernel row and compared with std::lower_bound. Some seconds by
// default; LEARNEDIDX_FUZZ_QUERIES=10000000 asks as many of each row (make test-long).
#include "learnedidx/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#if defined(__unix__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "files_for_tests.hpp"
#include "string_finds.hpp"

namespace {

using namespace learnedidx;
using tests::Random;
using Keys = std::vector<std::string>;

constexpr std::size_t kQueries = 100, kSpacings = 2;  // of a key set: queries, and indexes over it

// Memory whose last byte stands before a page that nobody may read.
class BeforeBorder {
 public:
  explicit BeforeBorder(std::size_t most) : size_(round_up(most)) {
#if defined(__unix__)
    memory_ = mmap(nullptr, size_ + page(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory_ != MAP_FAILED);
    REQUIRE(mprotect(static_cast<char*>(memory_) + size_, page(), PROT_NONE) == 0);
#else
    memory_ = std::malloc(size_);
    REQUIRE(memory_ != nullptr);
#endif
  }
  ~BeforeBorder() {
#if defined(__unix__)
    munmap(memory_, size_ + page());
#else
    std::free(memory_);
#endif
  }
  BeforeBorder(const BeforeBorder&) = delete;
  BeforeBorder& operator=(const BeforeBorder&) = delete;

  const std::uint8_t* put(const void* bytes, std::size_t count) {
    REQUIRE(count <= size_);
    auto* to = static_cast<std::uint8_t*>(memory_) + size_ - count;
    if (count > 0) std::memcpy(to, bytes, count);
    return to;
  }

 private:
  static std::size_t page() {
#if defined(__unix__)
    return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
#else
    return 4096;
#endif
  }
  static std::size_t round_up(std::size_t most) { return (most + page() - 1) / page() * page(); }

  std::size_t size_;
  void* memory_ = nullptr;
};

// A column whose bytes and offsets end where nothing may be read.
class Column {
 public:
  const Strings& over(const Keys& keys, bool narrow) {
    std::string all;
    std::vector<std::int64_t> wide{0};
    std::vector<std::int32_t> small{0};
    for (const std::string& key : keys) {
      all += key;
      wide.push_back(static_cast<std::int64_t>(all.size()));
      small.push_back(static_cast<std::int32_t>(all.size()));
    }
    strings_.layout = narrow ? Layout::offsets32 : Layout::offsets64;
    strings_.n = keys.size();
    strings_.data = bytes_.put(all.data(), all.size());
    strings_.size = all.size();
    strings_.starts = narrow ? starts_.put(small.data(), small.size() * 4) : starts_.put(wide.data(), wide.size() * 8);
    return strings_;
  }

 private:
  BeforeBorder bytes_{1 << 21}, starts_{1 << 16};
  Strings strings_;
};

// NUL and 1, two letters, all bytes, 0xFE and 0xFF, twenty letters.
char letter(Random& random, unsigned alphabet) {
  constexpr unsigned from[] = {0, 'a', 0, 0xFE, 'a'}, size[] = {2, 2, 256, 2, 20};
  return static_cast<char>(from[alphabet] + random.below(size[alphabet]));
}

std::string word(Random& random, unsigned alphabet, std::size_t most) {
  std::string made;
  for (std::size_t left = random.below(most + 1); left > 0; --left) made += letter(random, alphabet);
  return made;
}

struct Shape {
  unsigned alphabet;
  std::uint64_t kind;
  std::string prefix;
  Keys parts;
};

// Words behind a prefix, words of common parts, nested prefixes, or what goes on behind another key.
std::string some_key(const Shape& shape, const Keys& before, Random& random) {
  const auto part = [&] { return shape.parts[random.below(shape.parts.size())]; };
  switch (shape.kind) {
    case 0: return shape.prefix + word(random, shape.alphabet, 11);
    case 1: return shape.prefix + part() + part() + word(random, shape.alphabet, 3);
    case 2: return shape.prefix + std::string(random.below(300), letter(random, shape.alphabet));
    default: {
      const std::string begin = before.empty() || random.below(2) ? shape.prefix : before[random.below(before.size())];
      return begin + word(random, shape.alphabet, 5);
    }
  }
}

Keys some_keys(Random& random, unsigned alphabet) {
  Shape shape{alphabet, random.below(4), random.below(3) ? "" : std::string(random.below(71), letter(random, alphabet)), {}};
  for (int i = 0; i < 8; ++i) shape.parts.push_back(word(random, alphabet, 30));
  Keys keys;
  for (std::uint64_t n = random.below(random.below(8) ? 80 : 1200); n > 0; --n)
    keys.insert(keys.end(), random.below(10) ? 1 : 1 + random.below(12), some_key(shape, keys, random));
  std::sort(keys.begin(), keys.end());
  return keys;
}

// Keys, and keys that are a byte longer, shorter, changed, or cut anywhere.
std::string some_query(const Keys& keys, Random& random, unsigned alphabet) {
  std::string q = keys.empty() ? word(random, alphabet, 9) : keys[random.below(keys.size())];
  switch (random.below(6)) {
    case 0: q += letter(random, alphabet); break;
    case 1: q += letter(random, 2); break;
    case 2: if (!q.empty()) q.pop_back(); break;
    case 3: if (!q.empty()) q[random.below(q.size())] = letter(random, random.below(2) ? alphabet : 2); break;
    case 4: q.resize(random.below(q.size() + 1)); break;
    default: break;
  }
  return q;
}

struct Truth {
  std::vector<std::int64_t> low, high;

  Truth(const Keys& keys, const Keys& queries) {
    for (const std::string& q : queries) {
      low.push_back(std::lower_bound(keys.begin(), keys.end(), q) - keys.begin());
      high.push_back(std::upper_bound(keys.begin(), keys.end(), q) - keys.begin());
    }
  }
};

// How many answers to a batch are wrong, and to the first queries asked one by one.
std::size_t wrong_answers(const LayersView& view, const Strings& asked, const Truth& truth, const Kernels& kernels) {
  std::size_t wrong = 0;
  std::int64_t positions[kQueries];
  std::uint8_t equal[kQueries];
  const StringIndex index(view, kernels);
  for (const bool right : {false, true}) {
    const std::vector<std::int64_t>& expected = right ? truth.high : truth.low;
    lower_bound_batch(view, kernels, asked, 0, kQueries, right, {positions, equal});
    for (std::size_t i = 0; i < kQueries; ++i)
      wrong += positions[i] != expected[i] || (!right && (equal[i] != 0) != (truth.low[i] != truth.high[i]));
    for (std::size_t i = 0; i < 5; ++i) {
      ScalarQuery one;
      one.string = string_at(asked, i);
      wrong += index.search_one(one, right, Verb::position, kernels) != expected[i];
    }
  }
  return wrong;
}

// Of a hash table alone.
LayersView view_of(const Strings& strings) {
  LayersView view;
  view.keys = strings;
  return view;
}

// How many key sets there are to be, for so many queries of each kernel row.
std::uint64_t rounds() {
  const char* queries = std::getenv("LEARNEDIDX_FUZZ_QUERIES");
  return (queries ? std::strtoull(queries, nullptr, 10) : 60'000) / kQueries;
}

TEST_CASE("fuzz: strings are found as std::lower_bound finds them, in layers of all keys and in sparse ones") {
  Random random(11);
  const KernelRows rows = available_kernels();
  Column column, questions;
  const std::uint64_t last = rounds();
  std::size_t wrong = 0;
  for (std::uint64_t round = 0; round < last; ++round) {
    const auto alphabet = static_cast<unsigned>(random.below(5));
    const Keys keys = some_keys(random, alphabet);
    Keys queries;
    while (queries.size() < kQueries) queries.push_back(some_query(keys, random, alphabet));
    if (random.below(4) == 0) std::sort(queries.begin(), queries.end());
    const Truth truth(keys, queries);
    const Strings &strings = column.over(keys, random.below(2)), &asked = questions.over(queries, random.below(2));
    REQUIRE(tests::wrong_finds(view_of(strings), asked, truth.low, truth.high, scalar_kernels) == 0);
    for (const unsigned spacing_bits : {0u, static_cast<unsigned>(1 + random.below(kMostSpacing))}) {
      Layers layers;
      REQUIRE(build(layers, strings, spacing_bits));
      layers.view.guarded = random.below(8) == 0;
      for (std::size_t row = 0; row < rows.count; ++row) wrong += wrong_answers(layers.view, asked, truth, *rows.rows[row]);
      CAPTURE(round);
      REQUIRE(wrong == 0);
    }
  }
  MESSAGE(last << " key sets, " << last * kQueries * kSpacings << " queries on both sides by each of " << rows.count << " kernel rows, "
               << wrong << " wrong");
}

}  // namespace
