// Single lookups in C++, each waiting for the one before: what is timed is latency. And the least that a call from Python
// to C with one argument can cost.
#include <pybind11/numpy.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "learnedidx/index.hpp"

namespace {

using Key = std::uint64_t;
using Keys = pybind11::array_t<Key, pybind11::array::c_style>;

// Borrows its keys. Asks for queries[i] once the answer to queries[i - 1] is known. `nothing` is 0, which the
// compiler cannot know: it has to wait for the answer. Returns the sum of the answers.
class Chain {
 public:
  Chain(const Keys& keys, const std::string& method) : first_(keys.data()), last_(first_ + keys.size()) {
    learnedidx::BuildOptions options;
    options.model = method == "rmi" ? learnedidx::Choice::rmi : learnedidx::Choice::btree;
    options.node = method == "tree 8" ? 8 : method == "tree 16" ? 16 : 0;
    plain_ = method == "std::lower_bound";
    if (!index_.build(first_, static_cast<std::size_t>(keys.size()), options)) throw std::invalid_argument(method);
  }

  std::int64_t ask(const Keys& queries, Key nothing) const {
    if (plain_) return chained(queries, nothing, [this](Key query) { return std::lower_bound(first_, last_, query) - first_; });
    return chained(queries, nothing, [this](Key query) { return index_.lower_bound(query); });
  }

 private:
  template <class Search> static std::int64_t chained(const Keys& queries, Key nothing, const Search& search) {
    std::int64_t answer = 0, sum = 0;
    for (const Key *query = queries.data(), *end = query + queries.size(); query != end; ++query) {
      answer = search(*query ^ (static_cast<Key>(answer) & nothing));
      sum += answer;
    }
    return sum;
  }

  const Key *first_, *last_;
  bool plain_ = false;
  learnedidx::Index<Key> index_;
};

PyObject* empty(PyObject*, PyObject*) { Py_RETURN_NONE; }
PyMethodDef methods[] = {{"empty", empty, METH_O, "Do nothing."}, {nullptr, nullptr, 0, nullptr}};

}  // namespace

PYBIND11_MODULE(RIVAL, module) {
  namespace py = pybind11;
  py::class_<Chain>(module, "Chain")
      .def(py::init<const Keys&, const std::string&>(), py::keep_alive<1, 2>())
      .def("ask", &Chain::ask, py::arg("queries"), py::arg("nothing") = 0);
  if (PyModule_AddFunctions(module.ptr(), methods) != 0) throw py::error_already_set();
}
