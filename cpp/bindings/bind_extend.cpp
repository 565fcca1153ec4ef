// _core.extended_*: models over longer keys, made from those over the first of them. Each returns None
// where it cannot be done, or not well: then the model is trained anew.
#include "learnedidx/training/extend_pgm.hpp"
#include "learnedidx/training/extend_spline.hpp"

#include <algorithm>

#include "bindings.hpp"
#include "learnedidx/models/direct_table.hpp"
#include "models.hpp"

namespace learnedidx::bindings {
namespace {

// A model of the same kind as `old`, over keys whose first ones are those of `old`.
template <class M> std::shared_ptr<M> successor(const M& old, const py::array& keys, std::size_t numbers) {
  require_plain(keys, "keys");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  if (kind_of(keys.dtype()) != old.kind || numbers < old.n) throw py::value_error("keys: none that extend the model");
  auto made = std::make_shared<M>();
  made->kind = old.kind;
  made->n = numbers;
  made->data = keys.data();
  return made;
}

std::shared_ptr<PgmModel> extended_pgm(const PgmModel& old, const py::array& keys, std::size_t numbers) {
  auto made = successor(old, keys, numbers);
  made->keys = keys;
  const Kernels& kernels = active_kernels();
  bool done = false;
  run_pass([&](Cancellation cancellation) {
    return visit_key_type(old.kind, [&](auto tag) {
      const auto* from = static_cast<const decltype(tag)*>(made->data);
      return !can_extend(old.pgm, from, old.n, numbers) ||
             extend_pgm(made->pgm, old.pgm, from, old.n, numbers, kernels, done, cancellation);
    });
  });
  return done ? made : nullptr;
}

std::shared_ptr<Spline> extended_spline(const Spline& old, const py::array& keys, std::size_t numbers,
                                        unsigned radix_bits) {
  auto made = successor(old, keys, numbers);
  made->keys = keys;
  const Kernels& kernels = active_kernels();
  bool done = false;
  run_pass([&](Cancellation cancellation) {
    return visit_key_type(old.kind, [&](auto tag) {
      const auto* from = static_cast<const decltype(tag)*>(made->data);
      SplinePoints points;
      if (!can_extend(old.spline, from, old.n, numbers)) return true;
      if (!extend_points(old.spline, from, old.n, numbers, kernels, points, made->spline.open, cancellation)) return false;
      const OrdinalDomain domain = ordinals_over(from[0], from[numbers - 1]);
      if (!are_points(points.coordinates.data(), points.positions.data(), points.coordinates.size(), domain)) return true;
      lay_out(made->spline, points, domain, old.spline.view.epsilon, radix_bits);
      done = true;
      return fit_corrections(made->spline, from, numbers, cancellation, &old.spline);
    });
  });
  return done ? made : nullptr;
}

std::shared_ptr<AnyTree> extended_tree(const AnyTree& old, const py::array& keys, std::size_t numbers) {
  auto made = successor(old, keys, numbers);
  return visit_key_type(old.kind, [&](auto tag) -> std::shared_ptr<AnyTree> {
    using K = decltype(tag);
    const BTreeView<K>& before = static_cast<const BTree<K>*>(old.tree.get())->view;
    if (before.leaves == 0) return nullptr;  // too few keys for a tree
    auto tree = std::make_shared<BTree<K>>();
    const auto* from = static_cast<const K*>(made->data);
    run_pass([&](Cancellation cancellation) {
      return build(*tree, from, numbers, before.node, frame_of(from, numbers), cancellation, &before);
    });
    made->node = before.node;
    made->tree_bytes = tree->bytes();
    made->tree = tree;
    return made;
  });
}

// The answers over old keys, and how many of the new ones are below, added up.
template <class K, class Entry, class OldEntry>
void add_tail(const std::vector<OldEntry>& old, const K* tail, std::size_t count, std::vector<Entry>& table) {
  table.resize(kSlots<K>);
  fill_direct(tail, count, table.data());
  for (std::size_t slot = 0; slot < kSlots<K>; ++slot) table[slot] = static_cast<Entry>(table[slot] + old[slot]);
}

// None where the old table lies in a file: it was filled over keys there, which may have changed since.
std::shared_ptr<Direct> extended_direct(Direct& old, const py::array& keys, std::size_t numbers) {
  auto made = successor(old, keys, numbers);
  if (!old.file.is_none()) return nullptr;
  old.fill_once();
  visit_key_type(old.kind, [&](auto tag) {
    using K = decltype(tag);
    if constexpr (kIsNarrow<K>) {
      const WithoutGil released;
      const auto* tail = static_cast<const K*>(made->data) + old.n;
      const std::size_t count = numbers - old.n;
      if (!old.wide.empty()) add_tail(old.wide, tail, count, made->wide);
      else if (numbers < (std::uint64_t{1} << 32)) add_tail(old.narrow, tail, count, made->narrow);
      else add_tail(old.narrow, tail, count, made->wide);
    }
  });
  return made;
}

// Is a domain 2^more times another one, so that coordinates of that are moved down by as many bits?
template <class K> bool is_wider(const Coordinate& now, const Coordinate& before, unsigned more) {
  if constexpr (std::is_floating_point_v<K>) {
    const double times = static_cast<double>(std::uint64_t{1} << more);
    return now.real_low == before.real_low && now.real_high >= before.real_high && now.prescale == before.prescale &&
           now.base == before.base && before.scale > 0 && now.scale * times == before.scale;
  } else {
    return now.low == before.low && now.high >= before.high && before.shift >= more && now.shift == before.shift - more;
  }
}

// Do all keys in the old domain keep their points in a root that spans more, in as many times as many bins?
bool goes_on(const Rmi& rmi, const Rmi& old) {
  const RmiView &now = rmi.view, &before = old.view;
  if (rmi.kind != old.kind || now.pieces.count > 0 || before.pieces.count > 0) return false;
  if (now.root_bits < before.root_bits || now.position_shift != before.position_shift) return false;
  return visit_key_type(old.kind, [&](auto tag) {
    return is_wider<decltype(tag)>(now.domain, before.domain, now.root_bits - before.root_bits);
  });
}

using U32Array = py::array_t<std::uint32_t, py::array::c_style | py::array::forcecast>;

// The lines of a model that extends one with lines: those of the leaves before `leaf`, and fitted ones from
// the key `start` on.
void extend_lines(Rmi& rmi, const Rmi& old, std::size_t leaf, std::size_t start) {
  rmi.lines.assign(rmi.models.back(), LeafLine{0, 0});
  for (std::size_t l = 0; l < leaf; ++l) rmi.lines[l] = made_monotone(old.view.lines[l]);
  const Kernels& kernels = active_kernels();
  run_pass([&](Cancellation cancellation) {
    return visit_key_type(rmi.kind, [&](auto tag) {
      const auto* keys = static_cast<const decltype(tag)*>(rmi.data);
      return fit_lines(keys, rmi.n, rmi.view, kernels, nullptr, rmi.lines.data(), cancellation, start);
    });
  });
  rmi.view.lines = rmi.lines.data();
}

// Ends the training of an RMI that extends `old`: the borders of all its leaves, and lines if `old` has any.
void extend_leaves(Rmi& rmi, const Rmi& old, const U32Array& positions, std::size_t leaf, std::size_t start) {
  const auto count = static_cast<std::size_t>(positions.size());
  if (rmi.fitted || rmi.stages.empty() || count != rmi.models.back() + 1) throw py::value_error("positions: wrong length");
  if (old.models.empty() || leaf >= old.models.back() || leaf >= rmi.models.back() || start > rmi.n)
    throw py::value_error("leaf: none of the model");
  rmi.leaf_positions.assign(positions.data(), positions.data() + count);
  if (!std::is_sorted(rmi.leaf_positions.begin(), rmi.leaf_positions.end()))
    throw py::value_error("positions: must not fall");
  rmi.view.leaf_positions = rmi.leaf_positions.data();
  if (old.view.lines) extend_lines(rmi, old, leaf, start);
  rmi.fitted = true;
}

}  // namespace

void bind_extend(py::module_& core) {
  core.def("extended_pgm", &extended_pgm, py::arg("old"), py::arg("keys"), py::arg("numbers"));
  core.def("extended_spline", &extended_spline, py::arg("old"), py::arg("keys"), py::arg("numbers"), py::arg("radix_bits"));
  core.def("extended_tree", &extended_tree, py::arg("old"), py::arg("keys"), py::arg("numbers"));
  core.def("extended_direct", &extended_direct, py::arg("old"), py::arg("keys"), py::arg("numbers"));
  core.def("goes_on", &goes_on, py::arg("rmi"), py::arg("old"));
  core.def("extend_leaves", &extend_leaves, py::arg("rmi"), py::arg("old"), py::arg("positions"), py::arg("leaf"),
           py::arg("start"));
}

}  // namespace learnedidx::bindings
