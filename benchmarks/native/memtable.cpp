// The memtable beside RocksDB's skip list, inside RocksDB, and bare beside absl::btree_set and std::set: one process,
// interleaved rounds. RocksDB's memtables that do less, of hashed skip lists and a vector, beside what they are for.
//
//   memtable 8|16|40 ENTRIES ROUNDS FOLDER
//
// Keys are 8 random bytes, 16 of which 8 are shared, or about 40 like URLs; values have 100 bytes.

#include <absl/container/btree_set.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>
#include <unistd.h>

#include "../../cpp/embed/rocksdb/memtable.cpp"  // so that the kernel rows are compiled once
#include "learnedidx/memtable.hpp"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/slice_transform.h"
#include "timing.hpp"

namespace {

using Keys = std::vector<std::string>;
constexpr std::size_t kValue = 100, kNexts = 10;

std::string key_of(int kind, std::mt19937_64& random) {
  std::string key;
  if (kind == 40) {
    static const char* const hosts[] = {"https://example.com/", "https://example.org/", "https://example.net/"};
    key = std::string(hosts[random() % 3]) + std::to_string(random() % 1000) + "/item/";
    while (key.size() < 40) key += static_cast<char>('0' + random() % 10);
    return key;
  }
  if (kind == 16) key = "shared08";
  for (int i = 0; i < 8; ++i) key += static_cast<char>(random());
  return key;
}

struct Work {
  Work(int kind, std::size_t n) {
    std::mt19937_64 random(1);
    std::set<std::string> distinct;
    while (distinct.size() < 2 * n) distinct.insert(key_of(kind, random));
    Keys all(distinct.begin(), distinct.end());
    std::shuffle(all.begin(), all.end(), random);
    keys.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n));
    missing.assign(all.begin() + static_cast<std::ptrdiff_t>(n), all.end());
    sorted = hits = keys;
    std::sort(sorted.begin(), sorted.end());
    std::shuffle(hits.begin(), hits.end(), random);
    seeks.assign(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(n / 10));
  }
  Keys keys, missing, sorted, hits, seeks;
};

struct Contender {
  const char* name;
  std::shared_ptr<rocksdb::MemTableRepFactory> factory;
  bool hashed = false;
};

using Database = std::unique_ptr<rocksdb::DB>;

Database open(const Contender& who, const std::string& folder, bool writers = false) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.memtable_factory = who.factory;
  options.allow_concurrent_memtable_write = writers;
  if (who.hashed) options.prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(64));  // whole keys
  options.write_buffer_size = std::size_t{4} << 30;
  options.disable_auto_compactions = options.avoid_flush_during_shutdown = true;
  rocksdb::DestroyDB(folder, options);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, folder, &db);
  must(status.ok(), status.ToString().c_str());
  return Database(db);
}

double resident() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void put_all(rocksdb::DB& db, const Keys& keys, bool wal) {
  rocksdb::WriteOptions options;
  options.disableWAL = !wal;
  const std::string value(kValue, 'v');
  for (const auto& key : keys) must(db.Put(options, key, value).ok());
}

std::size_t get_all(rocksdb::DB& db, const Keys& keys) {
  std::size_t found = 0;
  rocksdb::PinnableSlice value;
  for (const auto& key : keys) {
    value.Reset();
    found += db.Get({}, db.DefaultColumnFamily(), key, &value).ok();
  }
  return found;
}

std::size_t sum_of(const rocksdb::Slice& key) { return static_cast<unsigned char>(key[key.size() - 1]) + key.size(); }

std::size_t seek_all(rocksdb::DB& db, const Keys& keys) {
  std::size_t sum = 0;
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator({}));
  for (const auto& key : keys) {
    at->Seek(key);
    for (std::size_t i = 0; i < kNexts && at->Valid(); ++i, at->Next()) sum = sum * 31 + sum_of(at->key());
  }
  return sum;
}

std::size_t scan(rocksdb::DB& db, bool forward) {
  std::size_t sum = 0;
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator({}));
  for (forward ? at->SeekToFirst() : at->SeekToLast(); at->Valid(); forward ? at->Next() : at->Prev())
    sum = sum * 31 + sum_of(at->key());
  return sum;
}

// Puts and reads what single threads do; gives a sum of all answers.
std::size_t alone(const Contender& who, const Work& work, const std::string& folder) {
  const std::size_t n = work.keys.size();
  std::size_t sum = 0;
  const double before = resident();
  {
    const Database db = open(who, folder);
    time("put, random", who.name, n, [&] { put_all(*db, work.keys, false); });
    tell("resident bytes", who.name, (resident() - before) / static_cast<double>(n));
    time("get, hits", who.name, n, [&] { sum += get_all(*db, work.hits); });
    time("get, misses", who.name, n, [&] { sum += get_all(*db, work.missing); });
    time("seek and 10 nexts", who.name, work.seeks.size(), [&] { sum += seek_all(*db, work.seeks); });
    time("scan", who.name, n, [&] { sum += scan(*db, true); });
    time("scan backward", who.name, n, [&] { sum += scan(*db, false); });
  }
  time("put, in order", who.name, n, [&, db = open(who, folder)] { put_all(*db, work.sorted, false); });
  time("put, WAL, random", who.name, n, [&, db = open(who, folder)] { put_all(*db, work.keys, true); });
  time("put, WAL, in order", who.name, n, [&, db = open(who, folder)] { put_all(*db, work.sorted, true); });
  return sum;
}

// One thread puts, two get what is there.
void mixed(const Contender& who, const Work& work, const std::string& folder) {
  const Database db = open(who, folder);
  const std::size_t n = work.keys.size();
  put_all(*db, Keys(work.keys.begin(), work.keys.begin() + static_cast<std::ptrdiff_t>(n / 2)), false);
  std::atomic<bool> done{false};
  std::vector<double> each(2);
  std::vector<std::thread> readers;
  for (std::size_t reader = 0; reader < 2; ++reader)
    readers.emplace_back([&, reader] {
      std::mt19937_64 random(reader);
      std::size_t count = 0;
      const double start = now();
      rocksdb::PinnableSlice value;
      for (; !done; ++count) {
        value.Reset();
        must(db->Get({}, db->DefaultColumnFamily(), work.keys[random() % (n / 2)], &value).ok());
      }
      each[reader] = (now() - start) / static_cast<double>(count);
    });
  time("1 writer, 2 readers: put", who.name, n - n / 2, [&] {
    put_all(*db, Keys(work.keys.begin() + static_cast<std::ptrdiff_t>(n / 2), work.keys.end()), false);
  });
  done = true;
  for (auto& reader : readers) reader.join();
  tell("1 writer, 2 readers: get", who.name, (each[0] + each[1]) / 2);
}

// Several threads put, each its share: the processor time of all of them, and what passes meanwhile.
void together(const Contender& who, const Work& work, const std::string& folder, std::size_t writers) {
  const Database db = open(who, folder, true);
  const std::size_t n = work.keys.size();
  std::vector<double> each(writers);
  std::vector<std::thread> threads;
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t writer = 0; writer < writers; ++writer)
    threads.emplace_back([&, writer] {
      Keys own;
      for (std::size_t i = writer; i < n; i += writers) own.push_back(work.keys[i]);
      const double start = now();
      put_all(*db, own, false);
      each[writer] = now() - start;
    });
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - begin;
  const std::string number = std::to_string(writers);
  tell((number + " writers: put").c_str(), who.name, std::accumulate(each.begin(), each.end(), 0.0) / static_cast<double>(n));
  tell((number + " writers: put, elapsed").c_str(), who.name, elapsed.count() / static_cast<double>(n));
  must(get_all(*db, work.hits) == n);
}

// What the others are for: puts, and gets of whole keys.
void partly(const Contender& who, const Work& work, const std::string& folder) {
  const Database db = open(who, folder);
  time("put, random", who.name, work.keys.size(), [&] { put_all(*db, work.keys, false); });
  if (!who.hashed) return;
  std::size_t found = 0;
  time("get, hits", who.name, work.keys.size(), [&] { found = get_all(*db, work.hits); });
  must(found == work.keys.size());
}

// Bare: keys in an arena; what orders them is a code of eight bytes and, of equal ones, the key.
struct Coded {
  std::uint64_t code;
  const std::string* key;
  explicit Coded(const std::string& k) : code(learnedidx::big_endian((k + std::string(8, '\0')).data(), 8)), key(&k) {}
  bool operator<(const Coded& other) const { return code != other.code ? code < other.code : *key < *other.key; }
};

template <class Insert, class Find> void bare(const char* who, const Work& work, Insert&& insert, Find&& find) {
  time("bare insert", who, work.keys.size(), [&] { for (const auto& key : work.keys) insert(key); });
  std::size_t found = 0;
  time("bare find", who, work.keys.size(), [&] { for (const auto& key : work.hits) found += find(key); });
  must(found == work.keys.size());
}

void bare_round(const Work& work) {
  learnedidx::Memtable table(learnedidx::widest_kernels());
  bare("learnedidx", work, [&](const std::string& key) { table.insert(key); },
       [&](const std::string& key) { return table.find(key); });
  const double entry = static_cast<double>((work.keys[0].size() + 2 + 7) / 8 * 8);
  tell("bytes of the index", "learnedidx", static_cast<double>(table.bytes()) / static_cast<double>(table.size()) - entry);
  absl::btree_set<Coded> btree;
  bare("absl", work, [&](const std::string& key) { btree.insert(Coded(key)); },
       [&](const std::string& key) { return btree.count(Coded(key)); });
  std::set<std::string> set;
  bare("std::set", work, [&](const std::string& key) { set.insert(key); },
       [&](const std::string& key) { return set.find(key) != set.end(); });
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) return 2;
  const Work work(std::atoi(words[1]), static_cast<std::size_t>(std::atol(words[2])));
  const Contender ours{"learnedidx", learnedidx::NewMemtableFactory()};
  const Contender skip_list{"skip list", std::make_shared<rocksdb::SkipListFactory>()};
  for (int i = std::atoi(words[3]); i > 0; --i) {
    must(alone(skip_list, work, words[4]) == alone(ours, work, words[4]));
    mixed(skip_list, work, words[4]);
    mixed(ours, work, words[4]);
    for (const std::size_t writers : {2u, 4u, 8u, 16u}) {
      together(skip_list, work, words[4], writers);
      together(ours, work, words[4], writers);
    }
    partly({"hash skip list", std::shared_ptr<rocksdb::MemTableRepFactory>(rocksdb::NewHashSkipListRepFactory()), true}, work, words[4]);
    partly({"vector", std::make_shared<rocksdb::VectorRepFactory>()}, work, words[4]);
    bare_round(work);
  }
  rocksdb::DestroyDB(words[4], {});
  return 0;
}
