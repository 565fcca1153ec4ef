// _core.plan: the bytes of a .lidx file, as pieces to be written one after the other.
#include "bindings.hpp"
#include "file_object.hpp"
#include "learnedidx/file/plan.hpp"
#include "models.hpp"

namespace learnedidx::bindings {
namespace {

// A sealed plan and all that its sections point into.
struct PlanObject {
  FilePlan plan;
  py::object keys, model, values;
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

// meaning: (what the keys mean, time unit, its multiple); values: None, or an array of as many rows.
std::shared_ptr<PlanObject> plan(const py::array& keys, std::size_t numbers,
                                 const std::tuple<std::uint8_t, std::uint8_t, std::uint32_t>& meaning,
                                 const std::string& meta, const py::object& model, bool with_keys,
                                 const py::object& values) {
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
  p.add(kMeta, made->meta.data(), made->meta.size());
  const auto n = static_cast<std::uint64_t>(keys.size());
  visit_key_type(kind_of(keys.dtype()), [&](auto tag) {
    using K = decltype(tag);
    plan_keys(p, static_cast<const K*>(keys.data()), n, numbers);
    plan_model<K>(*made, numbers);
  });
  if (with_keys) p.add(kKeys, keys.data(), static_cast<std::uint64_t>(keys.nbytes()));
  if (!values.is_none()) {
    const auto rows = values.cast<py::array>();
    require_plain(rows, "values");
    p.add(kValues, rows.data(), static_cast<std::uint64_t>(rows.nbytes()));
  }
  const void* data = keys.data();
  run_pass([&](Cancellation cancellation) { return seal(p, data, cancellation); });
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
           py::arg("with_keys"), py::arg("values"))
      .def_property_readonly("pieces", &pieces)
      .def_property_readonly("nbytes", [](const PlanObject& made) { return made.plan.header.file_bytes; });
}

}  // namespace learnedidx::bindings
