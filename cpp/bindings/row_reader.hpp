// Columns out of encoded rows, which may come from a file and be anything: what no writer writes is found and refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "learnedidx/keys/utf8.hpp"
#include "rows.hpp"

namespace learnedidx::bindings {

// One column that is read: numbers go to memory of the caller's, strings are collected.
struct ReadColumn {
  RowField field;
  bool is_text = false;  // strings are UTF-8
  void* numbers = nullptr;
  std::shared_ptr<OwnStrings> strings;
};

template <class K> std::uint64_t load_code(const std::uint8_t* from) {
  std::uint64_t code = 0;
  std::memcpy(&code, from, sizeof(K));
  return big_endian(code) >> (64 - 8 * sizeof(K));
}

// The value of a code that a writer wrote; false if none has it.
template <class K> bool value_of_code(std::uint64_t code, const RowField& field, K& value) {
  if constexpr (kIsReal<K>) {
    const bool is_nan = code == all_ones(sizeof(K));
    if (!is_nan && (code < key_code(lowest_key<K>()) || code > key_code(highest_key<K>()))) return false;
    value = is_nan ? std::numeric_limits<K>::quiet_NaN() : key_of_code<K>(code);
  } else {
    if (field.is_bool && code > 1) return false;
    const std::uint64_t sign = std::is_signed_v<K> ? std::uint64_t{1} << (8 * sizeof(K) - 1) : 0;
    value = key_of_bits<K>((code + static_cast<std::uint64_t>(field.times)) ^ sign);
  }
  return true;
}

class RowReader {
 public:
  explicit RowReader(std::vector<ReadColumn>& columns) : columns_(columns) {}

  // Reads all rows; `bad` is the first that is none, or their number. False if it was cancelled. Offsets that fall make a
  // row without bytes, which is none: so no more is read than the strings have.
  bool read_all(const Strings& rows, std::size_t& bad, Cancellation cancellation) {
    SeldomPoll poll(cancellation);
    return visit_strings(rows, [&](const auto& each) {
      for (bad = 0; bad < rows.n; ++bad) {
        row_ = each[bad];
        if (!poll.may_continue(1 + row_.size / 64)) return false;
        if (!read_row(bad)) return true;
      }
      return true;
    });
  }

 private:
  bool read_row(std::size_t i) {
    at_ = 0;
    for (ReadColumn& column : columns_)
      if (!(column.field.is_text ? read_text(column) : read_number(column, i))) return false;
    return at_ == row_.size;
  }

  bool read_number(const ReadColumn& column, std::size_t i) {
    const std::size_t width = column.field.width;
    if (row_.size - at_ < width) return false;
    const std::uint8_t* from = row_.data + at_;
    at_ += width;
    return visit_key_type(column.field.kind, [&](auto tag) {
      using K = decltype(tag);
      return value_of_code(load_code<K>(from), column.field, static_cast<K*>(column.numbers)[i]);
    });
  }

  bool read_text(ReadColumn& column) {
    text_.clear();
    if (!unescape()) return false;
    if (column.field.width > 0 && text_.size() != column.field.width) return false;
    if (column.is_text && !is_utf8(slice_of(text_.data(), text_.size()))) return false;
    column.strings->add(text_.data(), text_.size());
    return true;
  }

  // Does a writer write a byte of a string before another one?
  static bool are_written(std::uint8_t byte, std::uint8_t next) {
    if (byte == 0) return next == 0 || next == 0xFF;
    return byte == 0xFE ? next >= 0xFE : byte != 0xFF;
  }

  // Reads up to the end of a string; false if there is none.
  bool unescape() {
    while (row_.size - at_ >= 2) {
      const std::uint8_t byte = row_.data[at_], next = row_.data[at_ + 1];
      if (!are_written(byte, next)) return false;
      at_ += byte == 0 || byte == 0xFE ? 2 : 1;
      if (byte == 0 && next == 0) return true;
      text_.push_back(byte == 0xFE ? next : byte);
    }
    return false;
  }

  std::vector<ReadColumn>& columns_;
  Slice row_{};
  std::size_t at_ = 0;
  std::vector<std::uint8_t> text_;
};

}  // namespace learnedidx::bindings
