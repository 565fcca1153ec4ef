// _core.check_sorted: the pass that every build makes over its keys.
#include "learnedidx/sorted.hpp"

#include "arrays.hpp"
#include "bindings.hpp"

namespace learnedidx::bindings {
namespace {

// (numbers, -1 or the first position out of order, fingerprint of all keys).
py::tuple check(const py::array& keys) {
  require_plain(keys, "keys");
  const bool times = keys.dtype().kind() == 'M' || keys.dtype().kind() == 'm';
  const auto n = static_cast<std::size_t>(keys.size());
  const void* data = keys.data();
  const Kind kind = kind_of(keys.dtype());
  SortedCheck result;
  const Kernels& kernels = active_kernels();
  run_pass([&](KeepGoing keep_going) {
    return visit_kind(kind, [&](auto tag) {
      return check_sorted(static_cast<const decltype(tag)*>(data), n, times, kernels, result, keep_going);
    });
  });
  return py::make_tuple(result.numbers, result.sorted ? -1 : static_cast<std::int64_t>(result.bad),
                        result.fingerprint);
}

}  // namespace

void bind_keys(py::module_& core) { core.def("check_sorted", &check, py::arg("keys")); }

}  // namespace learnedidx::bindings
