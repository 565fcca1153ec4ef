// Single lookups in C++, each waiting for the one before: what is timed is latency. And the least that a call from Python
// to C with one argument can cost.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/lookup/batch.hpp"

namespace {

using namespace learnedidx;
using Key = std::uint64_t;
template <class T> using Array = pybind11::array_t<T, pybind11::array::c_style>;

// Asks for queries[i] once the answer to queries[i - 1] is known. `nothing` is 0, which the
// compiler cannot know: it has to wait for the answer. Returns the sum of the answers.
template <class Search>
std::int64_t chain(const Array<Key>& queries, Key nothing, const Search& search) {
  std::int64_t answer = 0, sum = 0;
  for (const Key *query = queries.data(), *end = query + queries.size(); query != end; ++query) {
    answer = search(*query ^ (static_cast<Key>(answer) & nothing));
    sum += answer;
  }
  return sum;
}

// Borrows its keys and the arrays of a model that Python fitted.
struct Index {
  Engine<Key> engine;
  RmiView rmi;
  BTree<Key> tree;

  explicit Index(const Array<Key>& keys) {
    engine.keys = keys.data();
    engine.n = static_cast<std::size_t>(keys.size());
    engine.frame = frame_of(engine.keys, engine.n);
  }
  std::int64_t chained(const std::string& row, const Array<Key>& queries, Key nothing) const {
    const Kernels& kernels = *find_kernels(row.c_str());
    return chain(queries, nothing, [&](Key query) { return lower_bound_one(engine, kernels, query); });
  }
  // What the model predicts, to see that it is the one that Python fitted.
  Array<std::int64_t> predict(const Array<Key>& queries) const {
    Array<std::int64_t> out(queries.size());
    const auto at = [this](Key query) { return leaf_position(leaf_point(query, rmi), rmi); };
    std::transform(queries.data(), queries.data() + queries.size(), out.mutable_data(), at);
    return out;
  }
};

std::unique_ptr<Index> make_tree(const Array<Key>& keys, unsigned node) {
  auto index = std::make_unique<Index>(keys);
  build(index->tree, index->engine.keys, index->engine.n, node);
  index->engine.model = Model::btree;
  index->engine.tree = &index->tree.view;
  return index;
}

// knots: those of every stage, root first.
std::unique_ptr<Index> make_rmi(const Array<Key>& keys, unsigned root_bits, const std::vector<Array<Key>>& knots,
                                const Array<std::uint32_t>& leaf_positions) {
  auto index = std::make_unique<Index>(keys);
  const Engine<Key>& over = index->engine;
  index->rmi.domain = coordinate_over(over.keys[0], over.keys[over.n - 1]);
  index->rmi.root_bits = root_bits;
  for (const auto& stage : knots) index->rmi.stages.push_back({stage.data(), ~std::uint64_t{0}});
  index->rmi.leaf_positions = leaf_positions.data();
  index->engine.model = Model::rmi;
  index->engine.rmi = &index->rmi;
  return index;
}

std::int64_t chain_lower_bound(const Array<Key>& keys, const Array<Key>& queries, Key nothing) {
  const Key *first = keys.data(), *last = first + keys.size();
  return chain(queries, nothing, [&](Key query) { return std::int64_t{std::lower_bound(first, last, query) - first}; });
}

PyObject* empty(PyObject*, PyObject*) { Py_RETURN_NONE; }
PyMethodDef methods[] = {{"empty", empty, METH_O, "Do nothing."}, {nullptr, nullptr, 0, nullptr}};

}  // namespace

PYBIND11_MODULE(RIVAL, module) {
  namespace py = pybind11;
  py::class_<Index>(module, "Index").def("chain", &Index::chained).def("predict", &Index::predict);
  module.def("make_tree", &make_tree, py::keep_alive<0, 1>());
  module.def("make_rmi", &make_rmi, py::keep_alive<0, 1>(), py::keep_alive<0, 3>(), py::keep_alive<0, 4>());
  module.def("chain_lower_bound", &chain_lower_bound);
  if (PyModule_AddFunctions(module.ptr(), methods) != 0) throw py::error_already_set();
}
