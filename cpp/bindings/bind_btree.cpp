// _core.Tree: a static implicit B+-tree over keys of any kind.
#include "bindings.hpp"
#include "models.hpp"

namespace learnedidx::bindings {
namespace {

std::shared_ptr<AnyTree> grow(const py::array& keys, std::size_t numbers, unsigned node, std::size_t threads) {
  require_plain(keys, "keys");
  if (node != 8 && node != 16) throw py::value_error("node must be 8 or 16");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  auto any = std::make_shared<AnyTree>();
  any->kind = kind_of(keys.dtype());
  any->n = numbers;
  any->data = keys.data();
  any->node = node;
  visit_key_type(any->kind, [&](auto tag) {
    using K = decltype(tag);
    auto tree = std::make_shared<BTree<K>>();
    if (numbers >= kWindowKeys<K>)
      run_pass(threads, [&](const Executor& executor) {
        return build(*tree, static_cast<const K*>(any->data), numbers, node, executor);
      });
    any->tree_bytes = tree->bytes();
    any->tree = tree;
  });
  return any;
}

// Tells whether the separators are those that a tree over these keys has. O(n / 16).
bool agrees(const AnyTree& any, const py::array& keys) {
  require_plain(keys, "keys");
  if (kind_of(keys.dtype()) != any.kind || static_cast<std::size_t>(keys.size()) < any.n) return false;
  return visit_key_type(any.kind, [&](auto tag) {
    using K = decltype(tag);
    const BTreeView<K>& view = static_cast<const BTree<K>*>(any.tree.get())->view;
    if (any.n < kWindowKeys<K>) return true;  // has none
    BTree<K> fresh;
    bool same = true;
    run_pass([&](Cancellation cancellation) {
      if (!build(fresh, static_cast<const K*>(keys.data()), any.n, any.node, view.frame, cancellation)) return false;
      same = fresh.view.size == view.size;
      for (std::size_t i = 0; same && i < view.size; ++i) same = view.separators[i] == fresh.view.separators[i];
      return true;
    });
    return same;
  });
}

}  // namespace

void bind_btree(py::module_& core) {
  py::class_<AnyTree, std::shared_ptr<AnyTree>>(core, "Tree")
      .def(py::init(&grow), py::arg("keys"), py::arg("numbers"), py::arg("node"), py::arg("threads") = 1)
      .def("agrees", &agrees, py::arg("keys"))
      .def_readonly("n", &AnyTree::n)
      .def_readonly("nbytes", &AnyTree::tree_bytes);
}

}  // namespace learnedidx::bindings
