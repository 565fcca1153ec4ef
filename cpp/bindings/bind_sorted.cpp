// The heap types that the sorted containers derive from.
#include "bindings.hpp"
#include "sorted_memory.hpp"
#include "sorted_types.hpp"

namespace py = pybind11;

namespace learnedidx::bindings {
namespace {

void add_type(py::module_& core, const char* name, PyObject* type) {
  if (!type) throw py::error_already_set();
  core.add_object(name, py::reinterpret_steal<py::object>(type));
}

}  // namespace

void bind_sorted(py::module_& core) {
  // pybind11 looks for NumPy's functions at their first use, and gives up the GIL meanwhile. Once here: a thread in the
  // middle of it would abort while Python ends, and never finish in the child of a fork.
  py::dtype::of<std::int64_t>();
  add_type(core, "SortedListBase", make_sorted_list_type());
  add_type(core, "SortedSetBase", make_sorted_set_type());
  add_type(core, "SortedDictBase", make_sorted_dict_type());
  core.def("_limit_tree_memory", [](std::int64_t blocks) { tree_blocks_left = blocks; }, py::arg("blocks"),
           "Let sorted containers take so many more blocks of memory, and then none: for tests. Below 0: any number.");
}

}  // namespace learnedidx::bindings
