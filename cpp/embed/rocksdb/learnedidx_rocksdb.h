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
// Several threads may insert (allow_concurrent_memtable_write, as it is by default). paranoid_memory_checks is not
// supported: reads say NotSupported.
std::shared_ptr<rocksdb::MemTableRepFactory> NewMemtableFactory();

// Makes the factory known as "learnedidx" to OPTIONS files and option strings of this process. May be called again.
void RegisterMemtableFactory();

}  // namespace learnedidx
