// RocksDB's entries as a memtable sees them. An entry is the size of its internal key, seven bits a byte; the user's key;
// eight bytes of sequence number and type, little-endian; then the value.
#pragma once

#include "learnedidx/memtable/search.hpp"
#include "rocksdb/memtablerep.h"

namespace learnedidx::embed {

inline std::string_view internal_key_of(const char* entry) {
  std::size_t size = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*entry++);
    size |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return {entry, size};
  }
}

// Keys of rocksdb::BytewiseComparator(): the user's in ascending order, of equal ones the later first.
struct BytewiseEntries {
  static constexpr std::size_t kTag = 8;
  struct Key {
    std::string_view user;
    std::uint64_t tag;
  };

  explicit BytewiseEntries(const rocksdb::MemTableRep::KeyComparator&) {}
  static Key key_of(std::string_view internal) {
    const std::size_t user = internal.size() - kTag;
    std::uint64_t tag = 0;
    for (unsigned i = kTag; i-- > 0;) tag = tag << 8 | static_cast<unsigned char>(internal[user + i]);
    return {internal.substr(0, user), tag};
  }
  static Key key_of(const rocksdb::Slice& internal) { return key_of(std::string_view(internal.data(), internal.size())); }
  Key key(const char* entry) const { return key_of(internal_key_of(entry)); }
  std::string_view bytes(const Key& key) const { return key.user; }
  int compare(const char* entry, const Key& q) const {
    const Key own = key(entry);
    if (const int order = compare_bytes(own.user, q.user)) return order;
    return own.tag > q.tag ? -1 : own.tag < q.tag;
  }
};

// Keys of any comparator: without codes, whole keys decide.
struct ComparedEntries {
  using Key = rocksdb::Slice;

  explicit ComparedEntries(const rocksdb::MemTableRep::KeyComparator& c) : comparator(&c) {}
  static Key key_of(const rocksdb::Slice& internal) { return internal; }
  Key key(const char* entry) const {
    const std::string_view internal = internal_key_of(entry);
    return {internal.data(), internal.size()};
  }
  std::string_view bytes(const Key&) const { return {}; }
  int compare(const char* entry, const Key& q) const { return (*comparator)(entry, q); }

  const rocksdb::MemTableRep::KeyComparator* comparator;
};

}  // namespace learnedidx::embed
