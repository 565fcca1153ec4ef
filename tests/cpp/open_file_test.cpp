// Any bytes are refused or answer as their keys do: spoilt files of every model, with their checksums
// left and made right, cut, prolonged, and changed while they are open.
#include "learnedidx/file/open.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "files_for_tests.hpp"
#include "questions.hpp"

namespace {

using namespace learnedidx;
using tests::Bytes;
using tests::Content;
using tests::Outline;

constexpr std::size_t kModels = 6;

// One format of each width and sort; all of them are asked by the fuzzer and from Python.
#define LIDX_ASKED_KINDS std::uint8_t, std::int32_t, std::uint64_t, float, double

template <class... Ks> const char* wrong_in(const OpenedFile& file, const Kernels& kernels, std::uint64_t seed, std::size_t most) {
  const char* wrong = nullptr;
  const auto ask_if = [&](auto tag) {
    using K = decltype(tag);
    if (file.kind() == KeyTypeOf<K>::value) wrong = tests::wrong_answer<K>(file, kernels, seed, most);
  };
  (ask_if(Ks{}), ...);
  return wrong;
}

// Small files of all models that a format can have, with keys and without, plain and with all arrays.
template <class K> std::vector<Bytes> files_of(std::size_t n) {
  std::vector<Bytes> files;
  for (std::size_t model = 0; model < (kIsNarrow<K> ? kModels : kModels - 1); ++model)
    for (const bool large : {false, true})
      for (const bool with_keys : {false, true}) {
        const auto keys = large ? tests::random_keys<K>(n, n) : tests::even_keys<K>(n);
        files.push_back(tests::saved(keys, {static_cast<StoredModel>(model), with_keys, with_keys && large, large}));
      }
  return files;
}

FileStatus status_of(const Bytes& bytes) {
  OpenedFile file;
  return open_file(bytes.data(), bytes.size(), file);
}

// Opens bytes on every row; true if they could be.
bool ask(const Bytes& bytes, std::uint64_t seed) {
  OpenedFile file;
  if (open_file(bytes.data(), bytes.size(), file) != FileStatus::ok) return false;
  const KernelRows rows = available_kernels();
  for (std::size_t r = 0; r < rows.count; ++r) {
    const char* wrong = wrong_in<LIDX_ASKED_KINDS>(file, *rows.rows[r], seed, seed % 8 == 0 ? 250 : 40);
    CAPTURE(std::string(rows.rows[r]->name));
    CAPTURE(seed);
    CAPTURE(file.header.kind);
    CAPTURE(file.header.model);
    REQUIRE_MESSAGE(wrong == nullptr, std::string(wrong ? wrong : ""));
  }
  return true;
}

// A byte, a word of eight, or a run of a part becomes something else; words that are limits come often.
void spoil(Bytes& bytes, std::size_t from, std::size_t length, tests::Random& random) {
  const std::uint64_t words[] = {0, 1, ~std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{1} << 48, 0xffffffffu,
                                 random.bits(), random.bits() >> random.below(64)};
  const std::uint64_t word = words[random.below(8)];
  const std::size_t at = from + random.below(length), left = from + length - at;
  if (random.below(2) == 0) bytes[at] = static_cast<unsigned char>(bytes[at] ^ (1u << random.below(8)));
  else if (random.below(4) > 0) std::memcpy(bytes.data() + at, &word, std::min<std::size_t>(left, sizeof word));
  else for (std::size_t i = at; i < from + length; ++i) bytes[i] = static_cast<unsigned char>(word >> (i % 8 * 8));
}

struct Part {
  std::size_t from, length;
};

std::vector<Part> parts_of(const Bytes& bytes) {
  const Outline outline(bytes);
  std::vector<Part> parts = {{0, sizeof(FileHeader)}, {sizeof(FileHeader), outline.table_end() - sizeof(FileHeader)}};
  std::uint64_t end = outline.table_end();
  for (const SectionEntry& entry : outline.sections) {
    if (entry.offset > end) parts.push_back({static_cast<std::size_t>(end), static_cast<std::size_t>(entry.offset - end)});
    if (entry.bytes > 0) parts.push_back({static_cast<std::size_t>(entry.offset), static_cast<std::size_t>(entry.bytes)});
    end = entry.offset + entry.bytes;
  }
  return parts;
}

// Sets something in the header, table or description of a model, and signs.
template <class Change> Bytes changed(Bytes bytes, Change&& change) {
  Outline outline(bytes);
  change(outline);
  outline.sign(bytes);
  return bytes;
}

template <class Stored, class Change> Bytes with_model(Bytes bytes, Change&& change) {
  const Outline outline(bytes);
  const std::size_t at = static_cast<std::size_t>(outline.sections[1].offset);
  Stored stored;
  std::memcpy(&stored, bytes.data() + at, sizeof stored);
  change(stored);
  std::memcpy(bytes.data() + at, &stored, sizeof stored);
  return bytes;
}

TEST_CASE_TEMPLATE("whole files are opened and answer", K, LIDX_ASKED_KINDS) {
  for (const std::size_t n : {1u, 2u, 7u, 15u, 16u, 127u, 128u, 129u, 700u})
    for (const Bytes& bytes : files_of<K>(n)) {
      REQUIRE(status_of(bytes) == FileStatus::ok);
      CHECK(ask(bytes, n));
    }
}

TEST_CASE_TEMPLATE("spoilt parts of every file are refused or cost nothing but time", K, LIDX_ASKED_KINDS) {
  tests::Random random(sizeof(K));
  std::size_t opened = 0;
  for (const Bytes& whole : files_of<K>(300))
    for (const Part& part : parts_of(whole))
      for (int trial = 0; trial < (tests::kSlow ? 1 : 6); ++trial) {
        Bytes bytes = whole;
        spoil(bytes, part.from, part.length, random);
        opened += ask(bytes, random.bits());
        tests::make_right(bytes);
        opened += ask(bytes, random.bits());
      }
  CHECK(opened > 100);
}

TEST_CASE_TEMPLATE("arrays that change while the file is open", K, std::uint8_t, std::uint64_t, std::int32_t, double) {
  tests::Random random(7);
  for (const Bytes& whole : files_of<K>(400)) {
    Bytes bytes = whole;
    OpenedFile file;
    REQUIRE(open_file(bytes.data(), bytes.size(), file) == FileStatus::ok);
    for (int trial = 0; trial < (tests::kSlow ? 7 : 20); ++trial) {
      for (const SectionEntry& entry : file.sections)
        if (entry.bytes > 0) spoil(bytes, entry.offset, entry.bytes, random);
      const char* wrong = tests::wrong_answer(file, scalar_kernels, random.bits(), 100);
      REQUIRE_MESSAGE(wrong == nullptr, std::string(wrong ? wrong : ""));
    }
  }
}

TEST_CASE("arrays full of one value, rising, falling and random") {
  tests::Random random(3);
  for (const Bytes& whole : files_of<std::uint64_t>(600))
    for (const SectionEntry& entry : Outline(whole).sections)
      for (int how = 0; how < 6; ++how) {
        Bytes bytes = whole;
        for (std::uint64_t i = 0; i < entry.bytes / 8; ++i) {
          const std::uint64_t words[] = {0, ~std::uint64_t{0}, i, ~i, random.bits(), 0x7ff8000000000000u};
          std::memcpy(bytes.data() + entry.offset + 8 * i, &words[how], 8);
        }
        tests::make_right(bytes);
        ask(bytes, random.bits());
      }
}

TEST_CASE("a file that was cut or prolonged is refused, whatever its header then says") {
  for (const std::size_t model : {0u, 1u, 3u, 4u}) {
    const Bytes whole = tests::saved(tests::even_keys<std::uint32_t>(40), {static_cast<StoredModel>(model)});
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      REQUIRE(status_of(cut) != FileStatus::ok);
      REQUIRE(status_of(changed(cut, [](Outline&) {})) != FileStatus::ok);
    }
    Bytes longer = whole;
    longer.resize(longer.size() + 64);
    CHECK(status_of(longer) == FileStatus::longer);
    CHECK(status_of(changed(longer, [](Outline&) {})) == FileStatus::bad_table);
  }
}

TEST_CASE("versions and byte order") {
  const Bytes whole = tests::saved(tests::even_keys<std::int16_t>(50), {StoredModel::rmi});
  CHECK(status_of(changed(whole, [](Outline& o) { o.header.minor = 9; })) == FileStatus::ok);
  CHECK(status_of(changed(whole, [](Outline& o) { o.header.major = 2; })) == FileStatus::newer);
  CHECK(status_of(changed(whole, [](Outline& o) { o.header.major = 0; })) == FileStatus::bad_header);
  CHECK(status_of(changed(whole, [](Outline& o) { o.header.byte_order = 0x01020304; })) == FileStatus::byte_order);
  CHECK(status_of(changed(whole, [](Outline& o) { o.header.magic[4] = '\n'; })) == FileStatus::foreign);
  CHECK(status_of(changed(whole, [](Outline& o) { o.header.reserved[47] = 1; })) == FileStatus::bad_header);
}

// Puts a section of 64 bytes of ones before section number `at`.
Bytes with_section(Bytes bytes, std::size_t at, const char* type, std::uint32_t required) {
  Outline outline(bytes);
  SectionEntry entry{};
  std::memcpy(entry.type, type, 4);
  entry.required = required;
  entry.bytes = 64;
  Bytes made(outline.table_end() + sizeof entry);
  outline.sections.insert(outline.sections.begin() + static_cast<std::ptrdiff_t>(at), entry);
  for (SectionEntry& next : outline.sections) {
    const bool is_new = &next == &outline.sections[at];
    const Bytes content = is_new ? Bytes(64, 1)
                                 : Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(next.offset),
                                         bytes.begin() + static_cast<std::ptrdiff_t>(next.offset + next.bytes));
    next.offset = aligned_up(made.size(), alignment_of(next.type));
    made.resize(static_cast<std::size_t>(next.offset));
    made.insert(made.end(), content.begin(), content.end());
  }
  outline.sign(made);
  return made;
}

TEST_CASE("sections that are unknown, repeated or in another order") {
  const Bytes whole = tests::saved(tests::even_keys<std::uint64_t>(99), {StoredModel::pgm});
  const std::size_t sections = Outline(whole).sections.size();
  for (std::size_t at = 0; at <= sections; ++at) {
    const Bytes optional = with_section(whole, at, "what", 0);
    CHECK(ask(optional, at));
    CHECK(status_of(with_section(whole, at, "what", 1)) == FileStatus::unknown_section);
    CHECK(status_of(with_section(whole, at, "what", 2)) == FileStatus::bad_table);
    for (const char* known : {kMeta, kModel, kBefore, kKeys, kTable})
      CHECK(status_of(with_section(whole, at, known, at % 2)) != FileStatus::ok);
  }
  for (std::size_t i = 0; i < sections; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const Bytes swapped = changed(whole, [&](Outline& o) { std::swap(o.sections[i].type, o.sections[j].type); });
      if (!same_type(Outline(whole).sections[i].type, Outline(whole).sections[j].type))
        CHECK(status_of(swapped) != FileStatus::ok);
    }
}

TEST_CASE("offsets and lengths that overlap, leave gaps or overflow") {
  const Bytes whole = tests::saved(tests::even_keys<float>(99), {StoredModel::radix_spline});
  for (std::size_t i = 1; i < Outline(whole).sections.size(); ++i)  // META may be of any length
    for (const std::uint64_t by : {std::uint64_t{1}, std::uint64_t{64}, ~std::uint64_t{0}, std::uint64_t{1} << 63,
                                   ~std::uint64_t{63}, std::uint64_t{1} << 52}) {
      CHECK(status_of(changed(whole, [&](Outline& o) { o.sections[i].offset += by; })) == FileStatus::bad_table);
      CHECK(status_of(changed(whole, [&](Outline& o) { o.sections[i].bytes += by; })) != FileStatus::ok);
      CHECK(status_of(changed(whole, [&](Outline& o) { o.sections[i].bytes = by; })) != FileStatus::ok);
    }
  for (const std::uint32_t count : {0u, 1u, 47u, 48u, 49u, 0xffffffffu}) {
    Bytes bytes = whole;
    std::memcpy(bytes.data() + offsetof(FileHeader, sections), &count, sizeof count);
    CHECK(status_of(bytes) != FileStatus::ok);
  }
}

TEST_CASE("numbers of keys at their limits, without keys") {
  for (const auto model : {StoredModel::none, StoredModel::btree}) {
    const Bytes whole = tests::saved(tests::even_keys<std::uint64_t>(5), {model, false});
    for (const std::uint64_t n : {kMostKeys, kMostKeys + 1, ~std::uint64_t{0}}) {
      const Bytes bytes = changed(whole, [&](Outline& o) { o.header.n = o.header.numbers = n; });
      const bool can_be = model == StoredModel::none && n <= kMostKeys;
      CHECK((status_of(bytes) == FileStatus::ok) == can_be);
      CHECK(ask(bytes, n) == can_be);
    }
    CHECK(status_of(changed(whole, [](Outline& o) { o.header.numbers = 6; })) == FileStatus::bad_header);
    CHECK(status_of(changed(whole, [](Outline& o) { o.header.numbers = 4; })) == FileStatus::bad_header);
  }
}

TEST_CASE("numbers of an RMI at their limits") {
  const Bytes whole = tests::saved(tests::random_keys<std::uint64_t>(500, 1), {StoredModel::rmi, true, false, true});
  const auto refused = [&](auto&& change) { return status_of(with_model<StoredRmi>(whole, change)) != FileStatus::ok; };
  CHECK_FALSE(refused([](StoredRmi&) {}));
  for (const std::uint32_t bad : {0u, 25u, 0xffffffffu}) CHECK(refused([=](StoredRmi& s) { s.root_bits = bad; }));
  for (const std::uint32_t bad : {0u, 1u, 13u, 0xffffffffu}) CHECK(refused([=](StoredRmi& s) { s.stages = bad; }));
  for (const std::uint32_t bad : {0u, 4u, 9u, 0xffffffffu}) CHECK(refused([=](StoredRmi& s) { s.pieces = bad; }));
  for (const std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{0xfffffffe}, ~std::uint64_t{0}})
    CHECK(refused([=](StoredRmi& s) { s.models[0] = bad; }));
  CHECK(refused([](StoredRmi& s) { s.position_shift = 1; }));
  CHECK(refused([](StoredRmi& s) { s.with_lines = 2; }));
  CHECK(refused([](StoredRmi& s) { s.reserved = 1; }));
  CHECK(refused([](StoredRmi& s) { s.piece[1].low = s.piece[0].high; }));
  CHECK(refused([](StoredRmi& s) { std::swap(s.piece[0].low, s.piece[0].high); }));
  CHECK(refused([](StoredRmi& s) { s.piece[2].bits = 25; }));
  CHECK(refused([](StoredRmi& s) { std::swap(s.low, s.high); }));
}

TEST_CASE("numbers of a spline and of a PGM at their limits") {
  const auto keys = tests::random_keys<std::uint64_t>(900, 1);
  const std::uint64_t high = ~std::uint64_t{0};
  const Bytes spline = tests::saved(keys, {StoredModel::radix_spline, true, false, true});
  const auto no_spline = [&](auto&& change) { return status_of(with_model<StoredSpline>(spline, change)) != FileStatus::ok; };
  CHECK_FALSE(no_spline([](StoredSpline&) {}));
  for (const std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32, high})
    CHECK(no_spline([=](StoredSpline& s) { s.n_points = bad; }));
  for (const std::uint32_t bad : {0u, 25u, 64u, 0xffffffffu}) CHECK(no_spline([=](StoredSpline& s) { s.radix_bits = bad; }));
  CHECK(no_spline([=](StoredSpline& s) { s.epsilon = high; }));
  CHECK(no_spline([=](StoredSpline& s) { s.max_error = high; }));
  CHECK(no_spline([](StoredSpline& s) { s.with_corrections = 2; }));
  const Bytes pgm = tests::saved(keys, {StoredModel::pgm, true, false, true});
  const auto no_pgm = [&](auto&& change) { return status_of(with_model<StoredPgm>(pgm, change)) != FileStatus::ok; };
  CHECK_FALSE(no_pgm([](StoredPgm&) {}));
  for (const std::uint32_t bad : {0u, 2u, 16u, 17u, 0xffffffffu}) CHECK(no_pgm([=](StoredPgm& s) { s.levels = bad; }));
  for (const std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{1} << 48, std::uint64_t{1} << 50, high, high / 8}) {
    CHECK(no_pgm([=](StoredPgm& s) { s.level[0].segments = bad; }));
    CHECK(no_pgm([=](StoredPgm& s) { s.epsilon = bad; }));
  }
  for (const std::uint64_t bad : {kMostKeys + 1, high}) CHECK(no_pgm([=](StoredPgm& s) { s.over = bad; }));
  for (const std::uint64_t bad : {kMostKeys + 1, high}) CHECK(no_pgm([=](StoredPgm& s) { s.under = bad; }));
  CHECK(no_pgm([=](StoredPgm& s) { s.level[0].lift = high; }));
  CHECK(no_pgm([](StoredPgm& s) { s.level[0].shift = 17; }));
  CHECK(no_pgm([](StoredPgm& s) { s.level[0].wide = 2; }));
  for (const std::uint32_t fine : {0u, 16u})
    CHECK(ask(with_model<StoredPgm>(pgm, [=](StoredPgm& s) { s.level[0].shift = fine; }), fine));
  CHECK(ask(with_model<StoredPgm>(pgm, [](StoredPgm& s) { s.level[0].lift = 2 * kMostKeys; }), 8));
}

}  // namespace
