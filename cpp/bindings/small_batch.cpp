#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NO_IMPORT_ARRAY
#define PY_ARRAY_UNIQUE_SYMBOL learnedidx_numpy_api
#include <Python.h>

#include <numpy/arrayobject.h>

#include "arrays.hpp"
#include "small_batch.hpp"

namespace learnedidx::bindings {
namespace {

constexpr npy_intp kSmall = 4096;
// The core writes positions of 64 bits, into arrays of intp too.
static_assert(sizeof(npy_intp) == sizeof(std::int64_t), "learnedidx needs a Python of 64 bits");

// Describes v if the core may read it as it lies.
bool read_batch(const IndexObject& index, PyArrayObject* v, Queries& batch) {
  if (PyArray_NDIM(v) == 0 || PyArray_SIZE(v) > kSmall || !PyArray_ISCARRAY_RO(v)) return false;
  batch.data = PyArray_DATA(v);
  if (index.meaning.family == KeyMeaning::Family::number)
    return find_key_type(PyArray_DESCR(v)->kind, static_cast<std::size_t>(PyArray_ITEMSIZE(v)), batch.kind);
  batch.kind = KeyType::i64;
  batch.times = true;
  return PyArray_EquivTypes(PyArray_DESCR(v), PyArray_DESCR(reinterpret_cast<PyArrayObject*>(index.keys)));
}

}  // namespace

PyObject* answer_small_batch(const IndexObject& index, PyObject* v, bool right, Verb verb) {
  if (!PyArray_CheckExact(v) || index.meaning.aware || index.meaning.family >= KeyMeaning::Family::text) return nullptr;
  auto* array = reinterpret_cast<PyArrayObject*>(v);
  Queries batch;
  if (!read_batch(index, array, batch)) return nullptr;
  std::atomic<bool> open{false};
  batch.open = &open;
  PyObject* out = PyArray_SimpleNew(PyArray_NDIM(array), PyArray_DIMS(array), verb == Verb::contains ? NPY_BOOL : NPY_INTP);
  if (!out) return nullptr;
  index.index->search(batch, 0, static_cast<std::size_t>(PyArray_SIZE(array)), right, verb, active_kernels(),
                      PyArray_DATA(reinterpret_cast<PyArrayObject*>(out)));
  if (open) Py_CLEAR(out);
  return out;
}

}  // namespace learnedidx::bindings
