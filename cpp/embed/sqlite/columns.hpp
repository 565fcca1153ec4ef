// The columns of a table beside its key: a row of values as NumPy lays it out becomes values of SQL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "api.hpp"
#include "file.hpp"

namespace learnedidx::sqlite {

// Part of a row of values. Kind is NumPy's letter of a dtype (b, i, u, f, m, M, S, U), or V: bytes as they lie.
struct ValueColumn {
  std::string name;
  char kind = 'V';
  std::size_t offset = 0, width = 0;
};

// The rows of values of a file.
class Values {
 public:
  // Reads what the description of the file says, by SQLite's own JSON. Empty: done. Else what is wrong.
  std::string open(Api sqlite3_api, sqlite3* db, const OpenedFile& file);

  const std::vector<ValueColumn>& columns() const { return columns_; }
  // Asks for what `give_value` reads of a row.
  void prefetch(std::int64_t row) const {
    if (data_ != nullptr) prefetch_near(data_ + static_cast<std::size_t>(row) * row_bytes_);
  }
  void give_value(Api sqlite3_api, sqlite3_context* to, const ValueColumn& column, std::int64_t row) const;

 private:
  bool read(Api sqlite3_api, sqlite3_stmt* fields, std::size_t row_bytes);
  bool add_column(Api sqlite3_api, sqlite3_stmt* field, std::size_t row_bytes);

  std::vector<ValueColumn> columns_;
  const unsigned char* data_ = nullptr;
  std::size_t row_bytes_ = 0;
};

// "integer", "text" and so on: what a table declares of a column, which is its affinity.
const char* declared_type(const ValueColumn& column);

}  // namespace learnedidx::sqlite
