// _core.Layers over a column of strings, and the index that looks up in them.
#include <cstring>

#include "arrays.hpp"
#include "bindings.hpp"
#include "column.hpp"
#include "index_object.hpp"
#include "learnedidx/text/build.hpp"
#include "learnedidx/text/hash_table.hpp"
#include "learnedidx/text/index.hpp"
#include "rows.hpp"

namespace learnedidx::bindings {
namespace {

// Owns the layers, or borrows them from arrays that may hold anything.
struct StringLayers : std::enable_shared_from_this<StringLayers> {
  py::object column;
  std::vector<std::unique_ptr<Layer>> own;
  py::list arrays;   // borrowed ones
  py::list indexes;  // over the columns of the layers, whose engines the view borrows
  HashTable table;
  LayersView view;

  std::size_t bytes() const {
    std::size_t total = table.bytes();
    for (const LayerView& layer : view.layers)
      total += layer.engine.n * (8 + (layer.places ? 4 : 0)) + layer.n_segments * sizeof(Segment);
    return total;
  }
};
using Shared = std::shared_ptr<StringLayers>;

void use_spacing(StringLayers& layers, unsigned spacing_bits) {
  if (spacing_bits > kMostSpacing) throw py::value_error("spacing_bits: at most 6");
  layers.view.spacing_bits = spacing_bits;
}

Shared build_over(const py::object& column, unsigned spacing_bits) {
  auto made = std::make_shared<StringLayers>();
  made->column = column;
  const Strings& keys = column.cast<const Column&>().strings;
  if (keys.n > kMostStrings) throw py::value_error("keys: " + std::to_string(keys.n) + " strings; an index holds at most 2147483647");
  use_spacing(*made, spacing_bits);
  run_pass([&](Cancellation cancellation) { return build_layers(keys, spacing_bits, made->own, cancellation); });
  made->view.keys = keys;
  for (const auto& layer : made->own) made->view.layers.push_back(layer->view());
  return made;
}

template <class T> const T* items_of(const py::handle& array, std::size_t& n) {
  const auto checked = py::cast<py::array>(array);
  require_plain(checked, "layers");
  if (checked.itemsize() != sizeof(T)) throw py::value_error("layers: an array of another width");
  n = static_cast<std::size_t>(checked.size());
  return static_cast<const T*>(checked.data());
}

// Layers whose arrays lie in a file: (segment_bits, column, places or None, segments) each.
Shared borrow(const py::object& column, const py::list& arrays, unsigned spacing_bits) {
  auto made = std::make_shared<StringLayers>();
  use_spacing(*made, spacing_bits);
  made->column = column;
  made->arrays = arrays;
  made->view.keys = column.cast<const Column&>().strings;
  made->view.guarded = true;
  if (made->view.keys.n > kMostStrings || arrays.empty() != (made->view.keys.n == 0) || arrays.size() > kMostLayers)
    throw py::value_error("layers: not of these keys");
  for (const py::handle parts : arrays) {
    const auto [bits, entries, places, segments] = parts.cast<std::tuple<unsigned, py::object, py::object, py::object>>();
    LayerView layer;
    std::size_t n_places = 0;
    layer.segment_bits = bits;
    layer.engine.keys = items_of<std::uint64_t>(entries, layer.engine.n);
    layer.engine.frame = frame_of(layer.engine.keys, layer.engine.n);
    layer.segments = items_of<Segment>(segments, layer.n_segments);
    if (!places.is_none()) layer.places = items_of<std::uint32_t>(places, n_places);
    if (bits > 32 || layer.n_segments == 0 || layer.engine.n == 0 || (layer.places && n_places != layer.engine.n))
      throw py::value_error("layers: their sizes do not agree");
    made->view.layers.push_back(layer);
  }
  return made;
}

template <class T> py::array borrowed(const Shared& layers, const T* items, std::size_t n) {
  return read_only_view(items, {static_cast<py::ssize_t>(n)}, layers);
}

// What borrow() takes. Segments are items of 32 bytes.
py::list arrays_of(const Shared& layers) {
  py::list all;
  for (const LayerView& layer : layers->view.layers) {
    py::object places = py::none();
    if (layer.places) places = borrowed(layers, layer.places, layer.engine.n);
    const auto bytes = borrowed(layers, reinterpret_cast<const std::uint8_t*>(layer.segments), layer.n_segments * sizeof(Segment));
    all.append(py::make_tuple(layer.segment_bits, borrowed(layers, layer.engine.keys, layer.engine.n), places,
                              bytes.attr("view")("V" + std::to_string(sizeof(Segment)))));
  }
  return all;
}

// Each layer is searched as the index over its column is.
void use(StringLayers& layers, const py::list& indexes) {
  if (indexes.size() != layers.view.layers.size()) throw py::value_error("indexes: one for each layer");
  for (std::size_t l = 0; l < layers.view.layers.size(); ++l) {
    const IndexObject& object = index_object(indexes[l]);
    const auto* index = dynamic_cast<const TypedIndex<std::uint64_t>*>(object.index);
    LayerView& layer = layers.view.layers[l];
    if (!index || index->engine().keys != layer.engine.keys || index->engine().n != layer.engine.n)
      throw py::value_error("indexes: not over the column of their layer");
    layer.engine = index->engine();
  }
  layers.indexes = indexes;
}

// Makes the hash table, once, before an index is bound to the layers.
void add_table(StringLayers& layers) {
  if (layers.view.table) throw py::value_error("layers: have a hash table");
  const Strings& keys = layers.view.keys;
  run_pass([&](Cancellation cancellation) {
    return visit_strings(keys, [&](const auto& column) { return layers.table.build(column, keys.n, cancellation); });
  });
  layers.view.table = &layers.table;
}

// Fills a fresh index. name: of what its items are.
void bind_strings_to(const py::object& self, const py::object& layers, const std::string& name) {
  IndexObject* object = &any_index_object(self);
  if (object->index) throw py::value_error("an index is built once: make a new one");
  auto& made = layers.cast<StringLayers&>();
  const Column& column = made.column.cast<const Column&>();
  const py::handle make = column.make.get();
  const std::vector<RowColumn>* rows = make ? columns_of(make) : nullptr;
  object->index = new StringIndex(made.view, active_kernels());
  object->meaning.family = column.make ? KeyMeaning::Family::made : column.is_text ? KeyMeaning::Family::text : KeyMeaning::Family::bytes;
  if (rows) object->meaning.family = KeyMeaning::Family::rows, object->meaning.rows = rows;  // the column keeps them
  if (object->meaning.family == KeyMeaning::Family::made) object->meaning.objects = objects_of(name);
  object->length = static_cast<py::ssize_t>(made.view.keys.n);
  object->keys = py::object(made.column).release().ptr();
  object->model = py::object(layers).release().ptr();
}

// (-1 or the first key that is below the one before it, fingerprint of all keys).
py::tuple check_strings(const Column& column) {
  std::size_t bad = 0;
  std::uint64_t fingerprint = 0;
  run_pass([&](Cancellation cancellation) { return check_order(column.strings, bad, fingerprint, cancellation); });
  return py::make_tuple(bad < column.strings.n ? static_cast<std::int64_t>(bad) : -1, fingerprint);
}

// Of each string the first one above all that begin with it, as bytes; null where there is none.
Column above_prefixes(const Column& prefixes) {
  auto own = std::make_shared<OwnStrings>();
  own->reserve(prefixes.strings.n);
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < prefixes.strings.n; ++i) {
    const Slice prefix = string_at(prefixes.strings, i);
    bytes.assign(prefix.data, prefix.data + prefix.size);
    while (!bytes.empty() && bytes.back() == 0xFF) bytes.pop_back();
    if (bytes.empty()) {
      own->add_missing();
      continue;
    }
    ++bytes.back();
    own->add(bytes.data(), bytes.size());
  }
  return OwnStrings::column(std::move(own), false);
}

}  // namespace

void bind_strings(py::module_& core) {
  py::class_<StringLayers, Shared>(core, "Layers")
      .def(py::init(&build_over), py::arg("column"), py::arg("spacing_bits") = 0)
      .def_static("borrow", &borrow, py::arg("column"), py::arg("arrays"), py::arg("spacing_bits") = 0)
      .def_property_readonly("spacing_bits", [](const StringLayers& self) { return self.view.spacing_bits; })
      .def_property_readonly("arrays", [](const py::object& self) { return arrays_of(self.cast<Shared>()); })
      .def_property_readonly("nbytes", &StringLayers::bytes)
      .def("use", &use, py::arg("indexes"))
      .def("add_table", &add_table)
      .def_property_readonly("has_table", [](const StringLayers& self) { return self.view.table != nullptr; });
  core.def("bind_strings", &bind_strings_to, py::arg("index"), py::arg("layers"), py::arg("name"));
  core.def("check_strings", &check_strings, py::arg("column"));
  core.def("above_prefixes", &above_prefixes, py::arg("prefixes"));
}

}  // namespace learnedidx::bindings
