// The memtable beside RocksDB's skip list: the same operations, the same answers.
#include "stores.hpp"

#include <thread>

#include "rocksdb/convenience.h"
#include "rocksdb/utilities/options_util.h"
#include "rocksdb/utilities/transaction.h"
#include "rocksdb/utilities/transaction_db.h"
#include "rocksdb/write_batch.h"

using namespace tests;
using learnedidx::NewMemtableFactory;

namespace {

constexpr int kOperations = 20000;

std::string key_in(std::mt19937_64& random) {
  const auto number = std::to_string(random() % 1500);
  switch (random() % 3) {
    case 0: return number;
    case 1: return "https://example.org/" + number + "/page";
    default: return std::string(random() % 9, '\0') + number.substr(0, 2);
  }
}

// What an iterator meets, as one string.
std::string all_of(rocksdb::Iterator& at, bool forward) {
  std::string all;
  for (forward ? at.SeekToFirst() : at.SeekToLast(); at.Valid(); forward ? at.Next() : at.Prev())
    all += at.key().ToString() + '=' + at.value().ToString() + '\n';
  CHECK(at.status().ok());
  return all;
}

// One operation on a store, chosen by a number; gives what it answers. The same number does the same to each store.
class Operation {
 public:
  explicit Operation(std::uint64_t seed) : seed_(seed) {}

  std::string operator()(Store& store) const {
    std::mt19937_64 random(seed_);
    auto* const family = store.families[random() % 2];
    const unsigned verb = static_cast<unsigned>(random() % 1000);
    return verb < 700 ? write(store, family, verb, random) : read(store, family, verb, random);
  }

 private:
  std::string write(Store& store, rocksdb::ColumnFamilyHandle* family, unsigned verb, std::mt19937_64& random) const {
    rocksdb::DB& db = *store.db;
    const std::string key = key_in(random), value(random() % 50, static_cast<char>('a' + random() % 26));
    const rocksdb::WriteOptions options;
    if (verb < 350) return db.Put(options, family, key, value).ToString();
    if (verb < 450) return db.Delete(options, family, key).ToString();
    if (verb < 550) return db.Merge(options, family, key, value.substr(0, 5)).ToString();
    if (verb < 555) {
      std::string from = key_in(random), to = from + '9';
      if (family == store.families[1]) std::swap(from, to);
      return db.DeleteRange(options, family, from, to).ToString();
    }
    rocksdb::WriteBatch batch;
    if (verb < 600) {  // single deletes belong to keys that are put once, here in one batch or the next
      const std::string once = "once" + std::to_string(seed_);
      batch.Put(family, once, value);
      batch.SingleDelete(family, once);
    }
    for (int i = 0; i < 5; ++i) batch.Put(family, key, value + std::to_string(i));  // several versions in one batch
    if (random() % 2) batch.Delete(family, key_in(random));
    return db.Write(options, &batch).ToString();
  }

  std::string read(Store& store, rocksdb::ColumnFamilyHandle* family, unsigned verb, std::mt19937_64& random) const {
    rocksdb::DB& db = *store.db;
    rocksdb::ReadOptions options;
    if (!store.snapshots.empty() && random() % 2) options.snapshot = store.snapshots[random() % store.snapshots.size()].second;
    if (verb < 900) {
      std::string value;
      const auto status = db.Get(options, family, key_in(random), &value);
      return status.ToString() + value;
    }
    if (verb >= 980) return rest(store, family, verb, options);
    if (verb < 960) return seek(*std::unique_ptr<rocksdb::Iterator>(db.NewIterator(options, family)), random);
    if (store.iterators.size() < 5) store.iterators.emplace_back(db.NewIterator(options, family));
    return seek(*store.iterators[random() % store.iterators.size()], random);
  }

  static std::string rest(Store& store, rocksdb::ColumnFamilyHandle* family, unsigned verb, const rocksdb::ReadOptions& options) {
    rocksdb::DB& db = *store.db;
    if (verb < 985 && store.snapshots.size() < 5) store.snapshots.emplace_back(0, db.GetSnapshot());
    if (verb == 990) return db.Flush({}, family).ToString();
    if (verb == 991) {
      const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(options, family));
      return all_of(*at, true) + all_of(*at, false);
    }
    return "";
  }

  static std::string seek(rocksdb::Iterator& at, std::mt19937_64& random) {
    std::string met;
    random() % 2 ? at.Seek(key_in(random)) : at.SeekForPrev(key_in(random));
    for (int i = 0; i < 20 && at.Valid(); ++i) {
      met += at.key().ToString() + '=' + at.value().ToString() + '\n';
      random() % 4 == 0 ? at.Prev() : at.Next();
    }
    return met + at.status().ToString();
  }

  std::uint64_t seed_;
};

}  // namespace

TEST_CASE("puts, deletes, merges, ranges, snapshots, iterators, flushes and reopening, beside the skip list") {
  const Folder folder;
  Store ours(folder / "ours", NewMemtableFactory()), theirs(folder / "theirs", std::make_shared<rocksdb::SkipListFactory>());
  std::size_t different = 0;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kOperations; ++i) {
      const Operation operation(static_cast<std::uint64_t>(round * kOperations + i));
      if (operation(ours) != operation(theirs)) ++different;
    }
    for (Store* store : {&ours, &theirs}) {  // what is not flushed comes back from the log
      store->close();
      store->open();
    }
    for (std::size_t family = 0; family < 2; ++family)
      for (const bool forward : {true, false}) {
        const auto all = [&](Store& store) {
          const std::unique_ptr<rocksdb::Iterator> at(store.db->NewIterator({}, store.families[family]));
          return all_of(*at, forward);
        };
        CHECK(all(ours) == all(theirs));
      }
  }
  CHECK(different == 0);
}

TEST_CASE("iterators that are held over 100,000 inserts by another thread") {
  const Folder folder;
  auto options = options_with(NewMemtableFactory());
  options.write_buffer_size = 64 << 20;
  rocksdb::DB* made = nullptr;
  REQUIRE(rocksdb::DB::Open(options, folder / "held", &made).ok());
  const std::unique_ptr<rocksdb::DB> db(made);
  const auto key = [](std::uint64_t i) { return std::to_string(i * 0x9e3779b97f4a7c15); };
  for (std::uint64_t i = 0; i < 10000; ++i) REQUIRE(db->Put({}, key(i), "old").ok());
  std::vector<std::unique_ptr<rocksdb::Iterator>> held;
  for (int i = 0; i < 4; ++i) held.emplace_back(db->NewIterator({}));
  const std::string before = all_of(*held[0], true);
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < 100000; ++i) REQUIRE(db->Put({}, key(i), "new").ok());
  });
  std::size_t different = 0;
  for (int round = 0; round < 3; ++round)
    for (auto& at : held) different += all_of(*at, true) != before;
  writer.join();
  for (auto& at : held) different += all_of(*at, true) != before;
  CHECK(different == 0);
}

TEST_CASE("one key that is overwritten again and again, and its versions under snapshots") {
  const Folder folder;
  auto options = options_with(NewMemtableFactory());
  options.write_buffer_size = 256 << 20;
  rocksdb::DB* made = nullptr;
  REQUIRE(rocksdb::DB::Open(options, folder / "one", &made).ok());
  const std::unique_ptr<rocksdb::DB> db(made);
  rocksdb::WriteOptions fast;
  fast.disableWAL = true;
  std::vector<std::pair<std::string, const rocksdb::Snapshot*>> snapshots;
  const int times = std::getenv("LEARNEDIDX_LONG") ? 1000000 : 100000;
  for (int i = 0; i < times; ++i) {
    REQUIRE(db->Put(fast, "key", std::to_string(i)).ok());
    if (i % (times / 50) == 7) snapshots.emplace_back(std::to_string(i), db->GetSnapshot());
  }
  std::string value;
  for (const auto& [expected, snapshot] : snapshots) {
    rocksdb::ReadOptions at;
    at.snapshot = snapshot;
    REQUIRE(db->Get(at, "key", &value).ok());
    CHECK(value == expected);
    db->ReleaseSnapshot(snapshot);
  }
  REQUIRE(db->Get({}, "key", &value).ok());
  CHECK(value == std::to_string(times - 1));
}

TEST_CASE("transactions see what they should, and roll back") {
  const Folder folder;
  const auto run = [&](const char* name, std::shared_ptr<rocksdb::MemTableRepFactory> factory) {
    rocksdb::TransactionDB* made = nullptr;
    REQUIRE(rocksdb::TransactionDB::Open(options_with(std::move(factory)), {}, folder / name, &made).ok());
    const std::unique_ptr<rocksdb::TransactionDB> db(made);
    std::mt19937_64 random(1);
    std::string told, value;
    for (int i = 0; i < 2000; ++i) {
      const std::unique_ptr<rocksdb::Transaction> work(db->BeginTransaction({}));
      for (int j = 0; j < 4; ++j) {
        const std::string key = std::to_string(random() % 300);
        told += work->GetForUpdate({}, key, &value).ToString() + value;
        told += (random() % 5 ? work->Put(key, value.substr(0, 20) + std::to_string(i)) : work->Delete(key)).ToString();
        const std::unique_ptr<rocksdb::Iterator> at(work->GetIterator({}));
        at->Seek(key);
        if (at->Valid()) told += at->key().ToString() + at->value().ToString();
      }
      told += (random() % 3 ? work->Commit() : work->Rollback()).ToString();
    }
    const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator({}));
    return told + all_of(*at, true) + all_of(*at, false);
  };
  CHECK(run("ours", NewMemtableFactory()) == run("theirs", std::make_shared<rocksdb::SkipListFactory>()));
}

TEST_CASE("OPTIONS files and option strings know it by its name") {
  const Folder folder;
  learnedidx::RegisterMemtableFactory();
  learnedidx::RegisterMemtableFactory();
  rocksdb::DB* made = nullptr;
  REQUIRE(rocksdb::DB::Open(options_with(NewMemtableFactory()), folder / "named", &made).ok());
  delete made;
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  rocksdb::ConfigOptions config;
  config.ignore_unsupported_options = true;  // the merge operator of this test has no name that is known
  REQUIRE(rocksdb::LoadLatestOptions(config, folder / "named", &options, &families).ok());
  CHECK(families[0].options.memtable_factory->Name() == std::string("learnedidx"));
  rocksdb::Options read;
  REQUIRE(rocksdb::GetOptionsFromString({}, "memtable_factory=learnedidx", &read).ok());
  CHECK(read.memtable_factory->Name() == std::string("learnedidx"));
}

TEST_CASE("about how many entries lie in a range") {
  const Folder folder;
  rocksdb::DB* made = nullptr;
  auto options = options_with(NewMemtableFactory());
  options.write_buffer_size = 64 << 20;
  REQUIRE(rocksdb::DB::Open(options, folder / "about", &made).ok());
  const std::unique_ptr<rocksdb::DB> db(made);
  std::mt19937_64 random(1);
  for (int i = 0; i < 50000; ++i) REQUIRE(db->Put({}, std::to_string(100000 + random() % 900000), "value").ok());
  const auto about = [&](const char* from, const char* to) {
    std::uint64_t number = 0, size = 0;
    db->GetApproximateMemTableStats(rocksdb::Range(from, to), &number, &size);
    return number;
  };
  CHECK(about("3", "5") > 8000);
  CHECK(about("3", "5") < 15000);
  CHECK(about("500", "501") < 200);
  CHECK(about("5", "3") == 0);
  CHECK(about("a", "b") == 0);
}

TEST_CASE("a memtable with little in it reports little memory") {
  const Folder folder;
  rocksdb::DB* made = nullptr;
  auto options = options_with(NewMemtableFactory());
  options.write_buffer_size = 64 << 20;  // blocks of 1 MiB
  REQUIRE(rocksdb::DB::Open(options, folder / "small", &made).ok());
  const std::unique_ptr<rocksdb::DB> db(made);
  std::uint64_t size = 0;
  REQUIRE(db->Put({}, "a", "b").ok());
  REQUIRE(db->GetIntProperty("rocksdb.cur-size-active-mem-table", &size));
  CHECK(size < 8192);
}

TEST_CASE("paranoid_memory_checks read what is there, and tell of keys that were changed in memory") {
  const Folder folder;
  auto options = options_with(NewMemtableFactory());
  options.write_buffer_size = 64 << 20;
  options.paranoid_memory_checks = true;
  for (const auto* comparator : {rocksdb::BytewiseComparator(), rocksdb::ReverseBytewiseComparator()}) {
    std::filesystem::remove_all(folder.path);
    options.comparator = comparator;
    rocksdb::DB* made = nullptr;
    REQUIRE(rocksdb::DB::Open(options, folder / "paranoid", &made).ok());
    const std::unique_ptr<rocksdb::DB> db(made);
    for (int i = 100; i < 1000; ++i) REQUIRE(db->Put({}, std::to_string(i * 389 % 900 + 100), std::to_string(i)).ok());
    std::string value;
    CHECK(db->Get({}, "500", &value).ok());
    CHECK(db->Get({}, "5000", &value).IsNotFound());
    const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator({}));
    int forward = 0, backward = 0;
    for (at->SeekToFirst(); at->Valid(); at->Next()) ++forward;
    CHECK(at->status().ok());
    for (at->SeekToLast(); at->Valid(); at->Prev()) ++backward;
    CHECK(at->status().ok());
    CHECK(forward == 900);
    CHECK(backward == 900);
    rocksdb::ReadOptions pinned;
    pinned.pin_data = true;
    const std::unique_ptr<rocksdb::Iterator> there(db->NewIterator(pinned));
    there->Seek("500");
    REQUIRE(there->Valid());
    const_cast<char*>(there->key().data())[0] = comparator == rocksdb::BytewiseComparator() ? '9' : '0';
    for (at->SeekToFirst(); at->Valid(); at->Next()) {}
    CHECK(at->status().IsCorruption());
    for (at->SeekToLast(); at->Valid(); at->Prev()) {}
    CHECK(at->status().IsCorruption());
    const_cast<char*>(there->key().data())[0] = '5';
  }
}

TEST_CASE("mempurge asks for a sample, and keeps what is there") {
  const Folder folder;
  auto options = options_with(NewMemtableFactory());
  options.experimental_mempurge_threshold = 1.0;
  rocksdb::DB* made = nullptr;
  REQUIRE(rocksdb::DB::Open(options, folder / "purged", &made).ok());
  const std::unique_ptr<rocksdb::DB> db(made);
  for (int i = 0; i < 40000; ++i) REQUIRE(db->Put({}, std::to_string(i % 50), std::to_string(i)).ok());
  std::string value;
  for (int i = 0; i < 50; ++i) {
    REQUIRE(db->Get({}, std::to_string(i), &value).ok());
    CHECK(value == std::to_string(39950 + i));
  }
}
