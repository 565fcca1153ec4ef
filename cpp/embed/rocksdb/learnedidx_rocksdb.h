// RocksDB's memtable over learnedidx/memtable. See docs/engines/rocksdb.md.
//
//   options.memtable_factory = learnedidx::NewMemtableFactory();
#pragma once

#include <memory>

#include "rocksdb/memtablerep.h"

namespace learnedidx {

// A factory of memtables for any comparator: those for rocksdb::BytewiseComparator() are fast; those for others ask the
// comparator for every step.
//
// Several threads may insert (allow_concurrent_memtable_write, as it is by default). With paranoid_memory_checks, each
// step compares the key with the one before, and says Corruption where they do not ascend.
std::shared_ptr<rocksdb::MemTableRepFactory> NewMemtableFactory();

// Makes the factory known as "learnedidx" to OPTIONS files and option strings of this process. May be called again.
void RegisterMemtableFactory();

}  // namespace learnedidx
