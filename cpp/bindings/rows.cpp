// A tuple as the byte string of a row.
#include "rows.hpp"

#include <new>

#include "learnedidx/lookup/index.hpp"

namespace learnedidx::bindings {
namespace {

// Its code, and how it fits.
Fit read_code(const RowField& field, const ScalarQuery& query, std::uint64_t& code) {
  return visit_key_type(field.kind, [&](auto tag) {
    Converted<decltype(tag)> c = converted<decltype(tag)>(query);
    code = row_code(c.value, c.fit, field.times);
    return c.fit;
  });
}

// Of all numbers of a whole row.
std::size_t widths_of(const std::vector<RowColumn>& columns) {
  std::size_t widths = 0;
  for (const RowColumn& column : columns) widths += column.field.is_text ? 0 : column.field.width;
  return widths;
}

// Adds the items of a tuple to a row, up to one that is no value of its column; all of them must be plain.
bool read_items(PyObject* v, const std::vector<RowColumn>& columns, std::vector<std::uint8_t>& row, bool& after) {
  bool ended = false;
  for (std::size_t i = 0; i < static_cast<std::size_t>(PyTuple_GET_SIZE(v)); ++i) {
    const RowField& field = columns[i].field;
    ScalarQuery item;
    if (!read_scalar(PyTuple_GET_ITEM(v, static_cast<Py_ssize_t>(i)), columns[i].meaning, item)) return false;
    if (ended) continue;
    if (field.is_text) {
      add_text(row, item.string);
      continue;
    }
    std::uint64_t code = 0;
    const Fit fit = read_code(field, item, code);
    ended = fit != Fit::exact;
    if (ended) after = end_row(row, code, fit, field.width);
    else add_code(row, code, field.width);
  }
  return true;
}

}  // namespace

bool read_row(PyObject* v, const std::vector<RowColumn>& columns, ScalarQuery& query, Beginning beginning) try {
  thread_local std::vector<std::uint8_t> row;
  const std::size_t count = PyTuple_Check(v) ? static_cast<std::size_t>(PyTuple_GET_SIZE(v)) : 0;
  if (count == 0 || count > columns.size() || (count < columns.size() && beginning == Beginning::none)) return false;
  row.clear();
  bool after = beginning == Beginning::after && count < columns.size();
  if (!read_items(v, columns, row, after)) return false;
  if (after) row.insert(row.end(), widths_of(columns) + 1, 0xFF);
  query.form = ScalarQuery::Form::string;
  query.string = slice_of(row.data(), row.size());
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

}  // namespace learnedidx::bindings
