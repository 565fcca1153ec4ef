// Rows of several columns as byte strings, which memcmp orders as the rows are ordered.
//
// A number takes as many bytes as its key format has, most significant byte first: integers with their sign bit turned,
// floats by the order of their bits (-0.0 is 0.0), times counted from the earliest; NaN and NaT are all ones. A string
// takes its bytes, of which 00 becomes 00 FF, FE becomes FE FE and FF becomes FE FF, and ends with 00 00; so none begins
// with FF, and 0xFF as often as numbers may follow, and once more, stands after all rows that begin alike.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "column.hpp"
#include "learnedidx/keys/queries.hpp"
#include "scalars.hpp"

namespace learnedidx::bindings {

struct RowField {
  bool is_text = true;
  bool times = false;
  bool is_bool = false;
  KeyType kind = KeyType::u8;
  std::size_t width = 0;  // of a number, or of each string; 0 where these differ
};

// The same, and what a scalar must be for it.
struct RowColumn {
  RowField field;
  KeyMeaning meaning;
};

// The columns of what makes rows of a Column's bytes (RowForm in Python); null: it makes something else.
const std::vector<RowColumn>* columns_of(const pybind11::handle& form);
// Reads a tuple whose items are all plain, into memory that the thread's next row takes. False leaves it to Python, without an
// error.
bool read_row(PyObject* v, const std::vector<RowColumn>& columns, ScalarQuery& query, Beginning beginning);

// One column of a batch of rows. Queries of another format than the keys' are converted exactly.
struct RowPart {
  RowField field;
  Queries numbers;
  const Fit* fits = nullptr;  // of numbers that Python converted
  const Column* text = nullptr;
  std::size_t n = 0;
};

struct RowCodes {
  std::uint64_t codes[kQueryBlock];
  Fit fits[kQueryBlock];  // exact, rounded or past
};

constexpr std::uint64_t all_ones(std::size_t width) { return ~std::uint64_t{0} >> (64 - 8 * width); }

template <class K> LIDX_INLINE std::uint64_t row_code(K value, bool times) {
  if constexpr (kIsReal<K>) return key_code(value);
  const std::uint64_t code = bits_of(value) ^ (std::is_signed_v<K> ? std::uint64_t{1} << (8 * sizeof(K) - 1) : 0);
  return code - static_cast<std::uint64_t>(times);  // the value of NaT becomes the last
}

// Its code, and how it fits: exactly, rounded up or past all. What is past all numbers is rounded up to NaN, if there is NaN.
template <class K> LIDX_INLINE std::uint64_t row_code(K value, Fit& fit, bool times) {
  if (fit >= Fit::past && (kIsReal<K> || times)) {
    fit = fit == Fit::nan ? Fit::exact : Fit::rounded;
    return all_ones(sizeof(K));
  }
  if (fit == Fit::nan) fit = Fit::past;
  const bool is_first = fit == Fit::rounded && times && is_missing(value, true);  // below every time
  return is_first ? 0 : row_code(value, times);
}

// Is every number of the block a value of the key format?
template <class K> bool load_codes(const RowPart& part, std::size_t from, std::size_t count, RowCodes& out) {
  QueryBlock<K> block;
  const bool times = part.field.times;
  load_block(part.numbers, from, count, false, block);
  if (part.fits) std::copy_n(part.fits + from, count, block.fits);
  unsigned special = 0;
  for (std::size_t i = 0; i < count; ++i) {
    out.fits[i] = block.fits[i];
    out.codes[i] = row_code(block.values[i], out.fits[i], times);
    special |= static_cast<unsigned>(out.fits[i] != Fit::exact);
  }
  return special == 0;
}

inline bool load_codes(const RowPart& part, std::size_t from, std::size_t count, RowCodes& out) {
  return visit_key_type(part.field.kind, [&](auto tag) { return load_codes<decltype(tag)>(part, from, count, out); });
}

LIDX_INLINE void store_code(std::uint8_t* to, std::uint64_t code, std::size_t width) {
  code = big_endian(code << (64 - 8 * width));
  std::memcpy(to, &code, width);
}

inline void add_code(std::vector<std::uint8_t>& row, std::uint64_t code, std::size_t width) {
  row.resize(row.size() + width);
  store_code(row.data() + row.size() - width, code, width);
}

inline void add_text(std::vector<std::uint8_t>& row, const Slice& text) {
  const std::size_t start = row.size();
  row.resize(start + 2 * text.size + 2);
  std::uint8_t* to = row.data() + start;
  for (std::size_t i = 0; i < text.size; ++i) {
    const std::uint8_t byte = text.data[i];
    *to++ = byte == 0xFF ? 0xFE : byte;
    if (byte >= 0xFE) *to++ = byte;
    else if (byte == 0) *to++ = 0xFF;
  }
  *to++ = 0;
  *to++ = 0;
  row.resize(static_cast<std::size_t>(to - row.data()));
}

// What ends a row early: a number that is no value of the keys' format. Returns whether the row stands after all that begin so.
inline bool end_row(std::vector<std::uint8_t>& row, std::uint64_t code, Fit fit, std::size_t width) {
  const bool after = fit == Fit::past || code > 0;
  if (after && fit == Fit::rounded) add_code(row, code - 1, width);
  return after;
}

// Keys, or queries, which may be of fewer columns.
struct RowBatch {
  std::vector<RowPart> parts;
  std::size_t n = 0;
  std::size_t widths = 0;  // of all numbers of a whole row
  bool only_numbers = true;
  bool is_whole = true;  // of all columns
  bool after = false;  // they stand after all rows that are equal or begin with them, instead of before
};

// Rows of numbers that all fit, one after another; false if some does not, or if it was cancelled.
inline bool encode_numbers(const RowBatch& batch, std::uint8_t* out, bool& all_fit, Cancellation cancellation) {
  SeldomPoll poll(cancellation);
  RowCodes codes;
  for (std::size_t from = 0; from < batch.n; from += kQueryBlock) {
    const std::size_t count = std::min(kQueryBlock, batch.n - from);
    if (!poll.may_continue(count)) return false;
    std::uint8_t* to = out + from * batch.widths;
    for (const RowPart& part : batch.parts) {
      if (!load_codes(part, from, count, codes)) return !(all_fit = false);
      const std::size_t width = part.field.width;
      if (width == 8)
        for (std::size_t i = 0; i < count; ++i) store_code(to + i * batch.widths, codes.codes[i], 8);
      else
        for (std::size_t i = 0; i < count; ++i) store_code(to + i * batch.widths, codes.codes[i], width);
      to += width;
    }
  }
  return true;
}

// Writes one row after another.
class RowWriter {
 public:
  RowWriter(const RowBatch& batch, OwnStrings& own) : batch_(batch), own_(own), codes_(batch.parts.size()) {}

  bool write_all(Cancellation cancellation) {
    SeldomPoll poll(cancellation);
    own_.reserve(batch_.n);
    for (std::size_t from = 0; from < batch_.n; from += kQueryBlock) {
      const std::size_t count = std::min(kQueryBlock, batch_.n - from);
      for (std::size_t p = 0; p < codes_.size(); ++p)
        if (!batch_.parts[p].text) load_codes(batch_.parts[p], from, count, codes_[p]);
      for (std::size_t i = 0; i < count; ++i) {
        if (!poll.may_continue(1 + row_.size() / 64)) return false;
        write(from + i, i);
      }
    }
    return true;
  }

 private:
  void write(std::size_t row, std::size_t i) {
    row_.clear();
    bool after = batch_.after, missing = false;
    for (std::size_t p = 0; p < codes_.size() && !missing; ++p) {
      const RowPart& part = batch_.parts[p];
      if (part.text) {
        missing = part.text->is_missing(row);
        add_text(row_, string_at(part.text->strings, row));
      } else if (codes_[p].fits[i] == Fit::exact) {
        add_code(row_, codes_[p].codes[i], part.field.width);
      } else {  // the row ends here
        after = end_row(row_, codes_[p].codes[i], codes_[p].fits[i], part.field.width);
        break;
      }
    }
    if (missing) return own_.add_missing();
    if (after) row_.insert(row_.end(), batch_.widths + 1, 0xFF);
    own_.add(row_.data(), row_.size());
  }

  const RowBatch& batch_;
  OwnStrings& own_;
  std::vector<RowCodes> codes_;
  std::vector<std::uint8_t> row_;
};

}  // namespace learnedidx::bindings
