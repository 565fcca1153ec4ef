// A .lidx file as a table of SQLite reads it: its bytes, mapped or in memory, and an index over its keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "learnedidx/lookup/index.hpp"
#include "learnedidx/text/index.hpp"
#include "learnedidx/text/open.hpp"

namespace learnedidx::sqlite {

// Rows [begin, end) of a table: positions of keys.
struct Interval {
  std::int64_t begin = 0, end = 0;

  bool empty() const { return begin >= end; }
  std::int64_t size() const { return empty() ? 0 : end - begin; }
};

inline Interval common(const Interval& a, const Interval& b) {
  return {a.begin > b.begin ? a.begin : b.begin, a.end < b.end ? a.end : b.end};
}

// The bytes of a regular file, owned.
class FileBytes {
 public:
  FileBytes() = default;
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes();

  // Empty: done. Else what is wrong, a sentence without its subject. Not mapped, the file is read.
  std::string open(const char* path, bool map);

  const unsigned char* data() const { return static_cast<const unsigned char*>(data_); }
  std::size_t size() const { return size_; }

 private:
  std::string load(int file, bool map);
  bool read_all(int file);

  void* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
  bool mapped_ = false;
};

// What SQLite makes of keys.
enum class KeyClass : std::uint8_t { integer, real, text, blob };

// Any number of threads may look up. Nothing in the file is believed: it may be damaged or change, and costs time then.
class SortedFile {
 public:
  // Empty: done. Else what is wrong, as above; also where SQLite could not hold the keys, or would order them otherwise.
  std::string open(const char* path, bool map);

  const OpenedFile& opened() const { return strings_ ? strings_->file : *numbers_; }
  KeyClass key_class() const { return class_; }
  std::int64_t n() const { return static_cast<std::int64_t>(opened().header.n); }
  // Are the keys points in time, with a zone or without?
  bool has_instants() const {
    const auto meaning = static_cast<Meaning>(opened().header.meaning);
    return !strings_ && (meaning == Meaning::datetime || meaning == Meaning::instant);
  }

  // The number of keys below a query; right: not above it.
  std::int64_t position(const ScalarQuery& query, bool right) const;

  // The keys that equal a query: two keys are read behind the first, and a second search is made only for a run of keys.
  Interval equal(const ScalarQuery& query) const;

  // Keys in a run of equal ones, on average, from some samples.
  double average_run() const { return average_run_; }

  std::int64_t integer_at(std::int64_t row) const;  // of keys that are integers
  double real_at(std::int64_t row) const;           // of keys that are real
  Slice string_at(std::int64_t row) const;          // of text and blobs

 private:
  std::string open_strings_in();
  std::string check_numbers() const;
  void make_index();
  template <class K> void index_over(const OpenedFile& file);
  bool same_keys(std::int64_t a, std::int64_t b) const;
  void sample_runs();

  FileBytes bytes_;
  std::unique_ptr<OpenedFile> numbers_;
  std::unique_ptr<OpenedStrings> strings_;
  std::shared_ptr<void> tree_;  // BTreeView<K>, of the keys' type
  std::unique_ptr<AnyIndex> index_;
  const Kernels* kernels_ = nullptr;
  KeyClass class_ = KeyClass::integer;
  double average_run_ = 1;
};

}  // namespace learnedidx::sqlite
