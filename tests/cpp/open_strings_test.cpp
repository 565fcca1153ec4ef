// Files of strings are refused or answer as their keys do: spoilt in every part, with their checksums left and made right.
#include "learnedidx/text/open.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "string_files.hpp"

namespace {

using namespace learnedidx;
using tests::Bytes;
using tests::Outline;
using Keys = std::vector<std::string>;

Keys paths(std::size_t n) {
  Keys keys;
  tests::Random random(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::string key = i % 5 == 0 ? "https://example.org/" : "https://example.com/a/long/folder/";
    for (std::size_t parts = random.below(4); parts > 0; --parts) key += "item " + std::to_string(random.below(40)) + "/";
    keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

Keys nested(std::size_t n) {
  Keys keys;
  for (std::size_t i = 0; i < n; ++i) keys.push_back(std::string(i, 'a'));
  return keys;
}

Keys of_width(std::size_t n) {
  Keys keys;
  tests::Random random(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::string key(16, '\0');
    for (char& byte : key) byte = static_cast<char>(random.below(256));
    keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<Bytes> files() {
  return {tests::saved_strings(paths(300)),      tests::saved_strings(nested(250)), tests::saved_strings(of_width(200), 16),
          tests::saved_strings(of_width(200), 16, true, {{3, 0, 0, 0, 0}, {7, 2, 8, 0, 1}}),
          tests::saved_strings(paths(40), 0, false), tests::saved_strings({}),     tests::saved_strings({"one"}),
          tests::saved_strings(paths(300), 0, true, {}, 3)};
}

bool ask(const Bytes& bytes, std::uint64_t seed) {
  const KernelRows rows = available_kernels();
  bool opens = false;
  const char* wrong = tests::wrong_strings(bytes, *rows.rows[seed % rows.count], seed, 40, opens);
  CAPTURE(seed);
  REQUIRE_MESSAGE(wrong == nullptr, std::string(wrong ? wrong : ""));
  return opens;
}

// Where header, table and sections lie, and those of each layer.
std::vector<std::pair<std::size_t, std::size_t>> parts_of(const Bytes& bytes, std::size_t from = 0, std::size_t size = 0) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(from);
  const Outline outline(Bytes(begin, size > 0 ? begin + static_cast<std::ptrdiff_t>(size) : bytes.end()));
  std::vector<std::pair<std::size_t, std::size_t>> parts{{from, sizeof(FileHeader)},
                                                         {from + sizeof(FileHeader), outline.table_end() - sizeof(FileHeader)}};
  for (const SectionEntry& entry : outline.sections) {
    const std::size_t at = from + static_cast<std::size_t>(entry.offset);
    if (entry.bytes > 0) parts.emplace_back(at, static_cast<std::size_t>(entry.bytes));
    if (!same_type(entry.type, kLayer)) continue;
    const auto inner = parts_of(bytes, at, static_cast<std::size_t>(entry.bytes));
    parts.insert(parts.end(), inner.begin(), inner.end());
  }
  return parts;
}

void spoil(Bytes& bytes, std::size_t from, std::size_t length, tests::Random& random) {
  const std::uint64_t words[] = {0, 1, ~std::uint64_t{0}, std::uint64_t{1} << 31, std::uint64_t{1} << 63, 0xffffffffu, random.bits()};
  std::size_t at = from + random.below(length);
  switch (random.below(4)) {
    case 0: bytes[at] ^= static_cast<unsigned char>(1u << random.below(8)); break;
    case 1: bytes[at] = static_cast<unsigned char>(random.below(256)); break;
    case 2: {
      at -= (at - from) % 4;
      const std::uint64_t word = words[random.below(7)];
      const std::size_t size = std::min<std::size_t>(random.below(2) ? 8 : 4, from + length - at);
      std::memcpy(bytes.data() + at, &word, size);
      break;
    }
    default:
      for (; at < from + length; ++at) bytes[at] = static_cast<unsigned char>(random.below(256));
  }
}

#ifdef LIDX_TEST_SLOW
constexpr int kRounds = 5;
#else
constexpr int kRounds = 40;
#endif

TEST_CASE("files of strings open and answer") {
  for (const Bytes& bytes : files())
    for (std::uint64_t seed = 0; seed < 12; ++seed) CHECK(ask(bytes, seed));
}

TEST_CASE("the layers are those that were saved, and the view reads them in place") {
  const Bytes bytes = tests::saved_strings(paths(300));
  const auto opened = std::make_unique<OpenedStrings>();
  REQUIRE(open_strings(bytes.data(), bytes.size(), *opened) == FileStatus::ok);
  CHECK(opened->view.guarded);
  CHECK(opened->view.layers.size() == opened->layers.size());
  CHECK(opened->view.layers.size() > 1);
  CHECK(opened->file.header.minor == kMinor);
  CHECK(opened->view.keys.data >= bytes.data());
}

TEST_CASE("rows are strings with columns, and the columns are those that their width says") {
  const auto opened = std::make_unique<OpenedStrings>();
  const StoredColumn number{3, 0, 0, 0, 0}, time{7, 2, 8, 0, 1}, text{10, 0, 0, 0, 0}, ipv6{14, 0, 0, 0, 0};
  const auto status = [&](const std::vector<StoredColumn>& columns, std::uint32_t fixed) {
    const Bytes bytes = tests::saved_strings(of_width(40), fixed, true, columns);
    return open_strings(bytes.data(), bytes.size(), *opened);
  };
  CHECK(status({number, time}, 16) == FileStatus::ok);
  CHECK(opened->file.columns.size() == 2);
  CHECK(status({text, time, ipv6}, 0) == FileStatus::ok);
  CHECK(status(std::vector<StoredColumn>(64, text), 0) == FileStatus::ok);
  CHECK(status({number}, 16) == FileStatus::bad_model);
  CHECK(status({number, time}, 0) == FileStatus::bad_model);
  CHECK(status({number, text}, 16) == FileStatus::bad_model);
  for (const StoredColumn& wrong : {StoredColumn{15, 0, 0, 0, 0}, StoredColumn{10, 1, 0, 0, 0}, StoredColumn{10, 0, 0, 1, 0},
                                    StoredColumn{10, 0, 1, 0, 1}, StoredColumn{7, 2, 0, 0, 1}, StoredColumn{7, 2, 8, 0, 0},
                                    StoredColumn{6, 2, 8, 0, 1}, StoredColumn{3, 1, 0, 0, 0}, StoredColumn{3, 0, 0, 0, 1}})
    CHECK(status({text, wrong}, 0) == FileStatus::bad_model);
}

TEST_CASE("layers hold one string of 64 at least") {
  const auto opened = std::make_unique<OpenedStrings>();
  for (const unsigned spacing : {kMostSpacing, kMostSpacing + 1}) {
    const Bytes bytes = tests::saved_strings(paths(300), 0, true, {}, static_cast<std::uint8_t>(spacing));
    const FileStatus status = open_strings(bytes.data(), bytes.size(), *opened);
    CHECK(status == (spacing > kMostSpacing ? FileStatus::bad_model : FileStatus::ok));
  }
}

TEST_CASE("what holds numbers is no file of strings, and of strings none of numbers") {
  const auto opened = std::make_unique<OpenedStrings>();
  const Bytes numbers = tests::saved<std::uint64_t>({1, 2, 3}, {});
  CHECK(open_strings(numbers.data(), numbers.size(), *opened) == FileStatus::bad_sections);
  const Bytes strings = tests::saved_strings(paths(30));
  OpenedFile file;
  REQUIRE(open_file(strings.data(), strings.size(), file) == FileStatus::ok);
  CHECK(file.holds_strings);
  CHECK(file.keys == nullptr);
}

TEST_CASE("a layer has one place for each entry, and its column") {
  const std::vector<std::uint64_t> column{1, 2, 3};
  const std::vector<std::uint32_t> places{0, 1, 2};
  const Segment all{0, 3, 0, 3, 0, 0, 0};
  for (const std::uint64_t count : {0u, 2u, 3u}) {
    FilePlan plan;
    plan.add(kMeta, "{}", 2);
    plan_keys(plan, column.data(), 3, 3);
    if (count > 0) plan.add_items(kKeys, column.data(), 3);
    if (count > 0) plan.add_items(kPlaces, places.data(), count);
    plan.add_items(kRuns, &all, 1);
    seal(plan, column.data(), {});
    const Bytes bytes = tests::bytes_of(plan);
    OpenedFile file;
    CHECK(open_file(bytes.data(), bytes.size(), file) == (count == 2 ? FileStatus::bad_sections : FileStatus::ok));
    if (count != 2) CHECK(is_layer(file) == (count == 3));
  }
}

TEST_CASE("changes in every part") {
  tests::Random random(5);
  int opened = 0;
  for (const Bytes& bytes : files())
    for (const auto& [from, length] : parts_of(bytes))
      for (int i = 0; i < kRounds; ++i) {
        Bytes changed = bytes;
        spoil(changed, from, length, random);
        opened += ask(changed, random.bits());
        tests::make_right(changed);
        opened += ask(changed, random.bits());
      }
  CHECK(opened > 1000);
}

TEST_CASE("every length of a file that was cut") {
  const Bytes bytes = tests::saved_strings(nested(20));
  for (std::size_t length = 0; length < bytes.size(); length += length < 600 ? 1 : 37) {
    Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    CHECK_FALSE(ask(cut, length));
    tests::make_right(cut);
    ask(cut, length);
  }
}

TEST_CASE("strings that overlap are out of order, so that a check of all reads no more than there is") {
  std::vector<std::uint64_t> starts;
  const std::string data(1 << 16, 'a');
  for (std::size_t i = 0; i <= 40'000; ++i) starts.push_back(i % 2 == 0 ? 0 : data.size());
  Strings strings;
  strings.n = starts.size() - 1;
  strings.starts = starts.data();
  strings.data = reinterpret_cast<const std::uint8_t*>(data.data());
  strings.size = data.size();
  std::size_t bad = 0;
  std::uint64_t fingerprint = 0;
  CHECK(check_order(strings, bad, fingerprint));
  CHECK(bad < 3);
}

}  // namespace
