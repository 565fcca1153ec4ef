// _core.Tree: a static implicit B+-tree over keys of any kind.
#include "bindings.hpp"
#include "models.hpp"

namespace learnedidx::bindings {
namespace {

std::shared_ptr<AnyTree> grow(const py::array& keys, std::size_t numbers, unsigned node) {
  require_plain(keys, "keys");
  if (node != 8 && node != 16) throw py::value_error("node must be 8 or 16");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  auto any = std::make_shared<AnyTree>();
  any->kind = kind_of(keys.dtype());
  any->n = numbers;
  any->data = keys.data();
  any->node = node;
  visit_kind(any->kind, [&](auto tag) {
    using K = decltype(tag);
    auto tree = std::make_shared<BTree<K>>();
    if (numbers >= kWindowKeys<K>)
      run_pass([&](KeepGoing keep_going) {
        return build(*tree, static_cast<const K*>(any->data), numbers, node, keep_going);
      });
    any->tree_bytes = tree->bytes();
    any->tree = tree;
  });
  return any;
}

}  // namespace

void bind_btree(py::module_& core) {
  py::class_<AnyTree, std::shared_ptr<AnyTree>>(core, "Tree")
      .def(py::init(&grow), py::arg("keys"), py::arg("numbers"), py::arg("node"))
      .def_readonly("n", &AnyTree::n)
      .def_readonly("nbytes", &AnyTree::tree_bytes);
}

}  // namespace learnedidx::bindings
