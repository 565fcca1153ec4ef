// Several threads write: RocksDB inserts for all of them at the same time.
#include "stores.hpp"

#include <atomic>
#include <map>
#include <thread>

#include "rocksdb/write_batch.h"

using namespace tests;

namespace {

constexpr std::size_t kWriters = 4;

struct Way {
  const char* name;
  void (*choose)(rocksdb::Options&, rocksdb::WriteOptions&);
};

const Way kWays[] = {
    {"grouped", [](rocksdb::Options&, rocksdb::WriteOptions&) {}},
    {"hinted", [](rocksdb::Options&, rocksdb::WriteOptions& write) { write.memtable_insert_hint_per_batch = true; }},
    {"pipelined", [](rocksdb::Options& options, rocksdb::WriteOptions&) { options.enable_pipelined_write = true; }},
    {"unordered", [](rocksdb::Options& options, rocksdb::WriteOptions&) { options.unordered_write = true; }},
};

// Writes keys of its own in batches, some of which it deletes or overwrites, and gives what should be there.
std::map<std::string, std::string> write_own(rocksdb::DB& db, const rocksdb::WriteOptions& options, std::size_t writer, int batches) {
  std::mt19937_64 random(writer);
  std::map<std::string, std::string> own;
  for (int i = 0; i < batches; ++i) {
    rocksdb::WriteBatch batch;
    for (int j = 0; j < 5; ++j) {
      const std::string key = std::to_string(random() % 5000) + "/" + std::to_string(writer), value = std::to_string(random());
      if (random() % 4 == 0) {
        own.erase(key);
        REQUIRE(batch.Delete(key).ok());
      } else {
        own[key] = value;
        REQUIRE(batch.Put(key, value).ok());
      }
    }
    REQUIRE(batch.Merge("all", std::to_string(writer)).ok());
    REQUIRE(db.Write(options, &batch).ok());
    const auto& [key, value] = *own.begin();
    std::string found;
    REQUIRE(db.Get({}, key, &found).ok());
    REQUIRE(found == value);
  }
  return own;
}

// Iterators see all keys in order, forward and backward, while others write.
void read_all(rocksdb::DB& db, const std::atomic<bool>& done, std::atomic<std::size_t>& wrong) {
  while (!done) {
    const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator({}));
    std::size_t there = 0, back = 0;
    std::string last;
    for (at->SeekToFirst(); at->Valid(); at->Next(), ++there) {
      wrong += at->key().compare(last) <= 0;
      last = at->key().ToString();
    }
    for (at->SeekToLast(); at->Valid(); at->Prev()) ++back;
    wrong += there != back;
  }
}

std::map<std::string, std::string> all_of(rocksdb::DB& db) {
  std::map<std::string, std::string> all;
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator({}));
  for (at->SeekToFirst(); at->Valid(); at->Next()) all[at->key().ToString()] = at->value().ToString();
  all.erase("all");
  return all;
}

std::unique_ptr<rocksdb::DB> open(const rocksdb::Options& options, const std::string& path) {
  rocksdb::DB* made = nullptr;
  const auto status = rocksdb::DB::Open(options, path, &made);
  REQUIRE_MESSAGE(status.ok(), status.ToString());
  return std::unique_ptr<rocksdb::DB>(made);
}

}  // namespace

TEST_CASE("several writers lose nothing, in every way in which RocksDB writes, beside iterators, flushes and the log") {
  for (const Way& way : kWays) {
    CAPTURE(std::string(way.name));
    const Folder folder;
    auto options = options_with(learnedidx::NewMemtableFactory());
    rocksdb::WriteOptions write;
    way.choose(options, write);
    std::map<std::string, std::string> expected;
    {
      const auto db = open(options, folder / "writers");
      std::atomic<bool> done{false};
      std::atomic<std::size_t> wrong{0};
      std::vector<std::map<std::string, std::string>> own(kWriters);
      std::vector<std::thread> threads;
      for (std::size_t writer = 0; writer < kWriters; ++writer)
        threads.emplace_back([&, writer] { own[writer] = write_own(*db, write, writer, 3000); });
      std::thread reader([&] { read_all(*db, done, wrong); });
      for (auto& thread : threads) thread.join();
      done = true;
      reader.join();
      if (!options.unordered_write) CHECK(wrong == 0);  // snapshots change under it, with the skip list too
      for (const auto& some : own) expected.insert(some.begin(), some.end());
      CHECK(all_of(*db) == expected);
    }
    CHECK(all_of(*open(options, folder / "writers")) == expected);  // from the log
  }
}

TEST_CASE("several writers of one memtable under a comparator of another order") {
  const Folder folder;
  auto options = options_with(learnedidx::NewMemtableFactory());
  options.comparator = rocksdb::ReverseBytewiseComparator();
  options.write_buffer_size = 64 << 20;
  const auto db = open(options, folder / "reversed");
  std::vector<std::thread> threads;
  std::vector<std::map<std::string, std::string>> own(kWriters);
  for (std::size_t writer = 0; writer < kWriters; ++writer)
    threads.emplace_back([&, writer] { own[writer] = write_own(*db, {}, writer, 1000); });
  for (auto& thread : threads) thread.join();
  std::map<std::string, std::string> expected;
  for (const auto& some : own) expected.insert(some.begin(), some.end());
  CHECK(all_of(*db) == expected);
}
