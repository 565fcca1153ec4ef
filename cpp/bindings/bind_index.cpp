// _core.IndexBase and the batch doors of its verbs.
#include "arrays.hpp"
#include "bindings.hpp"
#include "calibration.hpp"
#include "column.hpp"
#include "index_object.hpp"
#include "learnedidx/lookup/direct_index.hpp"
#include "models.hpp"
#include "waiting_index.hpp"

namespace learnedidx::bindings {
namespace {

// The model, if it was made over these very keys.
template <class K, class M>
M& made_over(const void* keys, std::size_t numbers, const py::object& model) {
  auto& made = model.cast<M&>();
  if (made.kind != KeyTypeOf<K>::value || made.n != numbers || made.data != keys)
    throw py::value_error("model: made over other keys");
  return made;
}

template <class K> AnyIndex* direct_index(Direct& direct) {
  if constexpr (kIsNarrow<K>) {
    const auto* keys = static_cast<const K*>(direct.data);
    std::unique_ptr<AnyIndex> index;
    if (direct.wide.empty()) index = std::make_unique<DirectIndex<K, std::uint32_t>>(direct.narrow.data(), keys);
    else index = std::make_unique<DirectIndex<K, std::uint64_t>>(direct.wide.data(), keys);
    return direct.waits ? new WaitingIndex(direct, std::move(index)) : index.release();
  }
  throw py::value_error("model: a direct table needs keys of 8 or 16 bits");
}

// An RMI may have forgotten where its keys lie: over others of the same kind it is only a worse model.
template <class K> void use_rmi(TypedIndex<K>& index, std::size_t numbers, const Rmi& rmi) {
  if (!rmi.fitted || rmi.kind != KeyTypeOf<K>::value || rmi.n != numbers)
    throw py::value_error("model: made over other keys");
  index.use_rmi(&rmi.view, &rmi.errors_view);
  if (!rmi.file.is_none()) index.verify_bounds();
}

// keys: of which there are `total`, or null: only bounds are asked for.
template <class K>
AnyIndex* typed_index(const void* keys, std::size_t numbers, std::size_t total, const py::object& model) {
  if (py::isinstance<Direct>(model)) return direct_index<K>(made_over<K, Direct>(keys, numbers, model));
  auto index = std::make_unique<TypedIndex<K>>(static_cast<const K*>(keys), numbers, total);
  if (py::isinstance<Rmi>(model)) {
    use_rmi(*index, numbers, model.cast<const Rmi&>());
  } else if (py::isinstance<AnyTree>(model)) {
    const auto& any = made_over<K, AnyTree>(keys, numbers, model);
    if (numbers >= kWindowKeys<K>) index->use_tree(&static_cast<const BTree<K>*>(any.tree.get())->view);
    if (!any.file.is_none()) index->verify_bounds();
  } else if (py::isinstance<PgmModel>(model)) {
    const auto& any = made_over<K, PgmModel>(keys, numbers, model);
    index->use_pgm(&any.pgm.view, &any.errors);
    if (!any.file.is_none()) index->verify_bounds();
  } else if (py::isinstance<Spline>(model)) {
    const auto& any = made_over<K, Spline>(keys, numbers, model);
    index->use_spline(&any.spline.view);
    if (!any.file.is_none()) index->verify_bounds();
  }
  return index.release();
}

// Fills a fresh index: keys (plain, sorted; a tail of n - numbers is NaN or NaT) and its model. aware: they are instants,
// which Python gives and takes with a time zone.
void bind(const py::object& self, const py::array& keys, std::size_t numbers, const py::object& model, bool aware) {
  IndexObject* object = &any_index_object(self);
  if (object->index) throw py::value_error("an index is built once: make a new one");
  require_plain(keys, "keys");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  object->index = visit_key_type(kind_of(keys.dtype()), [&](auto tag) {
    return typed_index<decltype(tag)>(keys.data(), numbers, static_cast<std::size_t>(keys.size()), model);
  });
  object->meaning = meaning_of(keys.ptr());
  object->meaning.aware = aware;
  object->length = keys.size();
  object->keys = py::object(keys).release().ptr();
  object->model = py::object(model).release().ptr();
}

// The same without keys, of which only the dtype and the numbers are known.
void bind_model(const py::object& self, const py::array& of_dtype, std::size_t numbers, std::size_t total,
                const py::object& model, bool aware) {
  IndexObject* object = &any_index_object(self);
  if (object->index) throw py::value_error("an index is built once: make a new one");
  if (numbers > total) throw py::value_error("numbers exceeds keys");
  object->index = visit_key_type(kind_of(of_dtype.dtype()), [&](auto tag) {
    return typed_index<decltype(tag)>(nullptr, numbers, total, model);
  });
  object->meaning = meaning_of(of_dtype.ptr());
  object->meaning.aware = aware;
  object->length = static_cast<py::ssize_t>(total);
  object->without_keys = true;
  object->keys = py::object(of_dtype).release().ptr();
  object->model = py::object(model).release().ptr();
}

Verb verb_of(const std::string& name) {
  constexpr const char* names[] = {"position", "contains", "find", "pad", "backfill", "nearest"};
  for (std::size_t i = 0; i < std::size(names); ++i)
    if (name == names[i]) return static_cast<Verb>(i);
  throw py::value_error("verb: unknown");
}

// As Python sends it: None, or (whole, part, rest, ticks, ticks of the rest).
Limit limit_of(const py::object& limit) {
  if (limit.is_none()) return {};
  const auto [whole, part, rest, ticks, rest_ticks] =
      limit.cast<std::tuple<std::uint64_t, double, double, std::int64_t, std::int64_t>>();
  return {true, whole, part, rest, ticks, rest_ticks};
}

// The queries of an index, an array or a column of strings, and how many they are.
Queries queries_of(const IndexObject& object, const py::object& queries, const py::object& scale, std::size_t& total) {
  const bool strings = object.meaning.family >= KeyMeaning::Family::text;
  if (strings != py::isinstance<Column>(queries)) throw py::type_error("v: not as the keys");
  Queries batch;
  if (strings) batch.strings = &queries.cast<const Column&>().strings;
  else batch = batch_of(queries.cast<py::array>(), scale);
  total = strings ? batch.strings->n : static_cast<std::size_t>(queries.cast<py::array>().size());
  return batch;
}

// True: some queries are left open.
bool search(const py::object& self, const py::object& queries, const py::object& scale, bool right,
            const std::string& verb, py::array out, std::size_t threads, const py::object& limit) {
  const IndexObject& object = index_object(self);
  const AnyIndex& index = *object.index;
  std::atomic<bool> open{false};
  std::size_t total = 0;
  Queries batch = queries_of(object, queries, scale, total);
  batch.limit = limit_of(limit);
  batch.open = &open;
  const Verb wanted = verb_of(verb);
  require_out(out, static_cast<py::ssize_t>(total), wanted == Verb::contains ? 1 : 8);
  void* target = out.mutable_data();
  if (threads > 1) {
    const Kernels& kernels = active_kernels();
    run_pieces(total, threads, [&](std::size_t from, std::size_t count) {
      index.search(batch, from, count, right, wanted, kernels, target);
    });
    return open;
  }
  Calibration calibration(total, py::handle(object.keys).attr("nbytes").cast<std::size_t>());
  run_pieces(total, 1, [&](std::size_t from, std::size_t count) {
    calibration.run(count, [&](const Kernels& kernels) { index.search(batch, from, count, right, wanted, kernels, target); });
  });
  return open;
}

void bounds_of_batch(const py::object& self, const py::object& queries, const py::object& scale, bool right,
            py::array lows, py::array highs, std::size_t threads) {
  const IndexObject& object = measured_index(self);
  const AnyIndex& index = *object.index;
  std::size_t total = 0;
  const Queries batch = queries_of(object, queries, scale, total);
  require_out(lows, static_cast<py::ssize_t>(total), 8);
  require_out(highs, static_cast<py::ssize_t>(total), 8);
  auto* low = static_cast<std::int64_t*>(lows.mutable_data());
  auto* high = static_cast<std::int64_t*>(highs.mutable_data());
  run_pieces(total, threads, [&](std::size_t from, std::size_t count) {
    index.bounds(batch, from, count, right, low, high);
  });
}

std::int64_t search_fixed(const py::object& self, const py::object& value, int fit, bool right,
                          const std::string& verb) {
  const Verb wanted = verb_of(verb);
  return index_object(self).index->search_one(fixed_query(value, fit), right, wanted, active_kernels());
}

py::tuple bounds_fixed(const py::object& self, const py::object& value, int fit, bool right) {
  const Bounds b = measured_index(self).index->bounds_one(fixed_query(value, fit), right);
  return py::make_tuple(b.low, b.high);
}

}  // namespace

void bind_index(py::module_& core) {
  import_numpy();
  core.add_object("IndexBase", py::reinterpret_steal<py::object>(make_index_type(core.ptr())));
  core.def("bind", &bind, py::arg("index"), py::arg("keys"), py::arg("numbers"), py::arg("model"), py::arg("aware") = false);
  core.def("bind_model", &bind_model, py::arg("index"), py::arg("of_dtype"), py::arg("numbers"), py::arg("total"), py::arg("model"),
           py::arg("aware") = false);
  core.def("search", &search, py::arg("index"), py::arg("v"), py::arg("scale"), py::arg("right"),
           py::arg("verb"), py::arg("out"), py::arg("threads"), py::arg("limit") = py::none());
  core.def("bounds", &bounds_of_batch, py::arg("index"), py::arg("v"), py::arg("scale"), py::arg("right"),
           py::arg("lows"), py::arg("highs"), py::arg("threads"));
  core.def("search_fixed", &search_fixed, py::arg("index"), py::arg("value"), py::arg("fit"), py::arg("right"), py::arg("verb"));
  core.def("bounds_fixed", &bounds_fixed, py::arg("index"), py::arg("value"), py::arg("fit"), py::arg("right"));
}

}  // namespace learnedidx::bindings
