// Learned hashes of strings against searching the strings; and over memory that is damaged.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "filter_questions.hpp"
#include "learnedidx/filters/build_hash.hpp"

namespace {

using namespace learnedidx;
using Numbers = Table<std::uint64_t>;

// Sorted: few letters, long words that share beginnings, and words that begin with others.
std::vector<std::string> words_of(tests::Random& random, std::size_t n, const std::string& shared, unsigned letters) {
  std::vector<std::string> words;
  while (words.size() < n) {
    std::string word = random.below(3) && !words.empty() ? words[random.below(words.size())] : shared;
    for (std::uint64_t more = random.below(5); more > 0; --more) word += static_cast<char>(256 - random.below(letters));
    words.push_back(word);
  }
  std::sort(words.begin(), words.end(), [](const std::string& a, const std::string& b) {
    return compare(slice_of(a.data(), a.size()), slice_of(b.data(), b.size())) < 0;
  });
  return words;
}

std::vector<Slice> slices_of(const std::vector<std::string>& words) {
  std::vector<Slice> slices;
  for (const std::string& word : words) slices.push_back(slice_of(word.data(), word.size()));
  return slices;
}

struct Column {
  std::vector<std::int64_t> starts{0};
  std::string data;
  explicit Column(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
      data += word;
      starts.push_back(static_cast<std::int64_t>(data.size()));
    }
  }
  Strings strings() const {
    Strings strings;
    strings.n = starts.size() - 1;
    strings.starts = starts.data();
    strings.data = reinterpret_cast<const std::uint8_t*>(data.data());
    strings.size = data.size();
    return strings;
  }
};

}  // namespace

TEST_CASE("a learned hash of strings has the first of equal ones, and bounds of all") {
  tests::Random random(13);
  for (const std::size_t n : {0u, 1u, 2u, 63u, 64u, 65u, 900u, 3000u})
    for (const std::string& shared : {std::string(), std::string(300, 'x')})
      for (const unsigned letters : {2u, 256u}) {
        const std::vector<std::string> words = words_of(random, n, shared, letters);
        Numbers made;
        REQUIRE(HashBuilder(64, 16, 3, {}).build(Column(words).strings(), made) == HashBuilt::done);
        LearnedHash hash;
        REQUIRE(hash.open(made.data(), made.size() * 8));
        REQUIRE(hash.of_strings());
        std::vector<std::string> asked = words;
        for (const std::string& word : words_of(random, 200, random.below(2) ? shared : std::string("y"), letters)) asked.push_back(word);
        asked.insert(asked.end(), {std::string(), std::string(301, '\xff'), std::string(299, 'x')});
        const std::vector<Slice> slices = slices_of(asked), keys = slices_of(words);
        std::vector<std::int64_t> got(asked.size()), low(asked.size()), high(asked.size());
        hash.positions(slices.data(), slices.size(), true, got.data());
        hash.bounds(slices.data(), slices.size(), false, low.data());
        hash.bounds(slices.data(), slices.size(), true, high.data());
        for (std::size_t i = 0; i < asked.size(); ++i) {
          const auto below = [](const Slice& a, const Slice& b) { return compare(a, b) < 0; };
          const std::int64_t place = std::lower_bound(keys.begin(), keys.end(), slices[i], below) - keys.begin();
          CHECK((low[i] <= place && place <= high[i]));
          if (i < n) CHECK(got[i] == place);
        }
      }
}

namespace {

// Whatever a hash of damaged memory says of strings, it is no position behind its keys.
bool is_harmless(const Numbers& made, const std::vector<std::string>& words) {
  LearnedHash hash;
  if (!hash.open(made.data(), made.size() * 8) || !hash.of_strings()) return true;
  const std::vector<Slice> slices = slices_of(words);
  std::vector<std::int64_t> places(slices.size());
  for (const bool ends : {false, true}) hash.bounds(slices.data(), slices.size(), ends, places.data());
  hash.positions(slices.data(), slices.size(), hash.said().print_bits > 0, places.data());
  return std::all_of(places.begin(), places.end(), [&](std::int64_t place) { return place < hash.keys(); });
}

}  // namespace

TEST_CASE("damaged hashes of strings are refused or harmless, and so are strings out of order") {
  tests::Random random(14);
  for (int i = 0; i < 1500; ++i) {
    std::vector<std::string> words = words_of(random, 200, random.below(2) ? "shared" : "", 4);
    if (i % 3 == 0) std::swap(words[random.below(200)], words[random.below(200)]);
    Numbers made;
    const Column column(words);
    const HashBuilt how = HashBuilder(64, 8, 0, {}).build(column.strings(), made);
    REQUIRE((how == HashBuilt::done || (how == HashBuilt::equal_hashes && i % 3 == 0)));  // equal ones that do not lie side by side
    if (how != HashBuilt::done) continue;
    CHECK(is_harmless(i % 3 > 0 ? tests::spoiled(made, random, sizeof(StoredHash)) : made, words));
  }
}
