// Memtable: an ordered map of byte strings, or of numbers, that grows. One thread inserts, or several; any number read meanwhile.
//
// Who may do what. One thread at a time calls insert(); or any number call insert_concurrently(), while none calls insert().
// A writer waits for another that changes the same leaf, and, where both divide leaves, for the whole division. Any thread calls find() and makes iterators, at any time, without
// a lock; each iterator is used by one thread at a time. Nothing is erased or overwritten, and no memory goes back before
// the table does: keys and values that were handed out stay where they are until then. The table outlives its
// iterators; a build without NDEBUG stops where it does not.
//
// What a reader sees.
// - Each find(), each seek and each insert takes effect at one moment between its call and its return (it is linearizable): a
//   key that was seen once is seen by every later call, and an insert that has returned is seen by all. Of several inserts of
//   a key one is told ok, unless equal keys are kept: then they lie in the order in which they took effect.
// - An iterator meets, in order and once each, every key that was there when it was made and lies on its way. A
//   key that comes meanwhile is met or not; of two that come meanwhile, perhaps the later one alone.
// - A reader waits for nobody. While a writer changes the leaf that it needs it tries again, a few times; then it takes a way
//   that a writer that stopped in the middle of a change cannot block.
//
// Cost, at 1 M keys: 13 to 14 bytes a key beside key and value, and up to 7 for alignment; a search reads one node of
// 576 bytes a level, by a factor of about 44 a level, and one entry, or two.
//
// Errors. insert() says `exhausted` where the source has no more memory or the budget is used up, and `exists` where the key
// is there and equal keys are not kept. The table is then as it was. Nothing throws.
//
// Order is that of memcmp, a key before those that begin with it. Numbers are kept as eight bytes in this order (`number_key`).
#pragma once

#include <cassert>
#include <cstring>

#include "learnedidx/base/key_traits.hpp"
#include "learnedidx/memtable/estimate.hpp"
#include "learnedidx/memtable/iterator.hpp"
#include "learnedidx/memtable/writer.hpp"

namespace learnedidx {

// An entry: the sizes of key and value, seven bits a byte; the key; the value.
struct PlainEntries {
  using Key = std::string_view;

  std::string_view bytes(std::string_view key) const { return key; }
  std::string_view key(const char* entry) const { return parts(entry).key; }
  int compare(const char* entry, std::string_view q) const { return compare_bytes(key(entry), q); }

  struct Parts {
    std::string_view key, value;
  };
  static Parts parts(const char* entry) {
    const std::size_t key = size_at(entry), value = size_at(entry);
    return {{entry, key}, {entry + key, value}};
  }
  static std::size_t size(std::string_view key, std::string_view value) {
    return size_of_size(key.size()) + size_of_size(value.size()) + key.size() + value.size();
  }
  static void write(char* to, std::string_view key, std::string_view value) {
    to = write_size(write_size(to, key.size()), value.size());
    if (!key.empty()) std::memcpy(to, key.data(), key.size());
    if (!value.empty()) std::memcpy(to + key.size(), value.data(), value.size());
  }

 private:
  LIDX_INLINE static std::size_t size_at(const char*& at) {
    std::size_t size = static_cast<unsigned char>(*at++);
    if (size < 0x80) return size;
    size &= 0x7f;
    for (unsigned shift = 7;; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at++);
      size |= static_cast<std::size_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return size;
    }
  }
  static std::size_t size_of_size(std::size_t size) {
    std::size_t bytes = 1;
    for (; size >= 0x80; size >>= 7) ++bytes;
    return bytes;
  }
  static char* write_size(char* to, std::size_t size) {
    for (; size >= 0x80; size >>= 7) *to++ = static_cast<char>(size | 0x80);
    *to++ = static_cast<char>(size);
    return to;
  }
};

enum class EqualKeys : std::uint8_t { refuse, keep };  // kept: in the order in which they came

template <class Pause = NoPause> class BasicMemtable {
 public:
  struct Options {
    EqualKeys equal = EqualKeys::refuse;
    std::size_t budget = ~std::size_t{0};  // of bytes()
    MemorySource source = heap_memory();   // used by insert() alone
  };

  explicit BasicMemtable(const Kernels& kernels) : BasicMemtable(kernels, Options()) {}
  BasicMemtable(const Kernels& kernels, const Options& options)
      : state_({}, kernels, options.source, options.budget < sizeof *this ? 0 : options.budget - sizeof *this,
               options.equal == EqualKeys::keep),
        writer_(state_) {}
  BasicMemtable(const BasicMemtable&) = delete;
  BasicMemtable& operator=(const BasicMemtable&) = delete;
  ~BasicMemtable() { assert(readers_.count() == 0 && "an iterator outlives its memtable"); }

  // Copies key and value. Equal keys are never overwritten.
  MemtableStatus insert(std::string_view key, std::string_view value = {}) noexcept { return insert_by(writer_, key, value); }
  // The same, by any number of threads at a time, while none calls insert().
  MemtableStatus insert_concurrently(std::string_view key, std::string_view value = {}) noexcept {
    Writer<PlainEntries, Pause, ManyWriters> writer(state_);
    return insert_by(writer, key, value);
  }

  // Is a key there? Gives the value of the one that came first. Value may be null.
  bool find(std::string_view key, std::string_view* value = nullptr) const {
    const Place place = Search<PlainEntries>(state_).lower(key);
    if (!place.entry) return false;
    const PlainEntries::Parts found = PlainEntries::parts(place.entry);
    if (found.key != key) return false;
    if (value) *value = found.value;
    return true;
  }

  // About how many keys lie in [low, high), in some microseconds; exactly, where they lie in few leaves and nobody inserts.
  std::uint64_t about_count(std::string_view low, std::string_view high) const { return about_entries_between(state_, low, high); }

  // Entries; and all memory that the table takes, itself included.
  std::size_t size() const noexcept { return size_.load(std::memory_order_acquire); }
  std::size_t bytes() const noexcept { return sizeof *this + state_.arena.bytes(); }

 private:
#ifdef NDEBUG
  struct Readers {
    static std::size_t count() { return 0; }
    static void add(std::ptrdiff_t) {}
  };
#else
  struct Readers {
    std::size_t count() const { return number.load(); }
    void add(std::ptrdiff_t n) { number += static_cast<std::size_t>(n); }
    std::atomic<std::size_t> number{0};
  };
#endif

 public:
  // A place among the entries. It begins at none; key() and value(), next() and prev() need valid().
  class Iterator {
   public:
    explicit Iterator(const BasicMemtable& table) : at_(table.state_), readers_(&table.readers_) { readers_->add(1); }
    Iterator(const Iterator& other) : at_(other.at_), readers_(other.readers_) { readers_->add(1); }
    Iterator& operator=(const Iterator& other) {
      other.readers_->add(1);
      readers_->add(-1);
      at_ = other.at_;
      readers_ = other.readers_;
      return *this;
    }
    ~Iterator() { readers_->add(-1); }

    bool valid() const { return at_.valid(); }
    std::string_view key() const { return PlainEntries::parts(at_.entry()).key; }
    std::string_view value() const { return PlainEntries::parts(at_.entry()).value; }

    void seek(std::string_view key) { at_.seek(key); }                    // the first that is not below it
    void seek_for_prev(std::string_view key) { at_.seek_for_prev(key); }  // the last that is not above it
    void seek_to_first() { at_.seek_to_first(); }
    void seek_to_last() { at_.seek_to_last(); }
    void next() { at_.next(); }
    void prev() { at_.prev(); }

   private:
    EntryIterator<PlainEntries> at_;
    Readers* readers_;
  };

 private:
  template <class Locks>
  MemtableStatus insert_by(Writer<PlainEntries, Pause, Locks>& writer, std::string_view key, std::string_view value) noexcept {
    Handle handle;
    const std::size_t bytes = PlainEntries::size(key, value);
    char* const entry = state_.arena.template allocate<Locks>(bytes, &handle);
    if (entry == nullptr) return MemtableStatus::exhausted;
    PlainEntries::write(entry, key, value);
    const MemtableStatus status = writer.insert(handle);
    if (status == MemtableStatus::ok) Locks::add(size_);
    else state_.arena.template undo<Locks>(handle, bytes);
    return status;
  }

  MemtableState<PlainEntries> state_;
  Writer<PlainEntries, Pause> writer_;
  std::atomic<std::size_t> size_{0};
  mutable Readers readers_;
};

using Memtable = BasicMemtable<>;

// A number as a key: eight bytes whose order is that of the numbers.
class NumberKey {
 public:
  template <class K> explicit NumberKey(K number) {
    const std::uint64_t code = key_code(number);
    for (unsigned i = 0; i < sizeof bytes_; ++i) bytes_[i] = static_cast<char>(code >> (56 - 8 * i));
  }
  operator std::string_view() const { return {bytes_, sizeof bytes_}; }

  template <class K> static K number(std::string_view key) { return key_of_code<K>(big_endian(key.data(), sizeof bytes_)); }

 private:
  char bytes_[8];
};

template <class K> NumberKey number_key(K number) { return NumberKey(number); }

}  // namespace learnedidx
