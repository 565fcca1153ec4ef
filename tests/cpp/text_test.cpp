// Layers over byte strings answer as std::lower_bound does: over alphabets and prefixes that are hard for them, in every
// layout, at borders of memory, and when their arrays hold anything.
#include "learnedidx/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "string_finds.hpp"

namespace {

using namespace learnedidx;
using Keys = std::vector<std::string>;

// A column of strings in memory that ends where the last of them does.
struct Memory {
  std::vector<std::int64_t> wide{0};
  std::vector<std::int32_t> narrow{0};
  std::vector<unsigned char> views;
  std::unique_ptr<std::uint8_t[]> data;
  Span span{nullptr, 0};
  Strings strings;

  Memory(const Keys& keys, Layout layout) {
    std::string all;
    for (const std::string& key : keys) {
      view(key, all.size());
      all += key;
      wide.push_back(static_cast<std::int64_t>(all.size()));
      narrow.push_back(static_cast<std::int32_t>(all.size()));
    }
    data = std::make_unique<std::uint8_t[]>(all.size());
    std::copy(all.begin(), all.end(), data.get());
    span = {data.get(), all.size()};
    strings.layout = layout;
    strings.n = keys.size();
    strings.starts = layout == Layout::views ? static_cast<const void*>(views.data())
                     : layout == Layout::offsets32 ? static_cast<const void*>(narrow.data()) : wide.data();
    strings.data = data.get();
    strings.size = all.size();
    strings.buffers = &span;
    strings.n_buffers = 1;
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

 private:
  void view(const std::string& key, std::size_t at) {
    unsigned char bytes[16] = {};
    const auto put = [&](std::size_t to, std::size_t value) {
      const auto word = static_cast<std::uint32_t>(value);
      std::memcpy(bytes + to, &word, 4);
    };
    put(0, key.size());
    if (key.size() <= 12) {
      std::copy(key.begin(), key.end(), bytes + 4);
    } else {
      std::copy_n(key.begin(), 4, bytes + 4);
      put(12, at);
    }
    views.insert(views.end(), bytes, bytes + 16);
  }
};

using Random = std::mt19937_64;

char letter(Random& random, unsigned alphabet) {
  switch (alphabet) {
    case 0: return static_cast<char>(random() % 2);
    case 1: return static_cast<char>('a' + random() % 2);
    case 2: return static_cast<char>(random());
    case 3: return static_cast<char>(0xFE + random() % 2);
    default: return static_cast<char>('a' + random() % 20);
  }
}

std::string word(Random& random, unsigned alphabet, std::size_t most) {
  std::string made;
  for (std::size_t left = most > 0 ? random() % most : 0; left > 0; --left) made += letter(random, alphabet);
  return made;
}

// Sorted keys of one of four shapes: words behind a prefix, words of common parts, nested prefixes, and grown from each other.
std::string tail_of(std::uint64_t shape, const Keys& parts, Random& random, unsigned alphabet) {
  if (shape == 0) return word(random, alphabet, 12);
  if (shape == 1) return parts[random() % 8] + parts[random() % 8] + word(random, alphabet, 4);
  return std::string(random() % 400, 'a');
}

Keys some_keys(Random& random, unsigned alphabet) {
  const std::string prefix = random() % 3 == 0 ? word(random, alphabet, 71) : "";
  Keys parts, keys;
  for (int i = 0; i < 8; ++i) parts.push_back(word(random, alphabet, 30));
  const auto shape = random() % 4;
  for (std::size_t n = random() % 4 == 0 ? random() % 1500 : random() % 60; n > 0; --n) {
    const std::string begin = keys.empty() || random() % 2 ? prefix : keys[random() % keys.size()];
    const std::string key = shape == 3 ? begin + word(random, alphabet, 5) : prefix + tail_of(shape, parts, random, alphabet);
    keys.insert(keys.end(), random() % 10 == 0 ? 1 + random() % 12 : 1, key);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

Keys queries_near(const Keys& keys, Random& random, unsigned alphabet) {
  Keys queries;
  for (int i = 0; i < 60; ++i) {
    std::string q = keys.empty() ? word(random, alphabet, 9) : keys[random() % keys.size()];
    switch (random() % 5) {
      case 0: q += letter(random, alphabet); break;
      case 1: if (!q.empty()) q.pop_back(); break;
      case 2: if (!q.empty()) q[random() % q.size()] = letter(random, alphabet); break;
      case 3: q.resize(random() % (q.size() + 1)); break;
      default: break;
    }
    queries.push_back(q);
  }
  return queries;
}

// How many answers are wrong.
int wrong_answers(const LayersView& view, const Keys& keys, const Keys& queries, const Strings& asked, const Kernels& kernels) {
  int wrong = 0;
  for (const bool right : {false, true}) {
    std::vector<std::int64_t> positions(queries.size());
    std::vector<std::uint8_t> equal(queries.size());
    lower_bound_batch(view, kernels, asked, 0, queries.size(), right, {positions.data(), equal.data()});
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const auto low = std::lower_bound(keys.begin(), keys.end(), queries[i]);
      const auto high = std::upper_bound(keys.begin(), keys.end(), queries[i]);
      wrong += positions[i] != (right ? high : low) - keys.begin() || (equal[i] != 0) != (low != high);
    }
  }
  return wrong;
}

// The same of lookups of equal strings by a hash table.
std::size_t wrong_finds(const Strings& strings, const Keys& keys, const Keys& queries, const Strings& asked) {
  std::vector<std::int64_t> positions, ends;
  for (const std::string& q : queries) {
    positions.push_back(std::lower_bound(keys.begin(), keys.end(), q) - keys.begin());
    ends.push_back(std::upper_bound(keys.begin(), keys.end(), q) - keys.begin());
  }
  LayersView view;
  view.keys = strings;
  return tests::wrong_finds(view, asked, positions, ends, scalar_kernels);
}

// All keys in the layers, or one of some.
unsigned some_spacing(Random& random) { return random() % 2 ? 0 : static_cast<unsigned>(1 + random() % kMostSpacing); }

#ifdef LIDX_TEST_SLOW
constexpr int kRounds = 400;
#else
constexpr int kRounds = 2000;
#endif

TEST_CASE("strings are found as std::lower_bound finds them, in every layout, by every kernel row") {
  Random random(7);
  const KernelRows rows = available_kernels();
  for (int round = 0; round < kRounds; ++round) {
    const auto alphabet = static_cast<unsigned>(random() % 5);
    const Keys keys = some_keys(random, alphabet);
    const Keys queries = queries_near(keys, random, alphabet);
    const auto layout = static_cast<Layout>(random() % 2 ? random() % 2 : 3);
    const Memory memory(keys, layout), asked(queries, static_cast<Layout>(random() % 2));
    Layers layers;
    REQUIRE(build(layers, memory.strings, some_spacing(random)));
    for (std::size_t row = 0; row < rows.count; ++row)
      REQUIRE(wrong_answers(layers.view, keys, queries, asked.strings, *rows.rows[row]) == 0);
    layers.view.guarded = true;
    REQUIRE(wrong_answers(layers.view, keys, queries, asked.strings, scalar_kernels) == 0);
    REQUIRE(wrong_finds(memory.strings, keys, queries, asked.strings) == 0);
  }
}

TEST_CASE("strings of one width, with and without NULs at their ends") {
  Random random(8);
  for (int round = 0; round < kRounds / 10; ++round) {
    const std::size_t width = 1 + random() % 20, n = random() % 400;
    const auto alphabet = static_cast<unsigned>(random() % 4);
    for (const bool trims : {false, true}) {
      Keys keys;
      for (std::size_t i = 0; i < n; ++i) {
        std::string key = word(random, alphabet, width + 1);
        key.resize(width);
        keys.push_back(key);
      }
      std::sort(keys.begin(), keys.end());
      const Memory memory(keys, Layout::offsets64);
      Strings fixed = memory.strings;
      fixed.layout = Layout::fixed;
      fixed.width = width;
      fixed.trims = trims;
      Layers layers;
      REQUIRE(build(layers, fixed, some_spacing(random)));
      Keys queries = queries_near(keys, random, alphabet);
      const Memory asked(queries, Layout::offsets64);
      const auto trim = [](std::string& s) { s.resize(s.find_last_not_of('\0') + 1); };
      if (trims) {
        std::for_each(keys.begin(), keys.end(), trim);
        std::for_each(queries.begin(), queries.end(), trim);
      }
      REQUIRE(wrong_answers(layers.view, keys, queries, asked.strings, scalar_kernels) == 0);
      REQUIRE(wrong_finds(fixed, keys, queries, asked.strings) == 0);
    }
  }
}

void spoil(Layer& layer, Random& random) {
  for (std::uint64_t& entry : layer.column)
    if (random() % 8 == 0) entry = random();
  for (std::uint32_t& place : layer.places)
    if (random() % 8 == 0) place = static_cast<std::uint32_t>(random());
  for (Segment& segment : layer.segments)
    for (std::uint32_t* part : {&segment.begin, &segment.end, &segment.first, &segment.last, &segment.depth, &segment.parent})
      if (random() % 8 == 0) *part = static_cast<std::uint32_t>(random() >> (random() % 64));
}

TEST_CASE("layers that hold anything cost time, never an answer") {
  Random random(9);
  for (int round = 0; round < kRounds / 10; ++round) {
    const auto alphabet = static_cast<unsigned>(random() % 5);
    const Keys keys = some_keys(random, alphabet);
    const Keys queries = queries_near(keys, random, alphabet);
    const Memory memory(keys, Layout::offsets64), asked(queries, Layout::offsets64);
    Layers layers;
    REQUIRE(build(layers, memory.strings, some_spacing(random)));
    layers.view.guarded = true;
    for (const auto& tree : layers.trees) tree->view.guarded = true;
    for (const auto& layer : layers.layers) spoil(*layer, random);
    REQUIRE(wrong_answers(layers.view, keys, queries, asked.strings, scalar_kernels) == 0);
  }
}

TEST_CASE("offsets and views that lie outside the memory give shorter strings") {
  const Keys keys{"alpha", "beta and a long tail of it", "gamma"};
  Memory memory(keys, Layout::offsets64);
  memory.wide[1] = -3;
  memory.wide[2] = 1000;
  for (std::size_t i = 0; i < 3; ++i) CHECK(string_at(memory.strings, i).size <= memory.strings.size);
  Memory viewed(keys, Layout::views);
  std::memset(viewed.views.data() + 16 + 8, 0xFF, 8);
  CHECK(string_at(viewed.strings, 1).size == 0);
}

TEST_CASE("empty strings may lie nowhere") {
  const Keys keys(20, "");
  const std::vector<std::int64_t> zeros(21, 0);
  Strings nowhere;
  nowhere.n = keys.size();
  nowhere.starts = zeros.data();
  Layers layers;
  REQUIRE(build(layers, nowhere));
  const Keys queries{"", "a", std::string(1, '\0')};
  const Memory asked(queries, Layout::offsets64);
  CHECK(wrong_answers(layers.view, keys, queries, asked.strings, scalar_kernels) == 0);
  CHECK(wrong_answers(layers.view, keys, keys, nowhere, scalar_kernels) == 0);
  const Memory shared({"ab", "ac"}, Layout::offsets64);
  REQUIRE(build(layers, shared.strings));
  CHECK(wrong_answers(layers.view, {"ab", "ac"}, keys, nowhere, scalar_kernels) == 0);
}

TEST_CASE("nested prefixes stop at the last layer") {
  Keys keys;
  for (std::size_t i = 0; i < 3000; ++i) keys.emplace_back(i, 'a');
  const Memory memory(keys, Layout::offsets64);
  Layers layers;
  REQUIRE(build(layers, memory.strings));
  CHECK(layers.layers.size() == kMostLayers);
  CHECK(wrong_answers(layers.view, keys, keys, memory.strings, scalar_kernels) == 0);
}

TEST_CASE("the first key out of order is named") {
  const Memory memory({"a", "b", "a", "c"}, Layout::offsets64);
  std::size_t bad = 0;
  std::uint64_t fingerprint = 0;
  REQUIRE(check_order(memory.strings, bad, fingerprint));
  CHECK(bad == 2);
}

std::size_t first_bad(const Keys& keys, std::uint64_t& fingerprint, Layout layout = Layout::offsets64) {
  const Memory memory(keys, layout);
  std::size_t bad = 0;
  REQUIRE(check_order(memory.strings, bad, fingerprint));
  return bad;
}

TEST_CASE("the first key out of order is named, wherever it stands and whatever they share") {
  Random random(10);
  std::uint64_t fingerprint = 0;
  for (int round = 0; round < kRounds; ++round) {
    Keys keys = some_keys(random, static_cast<unsigned>(random() % 5));
    if (keys.empty()) continue;
    std::string& changed = keys[random() % keys.size()];
    const std::size_t at = changed.empty() ? 0 : random() % changed.size();
    if (random() % 3 == 0) changed += letter(random, 0);
    else if (random() % 2 || changed.empty()) changed.resize(at);
    else changed[at] = static_cast<char>(changed[at] + 1 - 2 * static_cast<int>(random() % 2));
    const auto bad = std::is_sorted_until(keys.begin(), keys.end());
    REQUIRE(first_bad(keys, fingerprint) == static_cast<std::size_t>(bad - keys.begin()));
  }
}

TEST_CASE("a fingerprint is the same in every layout, and every key changes it") {
  Keys keys;
  for (std::size_t i = 0; i < 1000; ++i) keys.push_back("key " + std::to_string(10'000 + i) + std::string(i % 20, 'x'));
  std::uint64_t fingerprint = 0, other = 0;
  REQUIRE(first_bad(keys, fingerprint) == keys.size());
  for (const Layout layout : {Layout::offsets32, Layout::views}) {
    REQUIRE(first_bad(keys, other, layout) == keys.size());
    CHECK(other == fingerprint);
  }
  for (std::string& key : keys) {
    const std::string kept = key;
    key += '!';
    REQUIRE(first_bad(keys, other) == keys.size());
    REQUIRE(other != fingerprint);
    key = kept;
  }
}

}  // namespace
