// _core.plan: the bytes of a .lidx file, as pieces to be written one after the other.
#include "bindings.hpp"
#include "column.hpp"
#include "file_object.hpp"
#include "learnedidx/file/plan.hpp"
#include "models.hpp"

namespace learnedidx::bindings {
namespace {

// A sealed plan and all that its sections point into.
struct PlanObject {
  FilePlan plan;
  py::object keys, model, values, runs, filter;  // of strings the model is the plans of their layers
  std::string meta;
  std::shared_ptr<void> tree;  // one that begins at a leaf's border, if the model's own does not
};

// Trees in files begin at the border of a leaf, wherever the keys of the day happened to lie.
template <class K> void plan_any_tree(PlanObject& made, const AnyTree& any) {
  const BTreeView<K>* view = &static_cast<const BTree<K>*>(any.tree.get())->view;
  if (view->frame.phase != 0) {
    auto moved = std::make_shared<BTree<K>>();
    const WindowFrame frame{0, view->frame.last};
    const auto* keys = static_cast<const K*>(any.data);
    run_pass([&](Cancellation cancellation) { return build(*moved, keys, any.n, view->node, frame, cancellation); });
    view = &moved->view;
    made.tree = moved;
  }
  plan_tree(made.plan, *view);
  made.plan.model.tree.node = any.node;
}

void plan_direct(PlanObject& made, Direct& direct) {
  direct.fill_once();
  if (direct.wide.empty()) plan_table(made.plan, direct.narrow.data(), direct.narrow.size(), 4);
  else plan_table(made.plan, direct.wide.data(), direct.wide.size(), 8);
}

template <class K> void plan_model(PlanObject& made, std::uint64_t numbers) {
  const py::handle model = made.model;
  if (py::isinstance<Rmi>(model)) {
    auto& rmi = model.cast<Rmi&>();
    rmi.measure();
    plan_rmi<K>(made.plan, rmi.view, rmi.errors_view);
  } else if (py::isinstance<AnyTree>(model)) {
    plan_any_tree<K>(made, model.cast<const AnyTree&>());
  } else if (py::isinstance<Spline>(model)) {
    auto& spline = model.cast<Spline&>();
    plan_spline(made.plan, spline.spline.view, numbers, static_cast<std::uint64_t>(spline.measure()));
  } else if (py::isinstance<PgmModel>(model)) {
    auto& pgm = model.cast<PgmModel&>();
    pgm.measure();
    plan_pgm(made.plan, pgm.pgm.view, numbers, pgm.errors);
  } else if (py::isinstance<Direct>(model)) {
    plan_direct(made, model.cast<Direct&>());
  }
}

void add_values(PlanObject& made) {
  if (made.values.is_none()) return;
  const auto rows = made.values.cast<py::array>();
  require_plain(rows, "values");
  made.plan.add(kValues, rows.data(), static_cast<std::uint64_t>(rows.nbytes()));
}

// None, or (the words of a filter, is it alone?).
void add_filter(PlanObject& made, const py::object& filter) {
  if (filter.is_none()) return;
  made.filter = filter;
  const auto [words, alone] = filter.cast<std::tuple<py::array, bool>>();
  plan_filter(made.plan, words.data(), static_cast<std::uint64_t>(words.nbytes()), alone);
}

// Of a layer over strings: (places or None, segments).
void add_runs(PlanObject& made, const py::object& runs) {
  if (runs.is_none()) return;
  made.runs = runs;
  const auto [places, segments] = runs.cast<std::tuple<py::object, py::array>>();
  const void* from = places.is_none() ? nullptr : places.cast<py::array>().data();
  plan_runs(made.plan, static_cast<const std::uint32_t*>(from), segments.data(), static_cast<std::uint64_t>(segments.size()));
}

// meaning: (what the keys mean, time unit, its multiple); values: None, or an array of as many rows.
std::shared_ptr<PlanObject> plan(const py::array& keys, std::size_t numbers,
                                 const std::tuple<std::uint8_t, std::uint8_t, std::uint32_t>& meaning,
                                 const std::string& meta, const py::object& model, bool with_keys,
                                 const py::object& values, const py::object& runs, const py::object& filter) {
  require_plain(keys, "keys");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  if (meta.size() > kMostMeta) throw py::value_error("meta: too long");
  auto made = std::make_shared<PlanObject>();
  made->keys = keys;
  made->model = model;
  made->values = values;
  made->meta = meta;
  FilePlan& p = made->plan;
  std::tie(p.header.meaning, p.header.time_unit, p.header.time_multiple) = meaning;
  if (p.header.meaning == static_cast<std::uint8_t>(Meaning::instant)) p.header.minor = kMinor;
  p.add(kMeta, made->meta.data(), made->meta.size());
  const auto n = static_cast<std::uint64_t>(keys.size());
  visit_key_type(kind_of(keys.dtype()), [&](auto tag) {
    using K = decltype(tag);
    plan_keys(p, static_cast<const K*>(keys.data()), n, numbers);
    plan_model<K>(*made, numbers);
  });
  if (with_keys) p.add(kKeys, keys.data(), static_cast<std::uint64_t>(keys.nbytes()));
  add_runs(*made, runs);
  add_values(*made);
  add_filter(*made, filter);
  const void* data = keys.data();
  run_pass([&](Cancellation cancellation) { return seal(p, data, cancellation); });
  return made;
}

// The strings as files have them: with one width, which those of some forms have, or behind offsets that begin at 0.
Column as_stored(const Column& column, StoredStrings& said, std::uint32_t width) {
  const Strings& given = column.strings;
  if (given.layout == Layout::fixed && given.width > 0) {
    said.layout = static_cast<std::uint8_t>(given.trims ? StoredLayout::trimmed : StoredLayout::fixed);
    said.width = static_cast<std::uint32_t>(given.width);
    return column;
  }
  Column made = column;
  const auto starts = UnalignedArray<std::uint64_t>::at(given.starts);
  if (given.layout != Layout::offsets64 || given.n == 0 || starts[0] != 0 || starts[given.n] > given.size)
    made = copy_of(column, nullptr, given.n);
  Strings& strings = made.strings;
  strings.size = static_cast<std::size_t>(UnalignedArray<std::uint64_t>::at(strings.starts)[strings.n]);
  said.width = width;
  if (said.width == 0) return made;
  if (strings.size != strings.n * said.width) throw py::value_error("keys: their widths are not those of their form");
  said.layout = static_cast<std::uint8_t>(StoredLayout::fixed);
  strings.layout = Layout::fixed;
  strings.width = said.width;
  return made;
}

using ColumnInFile = std::tuple<std::uint8_t, std::tuple<std::uint8_t, std::uint8_t, std::uint32_t>>;

// Returns the bytes of a row, or of every other string of the form; 0 if they differ.
std::uint32_t plan_columns(FilePlan& plan, std::uint8_t form, const py::list& columns) {
  if (columns.empty()) return width_of(static_cast<StringForm>(form));
  if (columns.size() > kMostStoredColumns)
    throw py::value_error("keys: " + std::to_string(columns.size()) + " columns; a file holds at most 64, so save fewer");
  for (const py::handle column : columns) {
    const auto [kind, meaning] = column.cast<ColumnInFile>();
    plan.columns.push_back({kind, std::get<0>(meaning), std::get<1>(meaning), 0, std::get<2>(meaning)});
  }
  return width_of(plan.columns);
}

// columns: of rows, what each is; layers: a plan for each.
std::shared_ptr<PlanObject> plan_of_strings(const Column& column, std::uint8_t form, const py::list& columns,
                                            const std::string& meta, const py::list& layers, unsigned spacing_bits, bool with_keys,
                                            const py::object& values, const py::object& filter) {
  if (meta.size() > kMostMeta) throw py::value_error("meta: too long");
  if (layers.size() > kMostStoredLayers) throw py::value_error("layers: too many");
  auto made = std::make_shared<PlanObject>();
  FilePlan& p = made->plan;
  StoredStrings said{form, 0, static_cast<std::uint8_t>(spacing_bits), 0, 0};
  made->model = layers;
  made->values = values;
  made->meta = meta;
  made->keys = py::cast(as_stored(column, said, plan_columns(p, form, columns)));
  if (!can_be(said) || !can_be(said, p.columns)) throw py::value_error("form: not of these keys");
  const Strings& strings = made->keys.cast<const Column&>().strings;
  p.add(kMeta, made->meta.data(), made->meta.size());
  run_pass([&](Cancellation cancellation) { return plan_strings(p, strings, said, cancellation); });
  for (const py::handle layer : layers) plan_layer(p, layer.cast<const PlanObject&>().plan);
  if (with_keys && said.has_offsets()) p.add(kOffsets, strings.starts, (strings.n + 1) * sizeof(std::uint64_t));
  if (with_keys) p.add(kData, strings.data, said.has_offsets() ? strings.size : strings.n * strings.width);
  add_values(*made);
  add_filter(*made, filter);
  run_pass([&](Cancellation cancellation) { return seal(p, cancellation); });
  return made;
}

py::list pieces(const std::shared_ptr<PlanObject>& made) {
  py::list out;
  write_file(made->plan, [&](const void* data, std::size_t bytes) {
    out.append(read_only_view(static_cast<const std::uint8_t*>(data), {static_cast<py::ssize_t>(bytes)}, made));
    return true;
  });
  return out;
}

}  // namespace

void bind_plan(py::module_& core) {
  py::class_<PlanObject, std::shared_ptr<PlanObject>>(core, "Plan")
      .def(py::init(&plan), py::arg("keys"), py::arg("numbers"), py::arg("meaning"), py::arg("meta"), py::arg("model"),
           py::arg("with_keys"), py::arg("values"), py::arg("runs") = py::none(), py::arg("filter") = py::none())
      .def_static("of_strings", &plan_of_strings, py::arg("column"), py::arg("form"), py::arg("columns"), py::arg("meta"),
                  py::arg("layers"), py::arg("spacing_bits"), py::arg("with_keys"), py::arg("values"), py::arg("filter") = py::none())
      .def_property_readonly("pieces", &pieces)
      .def_property_readonly("nbytes", [](const PlanObject& made) { return made.plan.header.file_bytes; });
}

}  // namespace learnedidx::bindings
