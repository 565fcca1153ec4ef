// The passes that every build makes over its keys, and every extension over those of before; fingerprints for files.
#include "learnedidx/file/strings.hpp"
#include "learnedidx/training/order_check.hpp"

#include "arrays.hpp"
#include "bindings.hpp"
#include "column.hpp"

namespace learnedidx::bindings {
namespace {

// (numbers, -1 or the first position out of order, fingerprint of all keys).
py::tuple check(const py::array& keys, std::size_t vouched, std::uint64_t fingerprint, std::size_t threads) {
  require_plain(keys, "keys");
  if (vouched > static_cast<std::size_t>(keys.size())) throw py::value_error("vouched: more than there are keys");
  const bool times = keys.dtype().kind() == 'M' || keys.dtype().kind() == 'm';
  const auto n = static_cast<std::size_t>(keys.size());
  const void* data = keys.data();
  const KeyType kind = kind_of(keys.dtype());
  SortedCheck result;
  const Kernels& kernels = active_kernels();
  run_pass(threads, [&](const Executor& executor) {
    return visit_key_type(kind, [&](auto tag) {
      return check_sorted(static_cast<const decltype(tag)*>(data), n, times, kernels, result, executor,
                          Vouched{vouched, fingerprint});
    });
  });
  return py::make_tuple(result.numbers, result.sorted ? -1 : static_cast<std::int64_t>(result.bad),
                        result.fingerprint);
}

// The first position at which arrays of one dtype differ; -1 if the shorter begins the longer.
std::int64_t first_difference_of(const py::array& shorter, const py::array& longer) {
  require_plain(shorter, "shorter");
  require_plain(longer, "longer");
  const KeyType kind = kind_of(shorter.dtype());
  if (kind_of(longer.dtype()) != kind || longer.size() < shorter.size())
    throw py::value_error("longer: of another dtype, or shorter");
  const bool times = shorter.dtype().kind() == 'M' || shorter.dtype().kind() == 'm';
  const auto n = static_cast<std::size_t>(shorter.size());
  const void *left = shorter.data(), *right = longer.data();
  std::size_t at = n;
  run_pass([&](Cancellation cancellation) {
    return visit_key_type(kind, [&](auto tag) {
      using K = decltype(tag);
      return first_difference(static_cast<const K*>(left), static_cast<const K*>(right), n, times, at, cancellation);
    });
  });
  return at < n ? static_cast<std::int64_t>(at) : -1;
}

// The type that all items of a list or tuple have, exactly; None if there are several, or no items.
py::object one_type(const py::handle& v) {
  const bool listed = PyList_Check(v.ptr());
  if (!listed && !PyTuple_Check(v.ptr())) throw py::type_error("v: must be a list or a tuple");
  PyTypeObject* type = nullptr;
  for (Py_ssize_t i = 0; i < Py_SIZE(v.ptr()); ++i) {
    PyTypeObject* of_item = Py_TYPE(listed ? PyList_GET_ITEM(v.ptr(), i) : PyTuple_GET_ITEM(v.ptr(), i));
    if (type && of_item != type) return py::none();
    type = of_item;
  }
  return type ? py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(type)) : py::none();
}

std::uint32_t crc_of(const py::array& array) {
  require_plain(array, "array");
  std::uint32_t crc = 0;
  const void* data = array.data();
  const auto bytes = static_cast<std::uint64_t>(array.nbytes());
  run_pass([&](Cancellation cancellation) { return add_to_crc(crc, data, bytes, cancellation); });
  return crc;
}

std::uint32_t crc_of_strings(const Column& column) {
  std::uint32_t crc = 0;
  run_pass([&](Cancellation cancellation) { return add_to_crc(crc, column.strings, cancellation); });
  return crc;
}

}  // namespace

void bind_keys(py::module_& core) {
  core.def("check_sorted", &check, py::arg("keys"), py::arg("vouched") = 0, py::arg("fingerprint") = 0,
           py::arg("threads") = 1);
  core.def("first_difference", &first_difference_of, py::arg("shorter"), py::arg("longer"));
  core.def("one_type", &one_type, py::arg("v"));
  core.def("crc32c", &crc_of, py::arg("array"));
  core.def("crc32c", &crc_of_strings, py::arg("array"));
  core.def("sampled_crc", [](const py::array& keys) {
    require_plain(keys, "keys");
    return sampled_crc(keys.data(), static_cast<std::uint64_t>(keys.size()), static_cast<std::size_t>(keys.itemsize()));
  }, py::arg("keys"));
  core.def("sampled_crc", [](const Column& keys) { return sampled_crc(keys.strings); }, py::arg("keys"));
}

}  // namespace learnedidx::bindings
