#include <new>

#include "learnedidx/filters/bits.hpp"
#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/memtable/estimate.hpp"
#include "learnedidx/memtable/iterator.hpp"
#include "learnedidx/memtable/writer.hpp"

#include "entries.hpp"
#include "learnedidx_rocksdb.h"
#include "rocksdb/comparator.h"
#include "rocksdb/utilities/object_registry.h"
#include "rocksdb/version.h"

#if (ROCKSDB_MAJOR != 9 || ROCKSDB_MINOR < 10) && !defined(LEARNEDIDX_ANY_ROCKSDB)
#error "tested with RocksDB 9.10 alone: compare what is below with memory/allocator.h and db/lookup_key.h; then define LEARNEDIDX_ANY_ROCKSDB"
#endif

// RocksDB installs no header for what it passes to memtables: by hand, the order of virtual functions, and of members.
namespace rocksdb {
class Allocator {
 public:
  virtual ~Allocator() {}
  virtual char* Allocate(std::size_t bytes) = 0;
  virtual char* AllocateAligned(std::size_t bytes, std::size_t huge_page_size = 0, Logger* logger = nullptr) = 0;
  virtual std::size_t BlockSize() const = 0;
};

// What a Get asks for: the size of the internal key, seven bits a byte; the key.
class LookupKey {
 public:
  const char *start, *key, *end;
};
}  // namespace rocksdb

namespace learnedidx {
namespace embed {
namespace {

using rocksdb::MemTableRep;
using rocksdb::Slice;

MemorySource memory_of(rocksdb::Allocator* allocator) {
  const auto take = [](void* context, std::size_t bytes) -> void* {
    return static_cast<rocksdb::Allocator*>(context)->AllocateAligned(bytes);
  };
  return {take, nullptr, allocator};  // RocksDB frees all of it at once
}

// What paranoid_memory_checks finds out: entries that do not ascend. Their keys are shown where the user allows it.
template <class Entries> rocksdb::Status checked_order(const Entries& order, const char* before, const char* after, bool shows) {
  if (before == nullptr || after == nullptr || order.compare(before, order.key(after)) < 0) return rocksdb::Status::OK();
  const auto key = [shows](const char* entry) {
    const std::string_view internal = internal_key_of(entry);
    return shows ? Slice(internal.data(), internal.size()).ToString(true) : std::string("a key");
  };
  return rocksdb::Status::Corruption("out of order in a memtable", key(before) + " stands before " + key(after));
}

template <class Entries> class RepIterator final : public MemTableRep::Iterator {
 public:
  explicit RepIterator(const MemtableState<Entries>& state) : state_(state), at_(state) {}

  bool Valid() const override { return at_.valid(); }
  const char* key() const override { return at_.entry(); }
  void Next() override { at_.next(); }
  void Prev() override { at_.prev(); }
  void Seek(const Slice& key, const char* entry) override { at_.seek(key_of(key, entry)); }
  void SeekForPrev(const Slice& key, const char* entry) override { at_.seek_for_prev(key_of(key, entry)); }
  void SeekToFirst() override { at_.seek_to_first(); }
  void SeekToLast() override { at_.seek_to_last(); }

  rocksdb::Status NextAndValidate(bool shows) override {
    const char* const before = key();
    Next();
    return kept(checked_order(state_.order, before, key(), shows));
  }
  rocksdb::Status PrevAndValidate(bool shows) override {
    const char* const after = key();
    Prev();
    return kept(checked_order(state_.order, key(), after, shows));
  }
  // The entry found is not below the key and above the one before it; if there is none, the last one is below the key.
  rocksdb::Status SeekAndValidate(const Slice& key, const char* entry, bool shows) override {
    const auto sought = key_of(key, entry);
    EntryIterator<Entries> last(state_);
    last.seek_to_last();  // first, since others may insert meanwhile
    Seek(key, entry);
    const bool is_there = Valid() && state_.order.compare(at_.entry(), sought) >= 0;
    const bool is_behind = !Valid() && (!last.valid() || state_.order.compare(last.entry(), sought) < 0);
    if (!is_there && !is_behind) {
      return kept(rocksdb::Status::Corruption("out of order in a memtable", "a key is not on the side where it was looked for"));
    }
    if (is_behind) return rocksdb::Status::OK();
    EntryIterator<Entries> before = at_;
    before.prev();
    return kept(checked_order(state_.order, before.entry(), at_.entry(), shows));
  }

 private:
  rocksdb::Status kept(rocksdb::Status status) {
    if (!status.ok()) at_ = EntryIterator<Entries>(state_);  // nowhere
    return status;
  }

  // RocksDB gives the key either way.
  static typename Entries::Key key_of(const Slice& key, const char* entry) {
    if (entry == nullptr) return Entries::key_of(key);
    const std::string_view internal = internal_key_of(entry);
    return Entries::key_of(Slice(internal.data(), internal.size()));
  }
  const MemtableState<Entries>& state_;
  EntryIterator<Entries> at_;
};

template <class Entries> class Rep final : public MemTableRep {
 public:
  Rep(const KeyComparator& comparator, rocksdb::Allocator* allocator)
      : MemTableRep(allocator),
        state_(Entries(comparator), widest_kernels(), memory_of(allocator), ~std::size_t{0}, false),
        writer_(state_) {}

  // RocksDB does not say whether others allocate at the same time.
  rocksdb::KeyHandle Allocate(const std::size_t size, char** entry) override {
    Handle handle = 0;
    *entry = state_.arena.template allocate<ManyWriters>(size, &handle);
    if (*entry == nullptr) throw std::bad_alloc();  // 65,535 chunks are full
    return reinterpret_cast<rocksdb::KeyHandle>(static_cast<std::uintptr_t>(handle));
  }
  void Insert(rocksdb::KeyHandle handle) override { InsertKey(handle); }
  bool InsertKey(rocksdb::KeyHandle handle) override { return insert_by(writer_, handle); }
  bool InsertKeyWithHint(rocksdb::KeyHandle handle, void**) override { return InsertKey(handle); }
  void InsertConcurrently(rocksdb::KeyHandle handle) override { InsertKeyConcurrently(handle); }
  bool InsertKeyConcurrently(rocksdb::KeyHandle handle) override {
    Writer<Entries, NoPause, ManyWriters> writer(state_);
    return insert_by(writer, handle);
  }
  bool InsertKeyWithHintConcurrently(rocksdb::KeyHandle handle, void**) override { return InsertKeyConcurrently(handle); }

  // As the base class does it, without an iterator on the heap and without virtual calls.
  void Get(const rocksdb::LookupKey& key, void* arguments, bool (*take)(void*, const char*)) override {
    if (!is_as_declared(key)) return MemTableRep::Get(key, arguments, take);
    EntryIterator<Entries> at(state_);
    at.seek(Entries::key_of(Slice(key.key, static_cast<std::size_t>(key.end - key.key))));
    while (at.valid() && take(arguments, at.entry())) at.next();
  }
  rocksdb::Status GetAndValidate(const rocksdb::LookupKey& key, void* arguments, bool (*take)(void*, const char*), bool shows) override {
    if (!is_as_declared(key)) return rocksdb::Status::NotSupported("paranoid_memory_checks with this version of RocksDB");
    RepIterator<Entries> at(state_);
    rocksdb::Status status = at.SeekAndValidate(Slice(key.key, static_cast<std::size_t>(key.end - key.key)), nullptr, shows);
    while (status.ok() && at.Valid() && take(arguments, at.key())) status = at.NextAndValidate(shows);
    return status;
  }
  // For mempurge: of all entries so many at random, in one pass (Knuth, The Art of Computer Programming, volume 2, 3.4.2, S).
  void UniqueRandomSample(const std::uint64_t entries, const std::uint64_t size, std::unordered_set<const char*>* sample) override {
    std::uint64_t left = entries, wanted = size;
    EntryIterator<Entries> at(state_);
    for (at.seek_to_first(); at.valid() && wanted > 0 && left > 0; at.next(), --left) {
      if (mixed(left, entries) % left >= wanted) continue;
      sample->insert(at.entry());
      --wanted;
    }
  }
  std::uint64_t ApproximateNumEntries(const Slice& from, const Slice& to) override {
    return about_entries_between(state_, Entries::key_of(from), Entries::key_of(to));
  }
  bool Contains(const char* entry) const override {
    const auto key = state_.order.key(entry);
    const Place place = Search<Entries>(state_).lower(key);
    return place.entry && state_.order.compare(place.entry, key) == 0;
  }
  std::size_t ApproximateMemoryUsage() override { return 0; }  // RocksDB's arena counts all but this object

  Iterator* GetIterator(rocksdb::Arena* arena) override {
    using Made = RepIterator<Entries>;
    if (arena == nullptr) return new Made(state_);
    auto* const allocator = reinterpret_cast<rocksdb::Allocator*>(arena);  // the only base of an Arena
    return new (allocator->AllocateAligned(sizeof(Made))) Made(state_);
  }

 private:
  template <class Locks> static bool insert_by(Writer<Entries, NoPause, Locks>& writer, rocksdb::KeyHandle handle) {
    switch (writer.insert(static_cast<Handle>(reinterpret_cast<std::uintptr_t>(handle)))) {
      case MemtableStatus::ok: return true;
      case MemtableStatus::exists: return false;
      default: throw std::bad_alloc();
    }
  }

  // A key of another layout is seen by its order, or by its size, which is there twice.
  static bool is_as_declared(const rocksdb::LookupKey& key) {
    constexpr std::ptrdiff_t most = 5;  // bytes of a size
    const std::ptrdiff_t before = key.key - key.start;
    if (before < 1 || before > most || key.end <= key.key) return false;
    const std::string_view internal = internal_key_of(key.start);
    return internal.data() == key.key && internal.data() + internal.size() == key.end;
  }

  MemtableState<Entries> state_;
  Writer<Entries> writer_;
};

// RocksDB's KeyComparator holds two pointers to virtual tables and then the user's comparator. If that is the one for
// bytes, codes are of use. A layout that is another one is seen as another comparator, which is right and slower.
bool is_bytewise(const MemTableRep::KeyComparator& comparator) {
  const void* words[3];
  std::memcpy(words, static_cast<const void*>(&comparator), sizeof words);
  return words[2] == rocksdb::BytewiseComparator();
}

class Factory final : public rocksdb::MemTableRepFactory {
 public:
  static constexpr const char* kName = "learnedidx";
  const char* Name() const override { return kName; }
  bool CanHandleDuplicatedKey() const override { return true; }
  bool IsInsertConcurrentlySupported() const override { return true; }

  using rocksdb::MemTableRepFactory::CreateMemTableRep;
  MemTableRep* CreateMemTableRep(const MemTableRep::KeyComparator& comparator, rocksdb::Allocator* allocator,
                                 const rocksdb::SliceTransform*, rocksdb::Logger*) override {
    if (is_bytewise(comparator)) return new Rep<BytewiseEntries>(comparator, allocator);
    return new Rep<ComparedEntries>(comparator, allocator);
  }
};

}  // namespace
}  // namespace embed

std::shared_ptr<rocksdb::MemTableRepFactory> NewMemtableFactory() { return std::make_shared<embed::Factory>(); }

void RegisterMemtableFactory() {
  static const bool once = [] {
    rocksdb::ObjectLibrary::Default()->AddFactory<rocksdb::MemTableRepFactory>(
        embed::Factory::kName,
        [](const std::string&, std::unique_ptr<rocksdb::MemTableRepFactory>* guard, std::string*) {
          guard->reset(new embed::Factory());
          return guard->get();
        });
    return true;
  }();
  static_cast<void>(once);
}

}  // namespace learnedidx
