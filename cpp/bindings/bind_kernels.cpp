// _core.kernels: which rows there are, which one is used.
#include <cstdlib>

#include "arrays.hpp"
#include "bindings.hpp"

namespace learnedidx::bindings {
namespace {

std::atomic<const Kernels*> active{nullptr};

std::string row_names() {
  std::string names;
  const KernelRows found = available_kernels();
  for (std::size_t i = 0; i < found.count; ++i) names += (i ? ", " : "") + std::string(found.rows[i]->name);
  return names;
}

const Kernels* named_row(const std::string& name, const char* where) {
  if (const Kernels* row = find_kernels(name.c_str())) return row;
  throw py::value_error(std::string(where) + "='" + name +
                        "' is no kernel row of this processor; choose one of: " + row_names());
}

void choose_row() {
  const char* forced = std::getenv("LEARNEDIDX_KERNELS");
  const KernelRows found = available_kernels();
  active = forced && *forced ? named_row(forced, "LEARNEDIDX_KERNELS") : found.rows[found.count - 1];
}

}  // namespace

const Kernels& active_kernels() { return *active.load(std::memory_order_relaxed); }

void bind_kernels(py::module_& core) {
  choose_row();
  auto kernels = core.def_submodule("kernels", "The kernel rows of this processor.");
  kernels.def("available", [] {
    py::list names;
    const KernelRows found = available_kernels();
    for (std::size_t i = 0; i < found.count; ++i) names.append(found.rows[i]->name);
    return names;
  });
  kernels.def("active", [] { return active_kernels().name; });
  kernels.def("use", [](const std::string& name) { active = named_row(name, "name"); }, py::arg("name"));
}

}  // namespace learnedidx::bindings
