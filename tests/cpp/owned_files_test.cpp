// An Index<K> saves what it opens: files of its own, golden ones, damaged ones, and disks that are full.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "files_for_tests.hpp"
#include "learnedidx/index.hpp"
#include "owned_for_tests.hpp"

#ifdef LIDX_POSIX
#include <sys/resource.h>
#endif

namespace {

using namespace learnedidx;
using tests::Asking;
namespace fs = std::filesystem;

// A folder of this test alone, gone behind it.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("owned-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
  Folder() { fs::create_directory(path); }
  ~Folder() { fs::remove_all(path); }
  std::string at(const char* name) const { return (path / name).string(); }
  std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator())); }
};

tests::Bytes read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

template <class K> const char* wrong(const Index<K>& index, const std::vector<K>& keys, std::uint64_t seed = 1) {
  return Asking<K>::wrong(index, keys, tests::owned_queries(keys, 200, seed));
}

template <class K> tests::Bytes saved(const std::vector<K>& keys, Choice model) {
  Index<K> built;
  REQUIRE(built.build(keys, tests::options_of(model)));
  tests::Bytes bytes;
  REQUIRE(built.save_to([&](const void* data, std::size_t size) {
    const auto* from = static_cast<const unsigned char*>(data);
    bytes.insert(bytes.end(), from, from + size);
    return true;
  }));
  return bytes;
}

tests::Bytes damaged(tests::Bytes bytes, tests::Random& random) {
  const std::size_t end = random.below(4) ? std::min<std::size_t>(bytes.size(), 4096) : bytes.size();
  for (int i = 0; i < 3; ++i) bytes[random.below(end)] = static_cast<unsigned char>(random.bits());
  if (random.below(2)) tests::make_right(bytes);
  if (random.below(8) == 0) bytes.resize(random.below(bytes.size()));
  return bytes;
}

}  // namespace

TEST_CASE_TEMPLATE("save and open again, mapped, read and in memory", K, LIDX_TEST_KINDS) {
  const Folder folder;
  const std::string path = folder.at("keys.lidx");
  for (const Choice model : tests::choices<K>())
    for (const std::size_t n : {0u, 1u, 40u, 3000u}) {
      CAPTURE(static_cast<int>(model));
      CAPTURE(n);
      const auto keys = tests::owned_keys<K>(n, 1, true);
      Index<K> built;
      REQUIRE(built.build(keys, tests::options_of(model)));
      REQUIRE(built.save(path));
      CHECK(folder.files() == 1);
      for (const bool map : {true, false}) {
        Index<K> opened;
        REQUIRE(opened.open(path, {map}));
        CHECK(opened.verify());
        CHECK(opened.model() == built.model());
        CHECK(wrong(opened, keys) == nullptr);
        Index<K> moved(std::move(opened));
        CHECK(wrong(moved, keys, 2) == nullptr);
        const tests::Bytes before = read(path);
        REQUIRE(moved.save(path));  // over the file that it maps
        CHECK(read(path) == before);
        CHECK(wrong(moved, keys, 3) == nullptr);
      }
      const tests::Bytes bytes = saved(keys, model);
      CHECK(bytes == read(path));
      Index<K> in_memory;
      REQUIRE(in_memory.open(bytes.data(), bytes.size()));
      CHECK(wrong(in_memory, keys, 4) == nullptr);
    }
}

TEST_CASE("a model without its keys is opened over them") {
  const Folder folder;
  const std::string path = folder.at("model.lidx");
  const auto keys = tests::random_keys<double>(3000, 7);
  SaveOptions model_only;
  model_only.with_keys = false;
  for (const Choice model : tests::choices<double>()) {
    Index<double> built, opened;
    REQUIRE(built.build(keys, tests::options_of(model)));
    REQUIRE(built.save(path, model_only));
    CHECK(opened.open(path).reason == Reason::no_keys);
    REQUIRE(opened.open(path.c_str(), keys.data(), keys.size()));
    CHECK(opened.verify());
    CHECK(wrong(opened, keys) == nullptr);
    auto others = keys;
    others.back() = 0;
    CHECK(opened.open(path.c_str(), others.data(), others.size()).reason == Reason::other_keys);
    CHECK(opened.open(path.c_str(), keys.data(), keys.size() - 1).reason == Reason::other_keys);
    CHECK(opened.open(path.c_str(), nullptr, keys.size()).reason == Reason::other_keys);
    CHECK(wrong(opened, keys, 2) == nullptr);  // what was opened before stays
    others = keys;
    others[1001] = others[1000];  // not among those that are compared
    Index<double> fooled;
    REQUIRE(fooled.open(path.c_str(), others.data(), others.size()));
    CHECK(fooled.verify().reason == Reason::other_keys);
  }
}

TEST_CASE("values lie beside the keys") {
  const Folder folder;
  const std::string path = folder.at("values.lidx");
  const auto keys = tests::even_keys<std::int64_t>(500);
  std::vector<double> values;
  for (std::size_t i = 0; i < keys.size(); ++i) values.push_back(0.5 * static_cast<double>(i));
  Index<std::int64_t> index;
  REQUIRE(index.build(keys));
  CHECK(index.value(0) == nullptr);
  SaveOptions options;
  options.values = values.data();
  options.value_bytes = sizeof values[0];
  options.dtype = "<f8";
  REQUIRE(index.save(path, options));
  Index<std::int64_t> opened;
  REQUIRE(opened.open(path));
  CHECK(opened.value_bytes() == 8);
  const std::int64_t at = opened.find(keys[77]);
  REQUIRE(at == 77);
  double value = 0;
  std::memcpy(&value, opened.value(at), sizeof value);
  CHECK(value == values[77]);
  CHECK(opened.save(path, options).reason == Reason::bad_option);
  for (const char* dtype : {"", "\"", "<f8\\", "<f8<f8<f8<f8<f8<f8<f8<f8<f8<f8<f8<f8"}) {
    options.dtype = dtype;
    CHECK(index.save(path, options).reason == Reason::bad_option);
  }
  options.dtype = nullptr;
  REQUIRE(index.save(path, options));
  options.values = nullptr;
  CHECK(index.save(path, options).reason == Reason::bad_option);
}

TEST_CASE("golden files are opened, and answer as their keys do") {
  std::size_t opened = 0;
  for (const auto& entry : fs::directory_iterator(LIDX_GOLDEN)) {
    if (entry.path().extension() != ".lidx") continue;
    CAPTURE(entry.path().string());
    const tests::Bytes bytes = read(entry.path().string());
    OpenedFile file;
    REQUIRE(open_file(bytes.data(), bytes.size(), file) == FileStatus::ok);
    visit_key_type(file.kind(), [&](auto tag) {
      using K = decltype(tag);
      Index<K> index;
      const Status status = index.open(entry.path().string());
      if (file.keys == nullptr && file.header.n > 0) {
        CHECK(status.reason == Reason::no_keys);
        return;
      }
      REQUIRE(status);
      CHECK(index.verify());
      if (has_times(file.header)) return;
      CHECK(wrong(index, std::vector<K>(index.keys(), index.keys() + index.size())) == nullptr);
      ++opened;
    });
    Index<std::uint64_t> of_others;
    if (file.kind() != KeyType::u64) CHECK(of_others.open(entry.path().string()).reason == Reason::other_kind);
  }
  CHECK(opened >= 8);
}

TEST_CASE("times have NaT behind all others") {
  Index<std::int64_t> index;
  REQUIRE(index.open(std::string(LIDX_GOLDEN) + "/btree-8-times.lidx"));
  const std::int64_t nat = std::numeric_limits<std::int64_t>::min(), n = static_cast<std::int64_t>(index.size());
  std::int64_t numbers = 0;
  while (numbers < n && index.key(numbers) != nat) ++numbers;
  REQUIRE(numbers < n);
  CHECK(index.lower_bound(nat) == numbers);
  CHECK(index.upper_bound(nat) == n);
  CHECK(index.find(nat) == numbers);
  std::int64_t low[3], high[3];
  const std::int64_t queries[] = {nat, nat + 1, index.key(5)};
  index.lower_bound(queries, 3, low);
  index.upper_bound(queries, 3, high);
  for (int i = 0; i < 3; ++i) {
    CHECK(low[i] == index.lower_bound(queries[i]));
    CHECK(high[i] == index.upper_bound(queries[i]));
  }
}

TEST_CASE("damaged files are refused, or answer inside their keys") {
  const auto keys = tests::random_keys<std::uint64_t>(2000, 11);
  tests::Random random(3);
  std::size_t opened = 0;
  for (const Choice model : tests::choices<std::uint64_t>()) {
    const tests::Bytes bytes = saved(keys, model);
    for (int round = 0; round < (tests::kSlow ? 60 : 400); ++round) {
      const tests::Bytes changed = damaged(bytes, random);
      Index<std::uint64_t> index;
      const Status status = index.open(changed.data(), changed.size());
      opened += status ? 1 : 0;
      REQUIRE((status || index.empty()));
      REQUIRE(std::strlen(status.message()) > 5);
      static_cast<void>(index.verify());
      const auto n = static_cast<std::int64_t>(index.size());
      for (const std::uint64_t q : tests::owned_queries(keys, 60, 5)) {
        const Bounds b = index.bounds(q);
        REQUIRE((index.lower_bound(q) >= 0 && index.upper_bound(q) <= n && b.low >= 0 && b.high <= n));
      }
    }
  }
  CHECK(opened > 100);
}

TEST_CASE("what is no file of these keys is refused by name") {
  const Folder folder;
  Index<std::uint64_t> index;
  const auto keys = tests::even_keys<std::uint64_t>(100);
  REQUIRE(index.build(keys));
  CHECK(index.open(folder.at("none.lidx")).reason == Reason::cannot_read);
  CHECK(index.open(folder.at("none.lidx")).error == ENOENT);
  CHECK(index.open(folder.path.string()).reason == Reason::cannot_read);
  CHECK(index.open(static_cast<const char*>(nullptr)).reason == Reason::cannot_read);
  std::ofstream(folder.at("text")) << "something else entirely, and long enough";
  for (const bool map : {true, false}) {
    const Status foreign = index.open(folder.at("text"), {map});
    CHECK(foreign.reason == Reason::bad_file);
    CHECK(foreign.file == FileStatus::foreign);
  }
  std::ofstream(folder.at("empty"));
  CHECK(index.open(folder.at("empty")).file == FileStatus::foreign);
  const tests::Bytes saved = tests::saved(keys, {StoredModel::pgm});
  std::vector<std::uint64_t> room(saved.size() / 8 + 2);
  auto* odd = reinterpret_cast<unsigned char*>(room.data()) + 4;
  std::memcpy(odd, saved.data(), saved.size());
  CHECK(index.open(odd, saved.size()).reason == Reason::misaligned);
  CHECK(index.open(saved.data(), saved.size() - 1).file == FileStatus::truncated);
  CHECK(index.size() == 100);
  CHECK(wrong(index, keys) == nullptr);
}

#ifdef LIDX_POSIX
#ifdef __linux__
TEST_CASE("a file that ends before the size that it said, as one that is cut while it is read, is what was read") {
  const char* const path = "/sys/devices/system/cpu/online";  // says that it has a page
  FileBytes bytes;
  REQUIRE(bytes.open(path, false));
  const tests::Bytes all = read(path);
  REQUIRE(all.size() < fs::file_size(path));
  CHECK(bytes.size() == all.size());
  CHECK(std::memcmp(bytes.data(), all.data(), all.size()) == 0);
}
#endif

TEST_CASE("a file that cannot be saved leaves what was there") {
  const Folder folder;
  const std::string path = folder.at("keys.lidx");
  const auto keys = tests::even_keys<std::uint64_t>(20'000);
  Index<std::uint64_t> index;
  REQUIRE(index.build(keys));
  CHECK(index.save(folder.at("nowhere/keys.lidx")).reason == Reason::cannot_write);
  CHECK(index.save(folder.path.string()).error == EISDIR);
  CHECK(index.save(static_cast<const char*>(nullptr)).reason == Reason::cannot_write);
  CHECK(index.save_to([](const void*, std::size_t) { return false; }).reason == Reason::cannot_write);
  std::ofstream(path) << "what was there";
  const tests::Bytes before = read(path);
  std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit old, small;
  REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
  small = old;
  small.rlim_cur = 10'000;  // as a disk that is full
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  const Status status = index.save(path);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &old) == 0);
  CHECK(status.reason == Reason::cannot_write);
  CHECK(status.error == EFBIG);
  CHECK(read(path) == before);
  CHECK(folder.files() == 1);
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  fs::create_symlink(path, folder.at("link"));
  REQUIRE(index.save(folder.at("link")));
  CHECK(fs::is_symlink(folder.at("link")));
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read));
  Index<std::uint64_t> opened;
  REQUIRE(opened.open(path));
  CHECK(wrong(opened, keys) == nullptr);
}
#endif
