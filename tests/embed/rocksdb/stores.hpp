// Two stores that are told the same and must answer the same: one with RocksDB's skip list, one with our memtable.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "learnedidx_rocksdb.h"
#include "rocksdb/comparator.h"
#include "rocksdb/db.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/options.h"

namespace tests {

// A folder that is gone when the test is.
struct Folder {
  Folder() : path(std::filesystem::temp_directory_path() / ("learnedidx-rocksdb-" + std::to_string(getpid()))) { clear(); }
  ~Folder() { clear(); }
  void clear() { std::filesystem::remove_all(path); }
  std::string operator/(const char* name) const {
    std::filesystem::create_directories(path);
    return (path / name).string();
  }
  std::filesystem::path path;
};

// Merges by appending.
class Append : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* existing, const rocksdb::Slice& value, std::string* out,
             rocksdb::Logger*) const override {
    *out = (existing ? existing->ToString() : "") + value.ToString();
    if (out->size() > 60) out->erase(0, 30);
    return true;
  }
  const char* Name() const override { return "append"; }
};

inline rocksdb::Options options_with(std::shared_ptr<rocksdb::MemTableRepFactory> factory) {
  rocksdb::Options options;
  options.create_if_missing = options.create_missing_column_families = true;
  options.memtable_factory = std::move(factory);
  options.write_buffer_size = 128 << 10;  // flushes in the background, again and again
  options.merge_operator = std::make_shared<Append>();
  return options;
}

// One store of two column families, the second with another comparator.
class Store {
 public:
  Store(std::string path, std::shared_ptr<rocksdb::MemTableRepFactory> factory)
      : path_(std::move(path)), options_(options_with(std::move(factory))) {
    open();
  }
  ~Store() { close(); }

  void open() {
    rocksdb::ColumnFamilyOptions reversed(options_);
    reversed.comparator = rocksdb::ReverseBytewiseComparator();
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::Open(
        options_, path_, {{rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions(options_)}, {"reversed", reversed}},
        &families, &db);
    REQUIRE_MESSAGE(status.ok(), status.ToString());
    this->db.reset(db);
  }
  void close() {
    for (auto& [number, snapshot] : snapshots) db->ReleaseSnapshot(snapshot);
    snapshots.clear();
    iterators.clear();
    for (auto* family : families) CHECK(db->DestroyColumnFamilyHandle(family).ok());
    families.clear();
    db.reset();
  }

  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::vector<std::pair<unsigned, const rocksdb::Snapshot*>> snapshots;
  std::vector<std::unique_ptr<rocksdb::Iterator>> iterators;

 private:
  std::string path_;
  rocksdb::Options options_;
};

}  // namespace tests
