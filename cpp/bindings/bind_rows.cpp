// _core.encode_rows: rows of several columns as a column of byte strings.
#include <new>
#include <optional>
#include <tuple>
#include <utility>

#include "arrays.hpp"
#include "bindings.hpp"
#include "column.hpp"
#include "learnedidx/lookup/index.hpp"
#include "rows.hpp"

namespace learnedidx::bindings {
namespace {

RowField field_of(const py::handle& field) {
  if (field.is_none()) return {};
  const auto dtype = field.cast<py::dtype>();
  const char letter = dtype.kind();
  return {false, letter == 'M' || letter == 'm', kind_of(dtype), static_cast<std::size_t>(dtype.itemsize())};
}

// A Column, or (array, its scale, fits of what Python converted or None).
RowPart part_of_row(const RowField& field, const py::handle& given) {
  RowPart part;
  part.field = field;
  if (field.is_text) {
    part.text = &given.cast<const Column&>();
    part.n = part.text->strings.n;
    return part;
  }
  const auto [array, scale, fits] = given.cast<std::tuple<py::array, py::object, py::object>>();
  part.numbers = batch_of(array, scale);
  part.n = static_cast<std::size_t>(array.size());
  if (part.numbers.times != field.times) throw py::type_error("v: not as the keys");
  if (fits.is_none()) return part;
  const auto checked = fits.cast<py::array>();
  require_plain(checked, "fits");
  if (checked.size() != array.size() || checked.itemsize() != 1) throw py::value_error("fits: of another size");
  part.fits = static_cast<const Fit*>(checked.data());
  return part;
}

RowBatch batch_of_rows(const py::list& fields, const py::list& parts, bool after) {
  RowBatch batch;
  if (parts.empty() || parts.size() > fields.size()) throw py::value_error("parts: of another number than fields");
  batch.after = after;
  for (std::size_t p = 0; p < fields.size(); ++p) {
    const RowField field = field_of(fields[p]);
    batch.widths += field.width;
    batch.only_numbers &= !field.is_text;
    if (p >= parts.size()) continue;
    batch.parts.push_back(part_of_row(field, parts[p]));
    const std::size_t n = batch.parts[p].n;
    if (p > 0 && n != batch.n) throw py::value_error("parts: differ in length");
    batch.n = n;
  }
  return batch;
}

// Rows of one width, of numbers that all fit; none if one does not.
std::optional<Column> column_of_numbers(const RowBatch& batch) {
  auto own = std::make_shared<Table<std::uint8_t>>(batch.n * batch.widths);
  bool all_fit = true;
  run_pass([&](Cancellation cancellation) { return encode_numbers(batch, own->data(), all_fit, cancellation); });
  if (!all_fit) return {};
  Column made;
  made.strings.layout = Layout::fixed;
  made.strings.n = batch.n;
  made.strings.width = batch.widths;
  made.strings.data = own->data();
  made.strings.size = own->size();
  made.copied = true;
  made.owner = std::move(own);
  return made;
}

Column encode_rows(const py::list& fields, const py::list& parts, bool after, const py::object& make) {
  const RowBatch batch = batch_of_rows(fields, parts, after);
  std::optional<Column> made;
  if (batch.only_numbers && parts.size() == fields.size() && !after) made = column_of_numbers(batch);
  if (!made) {
    auto own = std::make_shared<OwnStrings>();
    run_pass([&](Cancellation cancellation) { return RowWriter(batch, *own).write_all(cancellation); });
    made = OwnStrings::column(std::move(own), false);
  }
  made->make = kept(make);
  return *std::move(made);
}

// False: the query is no value of the keys' format.
bool read_code(const RowField& field, const ScalarQuery& query, std::uint64_t& code) {
  return visit_key_type(field.kind, [&](auto tag) {
    Converted<decltype(tag)> c = converted<decltype(tag)>(query);
    code = row_code(c.value, c.fit, field.times);
    return c.fit == Fit::exact;
  });
}

KeyMeaning meaning_of_text(const py::handle& form) {
  using Family = KeyMeaning::Family;
  KeyMeaning meaning;
  const bool is_text = form.attr("kind").cast<std::string>() == "str";
  meaning.family = !form.attr("make").is_none() ? Family::made : is_text ? Family::text : Family::bytes;
  return meaning;
}

}  // namespace

std::vector<RowColumn> columns_of(const py::handle& form) {
  std::vector<RowColumn> columns;
  for (const py::handle field : form.attr("fields")) {
    const py::object dtype = field.attr("core");
    if (dtype.is_none()) columns.push_back({{}, meaning_of_text(field.attr("dtype"))});
    else columns.push_back({field_of(dtype), meaning_of(py::array(dtype.cast<py::dtype>(), 0).ptr())});
  }
  return columns;
}

bool read_row(PyObject* v, const std::vector<RowColumn>& columns, ScalarQuery& query) try {
  thread_local std::vector<std::uint8_t> row;
  if (!PyTuple_Check(v) || static_cast<std::size_t>(PyTuple_GET_SIZE(v)) != columns.size()) return false;
  row.clear();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const RowField& field = columns[i].field;
    ScalarQuery item;
    std::uint64_t code = 0;
    if (!read_scalar(PyTuple_GET_ITEM(v, static_cast<Py_ssize_t>(i)), columns[i].meaning, item)) return false;
    if (field.is_text) add_text(row, item.string);
    else if (!read_code(field, item, code)) return false;
    else add_code(row, code, field.width);
  }
  query.form = ScalarQuery::Form::string;
  query.string = slice_of(row.data(), row.size());
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

void bind_rows(py::module_& core) {
  core.def("encode_rows", &encode_rows, py::arg("fields"), py::arg("parts"), py::arg("after"), py::arg("make"));
}

}  // namespace learnedidx::bindings
