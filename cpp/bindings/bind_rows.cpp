// _core.RowCoder: rows of several columns as a column of byte strings, and back.
#include <optional>
#include <tuple>
#include <utility>

#include "arrays.hpp"
#include "bindings.hpp"
#include "column.hpp"
#include "row_reader.hpp"
#include "rows.hpp"

namespace learnedidx::bindings {
namespace {

// The columns of rows; None in the place of a dtype: strings. RowForm in Python derives from it, so that it is what makes
// rows of the bytes of a Column, and is kept by that.
struct RowCoder {
  std::vector<RowColumn> columns;
  std::vector<py::object> dtypes;
};

RowColumn column_of_numbers(const py::dtype& dtype) {
  const char letter = dtype.kind();
  const RowField field{false, letter == 'M' || letter == 'm', letter == 'b', kind_of(dtype), static_cast<std::size_t>(dtype.itemsize())};
  return {field, meaning_of(py::array(dtype, 0).ptr())};
}

RowColumn column_of_strings(const py::handle& form) {
  using Family = KeyMeaning::Family;
  RowColumn column;
  const bool is_text = form.attr("kind").cast<std::string>() == "str";
  column.meaning.family = !form.attr("make").is_none() ? Family::made : is_text ? Family::text : Family::bytes;
  if (column.meaning.family == Family::made) column.meaning.objects = objects_of(form.attr("name").cast<std::string>());
  column.field.width = form.attr("width").cast<std::size_t>();
  return column;
}

// fields: each with its `core`, a dtype or None, `dtype`, the form of strings, and `aware`.
RowCoder coder_of(const py::iterable& fields) {
  RowCoder coder;
  for (const py::handle field : fields) {
    coder.dtypes.push_back(field.attr("core"));
    const py::object& dtype = coder.dtypes.back();
    coder.columns.push_back(dtype.is_none() ? column_of_strings(field.attr("dtype")) : column_of_numbers(dtype.cast<py::dtype>()));
    coder.columns.back().meaning.aware = field.attr("aware").cast<bool>();
  }
  return coder;
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

RowBatch batch_of_rows(const std::vector<RowColumn>& columns, const py::list& parts, bool after) {
  RowBatch batch;
  if (parts.empty() || parts.size() > columns.size()) throw py::value_error("parts: of another number than fields");
  batch.after = after;
  for (std::size_t p = 0; p < columns.size(); ++p) {
    const RowField& field = columns[p].field;
    batch.widths += field.is_text ? 0 : field.width;
    batch.only_numbers &= !field.is_text;
    if (!(batch.is_whole = p < parts.size())) continue;
    batch.parts.push_back(part_of_row(field, parts[p]));
    const std::size_t n = batch.parts[p].n;
    if (p > 0 && n != batch.n) throw py::value_error("parts: differ in length");
    batch.n = n;
  }
  return batch;
}

// Rows of one width, of numbers that all fit; none if one does not.
std::optional<Column> encoded_numbers(const RowBatch& batch) {
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

Column encode(const py::object& self, const py::list& parts, bool after) {
  const RowBatch batch = batch_of_rows(self.cast<const RowCoder&>().columns, parts, after);
  std::optional<Column> made;
  if (batch.only_numbers && batch.is_whole && !after) made = encoded_numbers(batch);
  if (!made) {
    auto own = std::make_shared<OwnStrings>();
    run_pass([&](Cancellation cancellation) { return RowWriter(batch, *own).write_all(cancellation); });
    made = OwnStrings::column(std::move(own), false);
  }
  made->make = kept(self);
  return *std::move(made);
}

// (its columns, arrays and Columns, and -1), or (None, the first row that is none).
py::tuple decode(const RowCoder& coder, const Column& rows) {
  std::vector<ReadColumn> columns;
  py::list made;
  for (std::size_t c = 0; c < coder.columns.size(); ++c) {
    const RowColumn& column = coder.columns[c];
    columns.push_back({column.field, column.meaning.family == KeyMeaning::Family::text, nullptr, nullptr});
    if (column.field.is_text) {
      columns[c].strings = std::make_shared<OwnStrings>();
      made.append(py::none());
      continue;
    }
    py::array numbers(coder.dtypes[c].cast<py::dtype>(), static_cast<py::ssize_t>(rows.strings.n));
    columns[c].numbers = numbers.mutable_data();
    made.append(std::move(numbers));
  }
  std::size_t bad = 0;
  run_pass([&](Cancellation cancellation) { return RowReader(columns).read_all(rows.strings, bad, cancellation); });
  if (bad < rows.strings.n) return py::make_tuple(py::none(), bad);
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (columns[c].strings) made[c] = OwnStrings::column(std::move(columns[c].strings), columns[c].is_text);
  return py::make_tuple(made, -1);
}

}  // namespace

const std::vector<RowColumn>* columns_of(const py::handle& form) {
  return py::isinstance<RowCoder>(form) ? &form.cast<const RowCoder&>().columns : nullptr;
}

void bind_rows(py::module_& core) {
  py::class_<RowCoder>(core, "RowCoder")
      .def(py::init(&coder_of), py::arg("fields"))
      .def("encode", &encode, py::arg("parts"), py::arg("after"))
      .def("decode", &decode, py::arg("rows"));
}

}  // namespace learnedidx::bindings
