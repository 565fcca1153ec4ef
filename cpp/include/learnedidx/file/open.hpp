// Opening a .lidx file: from bytes at any address to views that lookups read, without copying an array.
//
// The opener copies the header, the table of sections and the description of the model, and validates
// the copy. Every count and offset is bounded before it is used, and every section has exactly the
// bytes that the counts ask for. The arrays stay where they are and may hold anything, now or later:
// views of them are guarded. Time and memory do not depend on the number of keys; nothing is allocated.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/crc32c.hpp"
#include "learnedidx/base/shared_memory.hpp"
#include "learnedidx/file/open_models.hpp"
#include "learnedidx/file/opened.hpp"
#include "learnedidx/file/status.hpp"
#include "learnedidx/keys/times.hpp"

namespace learnedidx {

inline bool has_times(const FileHeader& header) {
  return header.meaning >= static_cast<std::uint8_t>(Meaning::datetime);
}

// Do the header's n keys begin and end as it says, and are those behind the numbers none? Four reads. Of
// keys in order that proves how many are numbers.
template <class K> bool has_ends(const FileHeader& header, const UnalignedArray<K>& keys) {
  const auto n = static_cast<std::size_t>(header.n), numbers = static_cast<std::size_t>(header.numbers);
  if (numbers > 0 && (bits_of(keys[0]) != header.first || bits_of(keys[numbers - 1]) != header.last)) return false;
  return numbers == n || (is_missing(keys[numbers], has_times(header)) && is_missing(keys[n - 1], has_times(header)));
}

// Can these be the n keys that the header tells of? Both ends, what lies behind the numbers and 1,024 sampled ones are compared.
template <class K> bool has_fingerprint(const FileHeader& header, const UnalignedArray<K>& keys) {
  return has_ends(header, keys) && sampled_crc(keys.address(), header.n, sizeof(K)) == header.sample_crc;
}

class FileOpener {
 public:
  FileOpener(const void* data, std::uint64_t bytes, OpenedFile& file, bool filters) : bytes_(bytes), file_(file), filters_(filters) {
    file.data = static_cast<const unsigned char*>(data);
  }

  FileStatus open() {
    for (const auto step : {&FileOpener::read_header, &FileOpener::read_table, &FileOpener::check_header,
                            &FileOpener::check_table, &FileOpener::read_sections, &FileOpener::check_ends}) {
      const FileStatus status = (this->*step)();
      if (status != FileStatus::ok) return status;
    }
    return FileStatus::ok;
  }

 private:
  FileStatus read_header() {
    if (bytes_ < sizeof kMagic || std::memcmp(file_.data, kMagic, sizeof kMagic) != 0) return FileStatus::foreign;
    if (bytes_ < sizeof(FileHeader)) return FileStatus::truncated;
    copy_once(file_.data, file_.header);
    const FileHeader& header = file_.header;
    if (header.byte_order != kByteOrder) return FileStatus::byte_order;
    if (header.major > kMajor) return FileStatus::newer;
    if (header.major == 0 || header.file_bytes > kMostFileBytes) return FileStatus::bad_header;
    if (bytes_ < header.file_bytes) return FileStatus::truncated;
    if (bytes_ > header.file_bytes) return FileStatus::longer;
    return FileStatus::ok;
  }

  FileStatus read_table() {
    const std::uint64_t count = file_.header.sections;
    if (count > kMostSections || count * sizeof(SectionEntry) > bytes_ - sizeof(FileHeader)) return FileStatus::bad_table;
    FileHeader unsigned_header = file_.header;
    unsigned_header.header_crc = 0;
    std::uint32_t crc = crc32c(0, &unsigned_header, sizeof unsigned_header);
    file_.sections.clear();
    for (std::size_t i = 0; i < count; ++i) {
      SectionEntry entry;
      copy_once(file_.data + sizeof(FileHeader) + i * sizeof entry, entry);
      crc = crc32c(crc, &entry, sizeof entry);
      file_.sections.push_back(entry);
    }
    return crc == file_.header.header_crc ? FileStatus::ok : FileStatus::bad_checksum;
  }

  FileStatus check_header() {
    const FileHeader& header = file_.header;
    bool right = can_mean(header.kind, header.meaning, header.time_unit, header.time_multiple);
    right = right && header.model <= static_cast<std::uint8_t>(StoredModel::direct);
    right = right && header.n <= kMostKeys && header.numbers <= header.n && (header.numbers == header.n || can_be_missing());
    for (const unsigned char byte : header.reserved) right = right && byte == 0;
    return right ? FileStatus::ok : FileStatus::bad_header;
  }

  bool can_be_missing() const {
    return has_times(file_.header) || visit_key_type(file_.kind(), [](auto tag) { return kIsReal<decltype(tag)>; });
  }

  // Every section begins where the one before makes it begin, so that there is nothing in between.
  FileStatus check_table() {
    std::uint64_t end = sizeof(FileHeader) + file_.sections.size() * sizeof(SectionEntry);
    for (const SectionEntry& entry : file_.sections) {
      const std::uint64_t begin = aligned_up(end, alignment_of(entry.type));
      if (entry.offset != begin || begin > bytes_ || entry.bytes > bytes_ - begin) return FileStatus::bad_table;
      if (entry.required > 1 || entry.reserved != 0) return FileStatus::bad_table;
      if (entry.required == 1 && !SectionCursor::is_known(entry)) return FileStatus::unknown_section;
      for (std::uint64_t i = end; i < begin; ++i)
        if (file_.data[i] != 0) return FileStatus::bad_padding;
      end = begin + entry.bytes;
    }
    return end == bytes_ ? FileStatus::ok : FileStatus::bad_table;
  }

  FileStatus read_sections() {
    SectionCursor cursor(file_);
    const SectionEntry* meta = cursor.peek();
    if (meta == nullptr || meta->bytes > kMostMeta) return FileStatus::bad_sections;
    cursor.take(kMeta, meta->bytes);
    const FileStatus status = cursor.next_is(kStrings) ? read_strings(cursor) : read_numbers(cursor);
    if (status != FileStatus::ok) return status;
    if (cursor.next_is(kValues)) {
      file_.value_bytes = cursor.peek()->bytes;
      file_.values = cursor.take(kValues, file_.value_bytes);
      if (file_.header.n == 0 ? file_.value_bytes != 0 : file_.value_bytes % file_.header.n != 0)
        return FileStatus::bad_sections;
    }
    if (cursor.next_is(kFilter)) {
      file_.is_filter = cursor.peek()->required == 1;
      if (file_.is_filter && (file_.header.n != 0 || file_.header.model != 0 || file_.keys != nullptr)) return FileStatus::bad_sections;
      if (file_.is_filter && !filters_) return FileStatus::unknown_section;
      cursor.take(kFilter, cursor.peek()->bytes);
    }
    return cursor.is_done() ? FileStatus::ok : FileStatus::bad_sections;
  }

  FileStatus read_numbers(SectionCursor& cursor) {
    const bool sane = visit_key_type(file_.kind(), [&](auto tag) { return read_model<decltype(tag)>(cursor, file_); });
    if (!sane) return cursor.is_right() ? FileStatus::bad_model : FileStatus::bad_sections;
    const std::uint64_t item = visit_key_type(file_.kind(), [](auto tag) { return sizeof tag; });
    if (cursor.next_is(kKeys)) {
      if (cursor.peek()->crc != file_.header.keys_crc) return FileStatus::bad_sections;
      file_.keys = cursor.take(kKeys, file_.header.n * item);
    }
    if (cursor.next_is(kPlaces)) file_.places = cursor.take(kPlaces, file_.header.n * sizeof(std::uint32_t));
    if (cursor.next_is(kRuns)) {
      file_.n_runs = cursor.peek()->bytes / kRunBytes;
      file_.runs = cursor.take(kRuns, file_.n_runs * kRunBytes);
    }
    return cursor.is_right() ? FileStatus::ok : FileStatus::bad_sections;
  }

  // The header says of strings what an empty description of numbers would, but for n and the checksums.
  FileStatus read_strings(SectionCursor& cursor) {
    const FileHeader& header = file_.header;
    if (header.kind != 0 || header.meaning != 0 || header.model != 0 || header.numbers != header.n || header.n > kMostStoredStrings)
      return FileStatus::bad_header;
    const unsigned char* said = cursor.take(kStrings, sizeof file_.strings);
    if (said == nullptr) return FileStatus::bad_sections;
    copy_once(said, file_.strings);
    read_columns(cursor);
    if (!can_be(file_.strings) || !can_be(file_.strings, file_.columns)) return FileStatus::bad_model;
    file_.holds_strings = true;
    std::size_t layers = 0;
    for (; cursor.next_is(kLayer); ++layers) cursor.take(kLayer, cursor.peek()->bytes);
    if (layers > kMostStoredLayers || (layers == 0) != (header.n == 0)) return FileStatus::bad_sections;
    if (cursor.next_is(kOffsets) || cursor.next_is(kData)) read_bytes(cursor);
    return cursor.is_right() ? FileStatus::ok : FileStatus::bad_sections;
  }

  // No more than there may be: of more the section is longer than it says, and refused.
  void read_columns(SectionCursor& cursor) {
    if (!cursor.next_is(kColumns)) return;
    const std::uint64_t count = std::min<std::uint64_t>(cursor.peek()->bytes / sizeof(StoredColumn), kMostStoredColumns);
    const unsigned char* from = cursor.take(kColumns, count * sizeof(StoredColumn));
    for (std::size_t i = 0; from != nullptr && i < count; ++i) {
      StoredColumn column;
      copy_once(from + i * sizeof column, column);
      file_.columns.push_back(column);
    }
  }

  void read_bytes(SectionCursor& cursor) {
    const StoredStrings& strings = file_.strings;
    if (strings.has_offsets()) file_.starts = cursor.take(kOffsets, (file_.header.n + 1) * sizeof(std::uint64_t));
    const bool is_fixed = !strings.has_offsets();
    file_.string_bytes = is_fixed ? file_.header.n * strings.width : cursor.next_is(kData) ? cursor.peek()->bytes : 0;
    file_.string_data = cursor.take(kData, file_.string_bytes);
  }

  FileStatus check_ends() {
    if (file_.holds_strings) return has_string_ends() ? FileStatus::ok : FileStatus::bad_ends;
    const bool right = visit_key_type(file_.kind(), [&](auto tag) {
      using K = decltype(tag);
      const FileHeader& header = file_.header;
      const bool times = has_times(header);
      if (header.numbers == 0 && (header.first != 0 || header.last != 0)) return false;
      const K first = key_of_bits<K>(header.first), last = key_of_bits<K>(header.last);
      if (bits_of(first) != header.first || bits_of(last) != header.last) return false;
      if (header.numbers > 0 && !(first <= last && !is_missing(first, times) && !is_missing(last, times))) return false;
      return file_.keys == nullptr || has_ends(header, UnalignedArray<K>::at(file_.keys));
    });
    return right ? FileStatus::ok : FileStatus::bad_ends;
  }

  bool has_string_ends() const {
    const FileHeader& header = file_.header;
    if (header.first != 0 || header.last != 0) return false;
    if (file_.starts == nullptr) return true;
    const auto starts = UnalignedArray<std::uint64_t>::at(file_.starts);
    return starts[0] == 0 && starts[static_cast<std::size_t>(header.n)] == file_.string_bytes;
  }

  std::uint64_t bytes_;
  OpenedFile& file_;
  bool filters_;
};

// Opens data[0, bytes), which must stay as long as the file is used; what it holds need not be trusted,
// nor stay as it is. filters: is a filter alone taken, which as an index would be one of no keys? O(number of sections).
inline FileStatus open_file(const void* data, std::uint64_t bytes, OpenedFile& file, bool filters = false) noexcept {
  file = {};
  return FileOpener(data, bytes, file, filters).open();
}

// Checks the checksum of one section. O(its bytes).
inline FileStatus verify_section(const OpenedFile& file, const SectionEntry& entry) noexcept {
  const std::uint32_t crc = crc32c(0, file.data + entry.offset, static_cast<std::size_t>(entry.bytes));
  return crc == entry.crc ? FileStatus::ok : FileStatus::damaged_section;
}

// Those of all sections; not full: without those of keys and values. O(their bytes).
inline FileStatus verify_sections(const OpenedFile& file, bool full = true) noexcept {
  for (const SectionEntry& entry : file.sections) {
    if (!full && (same_type(entry.type, kKeys) || same_type(entry.type, kValues))) continue;
    if (const FileStatus status = verify_section(file, entry); status != FileStatus::ok) return status;
  }
  return FileStatus::ok;
}

}  // namespace learnedidx
