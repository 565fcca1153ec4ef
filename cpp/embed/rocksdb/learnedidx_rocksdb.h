// RocksDB's memtable over learnedidx/memtable. See docs/engines/rocksdb.md.
//
//   options.memtable_factory = learnedidx::NewMemtableFactory();
//   options.allow_concurrent_memtable_write = false;
#pragma once

#include <memory>

#include "rocksdb/memtablerep.h"

namespace learnedidx {

// A factory of memtables for any comparator: those for rocksdb::BytewiseComparator() are fast; those for others ask the
// comparator for every step.
//
// Concurrent inserts are not supported: DB::Open says InvalidArgument unless allow_concurrent_memtable_write is false.
// paranoid_memory_checks is not either: reads say NotSupported.
std::shared_ptr<rocksdb::MemTableRepFactory> NewMemtableFactory();

// Makes the factory known as "learnedidx" to OPTIONS files and option strings of this process. May be called again.
void RegisterMemtableFactory();

}  // namespace learnedidx
