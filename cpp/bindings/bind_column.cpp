// _core.Column: a column of text or byte strings, as a sequence.
#include <cstring>

#include "arrays.hpp"
#include "arrow.hpp"
#include "bindings.hpp"
#include "column.hpp"

namespace learnedidx::bindings {
namespace {

bool is_text(const std::string& kind) {
  if (kind != "str" && kind != "bytes") throw py::value_error("kind: must be 'str' or 'bytes', got '" + kind + "'");
  return kind == "str";
}

// A string as Python has it; None for null.
py::object item_at(const Column& column, std::size_t i) {
  if (column.is_missing(i)) return py::none();
  const Slice string = string_at(column.strings, i);
  const auto* data = reinterpret_cast<const char*>(string.data);
  const auto size = static_cast<Py_ssize_t>(string.size);
  PyObject* item = column.is_text ? PyUnicode_DecodeUTF8(data, size, nullptr) : PyBytes_FromStringAndSize(data, size);
  if (!item) throw py::error_already_set();
  py::object made = py::reinterpret_steal<py::object>(item);
  return column.make ? py::reinterpret_borrow<py::object>(column.make.get())(made) : made;
}

py::list to_list(const Column& column) {
  py::list items(column.strings.n);
  GilPoll poll;
  for (std::size_t i = 0; i < column.strings.n; ++i) {
    if (i % 4096 == 4095 && !poll.may_continue()) throw py::error_already_set();
    PyList_SET_ITEM(items.ptr(), static_cast<Py_ssize_t>(i), item_at(column, i).release().ptr());
  }
  return items;
}

// The strings at positions, in memory of their own.
Column taken(const Column& column, const py::array_t<std::int64_t, py::array::c_style>& positions) {
  return copy_of(column, positions.data(), static_cast<std::size_t>(positions.size()));
}

Column sliced(const Column& column, const py::slice& slice) {
  std::size_t start, stop, step, count;
  if (!slice.compute(column.strings.n, &start, &stop, &step, &count)) throw py::error_already_set();
  if (step == 1) return part_of(column, start, start + count);
  py::array_t<std::int64_t> positions(static_cast<py::ssize_t>(count));
  for (std::size_t i = 0; i < count; ++i) positions.mutable_data()[i] = static_cast<std::int64_t>(start + i * step);
  return taken(column, positions);
}

std::int64_t checked_position(std::int64_t position, const Column& column, std::int64_t lowest) {
  const auto n = static_cast<std::int64_t>(column.strings.n);
  if (position >= lowest && position < n) return position;
  throw py::index_error("index " + std::to_string(position) + " is out of bounds for " + std::to_string(n) + " strings");
}

std::int64_t from_start(std::int64_t position, const Column& column) {
  const auto n = static_cast<std::int64_t>(column.strings.n);
  return checked_position(position, column, -n) < 0 ? position + n : position;
}

// Positions out of an array of integers, negative ones from the end, or of bool, as NumPy indexes with them.
py::array wanted_positions(const Column& column, const py::object& key) {
  const py::module_ numpy = py::module_::import("numpy");
  const py::array array = numpy.attr("asarray")(key);
  const char kind = array.dtype().kind();
  if (array.ndim() != 1 || (array.size() > 0 && std::strchr("iub", kind) == nullptr))
    throw py::index_error("a column takes an int, a slice, or a 1-D array of integers or bool");
  if (kind == 'b') {
    if (static_cast<std::size_t>(array.size()) == column.strings.n) return numpy.attr("flatnonzero")(array);
    throw py::index_error("a mask of " + std::to_string(array.size()) + " for " + std::to_string(column.strings.n) + " strings");
  }
  py::array_t<std::int64_t> positions = numpy.attr("array")(array, "int64");
  std::int64_t* each = positions.mutable_data();
  for (py::ssize_t i = 0; i < positions.size(); ++i) each[i] = from_start(each[i], column);
  return std::move(positions);
}

// The strings at positions; -1 is null.
Column take(const Column& column, const py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>& positions) {
  for (py::ssize_t i = 0; i < positions.size(); ++i) checked_position(positions.data()[i], column, -1);
  return taken(column, positions);
}

py::object get_item(const Column& column, const py::object& key) {
  if (py::isinstance<py::slice>(key)) return py::cast(sliced(column, key));
  if (!PyIndex_Check(key.ptr()) || py::isinstance<py::array>(key)) return py::cast(taken(column, wanted_positions(column, key)));
  const Py_ssize_t position = PyNumber_AsSsize_t(key.ptr(), PyExc_IndexError);
  if (position == -1 && PyErr_Occurred()) throw py::error_already_set();
  return item_at(column, static_cast<std::size_t>(from_start(position, column)));
}

// Bytes of memory that the strings lie in.
std::size_t bytes_of(const Strings& strings) {
  std::size_t bytes = strings.n * strings.width;
  if (strings.layout == Layout::views) {
    bytes = strings.n * 16;
    for (std::size_t b = 0; b < strings.n_buffers; ++b) bytes += strings.buffers[b].size;
  } else if (strings.layout != Layout::fixed && strings.n > 0) {
    const Slice last = string_at(strings, strings.n - 1);
    const auto data = static_cast<std::size_t>(last.data + last.size - string_at(strings, 0).data);
    bytes = (strings.n + 1) * (strings.layout == Layout::offsets32 ? 4 : 8) + data;
  }
  return bytes;
}

// The first string that has not so many bytes, or -1.
std::int64_t first_not_of_width(const Column& column, std::size_t width) {
  const std::size_t n = column.strings.n;
  std::size_t at = 0;
  run_pass([&](Cancellation cancellation) {
    SeldomPoll poll(cancellation);
    return visit_strings(column.strings, [&](const auto& strings) {
      for (; at < n && (column.is_missing(at) || strings[at].size == width); ++at)
        if (!poll.may_continue(1)) return false;
      return true;
    });
  });
  return at < n ? static_cast<std::int64_t>(at) : -1;
}

py::object mask_of(const Column& column) {
  if (!column.missing) return py::none();
  py::array_t<bool> mask(static_cast<py::ssize_t>(column.strings.n));
  std::memcpy(mask.mutable_data(), column.missing.get(), column.strings.n);
  return std::move(mask);
}

py::object or_none(std::optional<Column> column) { return column ? py::cast(std::move(*column)) : py::none(); }

// For NumPy: an array of objects, as no other dtype holds all of them as they are.
py::object to_array(const Column& column, const py::object& dtype, const py::object& copy) {
  if (copy.is(py::cast(false))) throw py::value_error("copy=False, but an array of these strings is a copy; pass copy=None");
  const py::object array = py::module_::import("numpy").attr("array")(to_list(column), "O");
  return dtype.is_none() ? array : array.attr("astype")(dtype);
}

Column with_items(Column column, const py::object& make) {
  if (make.is_none()) column.make.reset();
  else column.make = kept(make);
  return column;
}

// What it does as a sequence.
void bind_items(py::class_<Column, std::shared_ptr<Column>>& column) {
  column
      .def("copy", [](const Column& column) { return copy_of(column, nullptr, column.strings.n); })
      .def("same", &are_same, py::arg("other"))
      .def("with_items", &with_items, py::arg("make"))
      .def("take", &take, py::arg("positions"))
      .def("first_not_of_width", &first_not_of_width, py::arg("width"))
      .def("tolist", &to_list)
      .def("__array__", &to_array, py::arg("dtype") = py::none(), py::arg("copy") = py::none())
      .def("__repr__", [](const Column& column) { return "Column(<" + std::to_string(column.strings.n) + " strings>)"; })
      .def("__getitem__", &get_item)
      .def("__iter__", [](const py::object& self) { return py::reinterpret_steal<py::object>(PySeqIter_New(self.ptr())); })
      .def("__len__", [](const Column& column) { return column.strings.n; });
}

}  // namespace

void bind_column(py::module_& core) {
  py::class_<Column, std::shared_ptr<Column>> column(core, "Column");
  bind_items(column);
  column
      .def_static("of_list", [](const py::object& items, const std::string& name, const std::string& kind) {
        return column_of_list(items, name, is_text(kind));
      }, py::arg("items"), py::arg("name") = "keys", py::arg("kind") = "str")
      .def_static("of_fixed", [](const py::array& array, bool trims, const std::string& kind, const std::string& name, bool copied) {
        Column made = column_of_fixed(array, trims, is_text(kind), name);
        made.copied |= copied;
        return made;
      }, py::arg("array"), py::arg("trims"), py::arg("kind") = "bytes", py::arg("name") = "keys", py::arg("copied") = false)
      .def_static("of_ucs4", &column_of_ucs4, py::arg("array"), py::arg("name") = "keys")
      .def_static("of_arrow", [](const py::capsule& schema, const py::capsule& array, const std::string& name) {
        return or_none(column_of_arrow(schema, array, name));
      }, py::arg("schema"), py::arg("array"), py::arg("name") = "keys")
      .def_static("of_arrow_stream", [](const py::capsule& stream, const std::string& name) {
        return or_none(column_of_stream(stream, name));
      }, py::arg("stream"), py::arg("name") = "keys")
      .def_property_readonly("kind", [](const Column& column) { return column.is_text ? "str" : "bytes"; })
      .def_property_readonly("size", [](const Column& column) { return column.strings.n; })
      .def_property_readonly("shape", [](const Column& column) { return py::make_tuple(column.strings.n); })
      .def_property_readonly("ndim", [](const Column&) { return 1; })
      .def_property_readonly("nbytes", [](const Column& column) { return bytes_of(column.strings); })
      .def_property_readonly("first_null", [](const Column& column) {
        const std::size_t first = column.first_missing();
        return first < column.strings.n ? static_cast<std::int64_t>(first) : -1;
      })
      .def_property_readonly("nulls", &mask_of)
      .def_property_readonly("make", [](const Column& column) {
        return column.make ? py::reinterpret_borrow<py::object>(column.make.get()) : py::none();
      })
      .def_property_readonly("trims", [](const Column& column) { return column.strings.trims; })
      .def_readonly("copied", &Column::copied).def_readonly("chunks", &Column::chunks);
}

}  // namespace learnedidx::bindings
