// _core.File: a .lidx file that is open.
#include "bindings.hpp"
#include "column.hpp"
#include "file_object.hpp"
#include "models.hpp"

namespace learnedidx::bindings {

namespace {

using SharedFile = std::shared_ptr<FileObject>;

py::dict header(const FileObject& file) {
  const OpenedFile& opened = file.opened();
  const FileHeader& h = opened.header;
  const StoredStrings& said = opened.strings;
  py::dict fields;
  fields["version"] = py::make_tuple(h.major, h.minor);
  fields["kind"] = h.kind;
  fields["meaning"] = py::make_tuple(h.meaning, h.time_unit, h.time_multiple);
  fields["model"] = h.model;
  fields["n"] = h.n;
  fields["numbers"] = h.numbers;
  fields["first"] = h.first;
  fields["last"] = h.last;
  fields["keys_crc"] = h.keys_crc;
  fields["sample_crc"] = h.sample_crc;
  fields["header_crc"] = h.header_crc;
  fields["file_bytes"] = h.file_bytes;
  fields["has_keys"] = opened.keys != nullptr;
  fields["has_values"] = opened.values != nullptr;
  fields["strings"] = py::none();
  if (opened.holds_strings) fields["strings"] = py::make_tuple(said.form, said.layout, said.width, said.spacing_bits);
  py::list columns;
  for (const StoredColumn& c : opened.columns)
    columns.append(py::make_tuple(c.kind, py::make_tuple(c.meaning, c.time_unit, c.time_multiple)));
  fields["columns"] = columns;
  fields["is_layer"] = is_layer(opened);
  fields["is_filter"] = opened.is_filter;
  return fields;
}

// Sections as (type, offset, bytes).
py::list sections(const FileObject& file) {
  py::list out;
  for (const SectionEntry& entry : file.opened().sections)
    out.append(py::make_tuple(py::bytes(entry.type, sizeof entry.type), entry.offset, entry.bytes));
  return out;
}

// The bytes of the first section of a type, read-only; empty if there is none.
py::array section(const SharedFile& file, const std::string& type) {
  const OpenedFile& opened = file->opened();
  const SectionEntry* entry = type.size() == 4 ? opened.find(type.data()) : nullptr;
  const unsigned char* from = opened.data + (entry ? entry->offset : 0);
  return read_only_view(from, {static_cast<py::ssize_t>(entry ? entry->bytes : 0)}, file);
}

// The strings in the file, where they lie; None if it does not hold them. checked: text must be UTF-8.
py::object column_of(const SharedFile& file, bool checked) {
  const OpenedFile& opened = file->opened();
  if (!opened.string_data) return py::none();
  Column column;
  column.strings = strings_of(opened);
  column.is_text = opened.strings.form == 0;
  column.owner = kept(py::cast(file));
  if (checked) require_utf8(column, "keys");
  return py::cast(std::move(column));
}

py::object rmi_of(const SharedFile& file) {
  const OpenedFile& opened = file->opened();
  auto rmi = std::make_shared<Rmi>();
  rmi->kind = opened.kind();
  rmi->n = opened.numbers();
  rmi->view = opened.rmi;
  for (const RmiStage& stage : opened.rmi.stages) rmi->models.push_back(static_cast<std::size_t>(models_before(stage.top)));
  GroupErrors errors(rmi->models.back());
  for (std::size_t i = 0; i < errors.groups.size(); ++i)
    errors.groups[i] = opened.errors.of_leaf(std::uint64_t{i} << errors.shift);
  rmi->set_errors(std::move(errors));
  rmi->fitted = true;
  rmi->file = py::cast(file);
  return py::cast(rmi);
}

py::object tree_object(const SharedFile& file, const void* keys) {
  const OpenedFile& opened = file->opened();
  auto any = std::make_shared<AnyTree>();
  any->kind = opened.kind();
  any->n = opened.numbers();
  any->node = opened.node;
  any->data = keys;
  visit_key_type(any->kind, [&](auto tag) {
    using K = decltype(tag);
    auto tree = std::make_shared<BTree<K>>();
    if (any->n >= kWindowKeys<K>) tree->view = tree_of<K>(opened);
    any->tree_bytes = tree->view.size * sizeof(K);
    any->tree = tree;
  });
  any->file = py::cast(file);
  return py::cast(any);
}

py::object spline_of(const SharedFile& file, const void* keys) {
  const OpenedFile& opened = file->opened();
  auto spline = std::make_shared<Spline>();
  spline->kind = opened.kind();
  spline->n = opened.numbers();
  spline->data = keys;
  spline->spline.view = opened.spline;
  spline->max_error = opened.spline_error;
  spline->file = py::cast(file);
  return py::cast(spline);
}

py::object pgm_of(const SharedFile& file, const void* keys) {
  const OpenedFile& opened = file->opened();
  auto pgm = std::make_shared<PgmModel>();
  pgm->kind = opened.kind();
  pgm->n = opened.numbers();
  pgm->data = keys;
  pgm->pgm.view = opened.pgm;
  pgm->errors = opened.pgm_errors;
  pgm->measured = true;
  pgm->file = py::cast(file);
  return py::cast(pgm);
}

// Over keys the table is filled by the first lookup, since nothing would prove what the file says.
py::object direct_of(const SharedFile& file, const void* keys) {
  const OpenedFile& opened = file->opened();
  auto direct = std::make_shared<Direct>();
  direct->kind = opened.kind();
  direct->n = opened.numbers();
  direct->data = keys;
  direct->waits = keys != nullptr;
  visit_key_type(direct->kind, [&](auto tag) {
    using K = decltype(tag);
    if constexpr (kIsNarrow<K>) {
      if (direct->n >> 32) direct->wide.assign(kSlots<K>, 0);
      else direct->narrow.assign(kSlots<K>, 0);
    }
  });
  if (!keys) direct->adopt(opened.array);
  direct->file = py::cast(file);
  return py::cast(direct);
}

// The model as lookups use it, over the keys whose array is given; None: no keys, or no model.
py::object model_of(const SharedFile& file, const py::object& keys) {
  const void* data = keys.is_none() ? nullptr : keys.cast<py::array>().data();
  switch (file->opened().model()) {
    case StoredModel::none: return py::none();
    case StoredModel::rmi: return rmi_of(file);
    case StoredModel::btree: return tree_object(file, data);
    case StoredModel::radix_spline: return spline_of(file, data);
    case StoredModel::pgm: return pgm_of(file, data);
    case StoredModel::direct: break;
  }
  return direct_of(file, data);
}

}  // namespace

void bind_file(py::module_& core) {
  core.add_object("FormatError", py::reinterpret_steal<py::object>(make_format_error()));
  py::class_<FileObject, SharedFile>(core, "File")
      .def(py::init<const py::object&, std::string>(), py::arg("buffer"), py::arg("name"))
      .def_property_readonly("header", &header)
      .def_property_readonly("sections", &sections)
      .def("section", &section, py::arg("type"))
      .def_property_readonly("raw", [](const SharedFile& file) {
        const OpenedFile& opened = file->opened();
        return read_only_view(opened.data, {static_cast<py::ssize_t>(opened.header.file_bytes)}, file);
      })
      .def("model", &model_of, py::arg("keys"))
      .def("column", &column_of, py::arg("checked") = false)
      .def("verify", &FileObject::verify, py::arg("all"))
      .def("verify_section", &FileObject::verify_section, py::arg("type"));
}

}  // namespace learnedidx::bindings
