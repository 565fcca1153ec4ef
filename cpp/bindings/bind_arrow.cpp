// _core.arrow_array, arrow_stream: the columns of Arrow data of any library, tables among them.
#include <cstring>
#include <string>
#include <vector>

#include "arrow_reader.hpp"
#include "bindings.hpp"

namespace learnedidx::bindings {
namespace {

// The dtype in which NumPy holds what a format says, times as integers; nullptr: it holds no such thing.
const char* dtype_of(const std::string& format) {
  static constexpr const char* plain[][2] = {{"c", "i1"}, {"C", "u1"}, {"s", "i2"}, {"S", "u2"}, {"i", "i4"}, {"I", "u4"}, {"l", "i8"},
                                             {"L", "u8"}, {"e", "f2"}, {"f", "f4"}, {"g", "f8"}, {"b", "?"}, {"tdD", "i4"}, {"tdm", "i8"}};
  for (const auto& [known, dtype] : plain)
    if (format == known) return dtype;
  return format.rfind("ts", 0) == 0 || format.rfind("tD", 0) == 0 ? "i8" : nullptr;
}

py::array bools_of(const ArrayReader& reader) {
  const std::uint8_t* bits = reader.items(1, 0);
  if (!bits && reader.size() > 0) throw py::value_error("the Arrow array lacks its buffer 1; it is damaged, make it anew");
  py::array_t<bool> made(static_cast<py::ssize_t>(reader.size()));
  for (std::size_t i = 0; i < reader.size(); ++i) {
    const std::size_t bit = reader.offset() + i;
    made.mutable_data()[i] = ((bits[bit / 8] >> (bit % 8)) & 1) != 0;
  }
  return std::move(made);
}

// Numbers where they lie, read-only; bits are copied.
py::array numbers_of(const char* dtype, std::shared_ptr<ArrowArray> array, const std::string& name) {
  const ArrayReader reader(*array, 2, name, 0);
  if (const auto missing = reader.missing()) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < reader.size(); ++i) count += missing.get()[i];
    throw py::type_error(name + ": " + std::to_string(count) + " missing values; drop them first, or fill them");
  }
  if (*dtype == '?') return bools_of(reader);
  const py::dtype type(dtype);
  const std::uint8_t* data = reader.items(1, static_cast<std::size_t>(type.itemsize()));
  if (!data) return py::array(type, 0);
  py::capsule keeper(new std::shared_ptr<ArrowArray>(std::move(array)),
                     [](void* p) { delete static_cast<std::shared_ptr<ArrowArray>*>(p); });
  py::array made(type, {static_cast<py::ssize_t>(reader.size())}, {}, data, keeper);
  made.attr("setflags")(py::arg("write") = false);
  return made;
}

// One column, chunk by chunk.
class ColumnReader {
 public:
  ColumnReader(const ArrowSchema& schema, std::string name) : schema_(schema), name_(std::move(name)), text_(text_of(schema)) {
    if (!schema.dictionary && schema.format) dtype_ = dtype_of(schema.format);
  }

  void add(std::shared_ptr<ArrowArray> array) {
    if (text_) {
      strings_.push_back(read_text(schema_, *text_, std::move(array), name_, n_));
      n_ += strings_.back().strings.n;
      if (strings_.back().strings.n == 0) strings_.pop_back();
    } else if (dtype_) {
      numbers_.append(numbers_of(dtype_, std::move(array), name_));
    }
  }

  // (name, format, Column, or a list of arrays, or None).
  py::tuple made() {
    const char* format = schema_.format ? schema_.format : "";
    py::object column = py::none();
    if (text_) column = py::cast(joined(std::move(strings_), text_->is_text));
    else if (dtype_) column = numbers_;
    return py::make_tuple(schema_.name ? schema_.name : "", format, column, dtype_ ? dtype_ : "");
  }

 private:
  const ArrowSchema& schema_;
  std::string name_;
  std::optional<Format> text_;
  const char* dtype_ = nullptr;
  std::vector<Column> strings_;
  py::list numbers_;
  std::size_t n_ = 0;
};

// All columns of a table, or the only one of an array.
class TableReader {
 public:
  TableReader(const ArrowSchema& schema, const std::string& name)
      : name_(name), is_table_(schema.format && std::strcmp(schema.format, "+s") == 0) {
    if (!is_table_) columns_.emplace_back(schema, name);
    if (is_table_ && (schema.n_children < 0 || (schema.n_children > 0 && !schema.children))) refuse("lacks its columns");
    for (std::int64_t i = 0; is_table_ && i < schema.n_children; ++i) {
      if (!schema.children[i]) refuse("lacks its columns");
      const char* field = schema.children[i]->name;
      columns_.emplace_back(*schema.children[i], name + "['" + (field ? field : "") + "']");
    }
  }

  void add(const std::shared_ptr<ArrowArray>& array) {
    if (!is_table_) return columns_[0].add(array);
    const ArrayReader rows(*array, 1, name_, 0);
    if (rows.missing()) throw py::type_error(name_ + ": has missing rows; drop them first");
    if (array->n_children != static_cast<std::int64_t>(columns_.size()) || (!columns_.empty() && !array->children))
      refuse("has other columns than its schema says");
    for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].add(child(array, i));
  }

  // Whether it is a table, and its columns.
  py::tuple made() {
    py::list made;
    for (ColumnReader& column : columns_) made.append(column.made());
    return py::make_tuple(is_table_, made);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw py::value_error(name_ + ": the Arrow table " + what + "; it is damaged, make it anew");
  }

  // A column as an array of its own, which keeps the table: the rows that the table shows.
  std::shared_ptr<ArrowArray> child(const std::shared_ptr<ArrowArray>& table, std::size_t i) const {
    const ArrowArray* column = table->children[i];
    if (!column || column->offset < 0 || column->length < table->offset + table->length) refuse("has columns shorter than itself");
    auto held = std::make_shared<std::pair<std::shared_ptr<ArrowArray>, ArrowArray>>(table, *column);
    held->second.offset = column->offset > INT64_MAX - table->offset ? INT64_MAX : column->offset + table->offset;
    held->second.length = table->length;
    held->second.null_count = -1;
    return {held, &held->second};
  }

  std::string name_;
  bool is_table_;
  std::vector<ColumnReader> columns_;
};

py::tuple of_array(const py::capsule& schema, const py::capsule& array, const std::string& name) {
  TableReader reader(in_capsule<ArrowSchema>(schema, "arrow_schema", name), name);
  reader.add(taken(in_capsule<ArrowArray>(array, "arrow_array", name)));
  return reader.made();
}

py::tuple of_stream(const py::capsule& capsule, const std::string& name) {
  auto& stream = in_capsule<ArrowArrayStream>(capsule, "arrow_array_stream", name);
  StreamEnd end{stream};
  end.read_schema(name);
  TableReader reader(end.schema, name);
  while (const auto next = end.next(name)) reader.add(next);
  return reader.made();
}

}  // namespace

void bind_arrow(py::module_& core) {
  core.def("arrow_array", &of_array, py::arg("schema"), py::arg("array"), py::arg("name") = "keys");
  core.def("arrow_stream", &of_stream, py::arg("stream"), py::arg("name") = "keys");
}

}  // namespace learnedidx::bindings
