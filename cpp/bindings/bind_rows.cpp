// _core.encode_rows: rows of several columns as a column of byte strings.
#include <tuple>
#include <utility>

#include "arrays.hpp"
#include "bindings.hpp"
#include "column.hpp"
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
    return part;
  }
  const auto [array, scale, fits] = given.cast<std::tuple<py::array, py::object, py::object>>();
  part.numbers = batch_of(array, scale);
  if (part.numbers.times != field.times) throw py::type_error("v: not as the keys");
  if (fits.is_none()) return part;
  const auto checked = fits.cast<py::array>();
  require_plain(checked, "fits");
  if (checked.size() != array.size() || checked.itemsize() != 1) throw py::value_error("fits: of another size");
  part.fits = static_cast<const Fit*>(checked.data());
  return part;
}

Column encode_rows(const py::list& fields, const py::list& parts, bool after, const py::object& make) {
  RowBatch batch;
  if (parts.empty() || parts.size() > fields.size()) throw py::value_error("parts: of another number than fields");
  batch.after = after;
  for (std::size_t p = 0; p < fields.size(); ++p) {
    const RowField field = field_of(fields[p]);
    batch.widths += field.width;
    batch.only_numbers &= !field.is_text;
    if (p >= parts.size()) continue;
    batch.parts.push_back(part_of_row(field, parts[p]));
    const std::size_t n = field.is_text ? batch.parts[p].text->strings.n
                                        : static_cast<std::size_t>(parts[p].cast<py::tuple>()[0].cast<py::array>().size());
    if (p > 0 && n != batch.n) throw py::value_error("parts: differ in length");
    batch.n = n;
  }
  Column made;
  bool all_fit = batch.only_numbers && parts.size() == fields.size() && !after;
  if (all_fit) {
    auto own = std::make_shared<Table<std::uint8_t>>(batch.n * batch.widths);
    run_pass([&](Cancellation cancellation) { return encode_numbers(batch, own->data(), all_fit, cancellation); });
    made.strings.layout = Layout::fixed;
    made.strings.n = batch.n;
    made.strings.width = batch.widths;
    made.strings.data = own->data();
    made.strings.size = own->size();
    made.copied = true;
    made.owner = std::move(own);
  }
  if (!all_fit) {
    auto own = std::make_shared<OwnStrings>();
    run_pass([&](Cancellation cancellation) { return RowWriter(batch, *own).write_all(cancellation); });
    made = OwnStrings::column(std::move(own), false);
  }
  made.make = kept(make);
  return made;
}

}  // namespace

void bind_rows(py::module_& core) {
  core.def("encode_rows", &encode_rows, py::arg("fields"), py::arg("parts"), py::arg("after"), py::arg("make"));
}

}  // namespace learnedidx::bindings
