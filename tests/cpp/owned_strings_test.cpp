// An Index<Bytes> answers as a binary search over std::string does, built, opened or moved; it refuses by a status.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "files_for_tests.hpp"
#include "learnedidx/index.hpp"
#include "owned_for_tests.hpp"

namespace {

using namespace learnedidx;
using Keys = std::vector<std::string>;
using Strung = Index<learnedidx::Bytes>;
namespace fs = std::filesystem;

// Keys as URLs are, with prefixes that many share, equal ones, and bytes of any value.
Keys url_keys(std::size_t n, std::uint64_t seed) {
  tests::Random random(seed);
  Keys keys;
  while (keys.size() < n) {
    std::string key = random.below(3) ? "https://example.org/" : "http://a.b/";
    for (std::uint64_t i = random.below(4); i > 0; --i) key += "part" + std::to_string(random.below(7)) + "/";
    if (random.below(3) == 0) key += static_cast<char>(random.bits());
    if (random.below(10) == 0) key = std::string(random.below(30), random.below(2) ? 'a' : '\0');
    keys.push_back(key);
    if (random.below(20) == 0) keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

Keys asked_of(const Keys& keys, std::size_t count, std::uint64_t seed) {
  tests::Random random(seed);
  Keys asked{"", std::string(1, '\0'), "\xff\xff", std::string(5000, 'a')};
  while (asked.size() < count) {
    std::string q = keys.empty() ? "x" : keys[random.below(keys.size())];
    if (random.below(2)) q.resize(random.below(q.size() + 1));
    if (random.below(3) == 0) q += static_cast<char>(random.bits());
    asked.push_back(q);
  }
  return asked;
}

std::int64_t place(const Keys& keys, std::string_view q, bool right) {
  const auto before = [](std::string_view a, std::string_view b) { return a < b; };
  return (right ? std::upper_bound(keys.begin(), keys.end(), q, before) : std::lower_bound(keys.begin(), keys.end(), q, before)) - keys.begin();
}

std::int64_t stop_of(const Keys& keys, std::string_view start) {
  std::int64_t at = place(keys, start, false);
  while (at < static_cast<std::int64_t>(keys.size()) && keys[static_cast<std::size_t>(at)].compare(0, start.size(), start) == 0) ++at;
  return at;
}

const char* wrong_one(const Strung& index, const Keys& keys, std::string_view q, std::string_view r) {
  const std::int64_t low = place(keys, q, false), high = place(keys, q, true), stop = std::max(low, place(keys, r, false));
  if (index.lower_bound(q) != low) return "lower_bound";
  if (index.upper_bound(q) != high) return "upper_bound";
  if (index.find(q) != (low < high ? low : -1)) return "find";
  if (index.contains(q) != (low < high)) return "contains";
  if (index.predecessor(q) != high - 1) return "predecessor";
  if (index.range(q, r).start != low || index.range(q, r).stop != stop || index.count(q, r) != stop - low) return "range";
  if (index.bounds(q).low != low || index.bounds(q).high != low) return "bounds";
  return index.prefix(q).start == low && index.prefix(q).stop == stop_of(keys, q) ? nullptr : "prefix";
}

const char* wrong_batch(const Strung& index, const Keys& keys, const Keys& asked) {
  const std::vector<std::string_view> views(asked.begin(), asked.end());
  std::vector<std::int64_t> low(asked.size()), high(low), found(low), before(low), again(low);
  std::vector<std::uint8_t> yes(asked.size());
  index.lower_bound(views.data(), views.size(), low.data());
  index.upper_bound(views.data(), views.size(), high.data());
  index.find(views.data(), views.size(), found.data());
  index.predecessor(views.data(), views.size(), before.data());
  index.contains(views.data(), views.size(), yes.data());
  std::vector<std::int64_t> starts{0};
  std::string all;
  for (const std::string& q : asked) starts.push_back(static_cast<std::int64_t>((all += q).size()));
  index.lower_bound(strings_of(starts.data(), asked.size(), all.data(), all.size()), again.data());
  std::vector<std::int64_t> range(low), stops(low);
  const Strings column = strings_of(starts.data(), asked.size() - 1, all.data(), all.size());
  const Strings next = strings_of(starts.data() + 1, asked.size() - 1, all.data(), all.size());
  index.range(column, next, range.data(), stops.data());
  index.count(column, next, again.data());
  for (std::size_t i = 0; i + 1 < asked.size(); ++i)
    if (range[i] != low[i] || stops[i] != std::max(low[i], low[i + 1]) || again[i] != stops[i] - range[i]) return "range of a batch";
  index.bounds(strings_of(starts.data(), asked.size(), all.data(), all.size()), again.data(), stops.data());
  if (again != low || stops != low) return "bounds of a batch";
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (low[i] != place(keys, asked[i], false) || again[i] != low[i]) return "lower_bound of a batch";
    if (high[i] != place(keys, asked[i], true) || before[i] != high[i] - 1) return "upper_bound of a batch";
    if (found[i] != (low[i] < high[i] ? low[i] : -1) || (yes[i] != 0) != (low[i] < high[i])) return "find of a batch";
  }
  return nullptr;
}

const char* wrong(const Strung& index, const Keys& keys, std::uint64_t seed = 1) {
  if (index.size() != keys.size()) return "size";
  for (std::size_t i = 0; i < keys.size(); i += 1 + keys.size() / 50)
    if (index.key(static_cast<std::int64_t>(i)) != keys[i]) return "key";
  const Keys asked = asked_of(keys, tests::kSlow ? 200 : 1200, seed);
  for (std::size_t i = 0; i < asked.size(); ++i)
    if (const char* what = wrong_one(index, keys, asked[i], asked[(i + 1) % asked.size()])) return what;
  return wrong_batch(index, keys, asked);
}

std::string say(const char* what) { return what ? what : ""; }

tests::Bytes saved(const Strung& index, const SaveOptions& options = {}, StringForm form = StringForm::bytes) {
  tests::Bytes bytes;
  REQUIRE(index.save_to(
      [&](const void* data, std::size_t size) {
        const auto* from = static_cast<const unsigned char*>(data);
        bytes.insert(bytes.end(), from, from + size);
        return true;
      },
      options, form));
  return bytes;
}

tests::Bytes read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

tests::Bytes damaged(tests::Bytes bytes, tests::Random& random) {
  for (int i = 0; i < 3; ++i) bytes[random.below(bytes.size())] = static_cast<unsigned char>(random.bits());
  if (random.below(2)) tests::make_right(bytes);
  if (random.below(8) == 0) bytes.resize(random.below(bytes.size()));
  return bytes;
}

bool is_inside(const Strung& index, const std::string& q) {
  const auto n = static_cast<std::int64_t>(index.size());
  const KeyRange all = index.prefix(q);
  return 0 <= index.lower_bound(q) && index.upper_bound(q) <= n && index.find(q) < n && 0 <= all.start && all.start <= all.stop && all.stop <= n;
}

constexpr Choice kModels[] = {Choice::automatic, Choice::none, Choice::rmi, Choice::btree, Choice::radix_spline, Choice::pgm};

Keys keys_of(const Strung& index) {
  Keys keys;
  for (std::size_t i = 0; i < index.size(); ++i) keys.emplace_back(index.key(static_cast<std::int64_t>(i)));
  return keys;
}

}  // namespace

TEST_CASE("answers are those of a binary search, for every model, built and opened again") {
  for (const Choice model : kModels)
    for (const std::size_t n : {0u, 1u, 9u, 500u, 5000u}) {
      CAPTURE(static_cast<int>(model));
      CAPTURE(n);
      const Keys keys = url_keys(n, n);
      Strung index;
      REQUIRE(index.build_copy(keys, tests::options_of(model)));
      const char* what = wrong(index, keys);
      REQUIRE_MESSAGE(what == nullptr, say(what));
      CHECK(index.verify());
      const tests::Bytes bytes = saved(index);
      Strung opened;
      REQUIRE(opened.open(bytes.data(), bytes.size()));
      CHECK(opened.verify());
      CHECK(opened.layers() == index.layers());
      what = wrong(opened, keys, 2);
      REQUIRE_MESSAGE(what == nullptr, say(what));
      CHECK(saved(opened) == bytes);
      for (Strung* each : {&index, &opened}) {
        const std::size_t before = each->bytes();
        REQUIRE(each->hash_keys());
        CHECK(each->bytes() >= before + 5 * n);
        REQUIRE(say(wrong(*each, keys, 3)) == "");
        CHECK(saved(*each) == bytes);
      }
    }
}

TEST_CASE("every layout of a column") {
  const Keys keys = url_keys(800, 4);
  std::vector<std::int64_t> starts{3};
  std::vector<std::int32_t> narrow{3};
  std::string all = "...";
  for (const std::string& key : keys) {
    starts.push_back(static_cast<std::int64_t>((all += key).size()));
    narrow.push_back(static_cast<std::int32_t>(all.size()));
  }
  Strings column = strings_of(starts.data(), keys.size(), all.data(), all.size());
  Strung index, again;
  REQUIRE(index.build(column));
  CHECK(wrong(index, keys) == nullptr);
  const tests::Bytes bytes = saved(index);  // of offsets that begin at 0
  REQUIRE(again.open(bytes.data(), bytes.size()));
  CHECK(wrong(again, keys) == nullptr);
  column.layout = Layout::offsets32;
  column.starts = narrow.data();
  REQUIRE(index.build(column));
  CHECK(wrong(index, keys) == nullptr);
  CHECK(saved(index) == bytes);
  Keys ids;
  tests::Random random(2);
  for (int i = 0; i < 700; ++i) ids.push_back(std::string(16, static_cast<char>(random.bits())).replace(3, 2, std::to_string(10 + i % 90)));
  std::sort(ids.begin(), ids.end());
  all.clear();
  for (const std::string& id : ids) all += id;
  REQUIRE(index.build(strings_of_width(16, ids.size(), all.data())));
  CHECK(wrong(index, ids) == nullptr);
  const tests::Bytes uuids = saved(index, {}, StringForm::uuid);
  REQUIRE(again.open(uuids.data(), uuids.size()));
  CHECK(wrong(again, ids) == nullptr);
  CHECK(index.save("/tmp/none", {}, StringForm::ipv4).reason == Reason::bad_option);
}

TEST_CASE("golden files are opened, and made again byte for byte") {
  std::size_t opened = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(LIDX_GOLDEN) / "strings")) {
    if (entry.path().extension() != ".lidx") continue;
    CAPTURE(entry.path().string());
    Strung index;
    const Status status = index.open(entry.path().string());
    if (entry.path().string().find("keyless") != std::string::npos) {
      CHECK(status.reason == Reason::no_keys);
      continue;
    }
    REQUIRE(status);
    CHECK(index.verify());
    if (entry.path().string().find("trimmed") == std::string::npos) CHECK(wrong(index, keys_of(index)) == nullptr);
    ++opened;
  }
  CHECK(opened >= 7);
  const std::string text = std::string(LIDX_GOLDEN) + "/strings/text-auto.lidx";
  Strung golden, made;
  REQUIRE(golden.open(text));
  REQUIRE(made.build_copy(keys_of(golden)));
  CHECK(saved(made, {}, StringForm::text) == read(text));
  Index<std::uint64_t> numbers;
  CHECK(numbers.open(text).reason == Reason::other_kind);
  CHECK(golden.open(std::string(LIDX_GOLDEN) + "/rmi-u8.lidx").reason == Reason::other_kind);
  CHECK(golden.size() > 0);
}

TEST_CASE("what cannot be built or opened is refused, and the index is as it was") {
  Strung index;
  REQUIRE(index.build_copy(Keys{"a", "b"}));
  const Status status = index.build_copy(Keys{"a", "c", "b"});
  CHECK(status.reason == Reason::unsorted_keys);
  CHECK(status.at == 2);
  BuildOptions options;
  options.node = 5;
  CHECK(index.build_copy(Keys{"a"}, options).reason == Reason::bad_option);
  options = tests::options_of(Choice::direct);
  CHECK(index.build_copy(Keys{"a"}, options).reason == Reason::bad_option);
  CHECK(index.build_copy(nullptr, 4).reason == Reason::bad_option);
  Strings many;
  many.n = kMostStrings + 1;
  CHECK(index.build(many).reason == Reason::too_many_keys);
  CHECK(index.open(std::string("/nowhere/at/all")).reason == Reason::cannot_read);
  CHECK(index.open(static_cast<const char*>(nullptr)).reason == Reason::cannot_read);
  CHECK(index.open("12345678", 8).reason == (reinterpret_cast<std::uintptr_t>("12345678") % 8 ? Reason::misaligned : Reason::bad_file));
  CHECK(index.save("/nowhere/at/all").reason == Reason::cannot_write);
  CHECK(index.save_to([](const void*, std::size_t) { return false; }).reason == Reason::cannot_write);
  CHECK(index.find("b") == 1);
}

TEST_CASE("values lie beside the strings") {
  const Keys keys = url_keys(300, 9);
  std::vector<std::uint32_t> values;
  for (std::size_t i = 0; i < keys.size(); ++i) values.push_back(static_cast<std::uint32_t>(i * i));
  Strung index, opened;
  REQUIRE(index.build_copy(keys));
  SaveOptions options;
  options.values = values.data();
  options.value_bytes = 4;
  options.dtype = "<u4";
  const tests::Bytes bytes = saved(index, options);
  REQUIRE(opened.open(bytes.data(), bytes.size()));
  CHECK(opened.value_bytes() == 4);
  std::uint32_t value = 0;
  std::memcpy(&value, opened.value(17), sizeof value);
  CHECK(value == 17 * 17);
  CHECK(index.value(17) == nullptr);
}

TEST_CASE("layers without their strings are opened over them") {
  const Keys keys = url_keys(900, 3);
  std::string all;
  std::vector<std::int64_t> starts{0};
  for (const std::string& key : keys) starts.push_back(static_cast<std::int64_t>((all += key).size()));
  const Strings column = strings_of(starts.data(), keys.size(), all.data(), all.size());
  Strung index, opened;
  REQUIRE(index.build(column));
  SaveOptions layers_only;
  layers_only.with_keys = false;
  const tests::Bytes bytes = saved(index, layers_only);
  CHECK(opened.open(bytes.data(), bytes.size()).reason == Reason::no_keys);
  REQUIRE(opened.open(bytes.data(), bytes.size(), &column));
  CHECK(opened.verify());
  CHECK(wrong(opened, keys) == nullptr);
  std::string other = all;
  other.back() = static_cast<char>(other.back() ^ 1);  // the last key is among those that are compared
  const Strings others = strings_of(starts.data(), keys.size(), other.data(), other.size());
  CHECK(opened.open(bytes.data(), bytes.size(), &others).reason == Reason::other_keys);
  const Strings fewer = strings_of(starts.data(), keys.size() - 1, all.data(), all.size());
  CHECK(opened.open(bytes.data(), bytes.size(), &fewer).reason == Reason::other_keys);
}

TEST_CASE("moves, and threads that ask one index") {
  const Keys keys = url_keys(3000, 6);
  Strung first, second;
  REQUIRE(first.build_copy(keys));
  Strung moved(std::move(first));
  CHECK(wrong(moved, keys) == nullptr);
  CHECK(wrong(first, {}) == nullptr);
  REQUIRE(moved.hash_keys());
  REQUIRE(second.build_copy(Keys{"x"}));
  second = std::move(moved);
  CHECK(wrong(moved, {}) == nullptr);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) threads.emplace_back([&, t] { right += wrong(second, keys, t) == nullptr; });
  for (auto& thread : threads) thread.join();
  CHECK(right == 4);
}

TEST_CASE("damaged files are refused, or answer inside their keys") {
  const Keys keys = url_keys(400, 5);
  Strung built;
  REQUIRE(built.build_copy(keys));
  const tests::Bytes bytes = saved(built);
  tests::Random random(6);
  std::size_t opened = 0;
  for (int round = 0; round < (tests::kSlow ? 150 : 1500); ++round) {
    const tests::Bytes changed = damaged(bytes, random);
    Strung index;
    opened += index.open(changed.data(), changed.size()) ? 1 : 0;
    static_cast<void>(index.verify());
    if (round % 2) static_cast<void>(index.hash_keys());
    for (const std::string& q : asked_of(keys, 40, 3)) REQUIRE(is_inside(index, q));
  }
  CHECK(opened > (tests::kSlow ? 30 : 100));
}
