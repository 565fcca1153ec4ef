// A benchmark-only extension: absl::btree_set with lower_bound over whole NumPy arrays.
//
// The set holds no ranks, so a lookup answers with the key that lower_bound found. Beyond the
// last key there is none: then the answer is the last key, so that no value has to be reserved.
// One object owns its set and its count of bytes; it is not changed once it is made, so any
// number of threads may ask it.

#include <absl/container/btree_set.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace py = pybind11;

namespace {

// Counts the bytes that a container asked for, in a counter that outlives the container.
template <typename T>
struct CountingAllocator {
  using value_type = T;

  explicit CountingAllocator(std::size_t* counter) noexcept : bytes(counter) {}
  template <typename U>
  CountingAllocator(const CountingAllocator<U>& other) noexcept : bytes(other.bytes) {}

  T* allocate(std::size_t count) {
    *bytes += count * sizeof(T);
    return std::allocator<T>().allocate(count);
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    *bytes -= count * sizeof(T);
    std::allocator<T>().deallocate(memory, count);
  }

  template <typename U>
  bool operator==(const CountingAllocator<U>& other) const noexcept {
    return bytes == other.bytes;
  }
  template <typename U>
  bool operator!=(const CountingAllocator<U>& other) const noexcept {
    return bytes != other.bytes;
  }

  std::size_t* bytes;
};

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

template <typename T>
class BTreeSet {
 public:
  explicit BTreeSet(const Array<T>& keys)
      : set_(std::less<T>(), CountingAllocator<T>(&bytes_)) {
    if (keys.ndim() != 1 || keys.size() == 0) {
      throw std::invalid_argument("keys: expected a one-dimensional array with at least one key");
    }
    const T* first = keys.data();
    const T* last = first + keys.size();
    py::gil_scoped_release release;
    // The hint makes an insertion at the end constant time and leaves full nodes behind.
    for (const T* key = first; key != last; ++key) set_.insert(set_.end(), *key);
    last_key_ = *set_.rbegin();
  }

  BTreeSet(const BTreeSet&) = delete;
  BTreeSet& operator=(const BTreeSet&) = delete;

  T successor(T query) const {
    const auto found = set_.lower_bound(query);
    return found == set_.end() ? last_key_ : *found;
  }

  Array<T> successors(const Array<T>& queries) const {
    Array<T> answers(queries.size());
    const T* in = queries.data();
    T* out = answers.mutable_data();
    const py::ssize_t count = queries.size();
    py::gil_scoped_release release;
    for (py::ssize_t i = 0; i < count; ++i) out[i] = successor(in[i]);
    return answers;
  }

  std::size_t nbytes() const { return bytes_; }

 private:
  using Set = absl::btree_set<T, std::less<T>, CountingAllocator<T>>;

  std::size_t bytes_ = 0;  // declared before the set, which counts into it until it is gone
  Set set_;
  T last_key_{};
};

template <typename T>
void bind(py::module_& module, const char* name) {
  py::class_<BTreeSet<T>>(module, name)
      .def("successor", &BTreeSet<T>::successor, py::arg("query"))
      .def("successors", &BTreeSet<T>::successors, py::arg("queries").noconvert())
      .def_property_readonly("nbytes", &BTreeSet<T>::nbytes);
  module.def(
      "make", [](const Array<T>& keys) { return std::make_unique<BTreeSet<T>>(keys); },
      py::arg("keys").noconvert());
}

}  // namespace

PYBIND11_MODULE(_absl_btree, module) {
  module.doc() = "absl::btree_set over NumPy arrays, for benchmarks only.";
  bind<std::uint64_t>(module, "BTreeSetUInt64");
  bind<std::int64_t>(module, "BTreeSetInt64");
  bind<double>(module, "BTreeSetFloat64");
}
