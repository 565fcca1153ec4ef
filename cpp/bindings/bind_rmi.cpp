// _core.Rmi: Python decides the stages, this compiles them and makes the passes over the keys.
#include <pybind11/stl.h>

#include <algorithm>

#include "bindings.hpp"
#include "models.hpp"

namespace learnedidx::bindings {
namespace {

using U64Array = py::array_t<std::uint64_t, py::array::c_style | py::array::forcecast>;

// Of floats as doubles, whatever the keys: the end of a domain need be no number of their format.
template <class K> Coordinate domain_of(const py::object& first, const py::object& last) {
  using End = std::conditional_t<kIsReal<K>, double, K>;
  return coordinate_over(first.cast<End>(), last.cast<End>());
}

// numbers: how many of the keys are numbers; first, last: the domain, in the keys' own format.
std::shared_ptr<Rmi> start(const py::array& keys, std::size_t numbers, const py::object& first,
                           const py::object& last, unsigned root_bits) {
  require_plain(keys, "keys");
  if (root_bits < 1 || root_bits > 24) throw py::value_error("root_bits must be in [1, 24]");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  auto rmi = std::make_shared<Rmi>();
  rmi->kind = kind_of(keys.dtype());
  rmi->keys = keys;
  rmi->data = keys.data();
  rmi->n = numbers;
  rmi->view.root_bits = root_bits;
  rmi->view.position_shift = position_shift_for(numbers);
  visit_key_type(rmi->kind, [&](auto tag) { rmi->view.domain = domain_of<decltype(tag)>(first, last); });
  return rmi;
}

void require_open(const Rmi& rmi) {
  if (rmi.fitted) throw py::value_error("this model is fitted and can no longer be changed");
}

// Calls f(key) -> number for `keys`, which have the format of the training keys.
template <class F> py::array_t<std::uint64_t> of_each(const Rmi& rmi, const py::array& keys, F&& f) {
  require_plain(keys, "keys");
  if (kind_of(keys.dtype()) != rmi.kind) throw py::type_error("keys have another dtype");
  py::array_t<std::uint64_t> out(keys.size());
  std::uint64_t* target = out.mutable_data();
  const void* data = keys.data();
  run_pieces(static_cast<std::size_t>(keys.size()), 1, [&](std::size_t from, std::size_t count) {
    visit_key_type(rmi.kind, [&](auto tag) {
      const auto* in = static_cast<const decltype(tag)*>(data);
      for (std::size_t i = from; i < from + count; ++i) target[i] = f(in[i]);
    });
  });
  return out;
}

py::array_t<std::uint64_t> coordinates(const Rmi& rmi, const py::array& keys) {
  return of_each(rmi, keys, [&](auto key) { return coordinate(key, rmi.view.domain); });
}

void set_root_bits(Rmi& rmi, unsigned root_bits) {
  require_open(rmi);
  if (!rmi.stages.empty()) throw py::value_error("the root has its stage already");
  if (root_bits < 1 || root_bits > 24) throw py::value_error("root_bits must be in [1, 24]");
  rmi.view.root_bits = root_bits;
}

// The point of the last key behind the last stage, or in the root.
std::uint64_t last_point(const Rmi& rmi) {
  if (rmi.n == 0 || rmi.data == nullptr) return 0;
  return visit_key_type(rmi.kind, [&](auto tag) {
    const auto key = static_cast<const decltype(tag)*>(rmi.data)[rmi.n - 1];
    return rmi.stages.empty() ? point_in_root(coordinate(key, rmi.view.domain), rmi.view) : leaf_point(key, rmi.view);
  });
}

// Gives the root bins for each piece of the coordinates alone: rows of first, last, bits of the bins.
void cut_root(Rmi& rmi, const U64Array& rows) {
  require_open(rmi);
  if (!rmi.stages.empty()) throw py::value_error("the root has its stage already");
  if (rows.ndim() != 2 || rows.shape(1) != 3) throw py::value_error("pieces must have three columns");
  RootPieces pieces;
  for (py::ssize_t i = 0; i < rows.shape(0); ++i)
    if (rows.at(i, 2) > 24 || !pieces.add(rows.at(i, 0), rows.at(i, 1), static_cast<unsigned>(rows.at(i, 2))))
      throw py::value_error("pieces must be at most eight, ascend, and have at most 24 bits each");
  rmi.view.pieces = pieces;
}

py::array_t<std::uint64_t> pieces_of(const Rmi& rmi) {
  const RootPieces& pieces = rmi.view.pieces;
  py::array_t<std::uint64_t> rows({static_cast<py::ssize_t>(pieces.count), py::ssize_t{3}});
  for (std::size_t i = 0; i < pieces.count; ++i) {
    const auto row = static_cast<py::ssize_t>(i);
    rows.mutable_at(row, 0) = pieces.low[i];
    rows.mutable_at(row, 1) = pieces.high[i];
    rows.mutable_at(row, 2) = 32 - pieces.down[i];
  }
  return rows;
}

// Adds a stage that leads to `models` models: its knots, in models times 2^32.
void add_stage(Rmi& rmi, const U64Array& knots, std::size_t models) {
  require_open(rmi);
  const std::size_t expected =
      (rmi.stages.empty() ? static_cast<std::size_t>(rmi.view.root_bins()) : rmi.models.back()) + 1;
  if (static_cast<std::size_t>(knots.size()) != expected) throw py::value_error("knots: wrong length");
  if (rmi.stages.size() == kMostStages)
    throw py::value_error("n_leaves: a model has at most 12 stages, with those that lay its keys apart; name fewer");
  if (models < 1 || models > kLow32 - 1) throw py::value_error("models must be in [1, 2**32 - 2]");
  rmi.add_stage({knots.data(), knots.data() + knots.size()}, models);
}

// The first key at or after each of the ascending points: of the root's input (`in_root`, targets
// are bin << 32 | fraction) or of the last stage's output.
py::array_t<std::int64_t> first_at(const Rmi& rmi, const U64Array& targets, bool in_root) {
  require_open(rmi);
  if (!in_root && rmi.stages.empty()) throw py::value_error("no stage was added yet");
  py::array_t<std::int64_t> out(targets.size());
  const std::vector<std::size_t> stages = in_root ? std::vector<std::size_t>{} : rmi.models;
  const std::uint64_t* wanted = targets.data();
  std::int64_t* found = out.mutable_data();
  run_pass([&](Cancellation cancellation) {
    return visit_key_type(rmi.kind, [&](auto tag) {
      return first_at_points(static_cast<const decltype(tag)*>(rmi.data), rmi.n, rmi.view, stages, wanted,
                             static_cast<std::size_t>(targets.size()), found, cancellation);
    });
  });
  return out;
}

void adopt_lines(Rmi& rmi, const py::array_t<float, py::array::c_style>& lines) {
  if (lines.ndim() != 2 || lines.shape(1) != 2 ||
      static_cast<std::size_t>(lines.shape(0)) != rmi.models.back())
    throw py::value_error("lines must have one row of intercept and slope for each leaf");
  rmi.lines.resize(rmi.models.back());
  for (std::size_t l = 0; l < rmi.lines.size(); ++l)
    rmi.lines[l] = made_monotone({lines.data()[2 * l], lines.data()[2 * l + 1]});
  rmi.view.lines = rmi.lines.data();
}

// The passes over all keys: leaf positions, then lines (fitted when `lines` is True, given when it
// is an array).
void fit_leaves(Rmi& rmi, const py::object& lines, const py::object& weights, std::size_t threads) {
  require_open(rmi);
  if (rmi.stages.empty()) throw py::value_error("no stage was added yet");
  const std::size_t n_leaves = rmi.models.back();
  rmi.leaf_positions.assign(n_leaves + 1, 0);
  rmi.view.leaf_positions = rmi.leaf_positions.data();
  py::array_t<double, py::array::c_style | py::array::forcecast> weight_array;
  if (!weights.is_none()) {
    weight_array = weights.cast<decltype(weight_array)>();
    if (static_cast<std::size_t>(weight_array.size()) < rmi.n) throw py::value_error("weights: too short");
  }
  const double* weight = weights.is_none() ? nullptr : weight_array.data();
  const bool fit_them = py::isinstance<py::bool_>(lines) && lines.cast<bool>();
  if (fit_them) rmi.lines.assign(n_leaves, LeafLine{0, 0});
  else if (!py::isinstance<py::bool_>(lines)) adopt_lines(rmi, lines.cast<py::array_t<float, py::array::c_style>>());
  const Kernels& kernels = active_kernels();
  run_pass(threads, [&](const Executor& executor) {
    return visit_key_type(rmi.kind, [&](auto tag) {
      const auto* keys = static_cast<const decltype(tag)*>(rmi.data);
      if (!fit_leaf_positions(keys, rmi.n, rmi.view, kernels, rmi.models, rmi.leaf_positions.data(), executor)) return false;
      return !fit_them || fit_lines(keys, rmi.n, rmi.view, kernels, weight, rmi.lines.data(), executor.cancellation);
    });
  });
  if (fit_them) rmi.view.lines = rmi.lines.data();
  rmi.fitted = true;
}

// Predicted positions of queries of any format that can be compared with the keys.
py::array_t<double> predict(const Rmi& rmi, const py::array& queries, const py::object& scale) {
  if (!rmi.fitted) throw py::value_error("this model is not fitted");
  return predict_each(rmi.kind, queries, scale, [&](auto value, Fit) {
    return static_cast<double>(leaf_position(leaf_point(value, rmi.view), rmi.view));
  });
}

// A copy with other lines; its error bounds are not measured.
std::shared_ptr<Rmi> with_lines(const Rmi& rmi, const py::array_t<float, py::array::c_style>& lines) {
  if (!rmi.fitted) throw py::value_error("this model is not fitted");
  auto copy = std::make_shared<Rmi>();
  copy->kind = rmi.kind;
  copy->n = rmi.n;
  copy->view.domain = rmi.view.domain;
  copy->view.root_bits = rmi.view.root_bits;
  copy->view.pieces = rmi.view.pieces;
  copy->view.position_shift = rmi.view.position_shift;
  for (std::size_t i = 0; i < rmi.models.size(); ++i) {
    const std::uint64_t* knots = rmi.view.stages[i].knots.aligned();
    copy->add_stage({knots, knots + rmi.knots_of(i)}, rmi.models[i]);
  }
  const std::uint32_t* positions = rmi.view.leaf_positions.aligned();
  copy->leaf_positions.assign(positions, positions + rmi.models.back() + 1);
  copy->view.leaf_positions = copy->leaf_positions.data();
  adopt_lines(*copy, lines);
  copy->fitted = rmi.fitted;
  copy->set_errors(GroupErrors(rmi.models.back()));
  return copy;
}

// A fitted model from its arrays, as pickle has them; whatever they hold, it is safe to use.
void restore_leaves(Rmi& rmi, const py::array_t<std::uint32_t, py::array::c_style | py::array::forcecast>& positions,
                    const py::object& lines, std::int64_t over, std::int64_t under) {
  require_open(rmi);
  if (rmi.stages.empty() || static_cast<std::size_t>(positions.size()) != rmi.models.back() + 1)
    throw py::value_error("leaf_positions: wrong length");
  rmi.leaf_positions.assign(positions.data(), positions.data() + positions.size());
  for (std::size_t l = 1; l < rmi.leaf_positions.size(); ++l)
    rmi.leaf_positions[l] = std::max(rmi.leaf_positions[l], rmi.leaf_positions[l - 1]);
  rmi.view.leaf_positions = rmi.leaf_positions.data();
  if (!lines.is_none()) adopt_lines(rmi, lines.cast<py::array_t<float, py::array::c_style>>());
  GroupErrors errors(rmi.models.back());
  errors.groups[0] = {over, under};
  rmi.set_errors(std::move(errors));
  rmi.keys = py::none();
  rmi.data = nullptr;
  rmi.n = 0;  // bound to no keys: an index fits it anew
  rmi.fitted = true;
}

py::list stages(const std::shared_ptr<Rmi>& rmi) {
  py::list out;
  for (std::size_t i = 0; i < rmi->models.size(); ++i)
    out.append(read_only_view(rmi->view.stages[i].knots.aligned(), {static_cast<py::ssize_t>(rmi->knots_of(i))}, rmi));
  return out;
}

py::array leaf_positions(const std::shared_ptr<Rmi>& rmi) {
  const std::uint32_t* positions = rmi->view.leaf_positions.aligned();
  const std::size_t count = positions ? rmi->models.back() + 1 : 0;
  return read_only_view(positions, {static_cast<py::ssize_t>(count)}, rmi);
}

py::object lines(const std::shared_ptr<Rmi>& rmi) {
  if (!rmi->view.lines) return py::none();
  const LeafLine* lines = rmi->view.lines.aligned();
  return read_only_view(&lines->intercept, {static_cast<py::ssize_t>(rmi->models.back()), 2}, rmi);
}

}  // namespace

void Rmi::measure() {
  if (measured) return;
  if (!fitted) throw py::value_error("this model is not fitted");
  GroupErrors found(models.back());
  const Kernels& kernels = active_kernels();
  const py::object alive = keys;  // another thread may finish first
  const void* from = data;
  run_pass([&](Cancellation cancellation) {
    return visit_key_type(kind, [&](auto tag) {
      return fit_errors(static_cast<const decltype(tag)*>(from), n, view, kernels, found, cancellation);
    });
  });
  if (measured) return;  // another thread was faster, and its errors may be in use
  set_errors(std::move(found));
  keys = py::none();
  data = nullptr;
}

void bind_rmi(py::module_& core) {
  py::class_<Rmi, std::shared_ptr<Rmi>>(core, "Rmi")
      .def(py::init(&start), py::arg("keys"), py::arg("numbers"), py::arg("first"), py::arg("last"),
           py::arg("root_bits"))
      .def("coordinates", &coordinates, py::arg("keys"))
      .def("cut_root", &cut_root, py::arg("pieces"))
      .def("add_stage", &add_stage, py::arg("knots"), py::arg("models"))
      .def("first_at", &first_at, py::arg("targets"), py::arg("in_root"))
      .def("fit_leaves", &fit_leaves, py::arg("lines"), py::arg("weights"), py::arg("threads") = 1)
      .def("restore_leaves", &restore_leaves, py::arg("positions"), py::arg("lines"), py::arg("over"),
           py::arg("under"))
      .def("with_lines", &with_lines, py::arg("lines"))
      .def("predict", &predict, py::arg("v"), py::arg("scale"))
      .def_property_readonly("stages", &stages)
      .def_property_readonly("models", [](const Rmi& rmi) { return rmi.models; })
      .def_property_readonly("leaf_positions", &leaf_positions)
      .def_property_readonly("lines", &lines)
      .def("measure", &Rmi::measure)
      .def_property_readonly("over", [](Rmi& rmi) { return rmi.measure(), rmi.errors.largest().over; })
      .def_property_readonly("under", [](Rmi& rmi) { return rmi.measure(), rmi.errors.largest().under; })
      .def_property_readonly("n", [](const Rmi& rmi) { return rmi.n; })
      .def_property_readonly("guarded", [](const Rmi& rmi) { return rmi.view.guarded; })
      .def_property_readonly("pieces", &pieces_of)
      .def_property_readonly("root_bins", [](const Rmi& rmi) { return rmi.view.root_bins(); })
      .def("last_point", &last_point)
      .def_property("root_bits", [](const Rmi& rmi) { return rmi.view.root_bits; }, &set_root_bits)
      .def_property_readonly("position_shift", [](const Rmi& rmi) { return rmi.view.position_shift; })
      .def_property_readonly("nbytes", &Rmi::bytes);
}

}  // namespace learnedidx::bindings
