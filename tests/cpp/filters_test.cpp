// Filters against searching the keys, in both ways to count bits; and over memory that is damaged.
#include "learnedidx/filter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "filter_questions.hpp"
#include "key_sets.hpp"
#include "learnedidx/file/open.hpp"
#include "learnedidx/file/plan.hpp"

namespace {

using namespace learnedidx;
using Numbers = Table<std::uint64_t>;
using tests::spoiled;

Numbers distinct(std::vector<std::uint64_t> keys) {
  Numbers codes;
  REQUIRE(distinct_codes(keys.data(), keys.size(), codes, {}));
  return codes;
}

std::vector<Numbers> key_sets() {
  constexpr std::uint64_t top = std::numeric_limits<std::uint64_t>::max();
  std::vector<Numbers> sets = {{}, {0}, {top}, {0, top}, {5, 6, 7}, {0, 1, top - 1, top}};
  sets.push_back(distinct(tests::random_keys<std::uint64_t>(3000, 1)));
  Numbers dense, runs, uneven;
  for (std::uint64_t i = 0; i < 5000; ++i) dense.push_back(1000 + i);
  for (std::uint64_t i = 0; i < 40; ++i)
    for (std::uint64_t k = 0; k < 100; ++k) runs.push_back((i << 50) + k * (i + 1));
  for (std::uint64_t i = 0; i < 4000; ++i) uneven.push_back(i < 3500 ? i : (i - 3499) << 40);
  sets.insert(sets.end(), {dense, runs, uneven});
  return sets;
}

struct Asked {
  Numbers a, b;
};

Asked ranges_near(const Numbers& codes) {
  Asked asked;
  tests::Random random(7);
  const auto ask = [&](std::uint64_t a, std::uint64_t length) {
    asked.a.push_back(a);
    asked.b.push_back(a + length < a ? ~std::uint64_t{0} : a + length);
  };
  for (const std::uint64_t code : codes)
    for (const std::uint64_t a : {code, code + 1, code - 1}) ask(a, random.below(3) == 0 ? 0 : std::uint64_t{1} << random.below(63));
  for (std::size_t i = 0; i < 500; ++i) ask(random.bits(), random.below(1000));
  ask(0, ~std::uint64_t{0});
  asked.a.push_back(9), asked.b.push_back(3);
  return asked;
}

bool any_in(const Numbers& codes, std::uint64_t a, std::uint64_t b) {
  const auto at = std::lower_bound(codes.begin(), codes.end(), a);
  return a <= b && at != codes.end() && *at <= b;
}

Numbers built(const Numbers& codes, RangeChoice choice, double bits) {
  Numbers slots = codes, words;
  REQUIRE(RangeBuilder(slots, choice, bits, 3, {}).build(words));
  return words;
}

constexpr RangeChoice kChoices[] = {RangeChoice::automatic, RangeChoice::exact, RangeChoice::robust, RangeChoice::learned};

TEST_CASE("a range filter denies no key, and an exact one is right") {
  for (const Numbers& codes : key_sets()) {
    const Asked asked = ranges_near(codes);
    std::vector<char> got(asked.a.size());
    for (const RangeChoice choice : kChoices)
      for (const double bits : {4.0, 8.3, 21.0}) {
        const Numbers words = built(codes, choice, bits);
        RangeFilter filter;
        REQUIRE(filter.open(words.data(), words.size() * 8));
        filter.any(asked.a.data(), asked.b.data(), got.size(), reinterpret_cast<bool*>(got.data()));
        std::size_t denied = 0, wrong = 0;
        for (std::size_t i = 0; i < got.size(); ++i) {
          const bool truth = any_in(codes, asked.a[i], asked.b[i]);
          denied += truth && !got[i];
          wrong += truth != (got[i] != 0);
        }
        CHECK(denied == 0);
        if (filter.said().strategy == 0) CHECK(wrong == 0);
      }
  }
}

TEST_CASE("a search begins at a part of the codes and finds the last number that is not above") {
  tests::Random random(3);
  for (int trial = 0; trial < 300; ++trial) {
    Numbers numbers(1 + random.below(trial < 100 ? 9 : 3000)), asked{0, 1, ~std::uint64_t{0}};
    const unsigned shift = static_cast<unsigned>(random.below(64)), crowd = static_cast<unsigned>(random.below(40));
    for (std::uint64_t& number : numbers) number = random.bits() >> shift >> (random.below(2) * crowd % (64 - shift));
    std::sort(numbers.begin(), numbers.end());
    for (const std::uint64_t number : numbers) asked.insert(asked.end(), {number - 1, number, number + 1});
    SearchRoot root;
    root.learn(numbers.data(), numbers.size());
    Numbers at(asked.size());
    root.find(numbers.data(), asked.data(), asked.size(), at.data());
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const auto above = static_cast<std::uint64_t>(std::upper_bound(numbers.begin(), numbers.end(), asked[i]) - numbers.begin());
      REQUIRE(at[i] == (above > 0 ? above - 1 : 0));
    }
  }
}

TEST_CASE("bits are counted and found in one way by instructions and without") {
  tests::Random random(3);
  for (int i = 0; i < 3000; ++i) {
    const std::uint64_t word = random.bits() & (random.below(2) ? random.bits() : ~std::uint64_t{0});
    unsigned ones = 0;
    for (unsigned bit = 0; bit < 64; ++bit) {
      if (!(word >> bit & 1)) continue;
      CHECK(place_of_one<false>(word, ones) == bit);
      if (has_bit_instructions()) CHECK(place_of_one<true>(word, ones) == bit);
      ++ones;
    }
    CHECK(ones_of<false>(word) == ones);
    if (has_bit_instructions()) CHECK(ones_of<true>(word) == ones);
    CHECK(high_product(word, 1u << 31) == word >> 33);
  }
}

TEST_CASE("numbers in few buckets and in many are found without instructions too") {
  for (const Numbers& codes : key_sets()) {
    if (codes.empty() || codes.back() >> 50) continue;
    for (const unsigned low_bits : {0u, 3u, 20u}) {
      const std::uint64_t universe = codes.back() + 1;
      if (universe >> low_bits > 1'000'000) continue;
      Numbers words(static_cast<std::size_t>(elias_fano_sizes(codes.size(), universe, low_bits).words()));
      EliasFanoWriter writer(codes.size(), universe, low_bits, words.data());
      for (const std::uint64_t code : codes) writer.add(code);
      writer.finish();
      const EliasFano set(codes.size(), universe, low_bits, words.data());
      const Asked asked = ranges_near(codes);
      for (std::size_t i = 0; i < asked.a.size(); i += 3) {
        const std::uint64_t a = asked.a[i] % universe, b = a + asked.b[i] % (universe - a);
        CHECK(set.any<false>(a, b) == any_in(codes, a, b));
        if (has_bit_instructions()) CHECK(set.any<true>(a, b) == any_in(codes, a, b));
      }
    }
  }
}

TEST_CASE("a learned hash has every position") {
  for (const Numbers& codes : key_sets())
    for (const unsigned step : {64u, 256u}) {
      Numbers words;
      REQUIRE(HashBuilder(step, 8, 1, {}).build(codes, {}, words) == HashBuilt::done);
      LearnedHash hash;
      REQUIRE(hash.open(words.data(), words.size() * 8));
      std::vector<std::int64_t> got(codes.size());
      hash.positions(codes.data(), codes.size(), true, got.data());
      for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == static_cast<std::int64_t>(i));
    }
}

// Each code so many times.
std::vector<std::uint64_t> repeated(const Numbers& codes, unsigned how) {
  std::vector<std::uint64_t> keys;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::size_t odd = how == 2 ? i == 70 ? 3000 : 1 : i % 50 == 0 ? 3 : 1;
    keys.insert(keys.end(), how == 0 ? 1 + i % 7 : odd, codes[i]);
  }
  return keys;
}

TEST_CASE("a learned hash has the first of equal keys") {
  for (const Numbers& codes : key_sets())
    for (const unsigned how : {0u, 1u, 2u}) {
      const std::vector<std::uint64_t> keys = repeated(codes, how);
      Numbers repeats, words;
      REQUIRE(repeated_codes(keys.data(), keys.size(), repeats, {}));
      REQUIRE(repeats.size() == keys.size() - codes.size());
      REQUIRE(HashBuilder(64, 8, 1, {}).build(codes, repeats, words) == HashBuilt::done);
      LearnedHash hash;
      REQUIRE(hash.open(words.data(), words.size() * 8));
      CHECK(hash.keys() == static_cast<std::int64_t>(keys.size()));
      const Asked asked = ranges_near(codes);
      std::vector<std::int64_t> got(asked.a.size()), low(got.size()), high(got.size());
      hash.positions(asked.a.data(), got.size(), true, got.data());
      hash.bounds(asked.a.data(), got.size(), false, low.data());
      hash.bounds(asked.a.data(), got.size(), true, high.data());
      for (std::size_t i = 0; i < got.size(); ++i) {
        const auto at = std::lower_bound(keys.begin(), keys.end(), asked.a[i]);
        const std::int64_t place = at - keys.begin();
        CHECK((low[i] <= place && place <= high[i]));
        if (at != keys.end() && *at == asked.a[i]) CHECK(got[i] == place);
      }
    }
}

TEST_CASE("a filter alone is no index of no keys") {
  const Numbers words = built({1, 5, 9}, RangeChoice::automatic, 12);
  FilePlan plan;
  plan_keys<std::uint64_t>(plan, nullptr, 0, 0);
  plan.add(kMeta, "{}", 2);
  plan_filter(plan, words.data(), words.size() * 8, true);
  REQUIRE(seal(plan, nullptr, {}));
  Numbers bytes(static_cast<std::size_t>(plan.header.file_bytes / 8));
  REQUIRE(bytes.size() * 8 == plan.header.file_bytes);
  auto* to = reinterpret_cast<unsigned char*>(bytes.data());
  REQUIRE(write_file(plan, [&](const void* data, std::size_t size) {
    to = std::copy_n(static_cast<const unsigned char*>(data), size, to);
    return true;
  }));
  OpenedFile file;
  CHECK(open_file(bytes.data(), bytes.size() * 8, file) == FileStatus::unknown_section);
  REQUIRE(open_file(bytes.data(), bytes.size() * 8, file, true) == FileStatus::ok);
  REQUIRE(file.find(kFilter) != nullptr);
  const SectionEntry& entry = *file.find(kFilter);
  CHECK(verify_section(file, entry) == FileStatus::ok);
  RangeFilter filter;
  CHECK(filter.open(file.data + entry.offset, entry.bytes));
  const std::uint64_t asked[] = {5, 6};
  bool answers[2];
  filter.any(asked, asked, 2, answers);
  CHECK((answers[0] && !answers[1]));
}

TEST_CASE("damaged memory is refused or harmless") {
  tests::Random random(11);
  const std::vector<Numbers> sets = key_sets();
  for (int i = 0; i < 4000; ++i) {
    const Numbers& codes = sets[4 + random.below(sets.size() - 4)];
    const Numbers few(codes.begin(), codes.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(codes.size(), 400)));
    const Asked asked = ranges_near(Numbers(few.begin(), few.begin() + 3));
    std::vector<char> got(asked.a.size());
    auto* answers = reinterpret_cast<bool*>(got.data());
    std::vector<std::int64_t> places(asked.a.size());
    Numbers words = spoiled(built(few, kChoices[random.below(4)], 9), random, sizeof(StoredRangeFilter));
    RangeFilter ranges;
    if (ranges.open(words.data(), words.size() * 8)) ranges.any(asked.a.data(), asked.b.data(), got.size(), answers);
    Numbers hashes = few, points;
    build_point_filter(hashes, static_cast<PointLayout>(16 + random.below(3)), 20, 0, points, {});
    points = spoiled(points, random, sizeof(StoredPointFilter));
    PointFilter filter;
    if (filter.open(points.data(), points.size() * 8)) filter.test(asked.a.data(), got.size(), answers);
    Numbers table, repeats;
    for (std::uint64_t k = 0; k < 30 * random.below(10); ++k) repeats.push_back(k / 9 % few.size());
    std::sort(repeats.begin(), repeats.end());
    HashBuilder(64, 16, 0, {}).build(few, repeats, table);
    table = spoiled(table, random, sizeof(StoredHash));
    LearnedHash hash;
    if (!hash.open(table.data(), table.size() * 8)) continue;
    hash.positions(asked.a.data(), places.size(), hash.said().print_bits > 0, places.data());
    for (const std::int64_t place : places) CHECK(place < hash.keys());
    for (const bool ends : {false, true}) hash.bounds(asked.a.data(), places.size(), ends, places.data());
  }
}

}  // namespace

// Strings of eight bytes.
Strings strings_of(const Numbers& codes) {
  Strings strings;
  strings.layout = Layout::fixed;
  strings.n = codes.size();
  strings.width = 8;
  strings.size = 8 * codes.size();
  strings.data = reinterpret_cast<const std::uint8_t*>(codes.data());
  return strings;
}

TEST_CASE("a learned filter denies no string, and damaged memory is refused or harmless") {
  tests::Random random(12);
  Numbers keys(1 + random.below(2000)), absent(900), words;
  for (std::uint64_t& key : keys) key = random.bits() & 0x0f0f0f0f0f0f0f0fu;
  for (std::uint64_t& key : absent) key = random.bits();
  std::vector<double> learned;
  REQUIRE(GramTrainer(strings_of(keys), strings_of(absent), 6, 1, {}).train(learned));
  std::int8_t weights[64];
  for (std::size_t i = 0; i < 64; ++i) weights[i] = static_cast<std::int8_t>(std::min(std::max(20 * learned[i], -127.0), 127.0));
  StoredLearnedFilter said{kLearnedLayout, 6, 0, 1, 3, 0, {-40, 200}, {9, 5, 0}, {}, {}};
  REQUIRE(build_learned_filter(strings_of(keys), said, weights, words, {}));
  std::vector<Slice> asked;
  for (std::size_t i = 0; i < keys.size(); ++i) asked.push_back(string_at(strings_of(keys), i));
  std::vector<char> got(keys.size());
  auto* answers = reinterpret_cast<bool*>(got.data());
  LearnedFilter filter;
  REQUIRE(filter.open(words.data(), words.size() * 8));
  filter.test(asked.data(), asked.size(), answers);
  CHECK(std::count(got.begin(), got.end(), 1) == static_cast<std::ptrdiff_t>(keys.size()));
  for (int i = 0; i < 2000; ++i) {
    const Numbers bad = spoiled(words, random, sizeof said);
    LearnedFilter opened;
    if (opened.open(bad.data(), bad.size() * 8)) opened.test(asked.data(), std::min<std::size_t>(asked.size(), 99), answers);
  }
}
